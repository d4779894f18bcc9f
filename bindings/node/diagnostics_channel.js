// node:diagnostics_channel.
(function (native) {
  'use strict'
  const { check, type } = native.errors
  const channels = new Map()
  class Channel {
    #subscribers = []
    constructor(name) { this.name = name }
    get hasSubscribers() { return this.#subscribers.length > 0 }
    subscribe(listener) { check.func(listener, 'the subscriber'); this.#subscribers = [...this.#subscribers, listener] }
    unsubscribe(listener) {
      const at = this.#subscribers.indexOf(listener)
      if (at < 0) return false
      this.#subscribers = this.#subscribers.filter((_, i) => i !== at)
      return true
    }
    publish(message) {
      // One subscriber's error does not stop the others; it fails the task.
      for (const listener of this.#subscribers) {
        try {
          listener(message, this.name)
        } catch (error) {
          Promise.reject(error)
        }
      }
    }
    bindStore(store, transform) { this.stores ??= new Map(); this.stores.set(store, transform) }
    unbindStore(store) { return this.stores?.delete(store) ?? false }
    runStores(message, callback, self, ...args) {
      let run = () => { this.publish(message); return Reflect.apply(callback, self, args) }
      for (const [store, transform] of this.stores ?? []) {
        const inner = run
        run = () => store.run(transform ? transform(message) : message, inner)
      }
      return run()
    }
  }
  const channel = (name) => {
    if (typeof name !== 'string' && typeof name !== 'symbol') throw type('the channel', 'a string or a symbol', name)
    if (!channels.has(name)) channels.set(name, new Channel(name))
    return channels.get(name)
  }
  const tracingChannel = (given) => {
    const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error']
    const traced = {}
    for (const name of names) traced[name] = typeof given === 'string' ? channel(`tracing:${given}:${name}`) : given[name]
    const { start, end, asyncStart, asyncEnd, error } = traced
    const fail = (context, problem) => { context.error = problem; error.publish(context) }
    return Object.assign(traced, {
      get hasSubscribers() { return names.some((name) => traced[name].hasSubscribers) },
      subscribe(handlers) { for (const name of names) if (handlers[name]) traced[name].subscribe(handlers[name]) },
      unsubscribe(handlers) { return names.map((name) => !handlers[name] || traced[name].unsubscribe(handlers[name])).every(Boolean) },
      traceSync(callback, context = {}, self, ...args) {
        return start.runStores(context, () => {
          try {
            return context.result = Reflect.apply(callback, self, args)
          } catch (problem) {
            fail(context, problem)
            throw problem
          } finally {
            end.publish(context)
          }
        })
      },
      tracePromise(callback, context = {}, self, ...args) {
        const settle = (problem, failed) => { if (failed) fail(context, problem); asyncStart.publish(context); asyncEnd.publish(context) }
        return start.runStores(context, () => {
          try {
            return Promise.resolve(Reflect.apply(callback, self, args)).then((result) => { context.result = result; settle(); return result }, (problem) => { settle(problem, true); throw problem })
          } catch (problem) {
            fail(context, problem)
            throw problem
          } finally {
            end.publish(context)
          }
        })
      },
    })
  }
  return {
    channel, Channel, tracingChannel,
    hasSubscribers: (name) => channels.get(name)?.hasSubscribers ?? false,
    subscribe: (name, listener) => channel(name).subscribe(listener),
    unsubscribe: (name, listener) => channel(name).unsubscribe(listener),
  }
})
