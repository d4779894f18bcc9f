// The object t of a test, fixtures, and what they stand on: evaluated only in VMs that
// use something of it, see test.js.
import { expect, checkAssertions, resetAssertions } from 'hatchet:test/expect'
import { answer, checkExports, replace, standIn } from 'hatchet:test/module'
import { Run, RunFailedError, known } from 'hatchet:test/run'
const host = $native('hatchet:test')

const ofRun = (id) => new Run(id)

class Clock {
  now() { return new Date(host.query('now')) }
  get elapsed() { return host.query('elapsed') }
  get elapsedMs() { return host.query('elapsedMs') }
  async advance(by) { await host.call('advance', { ms: host.duration(by) }) }
  async advanceTo(time) {
    const to = time instanceof Date ? time : new Date(time)
    if (Number.isNaN(to.getTime())) throw new TypeError(`t.clock.advanceTo: ${host.inspect(time)} is no time`)
    await host.call('advance', { to: to.getTime() })
  }
  async next() { await host.call('next') }
  pending() { return host.query('pending') }
  pause() { host.query('pause', { paused: true }) }
  auto() { host.query('pause', { paused: false }) }
}

class Cron {
  async fire(workflow) { return ofRun(await host.call('cronFire', { workflow: host.nameOf(workflow) })) }
  async enable(workflow) { await host.call('cronEnable', { workflow: host.nameOf(workflow) }) }
}

class Worker {
  async start(options) { await host.call('workerStart', known(options, ['slots', 'labels'], 't.worker.start')) }
  async stop() { await host.call('workerStop') }
  async kill() { await host.call('workerKill') }
}

// Calls is the list of calls of a mock, with what tests ask of it.
class Calls extends Array {
  unique(of) { return [...new Map(this.map((c) => [JSON.stringify(of(c)) ?? 'undefined', of(c)])).values()] }
}

