// node:assert.
(function (native) {
  'use strict'
  const { coded, type, show } = native.errors
  const options = [1000, 80, 1e6, 1e6, 0, true]
  const inspect = (value) => native.inspect(value, ...options)
  const brief = (value) => native.inspect(value, 5, 80, 100, 1000, 3, false)

  // The lines of two texts: + those of the first alone, - those of the second
  // alone.
  const diff = (a, b) => {
    const most = 1000
    a = a.split('\n').slice(0, most)
    b = b.split('\n').slice(0, most)
    const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1])
    }
    const lines = []
    let i = 0, j = 0
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) { lines.push(`  ${a[i]}`); i++; j++ }
      else if (i < a.length && (j >= b.length || longest[i + 1][j] >= longest[i][j + 1])) lines.push(`+ ${a[i++]}`)
      else lines.push(`- ${b[j++]}`)
    }
    return condensed(lines)
  }
  // Long stretches that are the same are left out.
  const condensed = (lines) => {
    const near = 3, shown = lines.map((_, at) => lines.slice(Math.max(0, at - near), at + near + 1).some((line) => line[0] !== ' '))
    const kept = []
    lines.forEach((line, at) => { if (shown[at]) kept.push(line); else if (at === 0 || shown[at - 1]) kept.push('  ...') })
    return kept.join('\n')
  }

  const heads = {
    strictEqual: 'the values are not strictly equal', deepStrictEqual: 'the values are not strictly and deeply equal', deepEqual: 'the values are not loosely and deeply equal', equal: 'the values are not loosely equal',
    notStrictEqual: 'the values are strictly equal', notDeepStrictEqual: 'the values are strictly and deeply equal', notDeepEqual: 'the values are loosely and deeply equal', notEqual: 'the values are loosely equal',
  }
  const signs = { strictEqual: '!==', equal: '!=', '==': '==', '!=': '!=' }
  const generated = (actual, expected, operator) => {
    const head = heads[operator] ?? heads[{ '==': 'equal', '!=': 'notEqual' }[operator]]
    if (head === undefined) return `${brief(actual)} ${operator} ${brief(expected)}`
    if (operator.startsWith('not') || operator === '!=') return `${head}: ${brief(actual)}`
    if (operator === '==') return `${brief(actual)} == ${brief(expected)}`
    const a = inspect(actual), b = inspect(expected)
    if (!a.includes('\n') && !b.includes('\n') && a.length + b.length < 60 && a !== b) return `${head}:\n\n${a} ${signs[operator] ?? 'is not like'} ${b}\n`
    if (a === b) return `${head}, though they look alike:\n\n${a}\n`
    return `${head}:\n+ actual - expected\n\n${diff(a, b)}\n`
  }

  class AssertionError extends Error {
    constructor(given) {
      if (given === null || typeof given !== 'object') throw type('the options', 'an object', given)
      const { message, operator, actual, expected } = given
      super(message !== undefined && message !== null ? String(message) : generated(actual, expected, operator))
      this.generatedMessage = message === undefined || message === null
      Object.defineProperty(this, 'name', { value: 'AssertionError', enumerable: false, writable: true, configurable: true })
      this.code = 'ERR_ASSERTION'
      this.actual = actual
      this.expected = expected
      this.operator = operator
    }
    toString() { return `${this.name} [${this.code}]: ${this.message}` }
  }

  const fail = (actual, expected, message, operator, own) => {
    if (message instanceof Error) throw message
    const error = new AssertionError({ actual, expected, operator, message: message ?? own })
    if (message === undefined || message === null) error.generatedMessage = !spoken.has(operator) || actual !== undefined && operator === 'throws' || actual !== undefined && operator === 'rejects'
    throw error
  }
  // Of these the message is never counted as generated.
  const spoken = new Set(['throws', 'rejects', 'doesNotThrow', 'doesNotReject'])
  const missing = (args, n) => { if (args.length < n) throw coded(TypeError, 'ERR_MISSING_ARGS', `${n} arguments are wanted, got ${args.length}`) }

  function ok(...args) {
    const [value, message] = args
    if (value) return
    if (args.length === 0) fail(value, true, undefined, '==', 'there is no value to assert')
    fail(value, true, message, '==', `${brief(value)} is falsy`)
  }
  const like = (expected, error, message, operator) => {
    if (expected instanceof RegExp) {
      if (expected.test(String(error))) return
      fail(error, expected, message, operator, `the error does not match ${expected}: ${brief(String(error))}`)
    }
    if (typeof expected === 'object') {
      const keys = Object.keys(expected)
      if (expected instanceof Error) keys.push('name', 'message')
      if (keys.length === 0) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'the expected properties must not be empty')
      if (error === null || typeof error !== 'object') fail(error, expected, message, operator, `what was thrown is no object: ${brief(error)}`)
      for (const key of keys) {
        if (typeof error[key] === 'string' && expected[key] instanceof RegExp && expected[key].test(error[key])) continue
        if (!(key in error) || !native.equal(error[key], expected[key], true)) {
          const pick = (from) => Object.fromEntries(keys.filter((name) => name in from).map((name) => [name, from[name]]))
          fail(error, expected, message, operator, generated(pick(error), pick(expected), 'deepStrictEqual'))
        }
      }
      return
    }
    if (expected.prototype !== undefined && error instanceof expected) return
    if (Error.isPrototypeOf(expected)) fail(error, expected, message, operator, `the error is no ${expected.name}: ${brief(error)}`)
    const result = Reflect.apply(expected, {}, [error])
    if (result !== true) fail(error, expected, message, operator, `the function that looks at the error gave ${brief(result)} and not true`)
  }
  const args = (expected, message) => {
    if (typeof expected === 'string') return [undefined, expected]
    if (expected !== undefined && expected !== null && typeof expected !== 'object' && typeof expected !== 'function') throw type('what is expected', 'a function, an Error, a regular expression or an object', expected)
    return [expected ?? undefined, message]
  }
  const nothing = Symbol('nothing')
  const thrown = (callback) => {
    if (typeof callback !== 'function') throw type('the function', 'a function', callback)
    try {
      callback()
    } catch (error) {
      return error
    }
    return nothing
  }
  const rejected = async (promise) => {
    if (typeof promise === 'function') {
      promise = promise()
      if (typeof promise?.then !== 'function') throw coded(TypeError, 'ERR_INVALID_RETURN_VALUE', `the function must return a promise, got ${show(promise)}`)
    }
    if (typeof promise?.then !== 'function') throw type('the promise', 'a function or a promise', promise)
    try {
      await promise
    } catch (error) {
      return error
    }
    return nothing
  }
  const expects = (operator, error, given, expected, message) => {
    if (typeof expected === 'string' && given === 4) throw type('what is expected', 'a function, an Error, a regular expression or an object', expected)
    ;[expected, message] = args(expected, message)
    if (error === nothing) {
      const details = expected?.name ? ` (${expected.name})` : ''
      fail(undefined, expected, message instanceof Error ? message : undefined, operator, `there was no ${operator === 'rejects' ? 'rejection' : 'exception'}${details}${message ? `: ${message}` : ''}`)
    }
    if (expected !== undefined) like(expected, error, message, operator)
  }
  const unwanted = (operator, error, expected, message) => {
    if (error === nothing) return
    ;[expected, message] = args(expected, message)
    const matches = expected === undefined || (expected instanceof RegExp ? expected.test(String(error)) : expected.prototype !== undefined && error instanceof expected || !Error.isPrototypeOf(expected) && Reflect.apply(expected, {}, [error]) === true)
    if (!matches) throw error
    fail(error, expected, undefined, operator, `there was an unwanted ${operator === 'doesNotReject' ? 'rejection' : 'exception'}${message ? `: ${message}` : ''}\nit said: ${JSON.stringify(error?.message)}`)
  }

  const assert = ok
  const methods = {
    AssertionError,
    equal(...a) { missing(a, 2); if (!(a[0] == a[1] || a[0] !== a[0] && a[1] !== a[1])) fail(a[0], a[1], a[2], '==') },
    notEqual(...a) { missing(a, 2); if (a[0] == a[1] || a[0] !== a[0] && a[1] !== a[1]) fail(a[0], a[1], a[2], '!=') },
    strictEqual(...a) { missing(a, 2); if (!Object.is(a[0], a[1])) fail(a[0], a[1], a[2], 'strictEqual') },
    notStrictEqual(...a) { missing(a, 2); if (Object.is(a[0], a[1])) fail(a[0], a[1], a[2], 'notStrictEqual') },
    deepEqual(...a) { missing(a, 2); if (!native.equal(a[0], a[1], false)) fail(a[0], a[1], a[2], 'deepEqual') },
    notDeepEqual(...a) { missing(a, 2); if (native.equal(a[0], a[1], false)) fail(a[0], a[1], a[2], 'notDeepEqual') },
    deepStrictEqual(...a) { missing(a, 2); if (!native.equal(a[0], a[1], true)) fail(a[0], a[1], a[2], 'deepStrictEqual') },
    notDeepStrictEqual(...a) { missing(a, 2); if (native.equal(a[0], a[1], true)) fail(a[0], a[1], a[2], 'notDeepStrictEqual') },
    fail(message) {
      if (message instanceof Error) throw message
      const error = new AssertionError({ message: message ?? 'failed', operator: 'fail' })
      error.generatedMessage = message === undefined
      throw error
    },
    ifError(value) {
      if (value === null || value === undefined) return
      throw new AssertionError({ actual: value, expected: null, operator: 'ifError', message: `an error was not wanted: ${value instanceof Error ? value.message : brief(value)}` })
    },
    match(text, pattern, message) { matching(text, pattern, message, 'match', true) },
    doesNotMatch(text, pattern, message) { matching(text, pattern, message, 'doesNotMatch', false) },
    throws(callback, ...rest) { expects('throws', thrown(callback), arguments.length, ...rest) },
    doesNotThrow(callback, ...rest) { unwanted('doesNotThrow', thrown(callback), ...rest) },
    async rejects(promise, ...rest) { expects('rejects', await rejected(promise), arguments.length, ...rest) },
    async doesNotReject(promise, ...rest) { unwanted('doesNotReject', await rejected(promise), ...rest) },
  }
  const matching = (text, pattern, message, operator, wanted) => {
    if (!(pattern instanceof RegExp)) throw type('the pattern', 'a regular expression', pattern)
    if (typeof text === 'string' && pattern.test(text) === wanted) return
    const own = typeof text !== 'string' ? `the text must be a string, got ${brief(text)}` : `${brief(text)} ${wanted ? 'does not match' : 'matches'} ${pattern}`
    fail(text, pattern, message, operator, own)
  }
  Object.assign(assert, methods, { ok: assert })
  function strict(...a) { ok(...a) }
  Object.assign(strict, methods, { ok: strict, equal: methods.strictEqual, notEqual: methods.notStrictEqual, deepEqual: methods.deepStrictEqual, notDeepEqual: methods.notDeepStrictEqual })
  strict.strict = strict
  assert.strict = strict
  return assert
})
