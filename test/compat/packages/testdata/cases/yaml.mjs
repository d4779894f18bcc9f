import YAML, { parse, parseAllDocuments, parseDocument, stringify } from 'yaml'

export default async () => {
  const text = 'base: &b {a: 1, at: 2026-01-02}\nuse:\n  <<: *b\n  list: [x, "y: z", |-\n    lit]\nmulti: |\n  one\n  two\n'
  const document = parseDocument('# kept\na: 1 # here\nb: [1, 2]\n')
  document.set('a', 2)
  return [
    parse('a: 1\nb: [x, "y: z", 0x1F, ~, yes]\nmulti: |\n  one\n  two\n'), parse('base: &b {a: 1}\nuse:\n  <<: *b\n  c: 3\n', { merge: true }), stringify({ k: ['a', { b: null }], text: 'two\nlines', n: 1.5, q: 'yes: no' }),
    String(document), parseAllDocuments('a: 1\n---\nb: 2\n').map((d) => d.toJS()), (() => { try { YAML.parse(text) } catch (e) { return [e.name, e.code, e.linePos?.[0]] } })(),
  ]
}
