import Mustache from 'mustache'

export default async () => [
  Mustache.render('Hi {{name}}{{#items}}, {{.}}{{/items}}{{^items}}none{{/items}} {{{raw}}}', { name: 'A&B', items: [1, 2], raw: '<b>' }),
  Mustache.render('{{#wrap}}x {{y}}{{/wrap}} {{> p}}', { wrap: () => (text, render) => `[${render(text)}]`, y: 1 }, { p: 'partial {{y}}' }),
  Mustache.parse('a {{b}}').length,
]
