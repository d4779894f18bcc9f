import { applyPatches, current, enablePatches, original, produce, produceWithPatches, enableMapSet } from 'immer'

enablePatches()
enableMapSet()

export default async () => {
  const base = { list: [{ n: 1 }, { n: 2 }], map: new Map([['a', { x: 1 }]]), keep: { same: true } }
  const next = produce(base, (draft) => { draft.list.push({ n: 3 }); draft.list[0].n = 10; draft.map.get('a').x = 2; delete draft.none })
  const [changed, patches, inverse] = produceWithPatches({ a: 1, b: [1] }, (draft) => { draft.a = 2; draft.b.push(2) })
  return [next.list, next.map.get('a'), next.keep === base.keep, base.list.length, Object.isFrozen(next), changed, patches, applyPatches(changed, inverse), produce({ a: 1 }, (d) => { d.b = [current(d).a, original(d).a] })]
}
