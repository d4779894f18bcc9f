import { expect, test } from 'hatchet:test'
import sql from 'hatchet:sql'
import { nightly } from './nightly-orders'

test('the orders of yesterday are stored', { start: '2026-03-02T00:15:00Z' }, async (t) => {
  t.mock.fs({ 'data/': '' })
  t.mock.env({ SHOP_DB: 'data/shop.db', S3_ENDPOINT: 'https://minio.example.com:9000', S3_KEY_ID: 'app' })
  t.mock.secret({ S3_SECRET_KEY: 'the-secret-of-the-bucket' })
  const bucket = t.mock.fetch('PUT https://*', { status: 200, headers: { etag: '"1"' } })
  const db = sql.open('sqlite', 'data/shop.db')
  await db.exec('create table orders (id integer primary key, customer text, cents integer, day text)')
  await db.exec(`insert into orders values (1, 'Ada', 100, '2026-03-01'), (2, 'Bob, jr.', 250, '2026-03-01'), (3, 'Eve', 1, '2026-03-02')`)
  const text = 'id,customer,cents\n1,Ada,100\n2,"Bob, jr.",250\n'
  expect(await t.run(nightly)).toHaveCompleted({ object: 'orders/2026-03-01.csv', size: text.length })
  expect(bucket.calls[0].url).toBe('https://minio.example.com:9000/reports/orders/2026-03-01.csv')
  expect(bucket.calls[0].header('content-type')).toBe('text/csv')
  expect(bucket.calls[0].body).toBe(text)
})
