import { test, expect } from 'hatchet:test'
import './invoice'

test('an invoice is paid', async (t) => {
  const run = await t.run('invoice', { cents: 100 })
  expect(run).toHaveCompleted({ confirm: { text: 'paid, receipt R-100' } })
})
