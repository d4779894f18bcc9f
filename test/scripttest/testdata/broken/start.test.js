import { test } from 'hatchet:test'
test('x', { start: 'noon' }, () => {})
