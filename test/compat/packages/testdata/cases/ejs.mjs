import ejs from 'ejs'

export default async () => {
  const list = '<% for (const { name, total } of orders) { %><li><%= name %>: <%- total.toFixed(2) %></li>\n<% } %>'
  const out = [ejs.render(list, { orders: [{ name: 'A & B', total: 1.5 }, { name: '<C>', total: 2 }] })]
  out.push(await ejs.render('<%= await late() %>', { late: async () => 'late' }, { async: true }))
  out.push(ejs.compile('Hello, [%= name %]', { delimiter: '%', openDelimiter: '[', closeDelimiter: ']' })({ name: 'Ada' }))
  try {
    ejs.render('<%= missing %>', {})
  } catch (error) {
    out.push(error.message.split('\n').at(-1))
  }
  return out
}
