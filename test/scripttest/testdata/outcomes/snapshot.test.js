import { expect, test } from 'hatchet:test'
import { invoice } from './workflows'
test('a timeline', async (t) => {
  expect(await t.run(invoice, { total: 3, declines: 1 })).toMatchTimeline()
})
test('✗ differs from its snapshot | a value', () => { expect({ now: 2 }).toMatchSnapshot() })
test('inline', () => { expect({ a: 1 }).toMatchInlineSnapshot('{ a: 1 }') })
