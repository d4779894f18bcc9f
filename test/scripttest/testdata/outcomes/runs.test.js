import { expect, test } from 'hatchet:test'
import { child, chunks, invoice, limited, onOrder, parent, random, skipping, slow } from './workflows'

test('a dag completes', async (t) => {
  const run = await t.run(invoice, { total: 3 })
  expect(run).toHaveCompleted({ receipt: { for: 'ch_1' } })
  expect(run).toHaveRunInOrder(['validate', 'charge', 'receipt'])
  expect(run).toHaveSkipped('on-failure-task')
})
test('retries follow the backoff on virtual time', async (t) => {
  const run = await t.run(invoice, { total: 3, declines: 2 })
  expect(run).toHaveAttempts('charge', 3)
  expect(t.clock.elapsed).toBe('6s')
})
test('a failure runs on-failure', async (t) => {
  const run = await t.run(invoice, { total: 3, declines: 9 })
  expect(run).toHaveFailed('declined', { task: 'charge' })
  expect(run).toHaveLogged(/failed: .*declined/)
  await expect(run.result()).rejects.toThrow('declined')
})
test('a non-retryable error is not tried again', async (t) => {
  const run = await t.run(invoice, { total: 0 })
  expect(run).toHaveFailed('no total')
  expect(run).toHaveAttempts('validate', 1)
})
test('children', async (t) => {
  const run = await t.run(parent, { n: 3 })
  expect(run).toHaveSpawned(child, 3)
  expect(await run.result()).toEqual({ sum: 12 })
  expect(run.children()[0].output).toEqual({ doubled: 2 })
})
test('events start runs', async (t) => {
  await t.push('order:created', { id: 'A-1' })
  await t.idle()
  const [run] = t.runs({ workflow: onOrder })
  expect(await run.result()).toEqual({ id: 'A-1' })
})
test('execution timeouts fire on virtual time', async (t) => {
  const run = await t.run(slow, { ms: 60_000 })
  expect(run).toHaveFailed(/timeout/i)
  expect(t.clock.elapsedMs).toBeLessThan(11_000)
})
test('a skip function skips', async (t) => {
  const run = await t.run(skipping, {})
  expect(run).toHaveSkipped('maybe')
})
test('concurrency queues', async (t) => {
  const [a, b] = [await t.trigger(limited, { key: 'k' }), await t.trigger(limited, { key: 'k' })]
  await Promise.all([a.result(), b.result()])
  expect(t.clock.elapsed).toBe('2s')
})
test('cancelling', async (t) => {
  const run = await t.trigger(slow, { ms: 5_000 })
  await t.clock.advance('1s')
  await run.cancel()
  await run.finished()
  expect(run).toHaveBeenCancelled()
})
test('replaying', async (t) => {
  const run = await t.run(invoice, { total: 3 })
  await run.replay({ from: 'charge' })
  await run.finished()
  expect(run).toHaveCompleted()
})
test('streams', async (t) => {
  const run = await t.run(chunks, {})
  expect(await run.stream()).toEqual(['a', 'b', 'c'])
})
test('the seed fixes Math.random and the start fixes Date', { seed: 7, start: '2030-05-05T00:00:00Z' }, async (t) => {
  const one = await t.run(random, {})
  expect(new Date(one.output.at).getUTCFullYear()).toBe(2030)
  expect(one.output.n).toBeLessThan(1)
})
test('metadata and logs', async (t) => {
  const run = await t.run(invoice, { total: 3 }, { metadata: { who: 'me' }, priority: 3 })
  expect(run.logs()).toEqual([])
  expect(run.toJSON()).toMatchObject({ workflow: 'invoice', status: 'COMPLETED' })
})
test('✗ no workflow nope | an unknown workflow', async (t) => { await t.run('nope', {}) })
test('✗ the input must be an object | an input that is no object', async (t) => { await t.run(invoice, [1]) })
test('✗ not JSON | an input that is not JSON', async (t) => { await t.run(invoice, { n: 1n }) })
test('✗ unknown option prio | an unknown option', async (t) => { await t.run(invoice, {}, { prio: 1 }) })
test('✗ has no task nope yet | a task that is not there', async (t) => { (await t.run(invoice, { total: 1 })).task('nope') })
test('✗ run of invoice is FAILED: validate: no total | expecting a completed run', async (t) => {
  expect(await t.run(invoice, {})).toHaveCompleted()
})
test('✗ no total | awaiting the result of a failed run', async (t) => { await (await t.trigger(invoice, {})).result() })

const plain = workflow.task('plain', (input) => input)

test('a stream that is cut off for a while', async (t) => {
  await t.fault.dropStream({ for: '2m' })
  const run = await t.trigger(plain, { total: 3 })
  await t.clock.advance('1m')
  expect(run.status).toBe('QUEUED')
  expect(await run.finished()).toHaveCompleted()
  expect(t.clock.elapsedMs).toBeGreaterThanOrEqual(120_000)
})

test('a crash before the handler has run', async (t) => {
  t.fault.crashWorker({ at: plain })
  const run = await t.run(plain, { total: 3 })
  expect(run).toHaveCompleted()
  expect(t.clock.elapsed).toBe('30s')
})
