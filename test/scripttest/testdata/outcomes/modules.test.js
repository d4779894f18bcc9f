import { test, expect } from 'hatchet:test'
import { create, other, pay } from './gateway/pay.mjs'
import { total } from './gateway/stripe'

test('a module is replaced in tasks and in the test', async (t) => {
  const stripe = t.mock.module('./gateway/stripe', {
    currency: 'eur',
    total: (amount) => ({ amount: amount * 2 }),
    charge: async (amount, { currency }) => ({ id: 'ch_1', amount, currency }),
  })
  expect(await t.run(pay, { amount: 5 })).toHaveCompleted({ currency: 'eur', total: { amount: 10 }, charged: { id: 'ch_1', amount: 5, currency: 'eur' }, live: true })
  expect(stripe.calls).toEqual([{ name: 'total', args: [5] }, { name: 'charge', args: [5, { currency: 'eur' }] }])
  expect(total(1)).toEqual({ amount: 2 })
})

test('what a mock of a module throws, the task catches', async (t) => {
  let tries = 0
  const stripe = t.mock.module('./gateway/stripe', {
    charge: async () => { if (++tries === 1) throw Object.assign(new TypeError('declined'), { code: 'card' }); return { id: 'ch_2' } },
  })
  const run = await t.run(pay, { amount: 5 })
  expect(run).toHaveAttempts(pay, 2)
  expect(run).toHaveCompleted({ currency: 'usd', total: { amount: 5, real: true }, charged: { id: 'ch_2' } })
  expect(stripe.calls.filter((c) => c.name === 'charge')).toHaveLength(2)
})

test('exports of the default export are replaced', async (t) => {
  t.mock.module('./gateway/stripe', { default: { charges: { create: ({ n }) => ({ n: n + 1, list: [1, { a: 2 }] }) } } })
  expect(await t.run(create, { n: 1 })).toHaveCompleted({ n: 2, list: [1, { a: 2 }] })
})

test('without a mock the module is itself', async (t) => {
  expect(await t.run(other, { n: 1 })).toHaveCompleted({ legacy: 'real 1', version: 1, base: 'b' })
  expect(await t.run(create, {})).toHaveFailed('the real one was called')
})

test('modules that are functions, and built-in ones, are replaced', async (t) => {
  t.mock.module('./gateway/legacy.cjs', { default: (n) => `mocked ${n}` })
  t.mock.module('node:path', { basename: () => 'base' })
  expect(await t.run(other, { n: 1 })).toHaveCompleted({ legacy: "mocked 1", base: "base" })
})

test('a mock of a module waits on the clock of the test', async (t) => {
  t.mock.module('./gateway/stripe', { charge: () => new Promise((r) => setTimeout(() => r({ id: 'late' }), 30e3)) })
  const run = await t.trigger(pay, { amount: 1 })
  expect(await run.result()).toMatchObject({ charged: { id: 'late' } })
  expect(t.clock.elapsed).toBe('30s')
})

test('✗ it does not export refund; it exports charge, currency, default, total | an export that is not there', (t) => {
  t.mock.module('./gateway/stripe', { refund: () => ({}) })
})
test('✗ write the name as a text in the test file itself | a name that is computed', (t) => {
  t.mock.module(['./gateway', 'pay.mjs'].join('/'), {})
})
test('✗ charge is a class | a class', (t) => {
  t.mock.module('./gateway/stripe', { charge: class Charge {} })
})
