// A run as a test sees it, and the matchers for it.
import { AssertionError, contains, equals, expect, extend } from 'hatchet:test/expect'
const host = $native('hatchet:test')

export class RunFailedError extends Error {
  constructor(run) {
    super(run.error ? run.error : `the run was ${run.status}`)
    Object.defineProperty(this, 'name', { value: 'RunFailedError', configurable: true, writable: true })
    this.runId = run.id
    this.status = run.status
  }
}

export function known(options, names, what) {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null) throw new TypeError(`${what}: the options must be an object`)
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) throw new TypeError(`${what}: unknown option ${key}; known are ${names.join(', ')}`)
  }
  return options
}

export class Run {
  #id
  constructor(id) { this.#id = id }
  get id() { return host.query('id', { id: this.#id }) }
  #now() { return host.query('run', { id: this.#id }) }
  get workflow() { return this.#now().workflow }
  get status() { return this.#now().status }
  get output() { return this.#now().output }
  get error() { return this.#now().error }
  get input() { return this.#now().input }
  get tasks() { return this.#now().tasks }
  task(task) {
    const name = host.nameOf(task), now = this.#now()
    const found = now.tasks.find((t) => t.name.toLowerCase() === name.toLowerCase())
    if (!found) throw new Error(`run of ${now.workflow} has no task ${name} yet; it has ${now.tasks.map((t) => t.name).join(', ') || 'none'}`)
    return found
  }
  children() { return host.query('children', { id: this.#id }).map((id) => new Run(id)) }
  events() { return host.query('events', { id: this.#id }) }
  logs() { return host.query('logs', { id: this.#id }) }
  waits() { return host.query('waits', { id: this.#id }) }
  timeline() { return host.query('timeline', { id: this.#id }) }
  async result() {
    const run = await host.call('result', { id: this.#id })
    if (run.status !== 'COMPLETED') throw new RunFailedError(run)
    return run.output
  }
  async finished() { await host.call('result', { id: this.#id }); return this }
  async parked(on) {
    const { sleep, event, child } = known(on, ['sleep', 'event', 'child'], 'run.parked')
    await host.call('parked', { id: this.#id, sleep, event, child: child === undefined ? undefined : host.nameOf(child) })
  }
  async cancel() { await host.call('cancel', { id: this.#id }) }
  async replay(options) {
    const { from } = known(options, ['from'], 'run.replay')
    await host.call('replay', { id: this.#id, from: from === undefined ? undefined : host.nameOf(from) })
    return this
  }
  async stream() { return host.call('stream', { id: this.#id }) }
  toJSON() { return { id: this.id, workflow: this.workflow, status: this.status } }
}

function runOf(v, name) {
  if (!(v instanceof Run)) throw new TypeError(`${name}: give a run, as t.trigger and t.run return it`)
  return v
}
const verdict = (run, pass, text, more) => ({ pass, text, own: true, run: run.id, ...more })
const about = (run) => `run of ${run.workflow} is ${run.status}${run.error ? `: ${run.error}` : ''}`
const list = (names) => (names.length ? names.join(', ') : 'nothing')

extend({
  toHaveCompleted(v, ...output) {
    const run = runOf(v, 'toHaveCompleted')
    if (run.status !== 'COMPLETED' || output.length === 0) return verdict(run, run.status === 'COMPLETED', about(run))
    return verdict(run, contains(run.output, output[0]), about(run), { expected: output[0], diff: true, received: run.output })
  },
  toHaveFailed(v, pattern, options) {
    const run = runOf(v, 'toHaveFailed')
    const { task } = known(options, ['task'], 'toHaveFailed')
    if (run.status !== 'FAILED') return verdict(run, false, about(run))
    const message = task === undefined ? run.error : run.task(task).error
    const fits = pattern === undefined || (message !== undefined && (typeof pattern === 'string' ? message.includes(pattern) : pattern.test(message)))
    return verdict(run, fits, `${task === undefined ? 'the run' : `task ${host.nameOf(task)}`} failed with: ${message}`, { expected: pattern })
  },
  toHaveBeenCancelled(v) {
    const run = runOf(v, 'toHaveBeenCancelled')
    return verdict(run, run.status === 'CANCELLED', about(run))
  },
  toHaveAttempts(v, task, n) {
    const run = runOf(v, 'toHaveAttempts'), { name, attempts } = run.task(task)
    return verdict(run, attempts === n, `task ${name} had ${attempts} attempts, expected ${n}`)
  },
  toHaveSkipped(v, task) {
    const run = runOf(v, 'toHaveSkipped'), { name, skipped, status } = run.task(task)
    return verdict(run, skipped, `task ${name} is ${skipped ? 'skipped' : status}`)
  },
  toHaveSlept(v, duration, options) {
    const run = runOf(v, 'toHaveSlept'), { times } = known(options, ['times'], 'toHaveSlept')
    const sleeps = run.waits().filter((w) => w.sleep !== undefined && w.done)
    const ms = host.duration(duration)
    const found = sleeps.filter((w) => w.sleepMs === ms).length
    const pass = times === undefined ? found > 0 : found === times
    return verdict(run, pass, `slept ${list(sleeps.map((w) => w.sleep))}; expected ${duration}${times === undefined ? '' : ` ${times} times`}`)
  },
  toHaveWaitedFor(v, key) {
    const run = runOf(v, 'toHaveWaitedFor')
    const keys = run.waits().flatMap((w) => w.events)
    return verdict(run, keys.includes(key), `waited for ${list(keys)}; expected ${key}`)
  },
  toHaveSpawned(v, workflow, n) {
    const run = runOf(v, 'toHaveSpawned'), name = host.nameOf(workflow)
    const names = run.children().map((c) => c.workflow)
    const found = names.filter((c) => c.toLowerCase() === name.toLowerCase()).length
    return verdict(run, n === undefined ? found > 0 : found === n, `started ${list(names)}; expected ${name}${n === undefined ? '' : ` ${n} times`}`)
  },
  toHaveLogged(v, pattern) {
    const run = runOf(v, 'toHaveLogged'), lines = run.logs().map((l) => l.message)
    const pass = lines.some((l) => (typeof pattern === 'string' ? l.includes(pattern) : pattern.test(l)))
    return verdict(run, pass, `logged:${lines.length ? '\n  ' + lines.join('\n  ') : ' nothing'}`, { expected: pattern })
  },
  toHaveRunInOrder(v, tasks) {
    const run = runOf(v, 'toHaveRunInOrder'), names = tasks.map((t) => host.nameOf(t).toLowerCase())
    const order = host.query('order', { id: run.id }).map((n) => n.toLowerCase())
    let at = 0
    for (const n of order) if (n === names[at]) at++
    return verdict(run, at === names.length, `tasks started in this order: ${list(order)}`, { expected: names })
  },
  toHaveOverlapped(v, a, b) {
    const run = runOf(v, 'toHaveOverlapped'), one = run.task(a), other = run.task(b)
    const pass = one.startedMs !== undefined && other.startedMs !== undefined && one.startedMs < (other.finishedMs ?? Infinity) && other.startedMs < (one.finishedMs ?? Infinity)
    return verdict(run, pass, `${one.name} ran ${one.startedMs}–${one.finishedMs ?? '…'} ms, ${other.name} ran ${other.startedMs}–${other.finishedMs ?? '…'} ms`)
  },
  toMatchSnapshot: (v, name) => snapshot(v instanceof Run ? v.toJSON() : v, name, v),
  toMatchTimeline: (v, name) => snapshot(runOf(v, 'toMatchTimeline').timeline(), name, v),
  toMatchInlineSnapshot(v, text) {
    if (typeof text !== 'string') throw new TypeError(`toMatchInlineSnapshot: write the snapshot as its argument: ${JSON.stringify(host.inspect(v))}`)
    return { pass: host.inspect(v).trim() === text.trim(), expected: text.trim(), text: `is\n${host.inspect(v)}`, own: true }
  },
})

function snapshot(v, name, run) {
  const text = typeof v === 'string' ? v : host.inspect(v)
  const { pass, expected } = host.snapshot(text, name === undefined ? '' : String(name))
  if (pass) return { pass: true }
  return { pass: false, own: true, run: run instanceof Run ? run.id : undefined, text: `differs from its snapshot; -u accepts the new one\n${lineDifference(expected, text)}` }
}

function lineDifference(a, b) {
  try { expect(new Lines(b)).toEqual(new Lines(a)) } catch (e) { return e.message.split('\n').slice(1).join('\n') }
  return ''
}
// Lines prints as its text, so that the comparison is one of lines.
class Lines {
  constructor(text) { this.text = text }
  [Symbol.for('nodejs.util.inspect.custom')]() { return this.text }
}
export { AssertionError, equals }
