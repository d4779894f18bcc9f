// Events and abort signals, after the DOM standard, without a tree to bubble in.
(function (native) {
  'use strict'

  const codes = {
    IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
    NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10,
    InvalidStateError: 11, SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14,
    InvalidAccessError: 15, TypeMismatchError: 17, SecurityError: 18, NetworkError: 19, AbortError: 20,
    URLMismatchError: 21, QuotaExceededError: 22, TimeoutError: 23, InvalidNodeTypeError: 24, DataCloneError: 25,
  }

  class DOMException extends Error {
    #name
    constructor(message = '', options = 'Error') {
      super(message)
      const named = typeof options === 'object' && options !== null
      this.#name = String((named ? options.name : options) ?? 'Error')
      if (named && 'cause' in options) {
        Object.defineProperty(this, 'cause', { value: options.cause, writable: true, configurable: true })
      }
    }
    get name() { return this.#name }
    get code() { return codes[this.#name] ?? 0 }
  }
  const constants = [
    'INDEX_SIZE', 'DOMSTRING_SIZE', 'HIERARCHY_REQUEST', 'WRONG_DOCUMENT', 'INVALID_CHARACTER', 'NO_DATA_ALLOWED', 'NO_MODIFICATION_ALLOWED',
    'NOT_FOUND', 'NOT_SUPPORTED', 'INUSE_ATTRIBUTE', 'INVALID_STATE', 'SYNTAX', 'INVALID_MODIFICATION', 'NAMESPACE', 'INVALID_ACCESS',
    'VALIDATION', 'TYPE_MISMATCH', 'SECURITY', 'NETWORK', 'ABORT', 'URL_MISMATCH', 'QUOTA_EXCEEDED', 'TIMEOUT', 'INVALID_NODE_TYPE', 'DATA_CLONE',
  ]
  constants.forEach((name, i) => {
    for (const owner of [DOMException, DOMException.prototype]) Object.defineProperty(owner, name + '_ERR', { value: i + 1, enumerable: true })
  })
  Object.defineProperty(DOMException.prototype, Symbol.toStringTag, { value: 'DOMException', configurable: true })

  const internal = Symbol('event')

  class Event {
    constructor(type, options = {}) {
      if (arguments.length === 0) throw new TypeError('an Event needs a type')
      this[internal] = { target: null, stopped: false, prevented: false, dispatching: false, trusted: false }
      Object.defineProperty(this, internal, { enumerable: false })
      const fixed = {
        type: String(type), bubbles: Boolean(options?.bubbles), cancelable: Boolean(options?.cancelable),
        composed: Boolean(options?.composed), timeStamp: native.now(),
      }
      for (const key of Object.keys(fixed)) Object.defineProperty(this, key, { value: fixed[key], enumerable: true })
    }
    get target() { return this[internal].target }
    get currentTarget() { return this[internal].dispatching ? this[internal].target : null }
    get srcElement() { return this[internal].target }
    get eventPhase() { return this[internal].dispatching ? 2 : 0 }
    get defaultPrevented() { return this[internal].prevented }
    get returnValue() { return !this[internal].prevented }
    get isTrusted() { return this[internal].trusted }
    composedPath() { return this[internal].dispatching ? [this[internal].target] : [] }
    preventDefault() { if (this.cancelable) this[internal].prevented = true }
    stopPropagation() {}
    stopImmediatePropagation() { this[internal].stopped = true }
  }

  class CustomEvent extends Event {
    constructor(type, options = {}) {
      super(type, options)
      Object.defineProperty(this, 'detail', { value: options?.detail ?? null, enumerable: true })
    }
  }

  const changed = Symbol('changed')
  const listens = Symbol('listens')

  class EventTarget {
    #listeners = new Map()

    addEventListener(type, callback, options) {
      if (callback === null || callback === undefined) return
      if (typeof callback !== 'function' && typeof callback !== 'object') {
        throw new TypeError('addEventListener: the listener must be a function or an object with handleEvent')
      }
      const { once = false, capture = false, signal } = typeof options === 'object' && options ? options : { capture: Boolean(options) }
      if (signal?.aborted) return
      const list = this.#listeners.get(type) ?? []
      if (list.some((l) => l.callback === callback && l.capture === Boolean(capture))) return
      list.push({ callback, once: Boolean(once), capture: Boolean(capture), removed: false })
      this.#listeners.set(String(type), list)
      this[changed]?.()
      signal?.addEventListener('abort', () => this.removeEventListener(type, callback, { capture }), { once: true })
    }

    removeEventListener(type, callback, options) {
      const capture = Boolean(typeof options === 'object' && options ? options.capture : options)
      const list = this.#listeners.get(type)
      const index = list?.findIndex((l) => l.callback === callback && l.capture === capture) ?? -1
      if (index < 0) return
      list[index].removed = true
      this.#listeners.set(type, list.filter((l) => !l.removed))
      this[changed]?.()
    }

    [listens](type) { return Boolean(this.#listeners.get(type)?.length) }

    dispatchEvent(event) {
      if (!(event instanceof Event)) throw new TypeError('dispatchEvent needs an Event')
      const state = event[internal]
      if (state.dispatching) throw new DOMException('the event is being dispatched already', 'InvalidStateError')
      state.target = this
      state.dispatching = true
      state.stopped = false
      try {
        this.#call(event, state)
      } finally {
        state.dispatching = false
      }
      return !state.prevented
    }

    #call(event, state) {
      const handler = this['on' + event.type]
      const list = [...(this.#listeners.get(event.type) ?? [])]
      if (typeof handler === 'function') list.unshift({ callback: handler })
      for (const listener of list) {
        if (listener.removed) continue
        if (listener.once) this.removeEventListener(event.type, listener.callback, { capture: listener.capture })
        try {
          if (typeof listener.callback === 'function') listener.callback.call(this, event)
          else listener.callback.handleEvent(event)
        } catch (error) {
          // As everywhere, one listener's error does not stop the others; it
          // fails the run as an unhandled rejection does.
          Promise.reject(error)
        }
        if (state.stopped) return
      }
    }
  }

  let constructing = null
  const abort = Symbol('abort')

  class AbortSignal extends EventTarget {
    #aborted = false
    #reason = undefined
    #followers = []
    #handler = null
    #watch

    constructor() {
      if (!constructing) throw new TypeError('an AbortSignal comes from an AbortController, AbortSignal.timeout or AbortSignal.any')
      super()
      this.#watch = constructing.watch
    }
    get aborted() { return this.#aborted }
    get reason() { return this.#reason }
    get onabort() { return this.#handler }
    set onabort(handler) {
      this.#handler = typeof handler === 'function' ? handler : null
      this[changed]()
    }
    throwIfAborted() { if (this.#aborted) throw this.#reason }

    [Symbol.for('nodejs.util.inspect.custom')]() { return `AbortSignal { aborted: ${this.#aborted} }` }

    // Tells whoever made the signal whether somebody waits for it.
    [changed]() {
      this.#watch?.(!this.#aborted && (this[listens]('abort') || this.#handler !== null || this.#followers.length > 0))
    }

    [abort](reason = new DOMException('This operation was aborted', 'AbortError')) {
      if (this.#aborted) return
      this.#aborted = true
      this.#reason = reason
      const followers = this.#followers
      this.#followers = []
      this.dispatchEvent(new Event('abort'))
      for (const follower of followers) follower[abort](reason)
      this[changed]()
    }

    static abort(reason) {
      const signal = make()
      signal[abort](reason)
      return signal
    }
    static timeout(ms) {
      if (!(ms >= 0) || ms > Number.MAX_SAFE_INTEGER) throw new TypeError('AbortSignal.timeout needs a number of milliseconds')
      const signal = make()
      setTimeout(() => signal[abort](new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms)
      return signal
    }
    static any(signals) {
      const signal = make()
      const sources = [...signals]
      for (const source of sources) {
        if (!(source instanceof AbortSignal)) throw new TypeError('AbortSignal.any needs a list of AbortSignals')
        if (source.aborted) {
          signal[abort](source.reason)
          return signal
        }
      }
      for (const source of sources) {
        source.#followers.push(signal)
        source[changed]()
      }
      return signal
    }
  }

  const make = (watch) => {
    constructing = { watch }
    try {
      return new AbortSignal()
    } finally {
      constructing = null
    }
  }

  let watching
  class AbortController {
    #signal = make(watching)
    get signal() { return this.#signal }
    abort(reason) { this.#signal[abort](reason) }
  }

  // hears tells whether somebody listens to a target for a type.
  const hears = (target, type) => target[listens](type) || typeof target['on' + type] === 'function'

  const tag = (cls) => Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  for (const cls of [Event, CustomEvent, EventTarget, AbortSignal, AbortController]) tag(cls)

  // watchedController makes a controller that tells watch whether somebody waits
  // for its signal.
  const watchedController = (watch) => {
    watching = watch
    try {
      return new AbortController()
    } finally {
      watching = undefined
    }
  }

  return { Event, CustomEvent, EventTarget, AbortSignal, AbortController, DOMException, watchedController, hears }
})
