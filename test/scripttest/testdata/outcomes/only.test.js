import { expect, test } from 'hatchet:test'
test.only('chosen', () => { expect(1).toBe(1) })
test('left out by only', () => { throw new Error('never') })
