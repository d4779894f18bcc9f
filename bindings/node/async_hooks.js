// node:async_hooks over the values that the VM carries along with each flow of
// control.
(function (native) {
  'use strict'
  const { check, type } = native.errors

  // Calls with the values that flow had, and gives back those of now.
  const within = (flow, callback, self, args) => {
    const before = native.flow()
    native.enter(flow)
    try {
      return Reflect.apply(callback, self, args)
    } finally {
      native.enter(before)
    }
  }

  class AsyncLocalStorage {
    static bind(callback) { return AsyncResource.bind(callback) }
    static snapshot() {
      const flow = native.flow()
      return function runInAsyncScope(callback, ...args) { return within(flow, callback, this, args) }
    }
    getStore() { return native.get(this)?.value }
    run(store, callback, ...args) {
      const before = native.flow()
      native.set(this, { value: store })
      try {
        return Reflect.apply(callback, null, args)
      } finally {
        native.enter(before)
      }
    }
    exit(callback, ...args) {
      const before = native.flow()
      native.set(this)
      try {
        return Reflect.apply(callback, null, args)
      } finally {
        native.enter(before)
      }
    }
    enterWith(store) { native.set(this, { value: store }) }
    disable() { native.set(this) }
  }

  let lastId = 1
  class AsyncResource {
    #flow = native.flow()
    #id = ++lastId
    constructor(name) { check.string(name, 'the type') }
    runInAsyncScope(callback, self, ...args) { return within(this.#flow, callback, self, args) }
    bind(callback, self) {
      check.func(callback, 'the function')
      const resource = this
      const bound = function (...args) { return resource.runInAsyncScope(callback, self ?? this, ...args) }
      Object.defineProperty(bound, 'length', { value: callback.length, configurable: true })
      return bound
    }
    static bind(callback, name, self) {
      if (typeof callback !== 'function') throw type('the function', 'a function', callback)
      return new AsyncResource(name || callback.name || 'bound-anonymous-fn').bind(callback, self)
    }
    emitDestroy() { return this }
    asyncId() { return this.#id }
    triggerAsyncId() { return 1 }
  }
  return { AsyncLocalStorage, AsyncResource }
})
