import { expect, test } from 'hatchet:test'
import './orders'

test('a declined card is charged on a later attempt', async (t) => {
  const run = await t.run('order-processing', { orderId: 'A-17', total: 42, declines: 2 })
  expect(run).toHaveCompleted({ fulfil: { shipped: true, charge: 'ch_A-17' } })
  expect(run).toHaveAttempts('charge', 3)
  expect(run).toHaveRunInOrder(['validate', 'charge', 'fulfil'])
})

test('an order without a total fails once and is reported', async (t) => {
  const run = await t.run('order-processing', { orderId: 'A-18' })
  expect(run).toHaveFailed('order A-18 has no total', { task: 'validate' })
  expect(run).toHaveAttempts('validate', 1)
  expect(run).toHaveLogged('order A-18 failed in validate')
})

test('an order is processed though the worker crashes anywhere', async (t) => {
  t.fault.crashWorker({ at: 'every-checkpoint' })
  expect(await t.run('order-processing', { orderId: 'A-19', total: 1 })).toHaveCompleted()
})
