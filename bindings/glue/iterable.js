// What modules iterate with. The engine has no async generators, so iterators are
// written out.
(function () {
  'use strict'

  const end = Object.freeze({ value: undefined, done: true })

  // iterable gives one after the other what take gives many at a time: take
  // promises an array, or null at the end. close is called once, at the end, when
  // the loop is left, or when take fails.
  function iterable(take, close) {
    let ready = []
    let at = 0
    let over = false
    let last = Promise.resolve()
    const finish = async () => {
      if (over) return
      over = true
      ready = []
      at = 0
      await close()
    }
    const more = async () => {
      try {
        while (at >= ready.length) {
          if (over) return end
          const taken = await take()
          if (over) return end
          if (taken === null) {
            await finish()
            return end
          }
          ready = taken
          at = 0
        }
      } catch (error) {
        await finish().catch(() => {})
        throw error
      }
      return { value: ready[at++], done: false }
    }
    return {
      next() {
        if (at < ready.length) return Promise.resolve({ value: ready[at++], done: false })
        // Calls that do not wait for each other are answered in their order.
        const next = last.then(more)
        last = next.catch(() => {})
        return next
      },
      async return(value) {
        await finish()
        return { value, done: true }
      },
      [Symbol.asyncIterator]() { return this },
    }
  }

  function iteratorOf(source, what) {
    const begin = typeof source === 'string' ? undefined : source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator]
    if (typeof begin !== 'function') throw new TypeError(`${what} must be something to iterate, such as an array or a stream`)
    return begin.call(source)
  }

  return { iterable, iteratorOf }
})
