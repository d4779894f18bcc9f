// What tests import: declaring them. All VMs of a test evaluate the file, but one of
// them runs the test: what only that needs is in another program, which is evaluated
// where it is used.
const host = $native('hatchet:test')
const part = (name) => $native('hatchet:test/t', name)

// ---- declaring ----

const top = { name: '', parent: null, mode: '', before: [], after: [] }
let suite = top
const tests = []
let running = false

const optionNames = ['start', 'seed', 'timeout', 'alwaysReplay', 'skip', 'only', 'retry', 'repeats', 'slots', 'maxJumps', 'permissions']

function loading(what) {
  if (running) throw new Error(`${what}: tests are declared while the file loads, not while a test runs`)
}

const settled = (options, what) => (options === undefined ? {} : part('known')(options, optionNames, what))

const wanted = host.wanted()
let declared = 0

// other counts a test, and says whether this VM is for another one.
function other() {
  if (running) loading('test')
  const id = declared++
  return wanted !== undefined && wanted !== id
}

function add(mode, name, second, third, more) {
  if (other()) return
  const [options, fn] = typeof second === 'function' ? [third, second] : [second, third]
  if (typeof name !== 'string' || name === '') throw new TypeError('test: the first argument must be its name')
  if (typeof fn !== 'function' && mode !== 'todo' && mode !== 'skip') throw new TypeError(`test ${JSON.stringify(name)}: there is no function to run`)
  const settings = typeof options === 'number' ? { timeout: options } : settled(options, `test ${JSON.stringify(name)}`)
  const own = settings.skip ? 'skip' : settings.only ? 'only' : mode
  tests.push({ id: declared - 1, suite, name, mode: own, options: settings, fn, args: more ?? [], at: host.here() })
}

export function test(name, second, third) { add('', name, second, third) }
test.only = (name, second, third) => add('only', name, second, third)
test.skip = (name, second, third) => add('skip', name, second, third)
test.todo = (name) => add('todo', name)
test.each = (rows) => (name, second, third) => {
  if (!Array.isArray(rows)) throw new TypeError('test.each: give an array of rows')
  rows.forEach((row, i) => {
    const args = Array.isArray(row) ? row : [row]
    add('', title(name, args, i), second, third, args)
  })
}
test.fixtures = (pattern, workflow, options) => {
  loading('test.fixtures')
  for (const { file, fixture } of host.fixtures(pattern)) {
    if (wanted === undefined) part('checkFixture')(fixture, file)
    add('', `${fixture.name ?? file}`, options, (t) => part('runFixture')(t, workflow ?? fixture.workflow, fixture))
    if (tests.at(-1)?.id === declared - 1) tests.at(-1).fixture = file
  }
}
export const it = test

// title fills %s, %d, %i, %j, %o and %# from the row.
function title(name, args, index) {
  let next = 0
  return name.replace(/%([sdijo#%])/g, (whole, c) => {
    if (c === '%') return '%'
    if (c === '#') return String(index)
    if (next >= args.length) return whole
    const v = args[next++]
    return c === 's' ? String(v) : c === 'j' ? JSON.stringify(v) : c === 'o' ? host.inspect(v) : String(Number(v))
  }).replace(/\$(\w+)/g, (whole, key) => (args[0] !== null && typeof args[0] === 'object' && key in args[0] ? String(args[0][key]) : whole))
}

function group(mode) {
  return (name, fn) => {
    loading('describe')
    if (typeof name !== 'string' || typeof fn !== 'function') throw new TypeError('describe: give a name and a function')
    suite = { name, parent: suite, mode, before: [], after: [] }
    try {
      const result = fn()
      if (result && typeof result.then === 'function') throw new TypeError(`describe ${JSON.stringify(name)}: its function must not be async`)
    } finally { suite = suite.parent }
  }
}
export const describe = group('')
describe.only = group('only')
describe.skip = group('skip')
describe.each = (rows) => (name, fn) => rows.forEach((row, i) => {
  const args = Array.isArray(row) ? row : [row]
  describe(title(name, args, i), () => fn(...args))
})

function hook(list, what) {
  return (fn) => {
    loading(what)
    if (typeof fn !== 'function') throw new TypeError(`${what}: give a function`)
    suite[list].push(fn)
  }
}
export const beforeEach = hook('before', 'beforeEach')
export const afterEach = hook('after', 'afterEach')

const chain = (s) => (s ? [...chain(s.parent), s] : [])

// ---- for the runner ----

host.registry({
  list: () => tests.map(({ id, suite, name, mode, options, at, fixture }) => {
    const above = chain(suite).slice(1)
    return { id, names: [...above.map((s) => s.name), name], modes: [...above.map((s) => s.mode), mode], options, at, fixture }
  }),
  async run(id) {
    running = true
    const { suite, name, fn, args } = tests.find((t) => t.id === id)
    const t = new (part('Test'))(name), above = chain(suite)
    part('resetAssertions')()
    try {
      for (const s of above) for (const f of s.before) await f(t)
      await fn(t, ...args)
      part('checkAssertions')()
    } finally {
      for (const s of above.reverse()) for (const f of s.after) await f(t)
    }
  },
})

// lazily gives a function or class of the other program. In VMs that run no test it is
// one that looks there when it is used, which is hardly ever.
function lazily(name) {
  if (wanted !== undefined && wanted !== -1) return part(name)
  return new Proxy(class {}, {
    get: (_, key) => part(name)[key],
    has: (_, key) => key in part(name),
    apply: (_, self, args) => part(name)(...args),
    construct: (_, args) => new (part(name))(...args),
  })
}
export const expect = /* @__PURE__ */ lazily('expect')
export const Run = /* @__PURE__ */ lazily('Run')
export const RunFailedError = /* @__PURE__ */ lazily('RunFailedError')
