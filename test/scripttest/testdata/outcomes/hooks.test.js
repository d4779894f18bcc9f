import { afterEach, beforeEach, describe, expect, test } from 'hatchet:test'
const seen = []
beforeEach(() => { seen.push('outer') })
describe('suite', () => {
  beforeEach((t) => { seen.push(`inner ${t.name}`) })
  afterEach(() => { seen.length = 0 })
  test('one', () => { expect(seen).toEqual(['outer', 'inner one']) })
  test('two', () => { expect(seen).toEqual(['outer', 'inner two']) })
})
describe('broken', () => {
  beforeEach(() => { throw new Error('no database') })
  test('✗ no database | a hook that throws', () => {})
})
