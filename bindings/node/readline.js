// node:readline: the lines of a stream.
(function (native, require) {
  'use strict'
  const { check, coded, type, AbortError } = native.errors
  const EventEmitter = require('node:events')
  const { StringDecoder } = require('node:string_decoder')

  class Interface extends EventEmitter {
    #rest = ''
    #decoder = new StringDecoder('utf8')
    constructor(input, output) {
      super()
      const options = input?.input ? input : { input, output }
      if (typeof options.input?.on !== 'function') throw type('options.input', 'a stream', options.input)
      if (options.output) throw new TypeError('readline: there is no terminal to write to: leave output out')
      check.signal(options.signal, 'options.signal')
      this.input = options.input
      this.closed = this.paused = this.terminal = false
      this.line = ''
      this.input.on('error', (error) => { if (this.listenerCount('error') > 0) this.emit('error', error) })
      this.input.on('data', (chunk) => this.#take(typeof chunk === 'string' ? chunk : this.#decoder.write(chunk)))
      this.input.on('end', () => {
        this.#take(this.#decoder.end())
        if (this.#rest !== '') this.emit('line', this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest)
        this.#rest = ''
        this.close()
      })
      if (options.signal?.aborted) queueMicrotask(() => this.close())
      options.signal?.addEventListener('abort', () => this.close(), { once: true })
    }
    #take(text) {
      if (this.closed) return
      const all = this.#rest + text
      const lines = all.split(/\r\n|\n|\r/)
      // A \r at the end may be the first half of \r\n.
      this.#rest = all.endsWith('\r') ? lines.splice(-2).join('') + '\r' : lines.pop()
      for (const line of lines) {
        if (this.closed) return
        this.emit('line', line)
      }
    }
    close() {
      if (this.closed) return
      this.closed = true
      this.pause()
      this.emit('close')
    }
    pause() {
      if (!this.paused) { this.input.pause(); this.paused = true; this.emit('pause') }
      return this
    }
    resume() {
      if (this.paused) { this.input.resume(); this.paused = false; this.emit('resume') }
      return this
    }
    question() { throw coded(Error, 'ERR_USE_AFTER_CLOSE', 'there is nobody to ask: a task has no terminal') }
    setPrompt() {}
    getPrompt() { return '' }
    prompt() {}
    [Symbol.asyncIterator]() {
      const lines = [], waiting = [], high = 1024
      let failure, ended = this.closed
      const settle = () => {
        while (waiting.length > 0 && (lines.length > 0 || ended || failure)) {
          const { resolve, reject } = waiting.shift()
          if (lines.length > 0) resolve({ value: lines.shift(), done: false })
          else if (failure) { const error = failure; failure = undefined; reject(error) } else resolve({ value: undefined, done: true })
        }
        if (lines.length === 0 && !this.closed) this.resume()
      }
      this.on('line', (line) => { lines.push(line); if (lines.length > high) this.pause(); settle() })
      this.on('close', () => { ended = true; settle() })
      this.input.on('error', (error) => { failure = error; ended = true; settle() })
      return {
        next: () => new Promise((resolve, reject) => { waiting.push({ resolve, reject }); settle() }),
        return: async (value) => { this.close(); this.input.destroy?.(); return { value, done: true } },
        [Symbol.asyncIterator]() { return this },
      }
    }
  }
  return { Interface, createInterface: (input, output) => new Interface(input, output) }
})
