import { expect, test } from 'hatchet:test'
import './reminder'

test('the reminder is sent a day later', async (t) => {
  const run = await t.trigger('payment-reminder', { invoice: 'A-17' })
  await run.parked({ sleep: '24h' })
  await t.clock.advance('24h')
  expect(run).toHaveLogged('Invoice A-17 is due')
  expect(await run.result()).toMatchObject({ after: '24h' })
})

test('an approval wakes the run', async (t) => {
  const run = await t.trigger('approval', { id: '7' })
  await t.clock.advance('59m')
  await t.push('approval:7', { by: 'Ada' })
  expect(await run.result()).toEqual({ approved: true, by: 'Ada' })
})

test('without an approval the run gives up', async (t) => {
  const run = await t.run('approval', { id: '7' })
  expect(run).toHaveCompleted({ approved: false })
  expect(t.clock.elapsed).toBe('1h')
})
