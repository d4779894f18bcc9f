// expect: what a test says must hold, and the words when it does not.
const host = $native('hatchet:test')

export class AssertionError extends Error {
  constructor(message, run) {
    super(message)
    Object.defineProperty(this, 'name', { value: 'AssertionError', configurable: true, writable: true })
    if (run) Object.defineProperty(this, 'run', { value: run })
  }
}

const kind = (v) => (v === null ? 'null' : Array.isArray(v) ? 'array' : typeof v)
const tag = (v) => Object.prototype.toString.call(v)
const own = (o) => Reflect.ownKeys(o).filter((k) => Object.getOwnPropertyDescriptor(o, k).enumerable)

// ---- asymmetric matchers ----

class Asymmetric {
  constructor(text, matches) { this.text = text; this.matches = matches }
  toString() { return this.text }
}
const asymmetric = (v) => v instanceof Asymmetric
const typeNames = new Map([[String, 'string'], [Number, 'number'], [Boolean, 'boolean'], [BigInt, 'bigint'], [Symbol, 'symbol'], [Function, 'function']])
const isA = (type, v) => (typeNames.has(type) ? typeof v === typeNames.get(type) || v instanceof type : type === Object ? typeof v === 'object' && v !== null : v instanceof type)

const asymmetrics = {
  anything: () => new Asymmetric('anything', (v) => v !== null && v !== undefined),
  any(type) {
    if (typeof type !== 'function') throw new TypeError('expect.any: give a class, such as String')
    return new Asymmetric(`any ${type.name}`, (v) => isA(type, v))
  },
  objectContaining: (part) => new Asymmetric(`object containing ${host.inspect(part)}`, (v) => contains(v, part)),
  arrayContaining: (list) => new Asymmetric(`array containing ${host.inspect(list)}`, (v) => Array.isArray(v) && list.every((w) => v.some((x) => equals(x, w)))),
  stringContaining: (part) => new Asymmetric(`string containing ${host.inspect(part)}`, (v) => typeof v === 'string' && v.includes(part)),
  stringMatching: (pattern) => new Asymmetric(`string matching ${pattern}`, (v) => typeof v === 'string' && new RegExp(pattern).test(v)),
  closeTo: (n, digits = 2) => new Asymmetric(`number close to ${n}`, (v) => typeof v === 'number' && Math.abs(v - n) < 10 ** -digits / 2),
}

// ---- equality ----

// equals compares by content. strict also tells undefined properties, holes and
// classes apart.
export function equals(a, b, strict = false, seen = []) {
  if (asymmetric(b)) return b.matches(a)
  if (asymmetric(a)) return a.matches(b)
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || tag(a) !== tag(b)) return false
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  for (const [x, y] of seen) if (x === a) return y === b
  return sameContent(a, b, strict, [...seen, [a, b]])
}

function sameContent(a, b, strict, seen) {
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime())
  if (a instanceof RegExp) return String(a) === String(b)
  if (a instanceof Error) return a.name === b.name && a.message === b.message
  if (a instanceof Map) return a.size === b.size && [...a].every(([k, v]) => sameEntry(b, k, v, strict, seen))
  if (a instanceof Set) return a.size === b.size && [...a].every((v) => b.has(v) || [...b].some((w) => equals(v, w, strict, seen)))
  if (a instanceof ArrayBuffer) return equals(new Uint8Array(a), new Uint8Array(b), strict, seen)
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    if (a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!equals(a[i], b[i], strict, seen) || (strict && i in a !== i in b)) return false
    if (ArrayBuffer.isView(a)) return true
  }
  const keys = (o) => own(o).filter((k) => strict || o[k] !== undefined)
  const left = keys(a), right = keys(b)
  return left.length === right.length && left.every((k) => right.includes(k) && equals(a[k], b[k], strict, seen))
}

function sameEntry(map, key, value, strict, seen) {
  if (map.has(key)) return equals(value, map.get(key), strict, seen)
  for (const [k, v] of map) if (equals(key, k, strict, seen) && equals(value, v, strict, seen)) return true
  return false
}

// contains says whether value has all that part has, at any depth.
export function contains(value, part, seen = []) {
  if (asymmetric(part)) return part.matches(value)
  if (kind(part) === 'array') return Array.isArray(value) && value.length === part.length && part.every((p, i) => contains(value[i], p, seen))
  if (kind(part) !== 'object' || tag(part) !== '[object Object]') return equals(value, part)
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  for (const [x, y] of seen) if (x === value) return y === part
  return own(part).every((k) => k in value && contains(value[k], part[k], [...seen, [value, part]]))
}

// ---- words ----

const show = (v) => (asymmetric(v) ? v.text : host.inspect(v))

// difference is a line by line comparison of two values as printed.
function difference(expected, received) {
  const a = show(expected).split('\n'), b = show(received).split('\n')
  if (a.length === 1 && b.length === 1) return `\nexpected: ${a[0]}\nreceived: ${b[0]}`
  return '\n- expected\n+ received\n\n' + lines(a, b).join('\n')
}

