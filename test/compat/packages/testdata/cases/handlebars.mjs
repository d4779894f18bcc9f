import Handlebars from 'handlebars'

export default async () => {
  const h = Handlebars.create()
  h.registerHelper('money', (n) => '$' + n.toFixed(2))
  h.registerPartial('line', '{{qty}}x {{name}} {{money price}}\n')
  const render = h.compile('Dear {{customer.name}},\n{{#each items}}{{@index}}: {{> line}}{{else}}nothing{{/each}}{{#if paid}}paid{{else}}due{{/if}} {{{raw}}}')
  const failure = (() => { try { h.compile('{{#if x}}')({}) } catch (e) { return e.message.split('\n')[0] } })()
  return [render({ customer: { name: 'A & B' }, items: [{ qty: 2, name: '<tea>', price: 3 }], raw: '<hr>' }), render({ items: [], paid: true }), failure]
}
