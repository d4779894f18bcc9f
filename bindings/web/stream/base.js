// What all kinds of streams stand on: promises that scripts cannot tamper with,
// queues of chunks with sizes, and strategies.
(function () {
  'use strict'
  const { apply } = Reflect
  const then = Promise.prototype.then
  const noop = () => {}

  // after calls back when a promise settles, whatever became of Promise.prototype.
  const after = (promise, fulfilled, rejected) => apply(then, promise, [fulfilled, rejected])
  const handled = (promise) => {
    after(promise, undefined, noop)
    return promise
  }
  const resolved = (value) => new Promise((resolve) => resolve(value))
  const rejected = (reason) => new Promise((_, reject) => reject(reason))
  const deferred = () => {
    const d = { settled: false }
    d.promise = new Promise((resolve, reject) => {
      d.resolve = (value) => { d.settled = true; resolve(value) }
      d.reject = (reason) => { d.settled = true; reject(reason) }
    })
    return d
  }
  // A deferred whose rejection nobody has to notice.
  const quiet = () => {
    const d = deferred()
    handled(d.promise)
    return d
  }

  // method gives a method of an underlying object as a function that returns a
  // promise; what it throws rejects.
  const method = (object, name, what) => {
    const f = object?.[name]
    if (f === undefined) return undefined
    if (typeof f !== 'function') throw new TypeError(`${what}: ${name} must be a function`)
    return f
  }
  const promised = (f, object) => f === undefined
    ? () => resolved(undefined)
    : (...args) => {
      try {
        return resolved(apply(f, object, args))
      } catch (error) {
        return rejected(error)
      }
    }

  // Queue holds chunks in order; taking from its front costs no copy.
  class Queue {
    #items = []
    #from = 0
    total = 0
    get length() { return this.#items.length - this.#from }
    put(value, size) {
      const amount = Number(size)
      if (!(amount >= 0 && amount < Infinity)) throw new RangeError(`the size of a chunk must be a finite number from 0, got ${size}`)
      this.#items.push({ value, size: amount })
      this.total += amount
    }
    peek() { return this.#items[this.#from].value }
    take() {
      const { value, size } = this.#items[this.#from]
      this.#items[this.#from++] = undefined
      if (this.#from > 1024 && this.#from * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#from)
        this.#from = 0
      }
      this.total = Math.max(0, this.total - size)
      return value
    }
    clear() {
      this.#items = []
      this.#from = 0
      this.total = 0
    }
  }

  // call calls f without asking it for a method of its own.
  const call = (f, object, ...args) => apply(f, object, args)

  const dictionary = (value, what) => {
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError(`${what} must be an object`)
    return value
  }
  // strategyOf reads a strategy; marks and sizes are judged later, by markOf and
  // sizeOf.
  const strategyOf = (strategy, what) => {
    const given = dictionary(strategy, `${what}: the strategy`)
    const mark = given?.highWaterMark
    const highWaterMark = mark === undefined ? undefined : Number(mark)
    const size = given?.size
    if (size !== undefined && typeof size !== 'function') throw new TypeError(`${what}: size must be a function`)
    return { highWaterMark, size }
  }
  const markOf = ({ highWaterMark: mark = undefined }, usual) => {
    if (mark === undefined) return usual
    if (!(mark >= 0)) throw new RangeError(`highWaterMark must be a number from 0, got ${mark}`)
    return mark
  }
  const sizeOf = ({ size }) => size === undefined ? () => 1 : (chunk) => size(chunk)

  const strategy = (name, size) => {
    Object.defineProperty(size, 'name', { value: 'size' })
    const made = {
      [name]: class {
        #mark
        constructor(init) {
          if (init === null || typeof init !== 'object' && typeof init !== 'function') throw new TypeError(`${name} needs { highWaterMark }`)
          if (init.highWaterMark === undefined) throw new TypeError(`${name} needs a highWaterMark`)
          this.#mark = Number(init.highWaterMark)
        }
        get highWaterMark() { return this.#mark }
        get size() { return #mark in this ? size : undefined }
      },
    }[name]
    return made
  }
  const CountQueuingStrategy = strategy('CountQueuingStrategy', { size() { return 1 } }.size)
  const ByteLengthQueuingStrategy = strategy('ByteLengthQueuingStrategy', { size(chunk) { return chunk.byteLength } }.size)

  // shown makes members enumerable, as those of the platform are, and names the
  // class.
  const platform = (...classes) => {
    for (const cls of classes) {
      for (const key of Object.getOwnPropertyNames(cls.prototype)) {
        if (key !== 'constructor') Object.defineProperty(cls.prototype, key, { enumerable: true })
      }
      Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
    }
  }
  platform(CountQueuingStrategy, ByteLengthQueuingStrategy)

  return {
    after, handled, resolved, rejected, deferred, quiet, method, promised, Queue, call, dictionary, strategyOf, markOf, sizeOf, platform,
    CountQueuingStrategy, ByteLengthQueuingStrategy,
  }
})
