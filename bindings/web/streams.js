// Readable streams, after the Streams standard, as far as bodies need them: no
// byte readers, no writable side.
(function () {
  'use strict'

  const hidden = Symbol('stream')

  class ReadableStreamDefaultController {
    #stream
    constructor(key, stream) {
      if (key !== hidden) throw new TypeError('a controller comes with its stream')
      this.#stream = stream
    }
    get desiredSize() { return this.#stream[hidden].room() }
    enqueue(chunk) { this.#stream[hidden].enqueue(chunk) }
    close() { this.#stream[hidden].finish() }
    error(reason) { this.#stream[hidden].fail(reason) }
  }

  // State is what a stream holds.
  class State {
    queue = []
    waiting = [] // reads that have no chunk yet
    phase = 'readable'
    reason = undefined
    reader = null
    disturbed = false
    #source
    #controller
    #mark
    #started = false
    #pulling = false
    #again = false
    #ending = false // once the queue is empty

    constructor(source, mark, controller) {
      this.#source = source
      this.#mark = mark
      this.#controller = controller
    }
    start() {
      const begun = this.#source.start?.(this.#controller)
      Promise.resolve(begun).then(() => {
        this.#started = true
        this.pull()
      }, (error) => this.fail(error))
    }
    room() {
      if (this.phase === 'errored') return null
      return this.phase === 'closed' ? 0 : this.#mark - this.queue.length
    }
    pull() {
      if (!this.#started || this.phase !== 'readable' || this.#ending || !this.#source.pull) return
      if (this.waiting.length === 0 && this.room() <= 0) return
      if (this.#pulling) {
        this.#again = true
        return
      }
      this.#pulling = true
      let pulled
      try {
        pulled = this.#source.pull(this.#controller)
      } catch (error) {
        this.fail(error)
        return
      }
      Promise.resolve(pulled).then(() => {
        this.#pulling = false
        if (!this.#again) return
        this.#again = false
        this.pull()
      }, (error) => this.fail(error))
    }
    enqueue(chunk) {
      if (this.phase !== 'readable' || this.#ending) throw new TypeError('the stream is closed')
      if (this.waiting.length > 0) this.waiting.shift().resolve({ value: chunk, done: false })
      else this.queue.push(chunk)
      this.pull()
    }
    finish() {
      if (this.phase !== 'readable' || this.#ending) throw new TypeError('the stream is closed')
      this.#ending = true
      if (this.queue.length === 0) this.close()
    }
    close() {
      this.phase = 'closed'
      this.queue = []
      for (const read of this.waiting.splice(0)) read.resolve({ value: undefined, done: true })
      this.reader?.[hidden].resolve()
    }
    fail(reason) {
      if (this.phase !== 'readable') return
      this.phase = 'errored'
      this.reason = reason
      this.queue = []
      for (const read of this.waiting.splice(0)) read.reject(reason)
      this.reader?.[hidden].reject(reason)
    }
    read() {
      this.disturbed = true
      if (this.phase === 'errored') return Promise.reject(this.reason)
      if (this.phase === 'closed') return Promise.resolve({ value: undefined, done: true })
      if (this.queue.length === 0) {
        return new Promise((resolve, reject) => {
          this.waiting.push({ resolve, reject })
          this.pull()
        })
      }
      const value = this.queue.shift()
      if (this.#ending && this.queue.length === 0) this.close()
      else this.pull()
      return Promise.resolve({ value, done: false })
    }
    async cancel(reason) {
      this.disturbed = true
      if (this.phase === 'errored') throw this.reason
      if (this.phase === 'closed') return
      this.close()
      await this.#source.cancel?.(reason)
    }
  }

  const deferred = () => {
    const parts = {}
    parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
    parts.promise.catch(() => {}) // whoever wants to know asks for it
    return parts
  }

  class ReadableStreamDefaultReader {
    #stream
    constructor(stream) {
      if (!(stream instanceof ReadableStream)) throw new TypeError('a reader needs a ReadableStream')
      const state = stream[hidden]
      if (state.reader) throw new TypeError('the stream is locked to another reader')
      this.#stream = stream
      Object.defineProperty(this, hidden, { value: deferred(), writable: true })
      state.reader = this
      if (state.phase === 'closed') this[hidden].resolve()
      if (state.phase === 'errored') this[hidden].reject(state.reason)
    }
    get closed() { return this[hidden].promise }
    read() {
      return this.#stream ? this.#stream[hidden].read() : Promise.reject(new TypeError('the reader was released'))
    }
    cancel(reason) {
      return this.#stream ? this.#stream[hidden].cancel(reason) : Promise.reject(new TypeError('the reader was released'))
    }
    releaseLock() {
      if (!this.#stream) return
      const state = this.#stream[hidden]
      const released = new TypeError('the reader was released')
      for (const read of state.waiting.splice(0)) read.reject(released)
      state.reader = null
      this.#stream = null
      this[hidden].reject(released)
      this[hidden] = deferred()
      this[hidden].reject(released)
    }
  }

  class ReadableStream {
    constructor(source = {}, strategy = {}) {
      const mark = Number(strategy?.highWaterMark ?? 1)
      if (!(mark >= 0)) throw new RangeError('ReadableStream: highWaterMark must be a number from 0')
      const controller = new ReadableStreamDefaultController(hidden, this)
      Object.defineProperty(this, hidden, { value: new State(source ?? {}, mark, controller) })
      this[hidden].start()
    }
    get locked() { return this[hidden].reader !== null }
    getReader(options) {
      if (options?.mode !== undefined) throw new TypeError('ReadableStream: readers with a mode are not available; read chunks with getReader()')
      return new ReadableStreamDefaultReader(this)
    }
    cancel(reason) {
      if (this.locked) return Promise.reject(new TypeError('the stream is locked to a reader'))
      return this[hidden].cancel(reason)
    }
    tee() {
      const reader = this.getReader()
      const controllers = []
      const open = [true, true]
      let reading = null
      const each = (call) => controllers.forEach((controller, i) => { if (open[i]) call(controller, i) })
      const pull = () => {
        reading ??= reader.read().then(({ value, done }) => {
          reading = null
          // The second branch gets bytes of its own.
          each((controller, i) => done ? controller.close() : controller.enqueue(i === 1 && value instanceof Uint8Array ? new Uint8Array(value) : value))
        }, (error) => each((controller) => controller.error(error)))
        return reading
      }
      const branch = (i) => new ReadableStream({
        start(controller) { controllers[i] = controller },
        pull,
        cancel(reason) {
          open[i] = false
          return open[1 - i] ? undefined : reader.cancel(reason)
        },
      }, { highWaterMark: 0 })
      return [branch(0), branch(1)]
    }
    pipeTo() { throw new TypeError('ReadableStream.pipeTo is not available; read the stream with for await') }
    pipeThrough() { throw new TypeError('ReadableStream.pipeThrough is not available; read the stream with for await') }

    values(options = {}) {
      const reader = this.getReader()
      const end = { value: undefined, done: true }
      let over = false
      return {
        async next() {
          if (over) return end
          try {
            const result = await reader.read()
            if (!result.done) return result
          } catch (error) {
            over = true
            reader.releaseLock()
            throw error
          }
          over = true
          reader.releaseLock()
          return end
        },
        async return(value) {
          if (!over) {
            over = true
            const cancelled = options?.preventCancel ? undefined : reader.cancel(value)
            reader.releaseLock()
            await cancelled
          }
          return { value, done: true }
        },
        [Symbol.asyncIterator]() { return this },
      }
    }
    [Symbol.asyncIterator](options) { return this.values(options) }

    static from(iterable) {
      const begin = iterable?.[Symbol.asyncIterator] ?? iterable?.[Symbol.iterator]
      if (typeof begin !== 'function') throw new TypeError('ReadableStream.from needs something that can be iterated')
      const iterator = begin.call(iterable)
      return new ReadableStream({
        async pull(controller) {
          const { value, done } = await iterator.next()
          if (done) controller.close()
          else controller.enqueue(await value)
        },
        async cancel(reason) { await iterator.return?.(reason) },
      }, { highWaterMark: 0 })
    }
  }

  const isDisturbed = (stream) => stream[hidden].disturbed

  for (const cls of [ReadableStream, ReadableStreamDefaultReader, ReadableStreamDefaultController]) {
    Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  }
  return { ReadableStream, ReadableStreamDefaultReader, ReadableStreamDefaultController, isDisturbed }
})
