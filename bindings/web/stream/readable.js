// Readable streams, after the Streams standard.
(function (native) {
  'use strict'
  const { after, resolved, rejected, quiet, method, promised, Queue, call, dictionary, strategyOf, markOf, sizeOf, platform } = native.base
  const key = Symbol('stream') // lets this module alone make controllers

  // Readable is what a stream holds. Its controller has pull(request), cancel(reason)
  // and release().
  class Readable {
    state = 'readable'
    error = undefined
    reader = null // { requests, closed, byob }
    disturbed = false
    controller = null
    face = null

    // A request is { chunk(value), close(), error(reason) }.
    request(request) {
      this.disturbed = true
      if (this.state === 'closed') request.close()
      else if (this.state === 'errored') request.error(this.error)
      else this.controller.pull(request)
    }
    close() {
      this.state = 'closed'
      const reader = this.reader
      if (reader === null) return
      reader.closed.resolve()
      if (!reader.byob) for (const request of reader.requests.splice(0)) request.close()
    }
    fail(error) {
      if (this.state !== 'readable') return
      this.state = 'errored'
      this.error = error
      const reader = this.reader
      if (reader === null) return
      reader.closed.reject(error)
      for (const request of reader.requests.splice(0)) request.error(error)
    }
    cancel(reason) {
      this.disturbed = true
      if (this.state === 'closed') return resolved(undefined)
      if (this.state === 'errored') return rejected(this.error)
      this.close()
      if (this.reader?.byob) for (const request of this.reader.requests.splice(0)) request.close(undefined)
      return after(this.controller.cancel(reason), () => undefined)
    }
    lock(byob) {
      if (this.reader !== null) throw new TypeError('the stream is locked to a reader')
      this.reader = { requests: [], closed: quiet(), byob }
      if (this.state === 'closed') this.reader.closed.resolve()
      if (this.state === 'errored') this.reader.closed.reject(this.error)
      return this.reader
    }
    // Takes the lock from a reader.
    release(reader) {
      const released = new TypeError('the reader was released')
      if (this.state !== 'readable') reader.closed = quiet()
      reader.closed.reject(released)
      this.controller.release()
      this.reader = null
      for (const request of reader.requests.splice(0)) request.error(released)
    }
  }

  // Puller calls an underlying source whenever there is room, one call at a time.
  class Puller {
    #pull
    #wanted
    #failed
    started = false
    #pulling = false
    #again = false
    stopped = false
    constructor(pull, wanted, failed) {
      this.#pull = pull
      this.#wanted = wanted
      this.#failed = failed
    }
    begin(source, controller) {
      const begun = source.start === undefined ? undefined : source.start(controller)
      after(resolved(begun), () => {
        this.started = true
        this.call()
      }, this.#failed)
    }
    call() {
      if (this.stopped || !this.started || !this.#wanted()) return
      if (this.#pulling) {
        this.#again = true
        return
      }
      this.#pulling = true
      after(this.#pull(), () => {
        this.#pulling = false
        if (!this.#again) return
        this.#again = false
        this.call()
      }, this.#failed)
    }
    stop() { this.stopped = true }
  }

  // Chunks is the controller beneath a stream of chunks.
  class Chunks {
    #stream
    #queue = new Queue()
    #size
    #mark
    #ending = false
    #cancel
    puller

    constructor(stream, source, size, mark) {
      this.#stream = stream
      this.#size = size
      this.#mark = mark
      this.#cancel = source.cancel
      this.puller = new Puller(source.pull, () => this.wanted(), (error) => this.fail(error))
    }
    open() { return !this.#ending && this.#stream.state === 'readable' }
    wanted() {
      if (!this.open()) return false
      return this.#stream.reader?.requests.length > 0 || this.room() > 0
    }
    room() {
      if (this.#stream.state === 'errored') return null
      return this.#stream.state === 'closed' ? 0 : this.#mark - this.#queue.total
    }
    enqueue(chunk) {
      if (!this.open()) throw new TypeError('the stream is closed, or about to be')
      const requests = this.#stream.reader?.requests
      if (requests?.length > 0) {
        requests.shift().chunk(chunk)
      } else {
        try {
          this.#queue.put(chunk, this.#size(chunk))
        } catch (error) {
          this.fail(error)
          throw error
        }
      }
      this.puller.call()
    }
    end() {
      if (!this.open()) throw new TypeError('the stream is closed, or about to be')
      this.#ending = true
      if (this.#queue.length > 0) return
      this.#clear()
      this.#stream.close()
    }
    fail(error) {
      if (this.#stream.state !== 'readable') return
      this.#queue.clear()
      this.#clear()
      this.#stream.fail(error)
    }
    #clear() {
      this.puller.stop()
      this.#size = undefined
    }
    pull(request) {
      if (this.#queue.length === 0) {
        this.#stream.reader.requests.push(request)
        this.puller.call()
        return
      }
      const chunk = this.#queue.take()
      if (this.#ending && this.#queue.length === 0) {
        this.#clear()
        this.#stream.close()
      } else {
        this.puller.call()
      }
      request.chunk(chunk)
    }
    cancel(reason) {
      this.#queue.clear()
      const cancel = this.#cancel
      this.#clear()
      return cancel(reason)
    }
    release() {}
  }

  class ReadableStreamDefaultController {
    #chunks
    constructor(given, chunks) {
      if (given !== key) throw new TypeError('Illegal constructor: a controller comes with its stream')
      this.#chunks = chunks
    }
    get desiredSize() { return this.#chunks.room() }
    close() { this.#chunks.end() }
    enqueue(chunk = undefined) { this.#chunks.enqueue(chunk) }
    error(reason = undefined) { this.#chunks.fail(reason) }
  }

  let stateOf
  const released = () => new TypeError('the reader was released')
  const isStream = (value) => value instanceof ReadableStream && stateOf(value) !== undefined

  let requestOf // asks a reader's stream for a chunk
  let cancelOf
  let releaseOf
  class ReadableStreamDefaultReader {
    #stream
    #reader
    constructor(stream) {
      if (!isStream(stream)) throw new TypeError('a reader needs a ReadableStream')
      this.#reader = stateOf(stream).lock(false)
      this.#stream = stateOf(stream)
    }
    static {
      requestOf = (reader, request) => reader.#stream === null ? request.error(released()) : reader.#stream.request(request)
      cancelOf = (reader, reason) => reader.#stream.cancel(reason)
      releaseOf = (reader) => {
        const stream = reader.#stream
        if (stream === null) return
        reader.#stream = null
        stream.release(reader.#reader)
      }
    }
    get closed() {
      try {
        return this.#reader.closed.promise
      } catch (error) {
        return rejected(error)
      }
    }
    cancel(reason = undefined) {
      try {
        return this.#stream === null ? rejected(released()) : this.#stream.cancel(reason)
      } catch (error) {
        return rejected(error)
      }
    }
    read() {
      try {
        if (this.#stream === null) return rejected(released())
        return new Promise((resolve, reject) => this.#stream.request({
          chunk: (value) => resolve({ value, done: false }), close: () => resolve({ value: undefined, done: true }), error: reject,
        }))
      } catch (error) {
        return rejected(error)
      }
    }
    releaseLock() { releaseOf(this) }
  }

  // make gives a stream of functions: { start(controller), pull(), cancel(reason) },
  // of which pull and cancel return promises.
  let adopt
  const make = (source, mark = 1, size = () => 1) => {
    const stream = adopt(new Readable())
    begin(stateOf(stream), { start: source.start, pull: source.pull ?? (() => resolved(undefined)), cancel: source.cancel ?? (() => resolved(undefined)) }, mark, size)
    return stream
  }
  const begin = (state, source, mark, size) => {
    const chunks = new Chunks(state, source, size, mark)
    state.controller = chunks
    const controller = new ReadableStreamDefaultController(key, chunks)
    chunks.puller.begin(source, controller)
    return controller
  }

  const asyncIterator = Symbol.asyncIterator
  // All async iterators inherit from what the language gives async generators;
  // where it has none, from this.
  const AsyncIteratorPrototype = Object.defineProperty({}, asyncIterator, { value() { return this }, writable: true, configurable: true })
  let iterate
  const IteratorPrototype = Object.create(AsyncIteratorPrototype, {
    next: { value: function next() { return iterate(this, 'next') }, writable: true, enumerable: true, configurable: true },
    return: { value: function (value) { return iterate(this, 'return', value) }, writable: true, enumerable: true, configurable: true },
  })
  Object.defineProperty(IteratorPrototype.return, 'name', { value: 'return' })
  const iterators = new WeakMap()
  const step = (state) => new Promise((resolve, reject) => {
    if (state.over) return resolve({ value: undefined, done: true })
    requestOf(state.reader, {
      chunk: (value) => resolve({ value, done: false }),
      close() {
        state.over = true
        releaseOf(state.reader)
        resolve({ value: undefined, done: true })
      },
      error(reason) {
        state.over = true
        releaseOf(state.reader)
        reject(reason)
      },
    })
  })
  const stop = (state, value) => {
    if (state.over) return resolved({ value, done: true })
    state.over = true
    const cancelled = state.preventCancel ? resolved(undefined) : cancelOf(state.reader, value)
    releaseOf(state.reader)
    return after(cancelled, () => ({ value, done: true }))
  }
  iterate = (iterator, what, value) => {
    const state = iterators.get(iterator)
    if (state === undefined) return rejected(new TypeError(`${what} was called on something that is no iterator of a stream`))
    const go = what === 'next' ? () => step(state) : () => stop(state, value)
    state.last = state.last === null ? go() : after(state.last, go, go)
    return state.last
  }

  const modeOf = (options) => {
    const mode = dictionary(options, 'getReader: the options')?.mode
    if (mode === undefined) return mode
    if (String(mode) !== 'byob') throw new TypeError(`getReader: the mode must be 'byob', got ${String(mode)}`)
    return 'byob'
  }

  class ReadableStream {
    #state
    constructor(source = undefined, strategy = undefined) {
      if (source instanceof Readable) {
        this.#state = source
        return
      }
      if (source === null) throw new TypeError('ReadableStream: the source must be an object')
      const given = dictionary(source, 'ReadableStream: the source') ?? {}
      const what = 'ReadableStream'
      const options = strategyOf(strategy, what)
      const chunkSize = given.autoAllocateChunkSize
      const cancel = method(given, 'cancel', what)
      const pull = method(given, 'pull', what)
      const start = method(given, 'start', what)
      const type = given.type
      if (type !== undefined && String(type) !== 'bytes') throw new TypeError(`ReadableStream: the type must be 'bytes', got ${String(type)}`)
      this.#state = new Readable()
      if (type !== undefined) {
        if (options.size !== undefined) throw new RangeError('ReadableStream: a stream of bytes takes no size')
        native.bytes().begin(this.#state, {
          start: start && ((c) => call(start, given, c)), pull: pull && promised(pull, given), cancel: promised(cancel, given), chunkSize,
        }, markOf(options, 0))
        return
      }
      const mark = markOf(options, 1)
      let controller
      begin(this.#state, {
        start(c) {
          controller = c
          return start === undefined ? undefined : call(start, given, c)
        },
        pull: pull === undefined ? () => resolved(undefined) : ((f) => () => f(controller))(promised(pull, given)),
        cancel: promised(cancel, given),
      }, mark, sizeOf(options))
    }
    static {
      stateOf = (stream) => #state in stream ? stream.#state : undefined
      adopt = (state) => new ReadableStream(state)
    }
    get locked() { return this.#state.reader !== null }
    cancel(reason = undefined) {
      try {
        if (this.#state.reader !== null) return rejected(new TypeError('the stream is locked to a reader'))
        return this.#state.cancel(reason)
      } catch (error) {
        return rejected(error)
      }
    }
    getReader(options = undefined) {
      void this.#state
      if (modeOf(options) === undefined) return new ReadableStreamDefaultReader(this)
      return native.bytes().reader(this)
    }
    pipeThrough(pair, options = undefined) {
      void this.#state
      return native.pipe().through(this, pair, options)
    }
    pipeTo(target, options = undefined) {
      try {
        void this.#state
        return native.pipe().to(this, target, options)
      } catch (error) {
        return rejected(error)
      }
    }
    tee() {
      void this.#state
      return this.#state.controller instanceof Chunks ? tee(this, false) : native.bytes().tee(this)
    }
    values(options = undefined) {
      const preventCancel = Boolean(dictionary(options, 'values: the options')?.preventCancel)
      const iterator = Object.create(IteratorPrototype)
      iterators.set(iterator, { reader: new ReadableStreamDefaultReader(this), preventCancel, last: null, over: false })
      return iterator
    }
    static from(iterable) { return from(iterable) }
  }
  Object.defineProperty(ReadableStream.prototype, asyncIterator, { value: ReadableStream.prototype.values, writable: true, configurable: true })

  // tee reads a stream once for two. copies says that the second branch gets
  // bytes of its own.
  const tee = (stream, copies, mark = 1) => {
    const reader = new ReadableStreamDefaultReader(stream)
    const branches = []
    const cancelled = [false, false]
    const reasons = []
    const all = quiet()
    let reading = false
    let again = false
    const each = (call) => branches.forEach((branch, i) => { if (!cancelled[i]) call(branch, i) })
    const pull = () => {
      if (reading) {
        again = true
        return resolved(undefined)
      }
      reading = true
      requestOf(reader, {
        chunk(value) {
          queueMicrotask(() => {
            again = false
            const values = [value, copies && !cancelled[1] ? new Uint8Array(value) : value]
            each((branch, i) => branch.enqueue(values[i]))
            reading = false
            if (again) pull()
          })
        },
        close() {
          reading = false
          each((branch) => branch.close())
          if (!cancelled[0] || !cancelled[1]) all.resolve(undefined)
        },
        error() { reading = false },
      })
      return resolved(undefined)
    }
    const branch = (i) => make({
      start(controller) { branches[i] = controller },
      pull,
      cancel(reason) {
        cancelled[i] = true
        reasons[i] = reason
        if (cancelled[1 - i]) all.resolve(stateOf(stream).cancel([reasons[0], reasons[1]]))
        return all.promise
      },
    }, mark)
    const pair = [branch(0), branch(1)]
    after(reader.closed, undefined, (error) => {
      for (const controller of branches) controller.error(error)
      if (!cancelled[0] || !cancelled[1]) all.resolve(undefined)
    })
    return pair
  }

  const iteratorOf = (iterable) => {
    const begin = iterable?.[asyncIterator] ?? undefined
    if (begin !== undefined) {
      const iterator = begin.call(iterable)
      if (Object(iterator) !== iterator) throw new TypeError('ReadableStream.from: the iterator is no object')
      return { iterator, next: iterator.next }
    }
    const plain = iterable?.[Symbol.iterator] ?? undefined
    if (typeof plain !== 'function') throw new TypeError('ReadableStream.from needs something that can be iterated')
    const iterator = plain.call(iterable)
    if (Object(iterator) !== iterator) throw new TypeError('ReadableStream.from: the iterator is no object')
    return { iterator, next: iterator.next, sync: true }
  }
  const from = (iterable) => {
    const { iterator, next, sync } = iteratorOf(iterable)
    let controller
    return make({
      start(c) { controller = c },
      async pull() {
        const result = await next.call(iterator)
        if (Object(result) !== result) throw new TypeError('ReadableStream.from: the iterator gave no object')
        if (result.done) controller.close()
        else controller.enqueue(sync ? await result.value : result.value)
      },
      async cancel(reason) {
        const end = iterator.return
        if (end === undefined || end === null) return
        if (typeof end !== 'function') throw new TypeError('ReadableStream.from: return is no function')
        const result = await end.call(iterator, reason)
        if (Object(result) !== result) throw new TypeError('ReadableStream.from: return gave no object')
      },
    }, 0)
  }

  const isDisturbed = (stream) => stateOf(stream).disturbed
  const classes = { ReadableStream, ReadableStreamDefaultReader, ReadableStreamDefaultController }
  platform(...Object.values(classes))
  return { ...classes, Readable, Puller, make, stateOf: (stream) => stateOf(stream), requestOf, tee, isStream, isDisturbed, released }
})
