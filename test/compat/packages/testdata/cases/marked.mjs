import { Marked, marked } from 'marked'

export default async () => {
  const own = new Marked({ renderer: { link({ href, text }) { return `<a rel="nofollow" href="${href}">${text}</a>` } } })
  return [
    marked.parse('# Title\n\nSome *text* with `code`, [a link](https://example.com "t") and <b>html</b>.\n\n* one\n* two\n    1. deep\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n```js\nlet x = 1 < 2\n```\n> quote\n\n- [x] done ~~no~~ https://auto.example'),
    await own.parse('[x](https://e.example)', { async: true }), marked.parseInline('**b** & _i_'), marked.lexer('a\n\n- b').map((t) => t.type),
  ]
}
