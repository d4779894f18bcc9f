import stripe, { charge, currency, total } from './stripe'
import legacy from './legacy.cjs'
import path from 'node:path'
export const pay = workflow.task('pay', { retries: 1 }, async (input) => ({
  currency, total: total(input.amount), charged: await charge(input.amount, { currency }), live: stripe.live,
}))
export const create = workflow.task('create', async (input) => stripe.charges.create(input))
export const other = workflow.task('other', (input) => ({ legacy: legacy(input.n), version: legacy.version, base: path.basename('/a/b') }))
