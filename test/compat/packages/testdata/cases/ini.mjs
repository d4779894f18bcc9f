import { parse, stringify } from 'ini'

export default async () => [parse('; c\ntop=1\n[db]\nhost = "a b"\nports[]=1\nports[]=2\n[db.deep]\non=true\n'), stringify({ top: 1, db: { host: 'x;y', list: ['a', 'b'] } }), stringify({ a: 1 }, { section: 's', whitespace: true })]
