import { expect, test } from 'hatchet:test'
import sql from 'hatchet:sql'
import { reconcile } from './reconcile-orders'

// Files of SQLite lie in a mocked folder, and are gone after the test.
const fill = async (path, orders) => {
  const db = sql.open('sqlite', path)
  await db.exec('create table orders (id integer primary key, cents integer)')
  await db.exec(`insert into orders values ${orders.map(([id, cents]) => `(${id}, ${cents})`)}`)
}

const prepare = async (t, shop, ledger) => {
  t.mock.fs({ 'data/': '' })
  t.mock.env({ SHOP_DB: 'data/shop.db', LEDGER_DB: 'data/ledger.db' })
  t.mock.secret({ SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/ops' })
  await fill('data/shop.db', shop)
  await fill('data/ledger.db', ledger)
}

test('what differs is found and told', async (t) => {
  await prepare(t, [[1, 100], [2, 250], [4, 400], [6, 1]], [[1, 100], [2, 200], [3, 300], [4, 400]])
  const slack = t.mock.fetch('POST https://hooks.slack.com/*', 200)
  expect(await t.run(reconcile)).toHaveCompleted({ compared: 5, missing: [6], unknown: [3], different: [{ id: 2, shop: 250, ledger: 200 }] })
  expect(slack.calls[0].json.text).toBe('3 of 5 orders are not the same in the shop and the ledger')
})

test('what is the same is not worth a message', async (t) => {
  const orders = Array.from({ length: 300 }, (_, i) => [i + 1, i * 10])
  await prepare(t, orders, orders)
  expect(await t.run(reconcile)).toHaveCompleted({ compared: 300, missing: [], unknown: [], different: [] })
})
