// What goja lacks of the language: the functions that language.go names, by
// where they belong. Evaluated in a VM when the first of them is called.
(() => {
  'use strict'
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false })
  const callable = (f) => { if (typeof f !== 'function') throw new TypeError(String(f) + ' is not a function'); return f }

  const group = (items, callback, add) => {
    callable(callback)
    let index = 0
    for (const item of items) add(callback(item, index++), item)
  }
  // Where the first half of a pair without the other is, from an index on; -1 is
  // nowhere. A regular expression would not tell halves from pairs.
  const lone = (string, from = 0) => {
    for (let i = from; i < string.length; i++) {
      const unit = string.charCodeAt(i)
      if (unit < 0xd800 || unit > 0xdfff) continue
      const next = unit < 0xdc00 ? string.charCodeAt(i + 1) : 0
      if (!(next >= 0xdc00 && next <= 0xdfff)) return i
      i++
    }
    return -1
  }
  const mended = (string) => {
    let result = ''
    let from = 0
    for (let at = lone(string); at >= 0; at = lone(string, from)) {
      result += string.slice(from, at) + '\uFFFD'
      from = at + 1
    }
    return result + string.slice(from)
  }
  const hex = (c, digits) => c.charCodeAt(0).toString(16).padStart(digits, '0')
  const escaped = (c) => (c.charCodeAt(0) < 256 ? '\\x' + hex(c, 2) : '\\u' + hex(c, 4))
  // A text becomes a String object when it is "this" of anything but a strict
  // function; these are strict.
  const text = (self, method) => {
    if (self === undefined || self === null) throw new TypeError('String.prototype.' + method + ' called on null or undefined')
    return String(self)
  }

  const constructs = (f) => {
    try { return typeof f === 'function' && Boolean(Reflect.construct(Object, [], f)) } catch { return false }
  }
  const fromList = async (build, list, put) => {
    const length = Math.min(Math.max(Math.trunc(Number(list.length)) || 0, 0), Number.MAX_SAFE_INTEGER)
    const result = new build(length)
    for (let i = 0; i < length; i++) await put(result, i, await list[i])
    result.length = length
    return result
  }

  const additions = {
    'Promise.withResolvers'() {
      let resolve, reject
      const promise = new this((a, b) => { resolve = a; reject = b })
      return { promise, resolve, reject }
    },
    'Promise.try'(callback, ...args) {
      return new this((resolve) => resolve(callback(...args)))
    },
    'Object.groupBy'(items, callback) {
      const groups = Object.create(null)
      group(items, callback, (key, item) => { (groups[key] ??= []).push(item) })
      return groups
    },
    'Map.groupBy'(items, callback) {
      const groups = new Map()
      group(items, callback, (key, item) => { groups.has(key) ? groups.get(key).push(item) : groups.set(key, [item]) })
      return groups
    },
    async 'Array.fromAsync'(source, map, self) {
      if (map !== undefined) callable(map)
      const build = constructs(this) ? this : Array
      const put = async (result, index, value) => {
        if (map !== undefined) value = await map.call(self, value, index)
        Object.defineProperty(result, index, { value, writable: true, enumerable: true, configurable: true })
      }
      const asynchronous = source[Symbol.asyncIterator]
      const make = asynchronous ?? source[Symbol.iterator]
      if (make === undefined || make === null) return fromList(build, source, put)
      const result = new build()
      const iterator = make.call(source)
      const { next } = iterator
      for (let index = 0; ; index++) {
        const step = await Reflect.apply(next, iterator, [])
        if (typeof step !== 'object' && typeof step !== 'function' || step === null) throw new TypeError('next must return an object')
        if (step.done) {
          result.length = index
          return result
        }
        try {
          const value = step.value
          await put(result, index, asynchronous ? value : await value)
        } catch (error) {
          try { await iterator.return?.() } catch {}
          throw error
        }
      }
    },
    'RegExp.escape'(string) {
      if (typeof string !== 'string') throw new TypeError('RegExp.escape needs a string')
      return string
        .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
        .replace(/^[0-9a-zA-Z]/, escaped)
        .replace(/[-,=<>#&!%:;@~'`"\s]/g, escaped)
    },
    'String.prototype.isWellFormed'() { return lone(text(this, 'isWellFormed')) < 0 },
    'String.prototype.toWellFormed'() { return mended(text(this, 'toWellFormed')) },
    'globalThis.structuredClone'(value, options = undefined) {
      if (arguments.length === 0) throw new TypeError('structuredClone needs a value')
      const moving = options?.transfer === undefined ? [] : [...options.transfer]
      if (moving.length === 0) return clone(value, new Map())
      if (new Set(moving).size !== moving.length) throw refuse('A value to be transferred twice')
      const seen = new Map()
      for (const one of moving) {
        if (one instanceof ArrayBuffer ? one.detached : typeof one?.[transferring] !== 'function') throw refuse('A value to be transferred that is no ArrayBuffer or port, or detached,')
        seen.set(one, one) // until nothing can fail any more
      }
      const rehearsed = new Map(seen)
      rehearsed.views = seen.views = new Map() // a view of what has moved does not know its place any more
      clone(value, rehearsed)
      for (const one of moving) seen.set(one, one instanceof ArrayBuffer ? one.transfer() : one[transferring]())
      return clone(value, seen)
    },
  }

  // A strong reference: goja cannot see the collector. Nothing is ever finalized.
  const targets = new WeakMap()
  additions.WeakRef = class WeakRef {
    constructor(target) {
      if (typeof target !== 'object' && typeof target !== 'function' || target === null) throw new TypeError('WeakRef: the target must be an object')
      targets.set(this, target)
    }
    deref() { return targets.get(this) }
  }
  additions.FinalizationRegistry = class FinalizationRegistry {
    constructor(cleanup) { callable(cleanup) }
    register() {}
    unregister() { return false }
  }

  const amount = (n) => {
    n = Number(n)
    if (Number.isNaN(n) || n < 0) throw new RangeError(n + ' must be positive')
    return Math.trunc(n)
  }
  // stepper reads the method next once, as the standard has it.
  const stepper = (iterator) => {
    if (typeof iterator !== 'object' && typeof iterator !== 'function' || iterator === null) throw new TypeError('an iterator must be an object')
    const { next } = iterator
    return () => {
      const step = Reflect.apply(next, iterator, [])
      if (typeof step !== 'object' && typeof step !== 'function' || step === null) throw new TypeError('next must return an object')
      return step
    }
  }
  const wrap = (iterator, body) => {
    const take = stepper(iterator)
    return (function* () {
      let finished = false
      try {
        const next = () => {
          finished = true // an iterator that throws is not closed
          const step = take()
          finished = !!step.done
          return step
        }
        yield* body(next)
      } finally {
        if (!finished) iterator.return?.()
      }
    })()
  }
  const each = (iterator, visit) => {
    const next = stepper(iterator)
    for (let index = 0, step = next(); !step.done; step = next()) {
      let stop
      try { stop = visit(step.value, index++) } catch (error) { iterator.return?.(); throw error }
      if (stop) { iterator.return?.(); return }
    }
  }
  const helpers = {
    map(f) { callable(f); return wrap(this, function* (next) { for (let i = 0, s = next(); !s.done; s = next()) yield f(s.value, i++) }) },
    filter(f) { callable(f); return wrap(this, function* (next) { for (let i = 0, s = next(); !s.done; s = next()) if (f(s.value, i++)) yield s.value }) },
    take(n) { n = amount(n); return wrap(this, function* (next) { for (let left = n; left > 0; left--) { const s = next(); if (s.done) return; yield s.value } }) },
    drop(n) { n = amount(n); return wrap(this, function* (next) { for (let i = 0, s = next(); !s.done; s = next()) if (i++ >= n) yield s.value }) },
    flatMap(f) { callable(f); return wrap(this, function* (next) { for (let i = 0, s = next(); !s.done; s = next()) yield* f(s.value, i++) }) },
    reduce(f, ...initial) {
      callable(f)
      let value, has = initial.length > 0
      if (has) value = initial[0]
      each(this, (item, index) => { if (has) value = f(value, item, index); else { value = item; has = true } })
      if (!has) throw new TypeError('reduce of an empty iterator with no initial value')
      return value
    },
    toArray() { const list = []; each(this, (item) => { list.push(item) }); return list },
    forEach(f) { callable(f); each(this, (item, index) => { f(item, index) }) },
    some(f) { callable(f); let found = false; each(this, (item, index) => (found = !!f(item, index))); return found },
    every(f) { callable(f); let all = true; each(this, (item, index) => !(all = !!f(item, index))); return all },
    find(f) { callable(f); let found; each(this, (item, index) => { if (f(item, index)) { found = item; return true } }); return found },
  }
  for (const name of Object.keys(helpers)) additions['Iterator.prototype.' + name] = helpers[name]

  const Iterator = additions.Iterator = function Iterator() {
    if (new.target === undefined || new.target === Iterator) throw new TypeError('Iterator is abstract: extend it')
  }
  Iterator.prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
  define(Iterator, 'from', function from(source) {
    const iterator = source[Symbol.iterator]?.() ?? source
    return iterator instanceof Iterator ? iterator : wrap(iterator, function* (next) { for (let s = next(); !s.done; s = next()) yield s.value })
  })

  for (const name of ['WeakRef', 'FinalizationRegistry', 'Iterator']) {
    Object.defineProperty(additions[name].prototype, Symbol.toStringTag, { value: name, writable: true, configurable: true })
  }

  // What Error.prepareStackTrace is given, as far as packages look at it.
  class CallSite {
    #at
    constructor(at) { this.#at = at }
    getFileName() { return this.#at[1] }
    getScriptNameOrSourceURL() { return this.#at[1] }
    getLineNumber() { return this.#at[2] }
    getColumnNumber() { return this.#at[3] }
    getFunctionName() { return this.#at[0] || null }
    getMethodName() { return null }
    getTypeName() { return null }
    getThis() {}
    getFunction() {}
    getEvalOrigin() {}
    isNative() { return false }
    isEval() { return false }
    isToplevel() { return !this.#at[0] }
    isConstructor() { return false }
    isAsync() { return false }
    toString() { const [name, ...at] = this.#at; return name ? name + ' (' + at.join(':') + ')' : at.join(':') }
  }
  additions.callSites = (frames) => frames.map((at) => new CallSite(at))

  const refuse = (what) => {
    if (typeof DOMException === 'function') return new DOMException(what + ' could not be cloned.', 'DataCloneError')
    const error = new Error(what + ' could not be cloned.')
    error.name = 'DataCloneError'
    return error
  }
  const transferring = Symbol.for('hatchet.transfer') // the method of ports
  // Objects of the web, by their tags: some can be cloned, most cannot.
  const never = (value, tag) => { throw refuse('#<' + tag + '>') }
  const platform = {
    Blob: (blob) => blob.slice(0, blob.size, blob.type),
    File: (file) => new File([file], file.name, { type: file.type, lastModified: file.lastModified }),
    DOMException: (error) => new DOMException(error.message, error.name),
  }
  for (const tag of [
    'URL', 'URLSearchParams', 'URLPattern', 'Headers', 'Request', 'Response', 'FormData', 'Event', 'CustomEvent', 'MessageEvent', 'CloseEvent', 'ErrorEvent', 'EventTarget',
    'AbortSignal', 'AbortController', 'ReadableStream', 'WritableStream', 'TransformStream', 'MessagePort', 'MessageChannel', 'BroadcastChannel', 'WebSocket',
    'EventSource', 'TextEncoder', 'TextDecoder', 'WeakRef', 'FinalizationRegistry',
  ]) platform[tag] = never
  const clone = (value, seen) => {
    if (typeof value === 'function' || typeof value === 'symbol') throw refuse(String(value))
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return seen.get(value)
    const keep = (copy) => { seen.set(value, copy); return copy }
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    const ofPlatform = platform[tag]
    if (ofPlatform !== undefined && typeof globalThis[tag] === 'function' && value instanceof globalThis[tag]) return keep(ofPlatform(value, tag))
    if (tag === 'Date') return keep(new Date(value.getTime()))
    if (tag === 'RegExp') return keep(new RegExp(value.source, value.flags))
    if (tag === 'ArrayBuffer') return keep(value.slice(0))
    if (ArrayBuffer.isView(value)) {
      const buffer = clone(value.buffer, seen)
      const place = seen.views?.get(value) ?? [value.byteOffset, tag === 'DataView' ? value.byteLength : value.length]
      seen.views?.set(value, place)
      return keep(new value.constructor(buffer, ...place))
    }
    if (tag === 'Boolean' || tag === 'Number' || tag === 'String' || tag === 'BigInt') return keep(Object(value.valueOf()))
    if (value instanceof Map) {
      const copy = keep(new Map())
      for (const [key, item] of [...value]) copy.set(clone(key, seen), clone(item, seen))
      return copy
    }
    if (value instanceof Set) {
      const copy = keep(new Set())
      for (const item of [...value]) copy.add(clone(item, seen))
      return copy
    }
    if (value instanceof Error) return cloneError(value, seen, keep)
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) throw refuse('#<' + tag + '>')
    const copy = keep(Array.isArray(value) ? new Array(value.length) : {})
    for (const key of Object.keys(value)) {
      const item = clone(value[key], seen)
      if (key === '__proto__') Object.defineProperty(copy, key, { value: item, writable: true, configurable: true, enumerable: true })
      else copy[key] = item
    }
    return copy
  }
  const errors = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }
  const cloneError = (value, seen, keep) => {
    const copy = keep(new (errors[value.name] ?? Error)(value.message))
    define(copy, 'stack', value.stack)
    if ('cause' in value) define(copy, 'cause', clone(value.cause, seen))
    return copy
  }
  return additions
})()
