import { test, expect } from 'hatchet:test'

const sleeps = workflow.durableTask('sleeps', async (input, ctx) => { await ctx.sleepFor('1s'); return { slept: true } })
const twice = workflow.durableTask('twice', async (input, ctx) => {
  const before = await ctx.memo('before', () => ({ n: 7 }))
  await ctx.sleepFor('1s')
  const after = await ctx.memo('after', () => ({ n: before.n + 1 }))
  return { before, after }
})
const waits = workflow.durableTask('waits', async (input, ctx) => { await ctx.waitFor({ eventKey: 'go' }); return { gone: true } })
const either = workflow.durableTask('either', async (input, ctx) => {
  const woken = await ctx.waitFor({ or: [{ sleepFor: '2s' }, { eventKey: 'sooner' }] })
  return { event: 'sooner' in woken.CREATE }
})
const child = workflow.task('child', (input) => ({ n: input.n + 1 }))
const parent = workflow.durableTask('parent', async (input, ctx) => {
  const one = await ctx.runChild(child, { n: 1 })
  await ctx.sleepFor('1s')
  const two = await ctx.runChild(child, one)
  return two
})
const fails = workflow.durableTask('fails', async (input, ctx) => { await ctx.sleepFor('1s'); throw new Error('after the sleep') })

test('a sleep', async (t) => expect(await t.run(sleeps)).toHaveCompleted({ slept: true }))
test('a memo is kept over a sleep', async (t) => expect(await t.run(twice)).toHaveCompleted({ before: { n: 7 }, after: { n: 8 } }))
test('an event wakes a task', async (t) => {
  const run = await t.trigger(waits)
  await t.clock.advance('5s')
  expect(run.status).not.toBe('COMPLETED')
  await t.push('go', {})
  expect(await run.result()).toEqual({ gone: true })
})
test('time passes before the event', async (t) => expect(await t.run(either)).toHaveCompleted({ event: false }))
test('children of a durable task', async (t) => expect(await t.run(parent)).toHaveCompleted({ n: 3 }))
test('a durable task fails after a sleep', async (t) => expect(await t.run(fails)).toHaveFailed('after the sleep'))
