// node:timers/promises.
(function (native) {
  'use strict'
  const { check, AbortError } = native.errors
  const { setTimeout: later, clearTimeout: clear, setImmediate: soon, clearImmediate: clearSoon, setInterval: every, clearInterval: clearEvery } = globalThis

  const aborted = (signal) => new AbortError(undefined, { cause: signal.reason })
  const wait = (start, stop, value, options) => {
    try {
      check.object(options, 'the options')
      check.signal(options.signal, 'options.signal')
      if (options.ref !== undefined) check.boolean(options.ref, 'options.ref')
    } catch (error) {
      return Promise.reject(error)
    }
    const { signal } = options
    if (signal?.aborted) return Promise.reject(aborted(signal))
    return new Promise((resolve, reject) => {
      const abort = () => { stop(timer); reject(aborted(signal)) }
      const timer = start(() => { signal?.removeEventListener('abort', abort); resolve(value) })
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
  const exports = {
    setTimeout(delay, value, options = {}) {
      if (delay !== undefined && typeof delay !== 'number') return Promise.reject(native.errors.type('the delay', 'a number', delay))
      return wait((done) => later(done, delay), clear, value, options)
    },
    setImmediate(value, options = {}) { return wait((done) => soon(done), clearSoon, value, options) },
    setInterval(delay, value, options = {}) {
      if (delay !== undefined) check.number(delay, 'the delay')
      check.object(options, 'the options')
      const { signal } = options
      check.signal(signal, 'options.signal')
      let due = 0, waiting, failure, over = false
      const end = () => {
        clearEvery(timer)
        signal?.removeEventListener('abort', abort)
        over = true
      }
      const abort = () => {
        failure = aborted(signal)
        end()
        waiting?.reject(failure)
      }
      const timer = every(() => {
        if (waiting) {
          waiting.resolve({ value, done: false })
          waiting = undefined
        } else due++
      }, delay)
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
      return {
        async next() {
          if (failure) throw failure
          if (due > 0) { due--; return { value, done: false } }
          if (over) return { value: undefined, done: true }
          return new Promise((resolve, reject) => { waiting = { resolve, reject } })
        },
        async return(result) { end(); return { value: result, done: true } },
        [Symbol.asyncIterator]() { return this },
      }
    },
  }
  exports.scheduler = { wait: (delay, options) => exports.setTimeout(delay, undefined, options), yield: () => exports.setImmediate() }
  return exports
})
