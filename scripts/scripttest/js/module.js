// What stands in front of the modules that a test mocks.
const host = $native('hatchet:test')

const reals = new Map()

// standIn gives a module that has what the mock of the module has now, and what
// the module itself has where there is no mock.
// A built-in module makes its members when they are asked for, so its names are
// given.
export function standIn(name, real, names = namesOf(real)) {
  reals.set(name, { real, names })
  const mocked = replacementOf(name)
  if (typeof real === 'function') {
    const whole = () => mocked('default') ?? real
    return new Proxy(real, {
      apply: (_, self, args) => Reflect.apply(whole(), self, args),
      construct: (_, args) => Reflect.construct(whole(), args),
      get: (_, key) => mocked(key) ?? real[key],
    })
  }
  if (real === null || typeof real !== 'object') return real
  const front = {}
  if (real.__esModule) Object.defineProperty(front, '__esModule', { value: true })
  for (const key of names) {
    Object.defineProperty(front, key, { enumerable: true, get: () => { const v = mocked(key); return v === undefined ? real[key] : v } })
  }
  if (!real.__esModule) defineWhole(front, mocked)
  return front
}

// namesOf are what a module exports; what belongs to functions as such is no export.
const namesOf = (real) => Object(real) !== real ? [] : Object.getOwnPropertyNames(real).filter((key) => key !== '__esModule' && (typeof real !== 'function' || Object.keys(real).includes(key)))

// defineWhole lets a mock replace a CommonJS module by its default export.
function defineWhole(front, mocked) {
  if (!Object.hasOwn(front, 'default')) Object.defineProperty(front, 'default', { get: () => mocked('default') })
}

// replacementOf gives the mock's export of a name, undefined if it has none.
function replacementOf(name) {
  let version = 0, exports
  return (key) => {
    const now = host.replaced(name, version)
    if (now === undefined) return undefined
    if (now !== null) [version, exports] = [now.version, built(name, now.shape)]
    if (typeof key === 'symbol' || !Object.hasOwn(exports, key)) return undefined
    host.usedModule(name)
    return exports[key]
  }
}

// ---- the shape of a mock: JSON in which a function is { $fn: index, name } ----

const own = new Map() // functions of the test, by the module's name; in its VM only

// replace has a mock stand in for a module.
export function replace(name, exports, mock, functions) {
  own.set(name, functions)
  host.replace(mock, name, shapeOf(exports, [], functions, name))
}

function shapeOf(v, path, functions, name) {
  const where = path.length ? path.join('.') : 'the mock'
  if (typeof v === 'function') {
    if (/^class\b/.test(Function.prototype.toString.call(v))) throw new TypeError(`t.mock.module(${JSON.stringify(name)}): ${where} is a class; mock it with a function that returns an object of functions`)
    functions.push(v)
    return { $fn: functions.length - 1, name: path.join('.') }
  }
  if (Array.isArray(v)) return { $list: v.map((item, i) => shapeOf(item, [...path, i], functions, name)) }
  if (v !== null && typeof v === 'object' && Object.getPrototypeOf(v) === Object.prototype) {
    return { $object: Object.fromEntries(Object.entries(v).map(([k, item]) => [k, shapeOf(item, [...path, k], functions, name)])) }
  }
  if (v !== undefined && JSON.stringify(v) === undefined) throw new TypeError(`t.mock.module(${JSON.stringify(name)}): ${where} is no JSON and no function`)
  return { $value: v ?? null }
}

// checkExports refuses what the module does not export.
export function checkExports(name, exports) {
  const known = reals.get(name)
  if (known === undefined) return
  const names = known.real.__esModule ? known.names : ['default', ...known.names]
  for (const key of Object.keys(exports)) {
    if (!names.includes(key)) throw new TypeError(`t.mock.module(${JSON.stringify(name)}): it does not export ${key}; it exports ${names.join(', ') || 'nothing'}`)
  }
}

function built(name, shape) {
  if ('$fn' in shape) return functionOf(name, shape)
  if ('$list' in shape) return shape.$list.map((item) => built(name, item))
  if ('$object' in shape) return Object.fromEntries(Object.entries(shape.$object).map(([k, item]) => [k, built(name, item)]))
  return shape.$value
}

function functionOf(name, shape) {
  return (...args) => {
    host.usedModule(name, { name: shape.name, args })
    if (host.isDriver()) return own.get(name)[shape.$fn](...args)
    const reply = host.ask(name, shape.$fn, args)
    return typeof reply.then === 'function' ? reply.then(valueOf) : valueOf(reply)
  }
}

function valueOf(reply) {
  if (!reply.error) return reply.value
  const { name, message, ...more } = reply.error
  const error = Object.assign(new Error(message), more)
  if (name !== 'Error') Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  throw error
}

// answer has a function of the test answer a call from another VM.
export function answer(functions, { fn, args }) {
  const thrown = (e) => ({ error: e instanceof Error ? { ...e, name: e.name, message: e.message } : { name: 'Error', message: String(e) } })
  try {
    const v = functions[fn](...args)
    return v && typeof v.then === 'function' ? v.then((value) => ({ value }), thrown) : { value: v }
  } catch (e) { return thrown(e) }
}
