import { Builder, parseStringPromise } from 'xml2js'

export default async () => {
  const parsed = await parseStringPromise('<?xml version="1.0"?><order id="7"><item>a &amp; b</item><item n="2"><![CDATA[<c>]]></item></order>')
  const plain = await parseStringPromise('<a><b>1</b></a>', { explicitArray: false })
  const failure = await parseStringPromise('<a><b></a>').catch((e) => e.message.split('\n')[0])
  return [parsed, plain, failure, new Builder({ headless: true }).buildObject({ order: { $: { id: 1 }, item: ['x', '<y>'] } })]
}
