import { test } from 'hatchet:test'
test.fixtures('./bad.json', 'x')
