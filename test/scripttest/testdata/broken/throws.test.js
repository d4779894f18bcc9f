import { test } from 'hatchet:test'
throw new Error('at load')
