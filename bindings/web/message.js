// Events that carry something, after the HTML and WebSocket standards.
(function (native) {
  'use strict'
  const { Event } = native.events

  const carrying = (name, defaults, read) => {
    const made = {
      [name]: class extends Event {
        constructor(type, init = {}) {
          super(type, init)
          for (const key of Object.keys(defaults)) {
            const value = init?.[key]
            Object.defineProperty(this, key, { value: value === undefined ? defaults[key] : read(key, value), enumerable: true })
          }
        }
      },
    }[name]
    Object.defineProperty(made.prototype, Symbol.toStringTag, { value: name, configurable: true })
    return made
  }
  const kinds = { wasClean: Boolean, code: (n) => Number(n) & 0xffff, reason: String, message: String, filename: String, lineno: Number, colno: Number, origin: String, lastEventId: String }
  const read = (key, value) => (kinds[key] ?? ((v) => v))(value)

  return {
    MessageEvent: carrying('MessageEvent', { data: null, origin: '', lastEventId: '', source: null, ports: Object.freeze([]) }, read),
    CloseEvent: carrying('CloseEvent', { wasClean: false, code: 0, reason: '' }, read),
    ErrorEvent: carrying('ErrorEvent', { message: '', filename: '', lineno: 0, colno: 0, error: undefined }, read),
  }
})