class Mock {
  #id
  #show
  constructor(id, show = (call) => call) { [this.#id, this.#show] = [id, show] }
  get calls() { return Calls.from(host.query('calls', { mock: this.#id }), this.#show) }
  get called() { return this.calls.length > 0 }
}

// reply turns what a mock is to do into data, or keeps it as a function.
function answers(reply) {
  if (typeof reply === 'function') return { fn: reply }
  return { values: Array.isArray(reply) ? reply : [reply], list: Array.isArray(reply) }
}

class Mocks {
  task(task, reply) { return this.#add('task', host.nameOf(task), reply) }
  child(workflow, reply) { return this.#add('child', host.nameOf(workflow), reply) }
  fetch(pattern, reply, options) { return this.#serve('fetch', pattern, reply, options, httpReply, (call) => new HttpCall(call)) }
  exec(pattern, reply, options) { return this.#serve('exec', pattern, reply, options, commandReply) }
  module(name, exports) {
    if (typeof name !== 'string' || name === '') throw new TypeError(`t.mock.module: the first argument is the module's name, got ${host.inspect(name)}`)
    if (typeof exports !== 'object' || exports === null) throw new TypeError(`t.mock.module(${JSON.stringify(name)}): give an object of what it exports`)
    checkExports(name, exports)
    const functions = [], mock = host.mock('module', name, (call) => answer(functions, call), [], false, 0)
    replace(name, exports, mock, functions)
    return new Mock(mock)
  }
  env(variables) { host.stand('env', texts(variables, 't.mock.env')) }
  secret(values) { host.stand('secret', texts(values, 't.mock.secret')) }
  fs(files) {
    host.stand('fs', texts(files, 't.mock.fs'))
    return { read: (path) => host.query('file', { path }) }
  }
  #serve(kind, pattern, reply, options, shape, show) {
    if (typeof pattern !== 'string' || pattern === '') throw new TypeError(`t.mock.${kind}: the first argument is a pattern, got ${host.inspect(pattern)}`)
    const { delay } = known(options, ['delay'], `t.mock.${kind}`)
    const { fn, values, list } = answers(reply)
    const asked = fn && (async (call) => shape(await fn(show ? show(call) : call)))
    const given = (values ?? []).map((v) => (v instanceof Error ? plain(v) : { value: shape(v) }))
    return new Mock(host.mock(kind, pattern, asked, given, list ?? false, delay === undefined ? 0 : host.duration(delay)), show)
  }
  #add(kind, key, reply) {
    const { fn, values, list } = answers(reply)
    return new Mock(host.mock(kind, key, fn, (values ?? []).map(plain), list ?? false, 0))
  }
}

// texts refuses values that are no text.
function texts(values, what) {
  if (typeof values !== 'object' || values === null) throw new TypeError(`${what}: give an object of texts`)
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') throw new TypeError(`${what}: ${name} must be a text, got ${host.inspect(value)}`)
  }
  return values
}

// HttpCall is a request that a mock of fetch has answered.
class HttpCall {
  constructor(call) { Object.assign(this, call) }
  header(name) { return this.headers[String(name).toLowerCase()] }
  get json() { return JSON.parse(this.body) }
}

// httpReply is what a mock of fetch answers: a status, a text, or an object.
function httpReply(v) {
  if (typeof v === 'number') return { status: v, headers: {}, body: '' }
  if (typeof v === 'string') return { status: 200, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: v }
  if (typeof v !== 'object' || v === null) throw new TypeError(`t.mock.fetch: the reply must be a status, a text, { status, headers, json } or { status, headers, text }, got ${host.inspect(v)}`)
  const { status, headers, json, text } = known(v, ['status', 'headers', 'json', 'text'], 't.mock.fetch: the reply')
  if (json !== undefined && text !== undefined) throw new TypeError('t.mock.fetch: the reply has json and text; it can have one body')
  const type = json !== undefined ? { 'content-type': 'application/json' } : text !== undefined ? { 'content-type': 'text/plain;charset=UTF-8' } : {}
  return { status: status ?? 200, headers: { ...type, ...headers }, body: json !== undefined ? JSON.stringify(json) : text ?? '' }
}

// commandReply is how a mock of exec ends: an exit code, a text that it writes,
// or an object.
function commandReply(v) {
  if (typeof v === 'number') return { code: v }
  if (typeof v === 'string') return { stdout: v }
  return known(v, ['code', 'stdout', 'stderr', 'signal'], 't.mock.exec: the reply')
}

// plain keeps errors apart from values on the way through JSON.
const plain = (v) => (v instanceof Error ? { error: v.message, name: v.name } : { value: v === undefined ? null : v })

class Faults {
  failTask(task, options) {
    const { times, error, after } = known(options, ['times', 'error', 'before', 'after'], 't.fault.failTask')
    host.fault('failTask', { task: host.nameOf(task), times, after: !!after, error: error instanceof Error ? error.message : error })
  }
  timeoutTask(task, options) {
    host.fault('timeoutTask', { task: host.nameOf(task), ...known(options, ['times'], 't.fault.timeoutTask') })
  }
  slow(task, by, options) {
    host.fault('slow', { task: host.nameOf(task), ms: host.duration(by), ...known(options, ['times'], 't.fault.slow') })
  }
  duplicateDelivery(task, options) {
    host.fault('duplicateDelivery', { task: host.nameOf(task), ...known(options, ['times'], 't.fault.duplicateDelivery') })
  }
  crashWorker(options) {
    const { at, after } = known(options, ['at', 'after'], 't.fault.crashWorker')
    if ((at === undefined) === (after === undefined)) throw new TypeError("t.fault.crashWorker: give either { after: task }, { at: task } or { at: 'every-checkpoint' }")
    const every = at === 'every-checkpoint'
    host.fault('crashWorker', { every, before: !every && at !== undefined, task: every ? undefined : host.nameOf(at ?? after) })
  }
  async dropStream(options) {
    const { for: span } = known(options, ['for'], 't.fault.dropStream')
    await host.call('dropStream', { ms: span === undefined ? 0 : host.duration(span) })
  }
  async noWorker(options) {
    const { for: span } = known(options, ['for'], 't.fault.noWorker')
    await host.call('noWorker', { ms: host.duration(span ?? '1m') })
  }
  async evict(run) { await host.call('evict', { id: run.id }) }
  async rateLimit(key) { await host.call('rateLimit', { key }) }
}

class Test {
  constructor(name) {
    this.name = name
    this.clock = new Clock()
    this.cron = new Cron()
    this.worker = new Worker()
    this.mock = new Mocks()
    this.fault = new Faults()
  }
  async trigger(workflow, input, options) {
    const { delay, ...rest } = known(options, ['key', 'metadata', 'priority', 'delay'], 't.trigger')
    const delayMs = delay === undefined ? undefined : host.duration(delay)
    return ofRun(await host.call('trigger', { workflow: host.nameOf(workflow), input: input ?? {}, delayMs, ...rest }))
  }
  async run(workflow, input, options) { return (await this.trigger(workflow, input, options)).finished() }
  async push(key, data, options) {
    const rest = known(options, ['metadata', 'priority', 'scope'], 't.push')
    await host.call('push', { key, data: data ?? {}, ...rest })
  }
  async schedule(workflow, input, at) {
    const time = at instanceof Date ? at : new Date(at)
    if (Number.isNaN(time.getTime())) throw new TypeError('t.schedule: the third argument must be a time')
    const delayMs = Math.max(0, time.getTime() - this.clock.now().getTime())
    return ofRun(await host.call('trigger', { workflow: host.nameOf(workflow), input: input ?? {}, delayMs }))
  }
  runs(filter) {
    const { workflow, status } = known(filter, ['workflow', 'status'], 't.runs')
    return host.query('runs', { workflow: workflow === undefined ? undefined : host.nameOf(workflow), status }).map(ofRun)
  }
  async idle() { await host.call('idle') }
  record(path) { return new Mock(host.record(path), (call) => new HttpCall(call)) }
  log(...args) { host.log(args.map((a) => (typeof a === 'string' ? a : host.inspect(a))).join(' ')) }
}

// ---- fixtures ----

const fixtureKeys = ['name', 'workflow', 'input', 'metadata', 'mocks', 'events', 'expect', '$schema']
const expectKeys = ['status', 'output', 'error', 'tasks', 'logs', 'elapsed']

function checkFixture(fixture, where) {
  if (typeof fixture !== 'object' || fixture === null || Array.isArray(fixture)) throw new TypeError(`${where}: a fixture is an object`)
  for (const key of Object.keys(fixture)) if (!fixtureKeys.includes(key)) throw new TypeError(`${where}: unknown key ${key}; known are ${fixtureKeys.join(', ')}`)
  if (typeof fixture.expect !== 'object' || fixture.expect === null) throw new TypeError(`${where}: there is no expect: say what must come out, as in "expect": {"status": "COMPLETED"}`)
  for (const key of Object.keys(fixture.expect)) if (!expectKeys.includes(key)) throw new TypeError(`${where}: unknown key expect.${key}; known are ${expectKeys.join(', ')}`)
}

// mockOf mocks what a key of a fixture names: a task, or a kind and what follows
// it, as in "fetch POST https://api.example.com/*".
function mockOf(t, what, reply) {
  const [, kind, rest] = /^(\w+) (.+)$/s.exec(what) ?? []
  if (kind === undefined) return t.mock.task(what, reply)
  if (kind === 'fetch' || kind === 'exec') return t.mock[kind](rest, reply)
  if (kind === 'env' || kind === 'secret' || kind === 'fs') return t.mock[kind]({ [rest]: reply })
  throw new TypeError(`mocks: ${JSON.stringify(what)}: write the name of a task, or fetch, exec, env, secret or fs and what is mocked`)
}

async function runFixture(t, workflow, fixture) {
  if (workflow === undefined) throw new TypeError('the fixture names no workflow: give test.fixtures one, or the fixture a "workflow"')
  for (const [what, reply] of Object.entries(fixture.mocks ?? {})) mockOf(t, what, reply)
  const run = await t.trigger(workflow, fixture.input ?? {}, fixture.metadata === undefined ? {} : { metadata: fixture.metadata })
  for (const { at, key, data } of fixture.events ?? []) {
    const due = host.duration(at ?? '0s') - t.clock.elapsedMs
    if (due > 0) await t.clock.advance(due)
    await t.push(key, data)
  }
  await run.finished()
  const want = fixture.expect
  if (want.status !== undefined) expect(run.status).toBe(want.status)
  if ('output' in want) expect(run.output).toEqual(want.output)
  if (want.error !== undefined) expect(run.error).toContain(want.error)
  if (want.elapsed !== undefined) expect(t.clock.elapsedMs).toBe(host.duration(want.elapsed))
  for (const [name, task] of Object.entries(want.tasks ?? {})) expect(run.task(name)).toMatchObject(task)
  for (const line of want.logs ?? []) expect(run).toHaveLogged(line)
}

export { Test, checkAssertions, checkFixture, expect, known, resetAssertions, Run, RunFailedError, runFixture, standIn }
