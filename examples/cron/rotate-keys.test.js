import { expect, test } from 'hatchet:test'
import './rotate-keys'

test('keys are rotated at three every morning', { start: '2026-03-01T00:00:00Z' }, async (t) => {
  await t.cron.enable('rotate-keys')
  await t.clock.advance('48h')
  const keys = t.runs({ workflow: 'rotate-keys' }).map((run) => run.output.key)
  expect(keys).toEqual(['key-20513', 'key-20514'])
})
