// MessageChannel, MessagePort and BroadcastChannel, after the HTML standard,
// within one VM. Nothing here keeps a run alive: a message that is under way is a
// callback of the run, a port that waits for one is nothing.
(function (native) {
  'use strict'
  const { EventTarget, Event, DOMException } = native.events
  const { MessageEvent } = native.messages
  const { structuredClone, setImmediate } = globalThis
  const transferring = Symbol.for('hatchet.transfer')
  const shown = Symbol.for('nodejs.util.inspect.custom')
  const making = Symbol('making')

  let entangle

  // copied gives what the receiver gets of a message, and the ports that move.
  const copied = (message, options) => {
    const transfer = [...(Array.isArray(options) ? options : options?.transfer ?? [])]
    const ports = transfer.filter((value) => value instanceof MessagePort)
    // Together, so that a port in the message is the one in the list.
    const [data, moved] = structuredClone([message, ports], { transfer })
    return { data, ports: moved }
  }

  class MessagePort extends EventTarget {
    #other = null
    #queue = []
    #started = false
    #busy = false
    #gone = false // moved to somewhere else
    #handler = null
    onclose = null
    onmessageerror = null

    constructor(key) {
      if (key !== making) throw new TypeError('a MessagePort comes from a MessageChannel')
      super()
      for (const name of ['onclose', 'onmessageerror']) Object.defineProperty(this, name, { enumerable: false })
    }
    static {
      entangle = (one, other) => {
        one.#other = other
        other.#other = one
      }
    }

    postMessage(message, options) {
      if (arguments.length === 0) throw new TypeError('postMessage needs a message')
      const transfer = Array.isArray(options) ? options : options?.transfer
      if (transfer && [...transfer].includes(this)) throw new DOMException('a port cannot be sent through itself', 'DataCloneError')
      const other = this.#other
      const sent = copied(message, options)
      if (other === null) return
      other.#queue.push(sent)
      other.#deliver()
    }
    // As in Node, a listener starts the port.
    addEventListener(type, callback, options) {
      super.addEventListener(type, callback, options)
      if (type === 'message' && callback) this.start()
    }
    start() {
      this.#started = true
      this.#deliver()
    }
    close() {
      const other = this.#other
      this.#other = null
      this.#queue = []
      if (other === null) return
      other.#other = null
      setImmediate(() => {
        this.dispatchEvent(new Event('close'))
        other.dispatchEvent(new Event('close'))
      })
    }
    ref() { return this }
    unref() { return this }
    hasRef() { return false }
    get onmessage() { return this.#handler }
    set onmessage(handler) {
      this.#handler = typeof handler === 'function' ? handler : null
      if (this.#handler) this.start()
    }

    // One message a turn, so that what it resolves goes on before the next.
    #deliver() {
      if (!this.#started || this.#busy || this.#queue.length === 0) return
      this.#busy = true
      setImmediate(() => {
        this.#busy = false
        const message = this.#queue.shift()
        if (message === undefined) return
        this.#deliver()
        this.dispatchEvent(new MessageEvent('message', { data: message.data, ports: Object.freeze(message.ports), source: null }))
      })
    }

    [transferring]() {
      if (this.#gone) throw new DOMException('the port has been transferred already', 'DataCloneError')
      const moved = new MessagePort(making)
      if (this.#other !== null) entangle(moved, this.#other)
      moved.#queue = this.#queue
      this.#queue = []
      this.#other = null
      this.#gone = true
      return moved
    }
    [shown]() { return 'MessagePort {}' }
  }

  class MessageChannel {
    #ports = [new MessagePort(making), new MessagePort(making)]
    constructor() { entangle(...this.#ports) }
    get port1() { return this.#ports[0] }
    get port2() { return this.#ports[1] }
  }

  // The open channels by name. Those of a run are deaf once it is over.
  const open = new Map()
  const hearing = (name) => {
    const run = native.run()
    const list = (open.get(name) ?? []).filter((channel) => belongs(channel, run))
    open.set(name, list)
    return list
  }
  let belongs, receive

  class BroadcastChannel extends EventTarget {
    #name
    #run
    #closed = false

    constructor(name) {
      if (arguments.length === 0) throw new TypeError('a BroadcastChannel needs a name')
      super()
      this.#name = String(name)
      this.#run = native.run()
      for (const handler of ['onmessage', 'onmessageerror']) Object.defineProperty(this, handler, { value: null, writable: true, configurable: true })
      open.set(this.#name, [...hearing(this.#name), this])
    }
    static {
      belongs = (channel, run) => !channel.#closed && (channel.#run === 0 || channel.#run === run)
      receive = (channel, data) => {
        if (belongs(channel, native.run())) channel.dispatchEvent(new MessageEvent('message', { data }))
      }
    }
    get name() { return this.#name }
    postMessage(message) {
      if (arguments.length === 0) throw new TypeError('postMessage needs a message')
      if (this.#closed) throw new DOMException('the channel is closed', 'InvalidStateError')
      for (const channel of hearing(this.#name)) {
        if (channel === this) continue
        const data = structuredClone(message)
        setImmediate(() => receive(channel, data))
      }
    }
    close() {
      this.#closed = true
      hearing(this.#name)
    }
    ref() { return this }
    unref() { return this }
    [shown]() { return `BroadcastChannel { name: '${this.#name}', active: ${!this.#closed} }` }
  }

  for (const cls of [MessagePort, MessageChannel, BroadcastChannel]) {
    Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  }
  return { MessageChannel, MessagePort, BroadcastChannel }
})
