// What goja lacks of the language, and the guards around what could hold or kill
// the process. Evaluated once in every VM: definitions only, no work.
(function (native) {
  'use strict'
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false })
  const fill = (target, members) => {
    for (const name of Object.keys(members)) if (!(name in target)) define(target, name, members[name])
  }

  // The registered symbols are what code lowered by the bundler falls back to.
  for (const name of ['asyncIterator', 'dispose', 'asyncDispose']) {
    if (!Symbol[name]) {
      Object.defineProperty(Symbol, name, { value: Symbol.for('Symbol.' + name), writable: false, configurable: false, enumerable: false })
    }
  }

  fill(Promise, {
    withResolvers() {
      let resolve, reject
      const promise = new this((a, b) => { resolve = a; reject = b })
      return { promise, resolve, reject }
    },
    try(callback, ...args) {
      return new this((resolve) => resolve(callback(...args)))
    },
  })

  const group = (items, callback, add) => {
    let index = 0
    for (const item of items) add(callback(item, index++), item)
  }
  fill(Object, {
    groupBy(items, callback) {
      const groups = Object.create(null)
      group(items, callback, (key, item) => { (groups[key] ??= []).push(item) })
      return groups
    },
  })
  fill(Map, {
    groupBy(items, callback) {
      const groups = new Map()
      group(items, callback, (key, item) => { groups.has(key) ? groups.get(key).push(item) : groups.set(key, [item]) })
      return groups
    },
  })

  fill(Array, {
    async fromAsync(source, map, self) {
      const result = []
      const add = async (value) => { result.push(map ? await map.call(self, value, result.length) : value) }
      const make = source[Symbol.asyncIterator] ?? source[Symbol.iterator]
      if (make === undefined) {
        for (let i = 0; i < source.length; i++) await add(await source[i])
        return result
      }
      const iterator = make.call(source)
      for (let step = await iterator.next(); !step.done; step = await iterator.next()) await add(await step.value)
      return result
    },
  })

  fill(String.prototype, {
    isWellFormed() { return !lone.test(String(this)) },
    toWellFormed() { return String(this).replace(lones, '\uFFFD') },
  })
  const lone = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/
  const lones = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

  if (!('transfer' in ArrayBuffer.prototype)) {
    define(ArrayBuffer.prototype, 'transfer', function transfer(length = this.byteLength) {
      const moved = new ArrayBuffer(length)
      new Uint8Array(moved).set(new Uint8Array(this, 0, Math.min(length, this.byteLength)))
      return moved
    })
  }

  fill(Error, {
    captureStackTrace(target) { define(target, 'stack', new Error(target.message).stack) },
    stackTraceLimit: 30,
  })

  // A strong reference: goja cannot see the collector. Nothing is ever finalized.
  fill(globalThis, {
    WeakRef: class WeakRef {
      #target
      constructor(target) { this.#target = target }
      deref() { return this.#target }
    },
    FinalizationRegistry: class FinalizationRegistry {
      register() {}
      unregister() { return false }
    },
  })

  // Iterator helpers.
  const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
  const callable = (f) => { if (typeof f !== 'function') throw new TypeError(String(f) + ' is not a function'); return f }
  const amount = (n) => {
    n = Number(n)
    if (Number.isNaN(n) || n < 0) throw new RangeError(n + ' must be positive')
    return Math.trunc(n)
  }
  const wrap = function* (iterator, body) {
    let finished = false
    try {
      const next = () => { const step = iterator.next(); finished = !!step.done; return step }
      yield* body(next)
    } finally {
      if (!finished) iterator.return?.()
    }
  }
  const each = (iterator, visit) => {
    for (let index = 0, step = iterator.next(); !step.done; step = iterator.next()) {
      let stop
      try { stop = visit(step.value, index++) } catch (error) { iterator.return?.(); throw error }
      if (stop) { iterator.return?.(); return }
    }
  }
  fill(IteratorPrototype, {
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
  })
  if (!('Iterator' in globalThis)) {
    const Iterator = function Iterator() {}
    Iterator.prototype = IteratorPrototype
    define(Iterator, 'from', function from(source) {
      const iterator = source[Symbol.iterator]?.() ?? source
      return iterator instanceof Iterator ? iterator : wrap(iterator, function* (next) { for (let s = next(); !s.done; s = next()) yield s.value })
    })
    define(globalThis, 'Iterator', Iterator)
  }

  define(globalThis, 'structuredClone', function structuredClone(value, options) {
    if (arguments.length === 0) throw new TypeError('structuredClone needs a value')
    return clone(value, new Map())
  })
  const refuse = (what) => {
    const error = new Error(what + ' could not be cloned.')
    error.name = 'DataCloneError'
    return error
  }
  const clone = (value, seen) => {
    if (typeof value === 'function' || typeof value === 'symbol') throw refuse(String(value))
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return seen.get(value)
    const keep = (copy) => { seen.set(value, copy); return copy }
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (tag === 'Date') return keep(new Date(value.getTime()))
    if (tag === 'RegExp') return keep(new RegExp(value.source, value.flags))
    if (tag === 'ArrayBuffer') return keep(value.slice(0))
    if (ArrayBuffer.isView(value)) {
      const buffer = clone(value.buffer, seen)
      return keep(new value.constructor(buffer, value.byteOffset, tag === 'DataView' ? value.byteLength : value.length))
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
    for (const key of Object.keys(value)) copy[key] = clone(value[key], seen)
    return copy
  }
  const errors = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }
  const cloneError = (value, seen, keep) => {
    const copy = keep(new (errors[value.name] ?? Error)(value.message))
    define(copy, 'stack', value.stack)
    if ('cause' in value) define(copy, 'cause', clone(value.cause, seen))
    return copy
  }

  // goja takes \p{…} for the letter p: such patterns are written out.
  const NativeRegExp = RegExp
  const Wrapped = function RegExp(pattern, flags) {
    if (typeof pattern === 'string' && flags !== undefined && pattern.includes('\\') && String(flags).includes('u')) {
      pattern = native.unicode(pattern)
    }
    if (new.target === undefined) return NativeRegExp(pattern, flags)
    return Reflect.construct(NativeRegExp, [pattern, flags], new.target === Wrapped ? NativeRegExp : new.target)
  }
  adopt(Wrapped, NativeRegExp)
  fill(Wrapped, {
    escape(text) {
      if (typeof text !== 'string') throw new TypeError('RegExp.escape needs a string')
      return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/^[0-9a-zA-Z]/, (c) => '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0'))
        .replace(/[-,=<>#&!%:;@~'`"\s]/g, (c) => (c.charCodeAt(0) < 256 ? '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0') : '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')))
    },
  })

  // Source text is measured before goja's parser recurses into it.
  const NativeFunction = Function
  const kinds = [NativeFunction, async function () {}.constructor, function* () {}.constructor]
  for (const Kind of kinds) {
    const Checked = function (...args) {
      for (const arg of args) native.source(String(arg))
      return Reflect.construct(Kind, args, new.target === undefined || new.target === Checked ? Kind : new.target)
    }
    Object.defineProperty(Checked, 'name', { value: Kind.name, configurable: true })
    adopt(Checked, Kind)
  }
  const nativeEval = globalThis.eval
  define(globalThis, 'eval', { eval(text) {
    if (typeof text === 'string') native.source(text)
    return nativeEval(text)
  } }.eval)

  const NativeBuffer = ArrayBuffer
  const Bounded = function ArrayBuffer(length, options) {
    native.bytes('ArrayBuffer', Number(length))
    return Reflect.construct(NativeBuffer, [length, options], new.target === Bounded ? NativeBuffer : new.target)
  }
  adopt(Bounded, NativeBuffer)

  // adopt puts a wrapper in the place of a constructor: the same prototype, the
  // same static members, and instances that name the wrapper.
  function adopt(wrapper, original) {
    for (const key of Reflect.ownKeys(original)) {
      if (key === 'prototype' || key === 'length' || key === 'name' || key === 'caller' || key === 'arguments') continue
      Object.defineProperty(wrapper, key, Object.getOwnPropertyDescriptor(original, key))
    }
    wrapper.prototype = original.prototype
    Object.defineProperty(wrapper, 'prototype', { writable: false })
    Object.defineProperty(original.prototype, 'constructor', { value: wrapper, writable: true, configurable: true, enumerable: false })
    if (globalThis[original.name] === original) define(globalThis, original.name, wrapper)
  }
})
