// Puts the orders of the day before into a bucket, as CSV: rows go from the
// database through the CSV writer into parts of an upload, and are never all in
// memory. A run that is repeated writes the same object again.
import csv from 'hatchet:csv'
import s3 from 'hatchet:s3'
import secrets from 'hatchet:secrets'
import sql from 'hatchet:sql'

const bucket = () => s3.open({
  endpoint: process.env.S3_ENDPOINT, bucket: 'reports', accessKeyId: process.env.S3_KEY_ID, secretAccessKey: secrets.get('S3_SECRET_KEY'),
})

export const nightly = workflow.task('nightly-orders', { cron: '15 0 * * *', retries: 3, executionTimeout: '1h' }, async (input) => {
  const day = input.day ?? new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const orders = sql.open('sqlite', `${process.env.SHOP_DB}?mode=ro`)
  const rows = orders.stream('select id, customer, cents from orders where day = ? order by id', [day])
  const { size } = await bucket().put(`orders/${day}.csv`, csv.stringifyStream(rows, { header: ['id', 'customer', 'cents'] }), { contentType: 'text/csv' })
  return { object: `orders/${day}.csv`, size }
})
