// hatchet:sql over natives that run statements.
(function (native) {
  'use strict'

  const { iterable } = native.iterables

  class Statements {
    #on
    constructor(on) { this.#on = on }
    exec(text, params) { return this.#on.exec(text, params) }
    query(text, params) { return this.#on.query(text, params) }
    queryRow(text, params) { return this.#on.queryRow(text, params) }
    stream(text, params) {
      let rows
      return iterable(async () => {
        rows ??= await this.#on.stream(text, params)
        return rows.next()
      }, async () => { await rows?.close() })
    }
  }

  class Transaction extends Statements {}

  class Database extends Statements {
    #db
    constructor(db) {
      super(db)
      this.#db = db
    }
    async transaction(work, options) {
      if (typeof work !== 'function') throw new TypeError('transaction: the work must be a function, as in db.transaction(async (tx) => { … })')
      const tx = await this.#db.begin(options)
      let result
      try {
        result = await work(new Transaction(tx))
      } catch (error) {
        // What went wrong is what the caller must see, not that undoing it failed too.
        await tx.rollback().catch(() => {})
        throw error
      }
      try {
        await tx.commit()
      } catch (error) {
        await tx.rollback().catch(() => {})
        throw error
      }
      return result
    }
  }

  const open = (kind, where) => new Database(native.open(kind, where))

  return { open }
})
