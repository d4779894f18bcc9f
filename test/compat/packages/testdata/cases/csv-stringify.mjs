import { stringify as stream } from 'csv-stringify'
import { stringify } from 'csv-stringify/sync'

export default async () => {
  const rows = [{ id: 1, name: 'Ann, B.', at: new Date(0), ok: true }, { id: 2, name: 'He said "hi"\nthere', at: null, ok: false }]
  const streamed = await new Promise((resolve, reject) => stream([[1, 2], ['a b', 'c,d']], (error, text) => (error ? reject(error) : resolve(text))))
  return [stringify(rows, { header: true, cast: { date: (d) => d.toISOString(), boolean: (b) => (b ? 'yes' : 'no') } }), stringify([['a', 'b;c']], { delimiter: ';', quoted: true }), streamed, stringify(rows, { columns: ['name', { key: 'id', header: 'ID' }], header: true })]
}
