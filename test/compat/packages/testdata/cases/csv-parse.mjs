import { parse as stream } from 'csv-parse'
import { parse } from 'csv-parse/sync'

export default async () => {
  const text = 'id,name,price\n1,"Ann, B.",1.50\n2,"He said ""hi""",2\n\n3,Zoë,\n'
  const records = []
  const parser = stream(text, { columns: true, skip_empty_lines: true })
  for await (const record of parser) records.push(record.name)
  return [
    parse(text, { columns: true, skip_empty_lines: true, cast: (value, { column }) => (column === 'price' ? Number(value) : value) }), parse('a;b\n1;2', { delimiter: ';' }), parse('# c\nx\ty', { comment: '#', delimiter: '\t' }),
    (() => { try { parse('a,b\n1', { columns: true }) } catch (e) { return [e.code, e.message] } })(), records, parse(Buffer.from('\ufeffa,b\n1,2'), { bom: true, columns: true }),
  ]
}
