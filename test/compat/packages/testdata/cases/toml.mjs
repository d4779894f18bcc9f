import toml from 'toml'

export default async () => [
  toml.parse('title = "T"\nat = 1979-05-27T07:32:00Z\n[owner]\nname = "Ann"\nn = [1, 2]\n[[item]]\nk = 1.5\n[[item]]\nk = 2\nml = """a\nb"""\n'),
  (() => { try { toml.parse('a = \nb = 1') } catch (e) { return [e.name, e.line, e.column] } })(),
]
