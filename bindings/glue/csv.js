// hatchet:csv: the streams, over natives that parse and write pieces. The engine
// has no async generators, so iterators are written out.
(function (native) {
  'use strict'

  function iteratorOf(source, what) {
    const begin = typeof source === 'string' ? undefined : source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator]
    if (typeof begin !== 'function') throw new TypeError(`${what} must be something to iterate, such as an array or a stream`)
    return begin.call(source)
  }

  // take gives the next values as an array, or null at the end.
  function iterable(take, close) {
    let ready = []
    let at = 0
    let over = false
    const end = async () => {
      if (over) return
      over = true
      ready = []
      await close()
    }
    return {
      async next() {
        try {
          while (at >= ready.length) {
            if (over) return { value: undefined, done: true }
            const taken = await take()
            if (taken === null) {
              await end()
              return { value: undefined, done: true }
            }
            ready = taken
            at = 0
          }
        } catch (error) {
          await end().catch(() => {})
          throw error
        }
        return { value: ready[at++], done: false }
      },
      async return(value) {
        await end()
        return { value, done: true }
      },
      [Symbol.asyncIterator]() { return this },
    }
  }

  function parseStream(source, options) {
    const pieces = iteratorOf(source, 'csv.parseStream: the source')
    const reader = native.reader(options)
    let ended = false
    return iterable(async () => {
      if (ended) return null
      const { value, done } = await pieces.next()
      ended = done
      return reader.feed(done ? null : value)
    }, async () => {
      reader.close()
      if (!ended) await pieces.return?.()
    })
  }

  const batch = 256

  function stringify(rows, options) {
    const write = native.writer(options, 'csv.stringify')
    if (!Array.isArray(rows)) {
      if (typeof rows?.[Symbol.iterator] !== 'function') throw new TypeError('csv.stringify: the rows must be an array or something to iterate; stringifyStream takes what comes in time')
      rows = Array.from(rows)
    }
    return write(rows)
  }

  function stringifyStream(rows, options) {
    const each = iteratorOf(rows, 'csv.stringifyStream: the rows')
    const write = native.writer(options, 'csv.stringifyStream')
    let ended = false
    return iterable(async () => {
      if (ended) return null
      const some = []
      while (some.length < batch) {
        const { value, done } = await each.next()
        if (done) {
          ended = true
          break
        }
        some.push(value)
      }
      const text = write(some)
      return text === '' ? [] : [text]
    }, async () => {
      if (!ended) await each.return?.()
    })
  }

  return { stringify, parseStream, stringifyStream }
})