const maxLines = 400
function lines(a, b) {
  if (a.length > maxLines || b.length > maxLines) return [...a.slice(0, 40).map((l) => '- ' + l), ...b.slice(0, 40).map((l) => '+ ' + l), '  …']
  const length = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) length[i][j] = a[i] === b[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1])
  }
  const out = []
  let i = 0, j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { out.push('  ' + a[i]); i++; j++ }
    else if (i < a.length && (j === b.length || length[i + 1][j] >= length[i][j + 1])) out.push('- ' + a[i++])
    else out.push('+ ' + b[j++])
  }
  return out
}

// ---- matchers ----

// Each gives { pass, expected?, diff?, text?, run? }: whether it holds and what
// to say if that is not what was wanted.
const matchers = {
  toBe: (v, w) => ({ pass: Object.is(v, w), expected: w, diff: true, text: Object.is(v, w) || !equals(v, w) ? '' : 'equal, but not the same object; use toEqual to compare contents' }),
  toEqual: (v, w) => ({ pass: equals(v, w), expected: w, diff: true }),
  toStrictEqual: (v, w) => ({ pass: equals(v, w, true), expected: w, diff: true }),
  toMatchObject(v, w) {
    if (typeof w !== 'object' || w === null) throw new TypeError('toMatchObject: give an object')
    return { pass: contains(v, w), expected: w, diff: true }
  },
  toBeDefined: (v) => ({ pass: v !== undefined }),
  toBeUndefined: (v) => ({ pass: v === undefined }),
  toBeNull: (v) => ({ pass: v === null }),
  toBeNaN: (v) => ({ pass: Number.isNaN(v) }),
  toBeTruthy: (v) => ({ pass: !!v }),
  toBeFalsy: (v) => ({ pass: !v }),
  toBeGreaterThan: (v, w) => ({ pass: v > w, expected: w }),
  toBeGreaterThanOrEqual: (v, w) => ({ pass: v >= w, expected: w }),
  toBeLessThan: (v, w) => ({ pass: v < w, expected: w }),
  toBeLessThanOrEqual: (v, w) => ({ pass: v <= w, expected: w }),
  toBeCloseTo: (v, w, digits = 2) => ({ pass: v === w || Math.abs(v - w) < 10 ** -digits / 2, expected: w }),
  toBeInstanceOf(v, type) {
    if (typeof type !== 'function') throw new TypeError('toBeInstanceOf: give a class')
    return { pass: v instanceof type, text: `expected an instance of ${type.name}` }
  },
  toBeTypeOf: (v, name) => ({ pass: typeof v === name, expected: name }),
  toBeOneOf: (v, list) => ({ pass: list.some((w) => equals(v, w)), expected: list }),
  toContain: (v, w) => ({ pass: typeof v === 'string' ? v.includes(w) : [...iterable(v, 'toContain')].includes(w), expected: w }),
  toContainEqual: (v, w) => ({ pass: [...iterable(v, 'toContainEqual')].some((x) => equals(x, w)), expected: w }),
  toHaveLength(v, n) {
    if (v === null || v === undefined || typeof v.length !== 'number') throw new TypeError(`toHaveLength: ${host.inspect(v)} has no length`)
    return { pass: v.length === n, text: `expected length ${n}, it has ${v.length}` }
  },
  toHaveProperty(v, path, ...want) {
    let at = v
    const keys = Array.isArray(path) ? path : String(path).split('.')
    const found = keys.every((k) => at !== null && at !== undefined && k in Object(at) && ((at = at[k]), true))
    const pass = found && (want.length === 0 || equals(at, want[0]))
    return { pass, text: found ? `${keys.join('.')} is ${host.inspect(at)}` : `there is no ${keys.join('.')}`, expected: want[0] }
  },
  toMatch(v, pattern) {
    if (typeof v !== 'string') throw new TypeError(`toMatch: ${host.inspect(v)} is not a string`)
    return { pass: typeof pattern === 'string' ? v.includes(pattern) : pattern.test(v), text: `expected ${host.inspect(pattern)}` }
  },
  toSatisfy: (v, predicate) => ({ pass: !!predicate(v) }),
  toThrow: (v, want) => thrown(v, want),
  toThrowError: (v, want) => thrown(v, want),
}

function iterable(v, name) {
  if (v === null || v === undefined || typeof v[Symbol.iterator] !== 'function') throw new TypeError(`${name}: ${host.inspect(v)} is no list`)
  return v
}

// rejected marks what expect(…).rejects found, so that toThrow can look at it.
class Rejected { constructor(reason) { this.reason = reason } }

function thrown(v, want) {
  let reason, threw = true
  if (v instanceof Rejected) reason = v.reason
  else {
    if (typeof v !== 'function') throw new TypeError('toThrow: give a function that is to throw, or a promise with expect(…).rejects')
    try { v(); threw = false } catch (e) { reason = e }
  }
  if (!threw) return { pass: false, text: 'nothing was thrown' }
  return { pass: fits(reason, want), text: `thrown: ${host.inspect(reason)}`, expected: want }
}

