// node:child_process over natives that start programs.
(function (native, require) {
  'use strict'
  const EventEmitter = require('node:events')
  const { Readable, Writable } = require('node:stream')
  const promisified = Symbol.for('nodejs.util.promisify.custom')

  // (file, args?, options?, callback?) as [file, args, options, callback].
  function read(given, hasArgs) {
    const rest = [...given]
    const file = rest.shift()
    const callback = typeof rest[rest.length - 1] === 'function' ? rest.pop() : undefined
    const args = hasArgs && Array.isArray(rest[0]) ? rest.shift() : []
    if (hasArgs && rest.length > 0 && rest[0] == null && rest.length > 1) rest.shift()
    return [file, args, rest[0] ?? {}, callback]
  }

  const decode = (data, options, standard) => {
    const encoding = options.encoding === undefined ? standard : options.encoding
    return encoding && encoding !== 'buffer' ? data.toString(encoding) : data
  }

  function describe(error, result, line) {
    error.cmd = line
    if (result) Object.assign(error, result)
    return error
  }

  // The error for a program that has not ended well, or null.
  function failure(result, line, stdout, stderr) {
    if (result.code === 0 && !result.killed) return null
    const text = String(stderr).trim()
    const error = new Error(`Command failed: ${line}${text ? '\n' + text : ''}`)
    return describe(error, { code: result.code < 0 ? null : result.code, signal: result.signal || null, killed: result.killed, stdout, stderr }, line)
  }

  // Natives take options by name, so what they do not know stays here.
  function nativeOptions({ cwd, env, timeout, maxBuffer, killSignal, input, shell, detached }, signal) {
    return { cwd, env, timeout, maxBuffer, killSignal, input, shell, detached, signal }
  }

  class ChildProcess extends EventEmitter {
    #process
    constructor(file, args) {
      super()
      this.spawnfile = file
      this.spawnargs = [file, ...args]
      this.exitCode = null
      this.signalCode = null
      this.killed = false
    }
    start(file, args, options) {
      try {
        this.#process = native.start(file, args, nativeOptions(options))
      } catch (error) {
        if (error instanceof TypeError) throw error
        this.stdin = new Writable({ write(chunk, encoding, done) { done() } })
        this.stdout = Readable.from([])
        this.stderr = Readable.from([])
        queueMicrotask(() => { this.emit('error', error) })
        return this
      }
      const process = this.#process
      this.pid = process.pid
      const settle = (work, callback) => work.then(() => callback(), callback)
      this.stdin = new Writable({ write: (chunk, encoding, done) => settle(process.write(chunk), done), final: (done) => settle(process.end(), done) })
      const output = (next) => new Readable({
        encoding: options.encoding && options.encoding !== 'buffer' ? options.encoding : undefined,
        read() { next().then((chunk) => this.push(chunk), (error) => this.destroy(error)) },
      })
      this.stdout = output(() => process.stdout())
      this.stderr = output(() => process.stderr())
      this.stdio = [this.stdin, this.stdout, this.stderr]
      this.stdin.on('error', () => {}) // a program need not read to the end
      if (options.input !== undefined) this.stdin.end(options.input)
      this.#follow(options)
      queueMicrotask(() => this.emit('spawn'))
      return this
    }
    async #follow({ signal, timeout, killSignal }) {
      const abort = () => { this.kill(killSignal); this.emit('error', signal.reason) }
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
      const timer = timeout > 0 ? setTimeout(() => this.kill(killSignal), timeout) : undefined
      try {
        const { code, signal: ended } = await this.#process.wait()
        this.exitCode = code < 0 ? null : code
        this.signalCode = ended || null
        this.stdin.destroy()
        this.emit('exit', this.exitCode, this.signalCode)
        await Promise.all([this.stdout, this.stderr].map(drained))
        this.emit('close', this.exitCode, this.signalCode)
      } catch (error) {
        this.emit('error', error)
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
    }
    kill(signal) {
      const sent = this.#process?.kill(signal) ?? false
      if (sent) this.killed = true
      return sent
    }
  }

  // Settles once a stream is closed; what nobody reads is passed over.
  const drained = (stream) => new Promise((done) => {
    if (stream.closed) return done()
    stream.on('close', done)
    if (stream.readableFlowing === null && stream.listenerCount('readable') === 0) stream.resume()
  })

  function spawn(...given) {
    const [file, args, options] = read(given, true)
    return new ChildProcess(file, args).start(file, args, options)
  }

  async function run(file, args, options, child) {
    const line = [file, ...args].join(' ')
    let result
    try {
      result = await native.collect(file, args, nativeOptions(options, options.signal))
    } catch (error) {
      throw error instanceof TypeError ? error : describe(error, null, line)
    }
    const stdout = decode(result.stdout, options, 'utf8'), stderr = decode(result.stderr, options, 'utf8')
    const error = failure(result, line, stdout, stderr)
    if (error) throw error
    return { stdout, stderr }
  }

  function waited(file, args, options) {
    const line = [file, ...args].join(' ')
    const result = native.collectSync(file, args, nativeOptions(options))
    const stdout = decode(result.stdout, options, null), stderr = decode(result.stderr, options, null)
    const error = failure(result, line, stdout, stderr)
    if (error) throw error
    return stdout
  }

  // With a callback: what exec and execFile share.
  function called(file, args, options, callback) {
    const child = new ChildProcess(file, args)
    const stop = new AbortController()
    options.signal?.addEventListener('abort', () => stop.abort(options.signal.reason), { once: true })
    if (options.signal?.aborted) stop.abort(options.signal.reason)
    child.kill = () => {
      stop.abort()
      return true
    }
    run(file, args, { ...options, signal: stop.signal }).then(
      ({ stdout, stderr }) => queueMicrotask(() => { child.emit('close', 0, null); callback?.(null, stdout, stderr) }),
      (error) => queueMicrotask(() => {
        if (error instanceof TypeError || !callback) throw error
        callback(error, error.stdout ?? '', error.stderr ?? '')
      }),
    )
    return child
  }

  const line = (given) => {
    const [command, , options, callback] = read(given, false)
    const [file, ...args] = native.words(command)
    return [file, args, options, callback]
  }
  const exports = {
    exec(...given) { return called(...line(given)) },
    execFile(...given) { return called(...read(given, true)) },
    spawn,
    execSync(...given) { return waited(...line(given)) },
    execFileSync(...given) { return waited(...read(given, true)) },
    spawnSync(...given) {
      const [file, args, options] = read(given, true)
      let result
      try {
        result = native.collectSync(file, args, nativeOptions(options))
      } catch (error) {
        if (error instanceof TypeError || error.name === 'NotCapable') throw error
        return { status: null, signal: null, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), error }
      }
      return {
        status: result.code < 0 ? null : result.code, signal: result.signal || null,
        stdout: decode(result.stdout, options, null), stderr: decode(result.stderr, options, null),
      }
    },
    ChildProcess,
  }
  exports.exec[promisified] = async (...given) => run(...line(given))
  exports.execFile[promisified] = async (...given) => run(...read(given, true))
  return exports
})
