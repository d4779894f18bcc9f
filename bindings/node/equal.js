// Whether two values are alike, as assert.deepEqual and deepStrictEqual say.
(function () {
  'use strict'
  const tagOf = (value) => Object.prototype.toString.call(value)
  const same = (a, b, strict) => strict ? Object.is(a, b) : a == b || (a !== a && b !== b)
  const keysOf = (value, elements) => {
    const keys = Object.keys(value)
    return elements ? keys.filter((key) => !/^(0|[1-9][0-9]*)$/.test(key)) : keys
  }
  const symbolsOf = (value) => Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
  const boxed = [Number, String, Boolean, BigInt, Symbol]

  const equal = (a, b, strict, pairs) => {
    if (a === b) return a !== 0 || !strict || Object.is(a, b)
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
      const plain = (typeof a !== 'object' || a === null) && (typeof b !== 'object' || b === null)
      return plain && same(a, b, strict)
    }
    if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
    if (tagOf(a) !== tagOf(b) || Array.isArray(a) !== Array.isArray(b)) return false
    for (const pair of pairs) if (pair[0] === a) return pair[1] === b
    pairs.push([a, b])
    const result = alike(a, b, strict, pairs)
    pairs.pop()
    return result
  }

  const alike = (a, b, strict, pairs) => {
    let elements = false
    if (Array.isArray(a)) {
      if (a.length !== b.length) return false
      elements = true
    } else if (a instanceof Date && b instanceof Date) {
      if (!Object.is(a.getTime(), b.getTime())) return false
    } else if (a instanceof RegExp && b instanceof RegExp) {
      if (String(a) !== String(b) || a.lastIndex !== b.lastIndex) return false
    } else if (a instanceof Error || b instanceof Error) {
      if (!(a instanceof Error) || !(b instanceof Error) || a.message !== b.message || a.name !== b.name) return false
      for (const key of ['cause', 'errors']) {
        if (Object.hasOwn(a, key) !== Object.hasOwn(b, key) || !equal(a[key], b[key], strict, pairs)) return false
      }
    } else if (ArrayBuffer.isView(a)) {
      if (!ArrayBuffer.isView(b) || a.byteLength !== b.byteLength) return false
      const views = a instanceof DataView ? [new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength)] : [a, b]
      for (let i = 0; i < views[0].length; i++) if (!same(views[0][i], views[1][i], strict)) return false
      elements = true
    } else if (a instanceof ArrayBuffer) {
      return b instanceof ArrayBuffer && equal(new Uint8Array(a), new Uint8Array(b), strict, pairs)
    } else if (a instanceof Map) {
      if (!(b instanceof Map) || a.size !== b.size || !maps(a, b, strict, pairs)) return false
    } else if (a instanceof Set) {
      if (!(b instanceof Set) || a.size !== b.size || !sets(a, b, strict, pairs)) return false
    } else if (boxed.some((Class) => a instanceof Class)) {
      const inner = (value) => Symbol.prototype.isPrototypeOf(value) ? Symbol.prototype.valueOf.call(value) : value.valueOf()
      if (!Object.is(inner(a), inner(b))) return false
      elements = a instanceof String
    } else if (a instanceof Promise || a instanceof WeakMap || a instanceof WeakSet) return false
    return properties(a, b, strict, pairs, elements)
  }

  const properties = (a, b, strict, pairs, elements) => {
    const keys = keysOf(a, elements && !Array.isArray(a))
    if (keys.length !== keysOf(b, elements && !Array.isArray(a)).length) return false
    for (const key of keys) if (!Object.prototype.propertyIsEnumerable.call(b, key)) return false
    if (strict) {
      const symbols = symbolsOf(a)
      if (symbols.length !== symbolsOf(b).length) return false
      for (const symbol of symbols) if (!Object.prototype.propertyIsEnumerable.call(b, symbol)) return false
      keys.push(...symbols)
    }
    return keys.every((key) => equal(a[key], b[key], strict, pairs))
  }

  const sets = (a, b, strict, pairs) => {
    const rest = []
    for (const item of a) {
      if (!b.has(item)) {
        if (strict && (typeof item !== 'object' || item === null)) return false
        rest.push(item)
      }
    }
    if (rest.length === 0) return true
    const others = [...b].filter((item) => !a.has(item))
    return rest.every((item) => {
      const at = others.findIndex((other) => equal(item, other, strict, pairs))
      if (at >= 0) others.splice(at, 1)
      return at >= 0
    })
  }
  const maps = (a, b, strict, pairs) => {
    const rest = []
    for (const [key, item] of a) {
      if (b.has(key)) {
        if (!equal(item, b.get(key), strict, pairs)) return false
      } else {
        if (strict && (typeof key !== 'object' || key === null)) return false
        rest.push([key, item])
      }
    }
    const others = [...b].filter(([key]) => !a.has(key))
    return rest.every(([key, item]) => {
      const at = others.findIndex(([other, value]) => equal(key, other, strict, pairs) && equal(item, value, strict, pairs))
      if (at >= 0) others.splice(at, 1)
      return at >= 0
    })
  }
  return (a, b, strict) => equal(a, b, strict, [])
})
