import qs from 'qs'

export default async () => [
  qs.parse('a[b][c]=1&list[]=x&list[]=y&s=a%20b+c&e='), qs.stringify({ a: { b: [1, 2] }, d: new Date(0), n: null, u: undefined, s: 'ü &' }), qs.stringify({ list: ['x', 'y'] }, { arrayFormat: 'repeat', encode: false }),
  qs.parse('?x=1;y=2', { ignoreQueryPrefix: true, delimiter: ';' }), qs.stringify({ 'ключ': '値' }, { charsetSentinel: true }), qs.parse('a.b=1', { allowDots: true }),
]
