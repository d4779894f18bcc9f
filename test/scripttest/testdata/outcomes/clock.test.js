import { expect, test } from 'hatchet:test'
import { dunning, nap, pay, tick } from './workflows'

test('a day passes at once', async (t) => {
  const run = await t.run(nap, {})
  expect(run.output).toEqual({ slept: true, now: '2026-01-02T00:00:00.000Z' })
  expect(run).toHaveSlept('24h')
})
test('reminders stop when the invoice is paid', async (t) => {
  const run = await t.trigger(dunning, { days: 30 })
  await t.clock.advance('36h')
  await t.push('invoice:paid', {})
  expect(await run.result()).toEqual({ stopped: true, sent: 1 })
  expect(run).toHaveWaitedFor('invoice:paid')
})
test('thirty days', async (t) => {
  const run = await t.run(dunning, { days: 30 })
  expect(run.output).toEqual({ sent: 30 })
  expect(t.clock.elapsed).toBe('30d')
  expect(run.logs().map((l) => l.message)).toEqual(Array.from({ length: 30 }, (_, i) => `reminder ${i + 1}`))
})
test('a run parks and its log is there when time has passed', async (t) => {
  const run = await t.trigger(dunning, { days: 2 })
  await run.parked({ sleep: '24h' })
  expect(run.logs()).toEqual([])
  await t.clock.advance('24h')
  expect(run).toHaveLogged('reminder 1')
  expect(run).not.toHaveLogged('reminder 2')
})
test('always replayed', { alwaysReplay: true }, async (t) => {
  expect(await t.run(dunning, { days: 3 })).toHaveCompleted({ sent: 3 })
})
test('crons are off until they are enabled', async (t) => {
  await t.clock.advance('1h')
  expect(t.runs({ workflow: tick })).toHaveLength(0)
  await t.cron.enable(tick)
  await t.clock.advance('1h')
  expect(t.runs({ workflow: tick })).toHaveLength(12)
})
test('firing a cron', async (t) => { expect(await (await t.cron.fire(tick)).finished()).toHaveCompleted() })
test('a run that is to start later', async (t) => {
  const run = await t.schedule(nap, { for: '1h' }, new Date(t.clock.now().getTime() + 3600_000))
  expect(run.status).toBe('QUEUED')
  await run.finished()
  expect(t.clock.elapsed).toBe('2h')
})
test('next goes to the next deadline', async (t) => {
  await t.trigger(nap, { for: '10m' })
  await t.idle()
  while (t.clock.elapsedMs < 600_000) await t.clock.next()
  expect(t.clock.elapsed).toBe('10m')
})
test('timers of the test itself run on its clock', async (t) => {
  await new Promise((done) => setTimeout(done, 86_400_000))
  expect(t.clock.elapsed).toBe('24h')
})
test('✗ Deadlock: run of pay waits for event "paid" | nothing can come', async (t) => { await t.run(pay, {}) })
test('✗ ClockPaused: run of nap waits for sleep 24h | a clock that was stopped', async (t) => {
  t.clock.pause()
  await t.run(nap, {})
})
test('✗ the run ended (COMPLETED) without waiting for that | a wait that never comes', async (t) => {
  const run = await t.trigger(nap, {})
  await run.parked({ sleep: '48h' })
})
test('✗ is no time | a wrong time', async (t) => { await t.clock.advanceTo('tomorrow') })
test('✗ duration | a wrong duration', async (t) => { await t.clock.advance('soon') })
test('✗ time does not go backwards | a time that has passed', async (t) => { await t.clock.advanceTo('2020-01-01') })
