import { test } from 'hatchet:test'
test('x', { tz: 'UTC' }, () => {})
