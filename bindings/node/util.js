// node:util.
(function (native, require) {
  'use strict'
  const { check, coded, type, show, AbortError } = native.errors
  const custom = Symbol.for('nodejs.util.promisify.custom')

  function promisify(original) {
    check.func(original, 'the function')
    const own = original[custom] ?? native.timers(original, require)
    if (own) {
      check.func(own, 'the property util.promisify.custom')
      return Object.defineProperty(own, custom, { value: own, configurable: true })
    }
    const promised = function (...args) {
      return new Promise((resolve, reject) => {
        Reflect.apply(original, this, [...args, (error, ...values) => error ? reject(error) : resolve(values[0])])
      })
    }
    Object.setPrototypeOf(promised, Object.getPrototypeOf(original))
    Object.defineProperty(promised, custom, { value: promised, configurable: true })
    for (const key of Reflect.ownKeys(original)) {
      if (key !== 'prototype') Object.defineProperty(promised, key, { ...Object.getOwnPropertyDescriptor(original, key), configurable: true })
    }
    return promised
  }
  promisify.custom = custom

  function callbackify(original) {
    check.func(original, 'the function')
    const called = function (...args) {
      const callback = args.pop()
      check.func(callback, 'the last argument')
      Reflect.apply(original, this, args).then(
        (value) => queueMicrotask(() => Reflect.apply(callback, this, [null, value])),
        (error) => queueMicrotask(() => Reflect.apply(callback, this, [error || coded(Error, 'ERR_FALSY_VALUE_REJECTION', 'the promise was rejected with a value that is no error', { reason: error })])),
      )
    }
    Object.defineProperty(called, 'name', { value: `${original.name}Callbackified`, configurable: true })
    Object.defineProperty(called, 'length', { value: original.length + 1, configurable: true })
    return called
  }

  const colors = {}
  const codes = {
    reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27], hidden: [8, 28], strikethrough: [9, 29],
    doubleunderline: [21, 24], framed: [51, 54], overlined: [53, 55],
  }
  ;['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'].forEach((name, i) => {
    codes[name] = [30 + i, 39]
    codes[`bg${name[0].toUpperCase()}${name.slice(1)}`] = [40 + i, 49]
    if (name === 'black') return
    codes[`${name}Bright`] = [90 + i, 39]
    codes[`bg${name[0].toUpperCase()}${name.slice(1)}Bright`] = [100 + i, 49]
  })
  codes.gray = codes.grey = codes.blackBright = [90, 39]
  codes.bgGray = codes.bgGrey = codes.bgBlackBright = [100, 49]
  Object.assign(colors, codes)
  const styles = { special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold', string: 'green', symbol: 'green', date: 'magenta', regexp: 'red', module: 'underline' }

  const standard = { showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100, maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false }
  const never = { showHidden: 'name the properties you want to see', showProxy: 'the target of a proxy is shown', getters: 'read the property yourself', numericSeparator: 'use toLocaleString' }
  const count = (value, infinite) => value === null || value === Infinity ? infinite : value
  function inspect(value, options, depth, withColors) {
    if (typeof options === 'boolean') options = { showHidden: options, depth: depth ?? undefined, colors: withColors }
    const all = { ...inspect.defaultOptions }
    for (const key of Object.keys(options ?? {})) if (options[key] !== undefined || key === 'depth') all[key] = options[key]
    if (all.depth === undefined) all.depth = Infinity
    for (const key of Object.keys(never)) if (all[key]) throw new TypeError(`util.inspect: the option ${key} is not there; ${never[key]}`)
    if (all.customInspect === false) throw new TypeError('util.inspect: customInspect cannot be switched off')
    const paint = all.colors && ((kind, text) => {
      const [on, off] = colors[inspect.styles[kind]] ?? []
      return on === undefined ? text : `\u001b[${on}m${text}\u001b[${off}m`
    })
    return native.inspect(value, count(all.depth, -1), count(all.breakLength, 1e6), count(all.maxArrayLength, 1e9), count(all.maxStringLength, 1e9), all.compact === false ? 0 : all.compact === true ? 3 : all.compact, Boolean(all.sorted), paint || undefined)
  }
  inspect.custom = Symbol.for('nodejs.util.inspect.custom')
  inspect.colors = colors
  inspect.styles = styles
  inspect.defaultOptions = standard

  const warned = new Set()
  function deprecate(callback, message, code) {
    check.func(callback, 'the function')
    let told = false
    const deprecated = function (...args) {
      if (!told && !(code && warned.has(code))) {
        told = true
        if (code) warned.add(code)
        console.warn('%s', `DeprecationWarning: ${code ? `[${code}] ` : ''}${message}`)
      }
      return new.target ? Reflect.construct(callback, args, new.target) : Reflect.apply(callback, this, args)
    }
    Object.setPrototypeOf(deprecated, callback)
    if (callback.prototype) deprecated.prototype = callback.prototype
    return deprecated
  }

  function inherits(child, parent) {
    check.func(child, 'the constructor')
    check.func(parent, 'the constructor to inherit from')
    if (parent.prototype === undefined) throw type('the prototype to inherit from', 'an object', parent.prototype)
    Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true })
    Object.setPrototypeOf(child.prototype, parent.prototype)
  }

  const escapes = /[\u001b\u009b][[\]()#;?]*(?:(?:(?:[a-zA-Z\d]*(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?\u0007)|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-ntqry=><~]))/g
  const debuglog = () => Object.assign(() => {}, { enabled: false })
  const types = native.types
  return {
    promisify, callbackify, inspect, deprecate, inherits, types, debuglog, debug: debuglog,
    format: native.format,
    formatWithOptions(options, ...args) {
      check.object(options, 'the options')
      if (typeof args[0] === 'string' && args[0].includes('%')) return native.format(...args)
      return args.map((arg) => typeof arg === 'string' ? arg : inspect(arg, options)).join(' ')
    },
    isDeepStrictEqual: (a, b) => native.equal(a, b, true),
    parseArgs: native.parseArgs(native.errors),
    stripVTControlCharacters(text) { check.string(text, 'the text'); return text.replace(escapes, '') },
    toUSVString: (text) => String(text).toWellFormed(),
    styleText(format, text) {
      check.string(text, 'the text')
      const list = Array.isArray(format) ? format : [format]
      for (const name of list) check.oneOf(name, 'the format', Object.keys(colors))
      return list.reduceRight((inner, name) => `\u001b[${colors[name][0]}m${inner}\u001b[${colors[name][1]}m`, text)
    },
    async aborted(signal, resource) {
      if (signal === undefined) throw type('the signal', 'an AbortSignal', signal)
      check.signal(signal, 'the signal')
      check.object(resource, 'the resource')
      if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }))
    },
    getSystemErrorName(errno) {
      const names = native.errnos()
      return names[-errno]
    },
    isArray: Array.isArray, isBoolean: (v) => typeof v === 'boolean', isNull: (v) => v === null, isNullOrUndefined: (v) => v == null, isNumber: (v) => typeof v === 'number',
    isString: (v) => typeof v === 'string', isSymbol: (v) => typeof v === 'symbol', isUndefined: (v) => v === undefined, isRegExp: types.isRegExp, isDate: types.isDate,
    isObject: (v) => v !== null && typeof v === 'object', isError: (v) => types.isNativeError(v) || v instanceof Error, isFunction: (v) => typeof v === 'function',
    isPrimitive: (v) => v === null || typeof v !== 'object' && typeof v !== 'function',
    TextEncoder, TextDecoder,
  }
})
