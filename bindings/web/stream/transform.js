// Transform streams, after the Streams standard.
(function (native) {
  'use strict'
  const { after, resolved, rejected, deferred, method, promised, call, dictionary, strategyOf, markOf, sizeOf, platform } = native.base
  const readable = native.readable
  const writable = native.writable
  const key = Symbol('stream')

  // Transform is what a stream holds: two ends and what is between them.
  class Transform {
    source
    target
    #pressure
    #changed
    #functions
    #finishing = null // once flush or cancel was called
    #output // controller of the readable end

    constructor(functions, strategies) {
      this.#functions = functions
      this.#setPressure(true)
      const begun = deferred()
      const { writableMark, writableSize, readableMark, readableSize } = strategies
      this.target = writable.make({
        start: () => begun.promise, write: (chunk) => this.#write(chunk), close: () => this.#close(), abort: (reason) => this.#abort(reason),
      }, writableMark, writableSize)
      this.source = readable.make({
        start: (controller) => {
          this.#output = controller
          return begun.promise
        },
        pull: () => {
          this.#setPressure(false)
          return this.#changed.promise
        },
        cancel: (reason) => this.#cancel(reason),
      }, readableMark, readableSize)
      this.controller = new TransformStreamDefaultController(key, this)
      begun.resolve(functions.start?.(this.controller))
    }
    #setPressure(on) {
      this.#changed?.resolve(undefined)
      this.#changed = deferred()
      this.#pressure = on
    }
    get #readable() { return readable.stateOf(this.source) }
    get #writable() { return writable.stateOf(this.target) }
    room() { return this.#output.desiredSize }

    enqueue(chunk) {
      const state = this.#readable
      if (!state.controller.open()) throw new TypeError('the readable end of the stream is closed')
      try {
        this.#output.enqueue(chunk)
      } catch (error) {
        this.#failWritable(error)
        throw state.error
      }
      const full = !state.controller.wanted()
      if (full !== this.#pressure) this.#setPressure(true)
    }
    fail(error) {
      this.#output.error(error)
      this.#failWritable(error)
    }
    #failWritable(error) {
      this.#functions = undefined
      this.#writable.controller.error(error)
      if (this.#pressure) this.#setPressure(false)
    }
    terminate() {
      if (this.#readable.controller.open()) this.#output.close()
      this.#failWritable(new TypeError('the stream was terminated'))
    }
    #transform(chunk) {
      return after(this.#functions.transform(chunk, this.controller), undefined, (error) => {
        this.fail(error)
        throw error
      })
    }
    #write(chunk) {
      if (!this.#pressure) return this.#transform(chunk)
      return after(this.#changed.promise, () => {
        const target = this.#writable
        if (target.state === 'erroring') throw target.error
        return this.#transform(chunk)
      })
    }
    // One of flush and cancel is called, once; whoever comes later waits for it.
    #finish(call, done) {
      this.#finishing = deferred()
      const { promise } = this.#finishing
      const functions = this.#functions
      const called = call(functions)
      this.#functions = undefined
      after(called, () => done(), (error) => done(true, error))
      return promise
    }
    #close() {
      if (this.#finishing !== null) return this.#finishing.promise
      return this.#finish((f) => f.flush(this.controller), (failed, error) => {
        const end = this.#readable
        if (failed) {
          end.controller.fail(error)
          this.#finishing.reject(error)
        } else if (end.state === 'errored') {
          this.#finishing.reject(end.error)
        } else {
          if (end.controller.open()) end.controller.end()
          this.#finishing.resolve(undefined)
        }
      })
    }
    #abort(reason) {
      if (this.#finishing !== null) return this.#finishing.promise
      return this.#finish((f) => f.cancel(reason), (failed, error) => {
        const end = this.#readable
        if (failed) {
          end.controller.fail(error)
          this.#finishing.reject(error)
        } else if (end.state === 'errored') {
          this.#finishing.reject(end.error)
        } else {
          end.controller.fail(reason)
          this.#finishing.resolve(undefined)
        }
      })
    }
    #cancel(reason) {
      if (this.#finishing !== null) return this.#finishing.promise
      return this.#finish((f) => f.cancel(reason), (failed, error) => {
        const target = this.#writable
        if (failed) {
          this.#failWritable(error)
          this.#finishing.reject(error)
        } else if (target.state === 'errored') {
          this.#finishing.reject(target.error)
        } else {
          this.#failWritable(reason)
          this.#finishing.resolve(undefined)
        }
      })
    }
  }

  class TransformStreamDefaultController {
    #transform
    constructor(given, transform) {
      if (given !== key) throw new TypeError('Illegal constructor: a controller comes with its stream')
      this.#transform = transform
    }
    get desiredSize() { return this.#transform.room() }
    enqueue(chunk = undefined) { this.#transform.enqueue(chunk) }
    error(reason = undefined) { this.#transform.fail(reason) }
    terminate() { this.#transform.terminate() }
  }

  const identity = (chunk, controller) => {
    try {
      controller.enqueue(chunk)
      return resolved(undefined)
    } catch (error) {
      return rejected(error)
    }
  }

  class TransformStream {
    #state
    constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
      if (transformer === null) throw new TypeError('TransformStream: the transformer must be an object')
      const what = 'TransformStream'
      const given = dictionary(transformer, `${what}: the transformer`) ?? {}
      const forWritable = strategyOf(writableStrategy, what)
      const forReadable = strategyOf(readableStrategy, what)
      const cancel = method(given, 'cancel', what)
      const flush = method(given, 'flush', what)
      if (given.readableType !== undefined) throw new RangeError(`${what}: readableType must be left out`)
      const start = method(given, 'start', what)
      const transform = method(given, 'transform', what)
      if (given.writableType !== undefined) throw new RangeError(`${what}: writableType must be left out`)
      const readableMark = markOf(forReadable, 0)
      const readableSize = sizeOf(forReadable)
      const writableMark = markOf(forWritable, 1)
      const writableSize = sizeOf(forWritable)
      this.#state = new Transform({
        start: start && ((c) => call(start, given, c)), transform: transform === undefined ? identity : promised(transform, given),
        flush: promised(flush, given), cancel: promised(cancel, given),
      }, { readableMark, readableSize, writableMark, writableSize })
    }
    get readable() { return this.#state.source }
    get writable() { return this.#state.target }
  }

  const classes = { TransformStream, TransformStreamDefaultController }
  platform(...Object.values(classes))
  return classes
})
