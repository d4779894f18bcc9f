import { expect, test } from 'hatchet:test'
import { child, dunning, invoice, nap, parent } from './workflows'

test('a function stands in for a task', async (t) => {
  const charge = t.mock.task('charge', async (input) => ({ id: `mock ${input.total}` }))
  const run = await t.run(invoice, { total: 7 })
  expect(run.output.receipt).toEqual({ for: 'mock 7' })
  expect(charge.calls).toHaveLength(1)
  expect(charge.calls[0]).toMatchObject({ task: 'charge', attempt: 1, input: { total: 7 } })
})
test('a list answers in turn', async (t) => {
  const charge = t.mock.task('charge', [new Error('502'), new Error('503'), { id: 'third' }])
  const run = await t.run(invoice, { total: 7 })
  expect(run).toHaveCompleted({ charge: { id: 'third' } })
  expect(charge.calls.map((c) => c.attempt)).toEqual([1, 2, 3])
})
test('a child is replaced', async (t) => {
  t.mock.child(child, { doubled: 100 })
  expect((await t.run(parent, { n: 2 })).output).toEqual({ sum: 200 })
})
test('a mock that throws', async (t) => {
  t.mock.task('validate', () => { throw new NonRetryableError('not today') })
  expect(await t.run(invoice, { total: 1 })).toHaveFailed('not today')
})
test('failing before the handler', async (t) => {
  t.fault.failTask('charge', { times: 2, error: new Error('network') })
  expect(await t.run(invoice, { total: 1 })).toHaveAttempts('charge', 3)
})
test('failing after the handler', async (t) => {
  t.fault.failTask('charge', { after: true })
  expect(await t.run(invoice, { total: 1 })).toHaveAttempts('charge', 2)
})
test('timing out', async (t) => {
  t.fault.timeoutTask('charge')
  expect(await t.run(invoice, { total: 1 })).toHaveAttempts('charge', 2)
})
test('slowing down', async (t) => {
  t.fault.slow('charge', '30s')
  await t.run(invoice, { total: 1 })
  expect(t.clock.elapsed).toBe('30s')
})
test('a worker that crashes', async (t) => {
  t.fault.crashWorker({ after: 'charge' })
  const run = await t.run(invoice, { total: 1 })
  expect(run).toHaveCompleted()
  expect(run.timeline()).not.toContain('FAILED')
})
test('a crash at every checkpoint', async (t) => {
  t.fault.crashWorker({ at: 'every-checkpoint' })
  expect(await t.run(dunning, { days: 2 })).toHaveCompleted({ sent: 2 })
})
test('a duplicate delivery', async (t) => {
  const charge = t.mock.task('charge', { id: 'x' })
  t.fault.duplicateDelivery('charge')
  await t.run(invoice, { total: 1 })
  expect(charge.calls).toHaveLength(2)
})
test('a dropped stream', async (t) => {
  const run = await t.trigger(nap, { for: '1h' })
  await t.fault.dropStream()
  expect(await run.finished()).toHaveCompleted()
})
test('an eviction', async (t) => {
  const run = await t.trigger(nap, { for: '1h' })
  await run.parked({ sleep: '1h' })
  await t.fault.evict(run)
  expect(await run.finished()).toHaveCompleted()
})
test('no worker for a while', async (t) => {
  await t.fault.noWorker({ for: '2m' })
  expect(await t.run(invoice, { total: 1 })).toHaveCompleted()
  expect(t.clock.elapsed).toBe('2m')
})
test('stopping and starting the worker', async (t) => {
  await t.worker.stop()
  const run = await t.trigger(invoice, { total: 1 })
  await t.clock.advance('1m')
  expect(run.status).toBe('QUEUED')
  await t.worker.start()
  expect(await run.finished()).toHaveCompleted()
})
test('✗ there is none of that name | a mock of nothing', (t) => { t.mock.task('nope', {}) })
test('✗ mock them one by one | a child of several tasks', (t) => { t.mock.child(invoice, {}) })
test('✗ declare no task "nope" | a fault of nothing', (t) => { t.fault.failTask('nope') })
test('✗ declare no task "noon" | a checkpoint that is not known', (t) => { t.fault.crashWorker({ at: 'noon' }) })