function fits(reason, want) {
  const message = reason instanceof Error ? reason.message : String(reason)
  if (want === undefined) return true
  if (typeof want === 'string') return message.includes(want)
  if (want instanceof RegExp) return want.test(message)
  if (typeof want === 'function') return reason instanceof want
  if (want instanceof Error) return message === want.message
  return asymmetric(want) ? want.matches(reason) : contains(reason, want)
}

// extend adds matchers; its functions take (received, ...args).
export function extend(more) { Object.assign(matchers, more) }

const counts = { made: 0, wanted: undefined, some: false }
export function resetAssertions() { counts.made = 0; counts.wanted = undefined; counts.some = false }
export function checkAssertions() {
  if (counts.wanted !== undefined && counts.made !== counts.wanted) throw new AssertionError(`expected ${counts.wanted} assertions, there were ${counts.made}`)
  if (counts.some && counts.made === 0) throw new AssertionError('expected at least one assertion, there was none')
}

class Expectation {
  #value
  #not
  #how
  constructor(value, not, how) { this.#value = value; this.#not = not; this.#how = how }
  get not() { return new Expectation(this.#value, !this.#not, this.#how) }
  get resolves() { return new Expectation(this.#value, this.#not, 'resolves') }
  get rejects() { return new Expectation(this.#value, this.#not, 'rejects') }

  apply(name, args) {
    counts.made++
    if (!this.#how) return judge(name, this.#value, args, this.#not, this.#how)
    const promise = typeof this.#value === 'function' ? this.#value() : this.#value
    if (!promise || typeof promise.then !== 'function') throw new TypeError(`expect(…).${this.#how}: ${host.inspect(this.#value)} is no promise`)
    return this.#how === 'resolves'
      ? promise.then((v) => judge(name, v, args, this.#not, 'resolves'), (e) => { throw new AssertionError(`expect(…).resolves: the promise was rejected: ${host.inspect(e)}`) })
      : promise.then((v) => { throw new AssertionError(`expect(…).rejects: the promise was fulfilled with ${host.inspect(v)}`) },
        (e) => judge(name, name.startsWith('toThrow') ? new Rejected(e) : e, args, this.#not, 'rejects'))
  }
}

function judge(name, value, args, not, how) {
  const verdict = matchers[name](value, ...args)
  if (verdict && typeof verdict.then === 'function') return verdict.then((v) => conclude(name, value, v, not, how))
  conclude(name, value, verdict, not, how)
}

function conclude(name, value, verdict, not, how) {
  if (verdict.pass !== not) return
  let text = `expect(received).${how ? how + '.' : ''}${not ? 'not.' : ''}${name}${'expected' in verdict ? '(expected)' : '()'}`
  if (verdict.text) text += '\n' + verdict.text
  if (verdict.diff && !not) text += difference(verdict.expected, 'received' in verdict ? verdict.received : value)
  else if (!verdict.own) {
    if (verdict.expected !== undefined) text += `\nexpected: ${not ? 'not ' : ''}${show(verdict.expected)}`
    if (!(value instanceof Rejected)) text += `\nreceived: ${show(value)}`
  }
  throw new AssertionError(text, verdict.run)
}

const handler = {
  get(target, name) {
    if (typeof name === 'symbol') return undefined
    if (name in target) {
      const v = target[name]
      return v instanceof Expectation ? proxy(v) : v
    }
    if (name === 'then') return undefined
    if (!Object.hasOwn(matchers, name)) throw new TypeError(`expect has no matcher ${name}${nearest(name)}`)
    return (...args) => target.apply(name, args)
  },
}
const proxy = (e) => new Proxy({ __proto__: null, get not() { return proxy(e.not) }, get resolves() { return proxy(e.resolves) }, get rejects() { return proxy(e.rejects) }, apply: (n, a) => e.apply(n, a) }, handler)

// nearest names the matcher that was probably meant.
function nearest(name) {
  const [best] = Object.keys(matchers).map((m) => [edits(m.toLowerCase(), name.toLowerCase()), m]).sort((a, b) => a[0] - b[0])
  return best && best[0] <= 3 ? `; did you mean ${best[1]}?` : ''
}

function edits(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]
}

export function expect(value) { return proxy(new Expectation(value, false, '')) }
Object.assign(expect, asymmetrics, {
  extend: (more) => {
    for (const [name, f] of Object.entries(more)) matchers[name] = (v, ...args) => wordy(f.call({ equals }, v, ...args))
  },
  assertions: (n) => { counts.wanted = n },
  hasAssertions: () => { counts.some = true },
  fail: (message = 'expect.fail()') => { throw new AssertionError(message) },
})

// wordy takes the verdict of a matcher in the shape that other runners know.
function wordy(verdict) {
  if (verdict && typeof verdict.then === 'function') return verdict.then(wordy)
  return { pass: !!verdict.pass, text: typeof verdict.message === 'function' ? verdict.message() : verdict.message, own: true }
}
