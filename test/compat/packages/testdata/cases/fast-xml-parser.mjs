import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser'

export default async () => [
  new XMLParser({ ignoreAttributes: false }).parse('<?xml version="1.0"?><o id="7"><i>1.50</i><i>a &lt; b</i><e/><c><![CDATA[<raw>]]></c></o>'),
  new XMLBuilder({ ignoreAttributes: false, format: true }).build({ o: { '@_id': 1, i: ['x', '<y>'] } }), XMLValidator.validate('<a><b></a>'), XMLValidator.validate('<a/>'),
]
