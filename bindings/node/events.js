// node:events.
(function (native, require) {
  'use strict'
  const { check, type, coded, AbortError, show } = native.errors
  const errorMonitor = Symbol('events.errorMonitor')
  const rejection = Symbol.for('nodejs.rejection')
  const capture = Symbol('captureRejections')
  let standardMax = 10, standardCapture = false

  function EventEmitter(options) { EventEmitter.init.call(this, options) }
  const prototype = EventEmitter.prototype
  prototype._events = undefined
  prototype._eventsCount = 0
  prototype._maxListeners = undefined
  const hide = (target, name, value) => Object.defineProperty(target, name, { value, writable: true, configurable: true })

  EventEmitter.init = function (options) {
    if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
      this._events = Object.create(null)
      this._eventsCount = 0
    }
    this._maxListeners ??= undefined
    if (options?.captureRejections !== undefined) check.boolean(options.captureRejections, 'options.captureRejections')
    const capturing = Boolean(options?.captureRejections ?? standardCapture)
    if (capturing) hide(this, capture, true)
  }

  const listOf = (emitter, event) => {
    const kept = emitter._events?.[event]
    return kept === undefined ? [] : typeof kept === 'function' ? [kept] : kept
  }
  const keep = (emitter, event, list) => {
    if (list.length === 0) {
      delete emitter._events[event]
      emitter._eventsCount--
    } else emitter._events[event] = list.length === 1 ? list[0] : list
  }
  const inner = (listener) => listener.listener ?? listener

  const add = (emitter, event, listener, first) => {
    check.func(listener, 'the listener')
    if (emitter._events === undefined) {
      emitter._events = Object.create(null)
      emitter._eventsCount = 0
    } else if (emitter._events.newListener !== undefined) emitter.emit('newListener', event, inner(listener))
    const before = listOf(emitter, event)
    if (before.length === 0) emitter._eventsCount++
    const list = first ? [listener, ...before] : [...before, listener]
    keep(emitter, event, list)
    const most = emitter.getMaxListeners()
    if (most > 0 && list.length > most && !emitter._warned?.has(event)) {
      if (!emitter._warned) hide(emitter, '_warned', new Set())
      emitter._warned.add(event)
      console.warn('%s', `MaxListenersExceededWarning: ${list.length} listeners of ${String(event)} were added to ${show(emitter)}: use setMaxListeners if none of them leaks`)
    }
    return emitter
  }
  const onlyOnce = (emitter, event, listener) => {
    check.func(listener, 'the listener')
    let fired = false
    const wrapped = function (...args) {
      if (fired) return
      fired = true
      emitter.removeListener(event, wrapped)
      return Reflect.apply(listener, emitter, args)
    }
    wrapped.listener = listener
    return wrapped
  }

  // What an async listener rejects with goes to the emitter.
  const follow = (emitter, result, event, args) => {
    if (typeof result?.then !== 'function') return
    result.then(undefined, (error) => {
      queueMicrotask(() => {
        if (typeof emitter[rejection] === 'function') return emitter[rejection](error, event, ...args)
        const before = emitter[capture]
        hide(emitter, capture, false)
        try {
          emitter.emit('error', error)
        } finally {
          hide(emitter, capture, before)
        }
      })
    })
  }
  const unhandled = (args) => {
    const error = args[0]
    if (error instanceof Error) return error
    return coded(Error, 'ERR_UNHANDLED_ERROR', `nobody listens for the event error (${typeof error === 'string' ? `'${error}'` : show(error)})`, { context: error })
  }

  const methods = {
    emit(event, ...args) {
      if (event === 'error') {
        if (this._events?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args)
        if (this._events?.error === undefined) throw unhandled(args)
      }
      const kept = this._events?.[event]
      if (kept === undefined) return false
      if (typeof kept === 'function') {
        const result = Reflect.apply(kept, this, args)
        if (this[capture] && result !== undefined && result !== null) follow(this, result, event, args)
        return true
      }
      for (const listener of [...kept]) {
        const result = Reflect.apply(listener, this, args)
        if (this[capture] && result !== undefined && result !== null) follow(this, result, event, args)
      }
      return true
    },
    on(event, listener) { return add(this, event, listener, false) },
    prependListener(event, listener) { return add(this, event, listener, true) },
    once(event, listener) { return this.on(event, onlyOnce(this, event, listener)) },
    prependOnceListener(event, listener) { return this.prependListener(event, onlyOnce(this, event, listener)) },
    removeListener(event, listener) {
      check.func(listener, 'the listener')
      const list = listOf(this, event)
      for (let i = list.length - 1; i >= 0; i--) {
        if (list[i] !== listener && list[i].listener !== listener) continue
        keep(this, event, [...list.slice(0, i), ...list.slice(i + 1)])
        if (this._events.removeListener !== undefined) this.emit('removeListener', event, inner(list[i]))
        break
      }
      return this
    },
    removeAllListeners(event) {
      if (this._events === undefined) return this
      const events = arguments.length > 0 ? [event] : Reflect.ownKeys(this._events).filter((name) => name !== 'removeListener')
      if (this._events.removeListener === undefined) {
        if (arguments.length === 0) { this._events = Object.create(null); this._eventsCount = 0 }
        else if (this._events[event] !== undefined) keep(this, event, [])
        return this
      }
      for (const name of events) for (const listener of [...listOf(this, name)].reverse()) this.removeListener(name, listener)
      if (arguments.length === 0) this.removeAllListeners('removeListener')
      return this
    },
    listeners(event) { return listOf(this, event).map(inner) },
    rawListeners(event) { return [...listOf(this, event)] },
    listenerCount(event, listener) {
      const list = listOf(this, event)
      return listener == null ? list.length : list.filter((other) => other === listener || other.listener === listener).length
    },
    eventNames() { return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [] },
    setMaxListeners(n) {
      check.number(n, 'the number of listeners', 0)
      this._maxListeners = n
      return this
    },
    getMaxListeners() { return this._maxListeners ?? standardMax },
  }
  for (const name of Object.keys(methods)) prototype[name] = methods[name]
  prototype.addListener = prototype.on
  prototype.off = prototype.removeListener

  // Listens on an emitter or an EventTarget; what it returns takes that back.
  const listen = (emitter, event, listener, options) => {
    if (typeof emitter?.on === 'function') {
      emitter[options?.once ? 'once' : 'on'](event, listener)
      return () => emitter.removeListener(event, listener)
    }
    if (typeof emitter?.addEventListener !== 'function') throw type('the emitter', 'an EventEmitter or an EventTarget', emitter)
    emitter.addEventListener(event, listener, options)
    return () => emitter.removeEventListener(event, listener)
  }

  const once = async (emitter, event, options = {}) => {
    check.object(options, 'the options')
    const { signal } = options
    check.signal(signal, 'options.signal')
    if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason })
    return new Promise((resolve, reject) => {
      const undo = []
      const done = (settle) => (value) => { for (const f of undo) f(); settle(value) }
      const finish = done(resolve), fail = done(reject)
      undo.push(listen(emitter, event, (...args) => finish(args), { once: true }))
      if (event !== 'error' && typeof emitter.on === 'function') undo.push(listen(emitter, 'error', fail, { once: true }))
      if (signal) undo.push(listen(signal, 'abort', () => fail(new AbortError(undefined, { cause: signal.reason })), { once: true }))
    })
  }

  const on = (emitter, event, options = {}) => {
    check.object(options, 'the options')
    const { signal, close = [] } = options
    check.signal(signal, 'options.signal')
    if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason })
    const events = [], waiting = [], undo = []
    let failure, finished = false
    const end = () => {
      if (!finished) for (const f of undo) f()
      finished = true
      for (const { resolve } of waiting.splice(0)) resolve({ value: undefined, done: true })
      return Promise.resolve({ value: undefined, done: true })
    }
    const fail = (error) => {
      if (waiting.length > 0) waiting.shift().reject(error)
      else failure = { error }
      end()
    }
    undo.push(listen(emitter, event, (...args) => {
      if (waiting.length > 0) waiting.shift().resolve({ value: args, done: false })
      else events.push(args)
    }))
    if (event !== 'error' && typeof emitter.on === 'function') undo.push(listen(emitter, 'error', fail))
    for (const name of close) undo.push(listen(emitter, name, end))
    if (signal) undo.push(listen(signal, 'abort', () => fail(new AbortError(undefined, { cause: signal.reason })), { once: true }))
    return {
      next() {
        if (events.length > 0) return Promise.resolve({ value: events.shift(), done: false })
        if (failure) {
          const { error } = failure
          failure = undefined
          return Promise.reject(error)
        }
        if (finished) return end()
        return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
      },
      return: end,
      throw(error) { if (!(error instanceof Error)) throw type('the error', 'an Error', error); fail(error); return Promise.resolve({ value: undefined, done: true }) },
      [Symbol.asyncIterator]() { return this },
    }
  }

  const statics = {
    once, on, errorMonitor, captureRejectionSymbol: rejection, usingDomains: false,
    listenerCount: (emitter, event) => emitter.listenerCount(event),
    getEventListeners(emitter, event) {
      if (typeof emitter?.listeners === 'function') return emitter.listeners(event)
      throw type('the emitter', 'an EventEmitter', emitter)
    },
    getMaxListeners(emitter) {
      if (typeof emitter?.getMaxListeners === 'function') return emitter.getMaxListeners()
      throw type('the emitter', 'an EventEmitter', emitter)
    },
    setMaxListeners(n = standardMax, ...emitters) {
      check.number(n, 'the number of listeners', 0)
      if (emitters.length === 0) standardMax = n
      for (const emitter of emitters) {
        if (typeof emitter?.setMaxListeners === 'function') emitter.setMaxListeners(n)
        else if (!(emitter instanceof EventTarget)) throw type('the emitters', 'EventEmitters or EventTargets', emitter)
      }
    },
    addAbortListener(signal, listener) {
      if (signal === undefined) throw type('the signal', 'an AbortSignal', signal)
      check.signal(signal, 'the signal')
      check.func(listener, 'the listener')
      if (signal.aborted) queueMicrotask(() => listener())
      const undo = signal.aborted ? () => {} : listen(signal, 'abort', listener, { once: true })
      return { [Symbol.dispose]() { undo() } }
    },
  }
  Object.assign(EventEmitter, statics)
  EventEmitter.EventEmitter = EventEmitter
  Object.defineProperty(EventEmitter, 'defaultMaxListeners', {
    get: () => standardMax, set(n) { check.number(n, 'defaultMaxListeners', 0); standardMax = n }, enumerable: true,
  })
  Object.defineProperty(EventEmitter, 'captureRejections', {
    get: () => standardCapture, set(value) { check.boolean(value, 'captureRejections'); standardCapture = value }, enumerable: true,
  })

  EventEmitter.EventEmitterAsyncResource = class EventEmitterAsyncResource extends EventEmitter {
    #resource
    constructor(options) {
      super(options)
      const { AsyncResource } = require('node:async_hooks')
      this.#resource = new AsyncResource(typeof options === 'string' ? options : options?.name ?? new.target.name)
    }
    emit(event, ...args) { return this.#resource.runInAsyncScope(super.emit, this, event, ...args) }
    emitDestroy() { this.#resource.emitDestroy() }
    get asyncId() { return this.#resource.asyncId() }
    get triggerAsyncId() { return this.#resource.triggerAsyncId() }
    get asyncResource() { return this.#resource }
  }
  return EventEmitter
})
