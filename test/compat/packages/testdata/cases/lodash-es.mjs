import { chunk, debounce, groupBy, merge, orderBy, template } from 'lodash-es'

export default async () => {
  let calls = 0
  const late = debounce(() => { calls++ }, 5)
  late()
  late()
  await new Promise((done) => setTimeout(done, 50))
  return [chunk([1, 2, 3], 2), groupBy(['one', 'two', 'three'], 'length'), merge({ a: { b: 1 } }, { a: { c: 2 } }), orderBy([{ n: 1 }, { n: 2 }], 'n', 'desc'), template('hi <%= name %>')({ name: 'Ada' }), calls]
}
