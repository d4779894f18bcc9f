// hatchet:csv: the streams, over natives that parse and write pieces.
(function (native) {
  'use strict'

  const { iterable, iteratorOf } = native.iterables

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
