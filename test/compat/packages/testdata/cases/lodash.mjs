import _ from 'lodash'
import groupBy from 'lodash/groupBy.js'

export default async () => {
  const users = [{ n: 'ann', age: 31, tags: ['a', 'b'] }, { n: 'bob', age: 25, tags: [] }, { n: 'cy', age: 31, tags: ['c'] }]
  const debounced = _.debounce((x) => x, 5)
  debounced(1)
  return [
    groupBy(users, 'age'), _.orderBy(users, ['age', 'n'], ['asc', 'desc']).map((u) => u.n), _.get(users, '[0].tags[1]'), _.merge({ a: { b: 1 } }, { a: { c: [2] } }),
    _.chunk([1, 2, 3, 4, 5], 2), _.kebabCase('Some Text hereToo'), _.template('hi <%= name %><% for (const x of list) { %>, <%- x %><% } %>')({ name: 'Ann', list: ['<b>'] }),
    _.isEqual({ a: [1, new Date(5), new Map([[1, 2]])] }, { a: [1, new Date(5), new Map([[1, 2]])] }), _.cloneDeep({ d: new Date(5), r: /x/g, s: new Set([1]) }).r.flags,
    _(users).flatMap('tags').map(_.upperCase).value(), debounced.flush(), _.uniqBy([1.2, 1.7, 2.1], Math.floor), _.deburr('déjà vu'), _.words('fred, barney & pebbles'), _.sumBy(users, 'age'),
  ]
}
