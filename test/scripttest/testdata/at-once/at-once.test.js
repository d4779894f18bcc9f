// Tests that fail after much has happened at one moment: what they report must
// not depend on which of the VMs was faster.
import { test, expect } from 'hatchet:test'

const leaf = workflow.task('leaf', (input) => {
  console.log(`leaf ${input.n} ${input.quiet || Math.random() + crypto.randomUUID()}`)
  return { n: input.n }
})

const wide = workflow('wide')
for (const name of ['b', 'a', 'd', 'c']) {
  wide.task(name, async (input, ctx) => {
    console.log(`${name} at once ${Math.random()}`)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    if (name === 'd') throw new Error('d fails')
    return { id: crypto.randomUUID() }
  })
}
wide.taskAfter('last', ['a', 'b'], () => ({})).onFailure(() => { console.log('it failed') })

const parents = workflow.durableTask('parents', async (input, ctx) => {
  const first = await Promise.all([1, 2, 3].map((n) => ctx.runChild(leaf, { n })))
  await ctx.sleepFor('5s')
  const second = await Promise.all([4, 5, 6].map((n) => ctx.runChild(leaf, { n })))
  return { sum: [...first, ...second].reduce((sum, { n }) => sum + n, 0) }
})

const spawner = workflow.task('spawner', async (input, ctx) => {
  await Promise.all([1, 2, 3].map((n) => ctx.runChild(leaf, { n, quiet: true })))
  return {}
})

test('tasks of one workflow', async (t) => {
  const run = await t.run(wide, {})
  t.log(run.timeline(), run.events(), run.logs(), run.id)
  expect(run).toHaveCompleted()
})

test('children', async (t) => {
  const run = await t.run(parents, {})
  t.log(run.timeline(), run.children().map((child) => child.timeline()))
  expect(await run.result()).toEqual({ sum: 22 })
})

test('runs', async (t) => {
  const runs = await Promise.all([t.trigger(wide, {}), t.trigger(parents, {}), t.trigger(spawner, {}), t.trigger(wide, {})])
  await Promise.all(runs.map((run) => run.finished()))
  t.log(runs.map((run) => [run.id, run.children().map((child) => child.timeline())]), Math.random(), crypto.randomUUID())
  expect.fail('to see the timeline')
})

test('an event right after a trigger', async (t) => {
  const waits = await t.trigger(waiting, {})
  await t.push('go', { n: 1 })
  expect(await waits.result()).toEqual({ n: 2 })
})

const waiting = workflow.durableTask('waiting', async (input, ctx) => {
  const { CREATE } = await ctx.waitFor({ eventKey: 'go' })
  return { n: CREATE.go[0].n ?? 0 }
})

test('a crash at every checkpoint', async (t) => {
  t.fault.crashWorker({ at: 'every-checkpoint' })
  const run = await t.run(parents, {})
  expect(await run.result()).toEqual({ sum: 21 })
})
