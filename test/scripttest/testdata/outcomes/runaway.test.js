import { test } from 'hatchet:test'
import { pay, tick } from './workflows'

test('✗ ClockRunaway: 50 jumps | a clock that runs away', { maxJumps: 50 }, async (t) => {
  await t.cron.enable(tick)
  await t.run(pay, {})
})
