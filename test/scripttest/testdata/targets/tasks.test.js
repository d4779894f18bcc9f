import { test, expect } from 'hatchet:test'

const echo = workflow.task('echo', (input) => input)
const none = workflow.task('none', () => {})
const bad = workflow.task('bad', () => { throw new TypeError('no good') })
const final = workflow.task('final', { retries: 3 }, () => { throw new NonRetryableError('never again') })
const third = workflow.task('third', { retries: 2 }, (input, ctx) => {
  if (ctx.retryCount() < 2) throw new Error(`try ${ctx.retryCount()}`)
  return { tries: ctx.retryCount() + 1 }
})
const spent = workflow.task('spent', { retries: 1 }, (input, ctx) => { throw new Error(`try ${ctx.retryCount()}`) })
const slow = workflow.task('slow', { executionTimeout: '1s' }, () => new Promise((r) => setTimeout(r, 20e3)))
const meta = workflow.task('meta', (input, ctx) => ({ metadata: ctx.additionalMetadata() }))
const wordy = workflow.task('wordy', (input, ctx) => { console.log('one', 1); ctx.log('two') })
const chunks = workflow.task('chunks', async (input, ctx) => { for (const c of ['a', 'b', 'c']) await ctx.putStream(c) })
const hangs = workflow.task('hangs', (input, ctx) => new Promise((r) => ctx.signal.addEventListener('abort', () => r({}))))
const inner = workflow.task('inner', (input) => ({ n: input.n * 2 }))
const outer = workflow.task('outer', async (input) => ({ sum: (await hatchet.run(inner, { n: input.n })).n + 1 }))
const several = workflow.task('several', async () => {
  const refs = await hatchet.runMany(inner, [{ n: 1 }, { n: 2 }, { n: 3 }])
  return { list: (await Promise.all(refs.map((r) => r.result()))).map((o) => o.n) }
})
const wrong = workflow.task('wrong', async () => {
  try { await hatchet.run(bad, {}) } catch (e) { return { caught: String(e.message).includes('no good') } }
})

test('a task gives its output', async (t) => expect(await t.run(echo, { a: 1, b: [true, null, 'x'] })).toHaveCompleted({ a: 1, b: [true, null, 'x'] }))
test('large numbers and text of all kinds', async (t) => {
  const input = { n: 9007199254740991, f: 0.1, s: 'žluť 🐎 \u2028 "quoted"', deep: { a: { b: { c: [] } } } }
  expect((await t.run(echo, input)).output).toEqual(input)
})
test('a task without an output', async (t) => expect(await t.run(none)).toHaveCompleted())
test('what a task throws is the error of the run', async (t) => {
  const run = await t.run(bad)
  expect(run).toHaveFailed('no good')
  expect(run).toHaveAttempts(bad, 1)
})
test('an error that is final is not tried again', async (t) => {
  const run = await t.run(final)
  expect(run).toHaveFailed('never again')
  expect(run).toHaveAttempts(final, 1)
})
test('the third try succeeds', async (t) => {
  const run = await t.run(third)
  expect(run).toHaveCompleted({ tries: 3 })
  expect(run).toHaveAttempts(third, 3)
})
test('tries are spent', async (t) => {
  const run = await t.run(spent)
  expect(run).toHaveFailed('try 1')
  expect(run).toHaveAttempts(spent, 2)
})
test('a task takes too long', async (t) => expect((await t.run(slow)).status).toBe('FAILED'))
test('metadata reach the task', async (t) => expect(await t.run(meta, {}, { metadata: { team: 'a' } })).toHaveCompleted({ metadata: { team: 'a' } }))
test('lines are logged', async (t) => {
  const run = await t.run(wordy)
  expect(run).toHaveLogged('one 1')
  expect(run).toHaveLogged(/^two$/)
})
test('chunks are streamed', async (t) => expect(await (await t.run(chunks)).stream()).toEqual(['a', 'b', 'c']))
test('a run is cancelled', async (t) => {
  const run = await t.trigger(hangs)
  await t.clock.advance('3s')
  await run.cancel()
  await run.finished()
  expect(run).toHaveBeenCancelled()
})
test('a child run', async (t) => expect(await t.run(outer, { n: 4 })).toHaveCompleted({ sum: 9 }))
test('several child runs', async (t) => expect(await t.run(several)).toHaveCompleted({ list: [2, 4, 6] }))
test('children belong to their parent', async (t) => {
  const run = await t.run(several)
  expect(run).toHaveSpawned(inner, 3)
})
test('a child that fails', async (t) => expect(await t.run(wrong)).toHaveCompleted({ caught: true }))
test('mocks stand in for tasks', async (t) => {
  const mock = t.mock.task(bad, { mocked: true })
  expect(await t.run(bad, { n: 1 })).toHaveCompleted({ mocked: true })
  expect(mock.calls).toHaveLength(1)
  expect(mock.calls[0].input).toEqual({ n: 1 })
})
test('faults fail tasks', async (t) => {
  t.fault.failTask(third, { times: 1, error: 'made to fail' })
  expect(await t.run(third)).toHaveAttempts(third, 3)
})
test('a run is replayed', async (t) => {
  const run = await t.run(echo, { n: 1 })
  expect(run).toHaveAttempts(echo, 1)
  await run.replay()
  await run.finished()
  expect(run).toHaveCompleted({ n: 1 })
})
test.each([[1, 2], [2, 4], [5, 10]])('inner(%d) is %d', async (t, n, twice) => expect(await t.run(inner, { n })).toHaveCompleted({ n: twice }))
test('a run with a delay', async (t) => {
  const run = await t.trigger(echo, { late: true }, { delay: '2s' })
  expect(await run.result()).toEqual({ late: true })
  expect(t.clock.elapsedMs).toBeGreaterThanOrEqual(2000)
})
