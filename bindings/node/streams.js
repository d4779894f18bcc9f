// What files and processes need of streams: an emitter of events, and what is
// read and written piece by piece.
(function () {
  'use strict'
  class Emitter {
    #listeners = new Map()
    on(event, listener) {
      if (typeof listener !== 'function') throw new TypeError('the listener must be a function')
      this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
      return this
    }
    once(event, listener) {
      const only = (...args) => { this.off(event, only); listener.apply(this, args) }
      return this.on(event, only)
    }
    off(event, listener) {
      this.#listeners.set(event, (this.#listeners.get(event) ?? []).filter((other) => other !== listener))
      return this
    }
    addListener(event, listener) { return this.on(event, listener) }
    removeListener(event, listener) { return this.off(event, listener) }
    listenerCount(event) { return (this.#listeners.get(event) ?? []).length }
    emit(event, ...args) {
      const listeners = this.#listeners.get(event) ?? []
      if (event === 'error' && listeners.length === 0) throw args[0]
      for (const listener of listeners) listener.apply(this, args)
      return listeners.length > 0
    }
  }

  // Readable is made of a function that gives the next piece, or null at the
  // end, and of one that closes what is read.
  class Readable extends Emitter {
    #source; #decoder; #flowing = false
    constructor(source) {
      super()
      this.#source = source
      this.bytesRead = 0
      this.destroyed = false
      if (source.encoding) this.setEncoding(source.encoding)
    }
    setEncoding(encoding) {
      const name = String(encoding).toLowerCase()
      this.#decoder = name.startsWith('utf') ? new TextDecoder(name) : { decode: (chunk) => chunk ? chunk.toString(encoding) : '' }
      return this
    }
    // The engine has no async generators, so the iterator is written out.
    [Symbol.asyncIterator]() {
      return {
        next: () => this.#next(),
        return: async (value) => {
          await this.#finish()
          return { done: true, value }
        },
        [Symbol.asyncIterator]() { return this },
      }
    }
    async #next() {
      if (this.destroyed) return { done: true, value: undefined }
      try {
        for (;;) {
          const chunk = await this.#source.read()
          if (chunk === null) break
          this.bytesRead += chunk.length
          const decoded = this.#decoder ? this.#decoder.decode(chunk, { stream: true }) : chunk
          if (decoded.length > 0) return { done: false, value: decoded }
        }
      } catch (error) {
        await this.#finish().catch(() => {})
        throw error
      }
      const rest = this.#decoder ? this.#decoder.decode() : ''
      await this.#finish()
      return rest.length > 0 ? { done: false, value: rest } : { done: true, value: undefined }
    }
    async #finish() {
      if (this.destroyed) return
      this.destroyed = true
      await this.#source.close()
    }
    async #each(take) {
      for (;;) {
        const { done, value } = await this.#next()
        if (done) return
        await take(value)
      }
    }
    on(event, listener) {
      super.on(event, listener)
      if (event === 'data') this.resume()
      return this
    }
    resume() {
      this.#flow((chunk) => { this.emit('data', chunk) }, () => {})
      return this
    }
    pipe(target) {
      this.#flow(async (chunk) => {
        if (target.write(chunk) === false && target.once) await new Promise((go) => target.once('drain', go))
      }, () => target.end())
      return target
    }
    #flow(take, end) {
      if (this.#flowing) return
      this.#flowing = true
      const run = async () => {
        try {
          await this.#each(take)
          end()
          this.emit('end')
        } catch (error) {
          this.emit('error', error)
        }
        this.emit('close')
      }
      queueMicrotask(run)
    }
    destroy() { this.#finish().catch(() => {}); return this }
    close(callback) { this.destroy(); if (callback) queueMicrotask(callback) }
  }

  // Writable is made of functions that open, write one piece, and close.
  class Writable extends Emitter {
    #sink; #last; #failed = false; #waiting = 0
    constructor(sink) {
      super()
      this.#sink = sink
      this.bytesWritten = 0
      this.writableEnded = false
      this.#last = Promise.resolve().then(() => sink.open())
      this.#last.catch((error) => this.#fail(error))
    }
    #fail(error) {
      if (this.#failed) return
      this.#failed = true
      queueMicrotask(() => { this.emit('error', error); this.emit('close') })
    }
    write(data, encoding, callback) {
      if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding]
      if (this.writableEnded) throw new Error('write after end')
      const chunk = typeof data === 'string' ? Buffer.from(data, encoding ?? this.#sink.encoding ?? 'utf8') : data
      this.#waiting += chunk.length
      this.#last = this.#last.then(() => this.#sink.write(chunk)).then(() => {
        this.bytesWritten += chunk.length
        this.#waiting -= chunk.length
        callback?.(null)
        if (this.#waiting === 0) this.emit('drain')
      })
      this.#last.catch((error) => { callback?.(error); this.#fail(error) })
      return this.#waiting < 64 * 1024
    }
    end(data, encoding, callback) {
      if (typeof data === 'function') [data, callback] = [undefined, data]
      if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding]
      if (data !== undefined && data !== null) this.write(data, encoding)
      if (callback) this.once('finish', callback)
      if (this.writableEnded) return this
      this.writableEnded = true
      this.#last = this.#last.then(() => this.#sink.close()).then(() => { this.emit('finish'); this.emit('close') })
      this.#last.catch((error) => this.#fail(error))
      return this
    }
    destroy(error) {
      this.writableEnded = true
      this.#last.then(() => this.#sink.close(), () => {}).catch(() => {})
      if (error) this.#fail(error)
      return this
    }
  }
  return { Emitter, Readable, Writable }
})
