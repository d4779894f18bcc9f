// Compares the orders of the shop with those of the ledger, each night. Both are
// read in the order of their ids, a few rows at a time, so it makes no difference
// how many there are.
import sql from 'hatchet:sql'
import { slack } from './lib/slack'

// A database by its URL, or by the path of a file of SQLite, which is only read.
const open = (where) => {
  const [kind] = /^(postgres|mysql)(?=:\/\/)/.exec(where) ?? ['sqlite']
  return sql.open(kind, kind === 'sqlite' ? `${where}?mode=ro` : where)
}

export const reconcile = workflow.task('reconcile-orders', { cron: '30 2 * * *', executionTimeout: '30m' }, async () => {
  const query = 'select id, cents from orders order by id'
  const [shop, ledger] = [process.env.SHOP_DB, process.env.LEDGER_DB].map((where) => open(where).stream(query))
  const found = { compared: 0, missing: [], unknown: [], different: [] }

  let ours = await shop.next()
  let theirs = await ledger.next()
  while (!ours.done || !theirs.done) {
    const [id, other] = [ours, theirs].map((row) => (row.done ? Infinity : row.value.id))
    found.compared++
    if (id < other) found.missing.push(id) // of the ledger
    else if (id > other) found.unknown.push(other) // to the shop
    else if (ours.value.cents !== theirs.value.cents) found.different.push({ id, shop: ours.value.cents, ledger: theirs.value.cents })
    if (id <= other) ours = await shop.next()
    if (id >= other) theirs = await ledger.next()
  }

  const wrong = found.missing.length + found.unknown.length + found.different.length
  if (wrong > 0) await slack(`${wrong} of ${found.compared} orders are not the same in the shop and the ledger`)
  return found
})
