import { test, expect } from 'hatchet:test'

const signup = workflow.task('signup', { events: ['user:signup'] }, (input) => ({ hello: input.name }))
const counts = workflow.task('counts', { events: ['user:*'] }, (input) => ({ counted: true }))
const serial = workflow.task('serial', { concurrency: { expression: 'input.key', maxRuns: 1, strategy: 'queue' } },
  (input) => new Promise((r) => setTimeout(() => r({ n: input.n }), 300)))

// some waits until there are as many runs as wanted.
async function some(t, workflow, n) {
  for (let i = 0; i < 100 && t.runs({ workflow }).length < n; i++) await t.clock.advance('300ms')
  const runs = t.runs({ workflow })
  for (const run of runs) await run.finished()
  return runs
}

test('an event starts a run', async (t) => {
  await t.push('user:signup', { name: 'Ada' })
  const [run] = await some(t, signup, 1)
  expect(run).toHaveCompleted({ hello: 'Ada' })
})
test('a pattern of events starts runs', async (t) => {
  await t.push('user:left', {})
  const runs = await some(t, counts, 1)
  expect(runs[0]).toHaveCompleted({ counted: true })
  expect(t.runs({ workflow: signup })).toHaveLength(0)
})
test('an event starts all that wait for it', async (t) => {
  await t.push('user:signup', { name: 'Bob' })
  expect(await some(t, signup, 1)).toHaveLength(1)
  expect(await some(t, counts, 1)).toHaveLength(1)
})
test('runs of one key come one after another', async (t) => {
  const runs = []
  for (const n of [1, 2, 3]) runs.push(await t.trigger(serial, { key: 'k', n }))
  expect((await Promise.all(runs.map((r) => r.result()))).map((o) => o.n)).toEqual([1, 2, 3])
})
