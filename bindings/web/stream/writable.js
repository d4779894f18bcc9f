// Writable streams, after the Streams standard.
(function (native) {
  'use strict'
  const { after, resolved, rejected, deferred, quiet, method, promised, Queue, call, dictionary, strategyOf, markOf, sizeOf, platform } = native.base
  const { AbortController } = native.events
  const key = Symbol('stream')
  const closing = Symbol('closing') // in the queue, after the last chunk

  // Writable is what a stream holds: writable, erroring, errored or closed.
  class Writable {
    state = 'writable'
    error = undefined
    writer = null // { closed, ready }
    writes = [] // accepted and not begun
    inFlight = null
    closeWanted = null
    closeInFlight = null
    aborting = null // { done, reason, wasErroring }
    full = false
    controller = null

    closeQueued() { return this.closeWanted !== null || this.closeInFlight !== null }
    abort(reason) {
      if (this.state === 'closed' || this.state === 'errored') return resolved(undefined)
      this.controller.signal(reason)
      if (this.state === 'closed' || this.state === 'errored') return resolved(undefined)
      if (this.aborting !== null) return this.aborting.done.promise
      const wasErroring = this.state === 'erroring'
      this.aborting = { done: deferred(), reason: wasErroring ? undefined : reason, wasErroring }
      const { promise } = this.aborting.done
      if (!wasErroring) this.startErroring(reason)
      return promise
    }
    close() {
      if (this.state === 'closed' || this.state === 'errored') return rejected(new TypeError('the stream is closed or has failed'))
      if (this.closeQueued()) return rejected(new TypeError('the stream is being closed already'))
      this.closeWanted = deferred()
      const { promise } = this.closeWanted
      if (this.writer !== null && this.full && this.state === 'writable') this.writer.ready.resolve()
      this.controller.close()
      return promise
    }
    add() {
      const write = deferred()
      this.writes.push(write)
      return write.promise
    }
    dealWith(error) {
      if (this.state === 'writable') this.startErroring(error)
      else this.finishErroring()
    }
    startErroring(reason) {
      this.state = 'erroring'
      this.error = reason
      if (this.writer !== null) this.notReady(reason)
      if (this.inFlight === null && this.closeInFlight === null && this.controller.started) this.finishErroring()
    }
    notReady(reason) {
      if (this.writer.ready.settled) this.writer.ready = quiet()
      this.writer.ready.reject(reason)
    }
    finishErroring() {
      this.state = 'errored'
      this.controller.clear()
      for (const write of this.writes.splice(0)) write.reject(this.error)
      const abort = this.aborting
      if (abort === null) return this.rejectClose()
      this.aborting = null
      if (abort.wasErroring) {
        abort.done.reject(this.error)
        return this.rejectClose()
      }
      after(this.controller.abort(abort.reason), () => {
        abort.done.resolve(undefined)
        this.rejectClose()
      }, (reason) => {
        abort.done.reject(reason)
        this.rejectClose()
      })
    }
    rejectClose() {
      this.closeWanted?.reject(this.error)
      this.closeWanted = null
      this.writer?.closed.reject(this.error)
    }
    closed() {
      this.closeInFlight.resolve(undefined)
      this.closeInFlight = null
      if (this.state === 'erroring') {
        this.error = undefined
        this.aborting?.done.resolve(undefined)
        this.aborting = null
      }
      this.state = 'closed'
      this.writer?.closed.resolve(undefined)
    }
    closeFailed(error) {
      this.closeInFlight.reject(error)
      this.closeInFlight = null
      this.aborting?.done.reject(error)
      this.aborting = null
      this.dealWith(error)
    }
    pressure(full) {
      if (this.writer !== null && full !== this.full) {
        if (full) this.writer.ready = quiet()
        else this.writer.ready.resolve(undefined)
      }
      this.full = full
    }
  }

  // Sink is the controller beneath a stream.
  class Sink {
    started = false
    #stream
    #queue = new Queue()
    #functions
    #size
    #mark
    #aborter = new AbortController()

    constructor(stream, functions, size, mark) {
      this.#stream = stream
      this.#functions = functions
      this.#size = size
      this.#mark = mark
    }
    begin(controller) {
      const stream = this.#stream
      stream.full = this.full()
      const begun = this.#functions.start?.(controller)
      after(resolved(begun), () => {
        this.started = true
        this.#advance()
      }, (error) => {
        this.started = true
        stream.dealWith(error)
      })
    }
    get abortSignal() { return this.#aborter.signal }
    signal(reason) { this.#aborter.abort(reason) }
    room() { return this.#mark - this.#queue.total }
    full() { return this.room() <= 0 }
    clear() { this.#queue.clear() }
    abort(reason) {
      const { abort } = this.#functions
      this.#forget()
      return abort(reason)
    }
    #forget() { this.#functions = this.#size = undefined }
    error(reason) {
      if (this.#stream.state !== 'writable') return
      this.#forget()
      this.#stream.startErroring(reason)
    }
    chunkSize(chunk) {
      if (this.#size === undefined) return 1
      try {
        return this.#size(chunk)
      } catch (error) {
        this.error(error)
        return 1
      }
    }
    close() {
      this.#queue.put(closing, 0)
      this.#advance()
    }
    write(chunk, size) {
      try {
        this.#queue.put(chunk, size)
      } catch (error) {
        this.error(error)
        return
      }
      const stream = this.#stream
      if (!stream.closeQueued() && stream.state === 'writable') stream.pressure(this.full())
      this.#advance()
    }
    #advance() {
      const stream = this.#stream
      if (!this.started || stream.inFlight !== null) return
      if (stream.state === 'erroring') return stream.finishErroring()
      if (this.#queue.length === 0) return
      if (this.#queue.peek() === closing) this.#finish(stream)
      else this.#process(stream, this.#queue.peek())
    }
    #finish(stream) {
      stream.closeInFlight = stream.closeWanted
      stream.closeWanted = null
      this.#queue.take()
      const closed = this.#functions.close()
      this.#forget()
      after(closed, () => stream.closed(), (reason) => stream.closeFailed(reason))
    }
    #process(stream, chunk) {
      stream.inFlight = stream.writes.shift()
      after(this.#functions.write(chunk), () => {
        stream.inFlight.resolve(undefined)
        stream.inFlight = null
        this.#queue.take()
        if (!stream.closeQueued() && stream.state === 'writable') stream.pressure(this.full())
        this.#advance()
      }, (reason) => {
        if (stream.state === 'writable') this.#forget()
        stream.inFlight.reject(reason)
        stream.inFlight = null
        stream.dealWith(reason)
      })
    }
  }

  class WritableStreamDefaultController {
    #sink
    constructor(given, sink) {
      if (given !== key) throw new TypeError('Illegal constructor: a controller comes with its stream')
      this.#sink = sink
    }
    get signal() { return this.#sink.abortSignal }
    error(reason = undefined) { this.#sink.error(reason) }
  }

  const released = () => new TypeError('the writer was released')
  let stateOf
  let adopt
  const isStream = (value) => value instanceof WritableStream && stateOf(value) !== undefined
  const attempt = (f) => {
    try {
      return f()
    } catch (error) {
      return rejected(error)
    }
  }

  // attach gives a stream a writer: its promises.
  const attach = (stream) => {
    if (stream.writer !== null) throw new TypeError('the stream is locked to a writer')
    const writer = { closed: quiet(), ready: quiet() }
    stream.writer = writer
    if (stream.state === 'writable') {
      if (stream.closeQueued() || !stream.full) writer.ready.resolve(undefined)
    } else if (stream.state === 'erroring') {
      writer.ready.reject(stream.error)
    } else if (stream.state === 'closed') {
      writer.ready.resolve(undefined)
      writer.closed.resolve(undefined)
    } else {
      writer.ready.reject(stream.error)
      writer.closed.reject(stream.error)
    }
    return writer
  }
  const detach = (stream, writer) => {
    const error = released()
    if (writer.ready.settled) writer.ready = quiet()
    writer.ready.reject(error)
    if (writer.closed.settled) writer.closed = quiet()
    writer.closed.reject(error)
    stream.writer = null
  }
  const write = (stream, writer, chunk) => {
    const size = stream.controller.chunkSize(chunk)
    if (stream.writer !== writer) return rejected(released())
    if (stream.state === 'errored') return rejected(stream.error)
    if (stream.closeQueued() || stream.state === 'closed') return rejected(new TypeError('the stream is closed, or about to be'))
    if (stream.state === 'erroring') return rejected(stream.error)
    const promise = stream.add()
    stream.controller.write(chunk, size)
    return promise
  }

  class WritableStreamDefaultWriter {
    #stream
    #writer
    constructor(stream) {
      if (!isStream(stream)) throw new TypeError('a writer needs a WritableStream')
      this.#writer = attach(stateOf(stream))
      this.#stream = stateOf(stream)
    }
    get closed() { return attempt(() => this.#writer.closed.promise) }
    get ready() { return attempt(() => this.#writer.ready.promise) }
    get desiredSize() {
      if (this.#stream === null) throw released()
      const { state } = this.#stream
      if (state === 'errored' || state === 'erroring') return null
      return state === 'closed' ? 0 : this.#stream.controller.room()
    }
    abort(reason = undefined) { return attempt(() => this.#stream === null ? rejected(released()) : this.#stream.abort(reason)) }
    close() { return attempt(() => this.#stream === null ? rejected(released()) : this.#stream.close()) }
    write(chunk = undefined) { return attempt(() => this.#stream === null ? rejected(released()) : write(this.#stream, this.#writer, chunk)) }
    releaseLock() {
      const stream = this.#stream
      if (stream === null) return
      this.#stream = null
      detach(stream, this.#writer)
    }
  }

  const begin = (state, functions, mark, size) => {
    const sink = new Sink(state, functions, size, mark)
    state.controller = sink
    sink.begin(new WritableStreamDefaultController(key, sink))
  }
  // make gives a stream of functions that return promises.
  const make = (functions, mark, size) => {
    const stream = adopt(new Writable())
    begin(stateOf(stream), functions, mark, size)
    return stream
  }

  class WritableStream {
    #state
    constructor(sink = undefined, strategy = undefined) {
      if (sink instanceof Writable) {
        this.#state = sink
        return
      }
      if (sink === null) throw new TypeError('WritableStream: the sink must be an object')
      const given = dictionary(sink, 'WritableStream: the sink') ?? {}
      const options = strategyOf(strategy, 'WritableStream')
      const [abort, close, start] = ['abort', 'close', 'start'].map((name) => method(given, name, 'WritableStream'))
      if (given.type !== undefined) throw new RangeError('WritableStream: the type of a sink must be left out')
      const put = method(given, 'write', 'WritableStream')
      const size = sizeOf(options)
      const mark = markOf(options, 1)
      this.#state = new Writable()
      let controller
      const calls = promised(put, given)
      begin(this.#state, {
        start(c) {
          controller = c
          return start === undefined ? undefined : call(start, given, c)
        },
        write: (chunk) => calls(chunk, controller), close: promised(close, given), abort: promised(abort, given),
      }, mark, size)
    }
    static {
      stateOf = (stream) => #state in stream ? stream.#state : undefined
      adopt = (state) => new WritableStream(state)
    }
    get locked() { return this.#state.writer !== null }
    abort(reason = undefined) {
      return attempt(() => this.#state.writer !== null ? rejected(new TypeError('the stream is locked to a writer')) : this.#state.abort(reason))
    }
    close() {
      return attempt(() => this.#state.writer !== null ? rejected(new TypeError('the stream is locked to a writer')) : this.#state.close())
    }
    getWriter() {
      void this.#state
      return new WritableStreamDefaultWriter(this)
    }
  }

  const classes = { WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController }
  platform(...Object.values(classes))
  return { ...classes, make, stateOf: (stream) => stateOf(stream), isStream, attach, detach, write }
})
