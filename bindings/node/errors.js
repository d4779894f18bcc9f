// Errors as Node's modules throw them: of the same class and with the same code.
// What they say is our own.
(function () {
  'use strict'
  const show = (value) => {
    if (value === null || value === undefined) return String(value)
    if (typeof value === 'string') return JSON.stringify(value.length > 28 ? value.slice(0, 25) + '...' : value)
    if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function'
    if (typeof value === 'object') return value.constructor?.name ? `an instance of ${value.constructor.name}` : 'an object'
    return typeof value === 'bigint' ? `${value}n` : String(value)
  }

  const coded = (Base, code, message, more) => {
    const error = new Base(message)
    error.code = code
    Object.defineProperty(error, 'toString', {
      value() { return `${this.name} [${code}]: ${this.message}` }, writable: true, configurable: true,
    })
    return Object.assign(error, more)
  }
  const type = (name, expected, value) => coded(TypeError, 'ERR_INVALID_ARG_TYPE', `${name} must be ${expected}, got ${show(value)}`)
  const value = (name, given, why, Base = TypeError) => coded(Base, 'ERR_INVALID_ARG_VALUE', `${name} ${why ?? 'is invalid'}, got ${show(given)}`)
  const range = (name, expected, given) => coded(RangeError, 'ERR_OUT_OF_RANGE', `${name} is out of range: it must be ${expected}, got ${show(given)}`)

  const check = {
    func(given, name) { if (typeof given !== 'function') throw type(name, 'a function', given) },
    string(given, name) { if (typeof given !== 'string') throw type(name, 'a string', given) },
    boolean(given, name) { if (typeof given !== 'boolean') throw type(name, 'a boolean', given) },
    object(given, name) { if (given === null || typeof given !== 'object' || Array.isArray(given)) throw type(name, 'an object', given) },
    array(given, name) { if (!Array.isArray(given)) throw type(name, 'an array', given) },
    number(given, name, least = -Infinity, most = Infinity) {
      if (typeof given !== 'number') throw type(name, 'a number', given)
      if (!(given >= least && given <= most)) throw range(name, `between ${least} and ${most}`, given)
    },
    integer(given, name, least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER) {
      if (typeof given !== 'number') throw type(name, 'a number', given)
      if (!Number.isInteger(given)) throw range(name, 'a whole number', given)
      if (given < least || given > most) throw range(name, `between ${least} and ${most}`, given)
    },
    oneOf(given, name, allowed) {
      if (!allowed.includes(given)) throw value(name, given, `must be one of ${allowed.map(show).join(', ')}`)
    },
    signal(given, name) {
      if (given !== undefined && (given === null || typeof given !== 'object' || !('aborted' in given))) throw type(name, 'an AbortSignal', given)
    },
  }

  class AbortError extends Error {
    constructor(message = 'The operation was aborted', options) {
      super(message, options)
      this.name = 'AbortError'
      this.code = 'ABORT_ERR'
    }
  }
  return { show, coded, type, value, range, check, AbortError }
})
