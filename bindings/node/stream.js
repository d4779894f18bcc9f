// node:stream: the classes. What works on whole streams is in stream_tools.js.
(function (native, require) {
  'use strict'
  const EventEmitter = require('node:events')
  const { StringDecoder } = require('node:string_decoder')
  const { check, coded, type, AbortError } = native.errors
  const later = (callback, ...args) => queueMicrotask(() => callback(...args))
  const noop = () => {}
  const defaults = { bytes: 16 * 1024, objects: 16 }
  const inherit = (Class, Parent) => {
    Object.setPrototypeOf(Class.prototype, Parent.prototype)
    Object.setPrototypeOf(Class, Parent)
  }
  const define = (Class, methods) => {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(methods))) Object.defineProperty(Class.prototype, name, { ...property, enumerable: false })
  }
  const markOf = (options, key, objectMode) => {
    const mark = options?.highWaterMark ?? options?.[key]
    if (mark === undefined || mark === null) return objectMode ? defaults.objects : defaults.bytes
    if (!Number.isInteger(mark) && mark !== Infinity || mark < 0) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `highWaterMark must be a whole number, got ${mark}`)
    return Math.floor(mark)
  }

  function Stream(options) { EventEmitter.call(this, options) }
  inherit(Stream, EventEmitter)
  define(Stream, {
    pipe(target, options) { return Readable.prototype.pipe.call(this, target, options) },
    eventNames() { return EventEmitter.prototype.eventNames.call(this) },
  })

  // What both sides of a stream share: how it begins and how it ends.
  const states = (stream) => [stream._readableState, stream._writableState].filter(Boolean)
  const emitError = (stream, error) => {
    if (states(stream).some((s) => s.errorEmitted)) return
    for (const s of states(stream)) s.errorEmitted = true
    stream.emit('error', error)
  }
  const emitClose = (stream) => {
    if (states(stream).some((s) => s.closeEmitted)) return
    for (const s of states(stream)) s.closeEmitted = true
    if (states(stream).some((s) => s.emitClose)) stream.emit('close')
  }
  const reallyDestroy = (stream, error, callback) => {
    let called = false
    const done = (failure) => {
      if (called) return
      called = true
      for (const s of states(stream)) {
        if (failure) s.errored ??= failure
        s.closed = true
      }
      callback?.(failure)
      later(() => {
        if (failure) emitError(stream, failure)
        emitClose(stream)
      })
    }
    try {
      const result = stream._destroy(error ?? null, done)
      if (typeof result?.then === 'function') result.then(() => done(null), done)
    } catch (failure) {
      done(failure)
    }
  }
  const destroyMethods = {
    destroy(error, callback) {
      if (states(this).some((s) => s.destroyed)) {
        callback?.()
        return this
      }
      for (const s of states(this)) {
        s.destroyed = true
        if (error) s.errored ??= error
      }
      if (states(this).every((s) => s.constructed)) reallyDestroy(this, error, callback)
      else this.once(constructed, (failure) => reallyDestroy(this, failure ?? error, callback))
      return this
    },
    _destroy(error, callback) { callback(error) },
  }
  const fail = (stream, error) => {
    if (states(stream).some((s) => s.destroyed)) return
    if (states(stream).some((s) => s.autoDestroy)) stream.destroy(error)
    else {
      for (const s of states(stream)) s.errored ??= error
      later(emitError, stream, error)
    }
  }
  const constructed = Symbol('constructed')
  const construct = (stream, begin) => {
    if (typeof stream._construct !== 'function') return
    const all = states(stream)
    for (const s of all) s.constructed = false
    const begun = (error) => { if (!error) begin() }
    if (stream.listenerCount(constructed) > 0) return stream.once(constructed, begun)
    stream.once(constructed, begun)
    later(() => {
      let called = false
      const done = (error) => {
        if (called) return fail(stream, coded(Error, 'ERR_MULTIPLE_CALLBACK', 'the callback was called twice'))
        called = true
        for (const s of states(stream)) s.constructed = true
        const destroyed = states(stream).some((s) => s.destroyed)
        stream.emit(constructed, error)
        if (error && !destroyed) fail(stream, error)
      }
      try {
        const result = stream._construct(done)
        if (typeof result?.then === 'function') result.then(() => done(), done)
      } catch (error) {
        done(error)
      }
    })
  }
  const common = (options, objectMode) => ({
    objectMode, destroyed: false, errored: null, closed: false, closeEmitted: false, errorEmitted: false, constructed: true,
    emitClose: options?.emitClose !== false, autoDestroy: options?.autoDestroy !== false,
  })
  const watchSignal = (stream, options) => { if (options?.signal) addAbortSignal(options.signal, stream) }
  const addAbortSignal = (signal, stream) => {
    if (signal === undefined || signal === null) throw type('the signal', 'an AbortSignal', signal)
    check.signal(signal, 'the signal')
    const abort = () => stream.destroy(new AbortError(undefined, { cause: signal.reason }))
    if (signal.aborted) abort()
    else {
      signal.addEventListener('abort', abort, { once: true })
      stream.once('close', () => signal.removeEventListener('abort', abort))
    }
    return stream
  }
  // Bytes or a text as the stream keeps them.
  const toBytes = (chunk, encoding) => typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk instanceof Buffer ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const wantChunk = (chunk) => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) throw type('the chunk', 'a string, a Buffer or a Uint8Array', chunk)
  }

  function Readable(options) {
    if (!(this instanceof Readable)) return new Readable(options)
    const isDuplex = this instanceof Duplex
    const objectMode = Boolean(options?.objectMode || isDuplex && options?.readableObjectMode)
    this._readableState = {
      ...common(options, objectMode), highWaterMark: markOf(options, isDuplex ? 'readableHighWaterMark' : undefined, objectMode), buffer: [], length: 0, pipes: [], flowing: null,
      ended: false, endEmitted: false, reading: false, sync: true, needReadable: false, emittedReadable: false, readableListening: false, resumeScheduled: false,
      defaultEncoding: options?.defaultEncoding ?? 'utf8', awaiting: new Set(), encoding: null, decoder: null, dataEmitted: false, more: false,
    }
    Object.defineProperty(this, '_readableState', { enumerable: false })
    if (options?.encoding) this._readableState.decoder = new StringDecoder(this._readableState.encoding = options.encoding)
    if (typeof options?.read === 'function') this._read = options.read
    if (typeof options?.destroy === 'function') this._destroy = options.destroy
    if (typeof options?.construct === 'function') this._construct = options.construct
    Stream.call(this, options)
    if (!isDuplex) watchSignal(this, options)
    construct(this, () => { if (this._readableState.needReadable) readMore(this) })
  }
  inherit(Readable, Stream)

  const add = (stream, chunk, encoding, first) => {
    const s = stream._readableState
    if (!s.objectMode && chunk !== null && chunk !== undefined) {
      try {
        wantChunk(chunk)
      } catch (error) {
        fail(stream, error)
        return false
      }
      if (typeof chunk === 'string') {
        encoding ||= s.defaultEncoding
        if (!(s.decoder && s.encoding === encoding)) chunk = Buffer.from(chunk, encoding)
        else if (!first && s.buffer.length === 0 && chunk.length === 0) chunk = ''
      } else chunk = toBytes(chunk)
    }
    if (chunk === null || s.objectMode && chunk === undefined && chunk === null) {
      s.reading = false
      endOfChunks(stream)
      return false
    }
    if (s.objectMode || chunk !== undefined && chunk.length > 0) {
      if (first) {
        if (s.endEmitted) fail(stream, coded(Error, 'ERR_STREAM_UNSHIFT_AFTER_END_EVENT', 'unshift() came after the end'))
        else if (s.destroyed || s.errored) return false
        else addChunk(stream, s, chunk, true)
      } else if (s.ended) {
        fail(stream, coded(Error, 'ERR_STREAM_PUSH_AFTER_EOF', 'push() came after the end'))
      } else if (s.destroyed || s.errored) return false
      else {
        s.reading = false
        if (s.decoder && typeof chunk !== 'string' && !s.objectMode) {
          chunk = s.decoder.write(chunk)
          if (chunk.length === 0) { scheduleMore(stream); return false }
        }
        addChunk(stream, s, chunk, false)
      }
    } else if (!first) {
      s.reading = false
      scheduleMore(stream)
    }
    return !s.ended && (s.length < s.highWaterMark || s.length === 0)
  }
  const addChunk = (stream, s, chunk, first) => {
    if (s.flowing && s.length === 0 && !s.sync && stream.listenerCount('data') > 0) {
      s.awaiting.clear()
      s.dataEmitted = true
      stream.emit('data', chunk)
    } else {
      s.length += s.objectMode ? 1 : chunk.length
      if (first) s.buffer.unshift(chunk)
      else s.buffer.push(chunk)
      if (s.needReadable) emitReadable(stream)
    }
    scheduleMore(stream)
  }
  const endOfChunks = (stream) => {
    const s = stream._readableState
    if (s.ended) return
    const rest = s.decoder?.end()
    if (rest) {
      s.buffer.push(rest)
      s.length += s.objectMode ? 1 : rest.length
    }
    s.ended = true
    if (s.sync) emitReadable(stream)
    else {
      s.needReadable = false
      s.emittedReadable = true
      reportReadable(stream)
    }
  }
  const emitReadable = (stream) => {
    const s = stream._readableState
    s.needReadable = false
    if (s.emittedReadable) return
    s.emittedReadable = true
    later(reportReadable, stream)
  }
  const reportReadable = (stream) => {
    const s = stream._readableState
    if (!s.destroyed && !s.errored && (s.length > 0 || s.ended)) {
      stream.emit('readable')
      s.emittedReadable = false
    }
    s.needReadable = !s.flowing && !s.ended && s.length <= s.highWaterMark
    flow(stream)
  }
  // Reads ahead up to the mark, as long as the source answers at once.
  const scheduleMore = (stream) => {
    const s = stream._readableState
    if (s.more || !s.constructed) return
    s.more = true
    later(() => { readMore(stream) })
  }
  const readMore = (stream) => {
    const s = stream._readableState
    while (!s.reading && !s.ended && (s.length < s.highWaterMark || s.flowing && s.length === 0)) {
      const before = s.length
      stream.read(0)
      if (before === s.length) break
    }
    s.more = false
  }
  const flow = (stream) => {
    const s = stream._readableState
    while (s.flowing && stream.read() !== null);
  }
  const endReadable = (stream) => {
    const s = stream._readableState
    if (s.endEmitted) return
    s.ended = true
    later(() => {
      if (s.errored || s.closeEmitted || s.endEmitted || s.length > 0) return
      s.endEmitted = true
      stream.emit('end')
      const w = stream._writableState
      if (stream.writable && stream.allowHalfOpen === false) later(() => { if (stream.writable && !w.ending && !w.destroyed) stream.end() })
      else if (s.autoDestroy && (!w || w.autoDestroy && (w.finished || w.writable === false))) stream.destroy()
    })
  }
  // Takes n bytes, one object, or all, out of the buffer.
  const take = (s, n) => {
    if (s.objectMode) { s.length--; return s.buffer.shift() }
    if (n >= s.length) {
      const all = s.buffer.length === 1 ? s.buffer[0] : s.decoder ? s.buffer.join('') : Buffer.concat(s.buffer)
      s.buffer = []
      s.length = 0
      return all
    }
    const parts = []
    for (let left = n; left > 0;) {
      const head = s.buffer[0]
      if (head.length <= left) {
        parts.push(s.buffer.shift())
        left -= head.length
      } else {
        parts.push(head.slice(0, left))
        s.buffer[0] = head.slice(left)
        left = 0
      }
    }
    s.length -= n
    return parts.length === 1 ? parts[0] : s.decoder ? parts.join('') : Buffer.concat(parts)
  }
  const howMuch = (s, n) => {
    if (n <= 0 || s.length === 0 && s.ended) return 0
    if (s.objectMode) return 1
    if (Number.isNaN(n)) return s.flowing && s.length > 0 ? s.buffer[0].length : s.length
    if (n <= s.length) return n
    return s.ended ? s.length : 0
  }

  define(Readable, {
    ...destroyMethods,
    _read() { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'the stream has no method _read()') },
    push(chunk, encoding) { return add(this, chunk, encoding, false) },
    unshift(chunk, encoding) { return add(this, chunk, encoding, true) },
    read(n) {
      const s = this._readableState
      n = n === undefined ? NaN : Number.isInteger(n) ? n : parseInt(n, 10)
      const asked = n
      if (n > s.highWaterMark) s.highWaterMark = 2 ** Math.ceil(Math.log2(n))
      if (n !== 0) s.emittedReadable = false
      if (n === 0 && s.needReadable && ((s.highWaterMark !== 0 ? s.length >= s.highWaterMark : s.length > 0) || s.ended)) {
        if (s.length === 0 && s.ended) endReadable(this)
        else emitReadable(this)
        return null
      }
      n = howMuch(s, n)
      if (n === 0 && s.ended) {
        if (s.length === 0) endReadable(this)
        return null
      }
      let wanted = s.needReadable || s.length === 0 || s.length - n < s.highWaterMark
      if (s.ended || s.reading || s.destroyed || s.errored || !s.constructed) wanted = false
      else if (wanted) {
        s.reading = true
        s.sync = true
        if (s.length === 0) s.needReadable = true
        try {
          this._read(s.highWaterMark)
        } catch (error) {
          fail(this, error)
        }
        s.sync = false
        if (!s.reading) n = howMuch(s, asked)
      }
      let result = null
      if (n > 0 && s.length > 0) result = take(s, n)
      if (result === null) {
        s.needReadable = s.length <= s.highWaterMark
        n = 0
      } else if (s.length === 0) {
        if (!s.ended) s.needReadable = true
        if (asked !== 0 && s.ended) endReadable(this)
      }
      if (s.length === 0 && s.ended && asked !== 0 && result !== null) endReadable(this)
      if (result !== null && !s.errored && !s.closeEmitted) {
        s.dataEmitted = true
        this.emit('data', result)
      }
      return result
    },
    on(event, listener) {
      const result = Stream.prototype.on.call(this, event, listener)
      const s = this._readableState
      if (event === 'data') {
        s.readableListening = this.listenerCount('readable') > 0
        if (s.flowing !== false) this.resume()
      } else if (event === 'readable' && !s.endEmitted && !s.readableListening) {
        s.readableListening = s.needReadable = true
        s.flowing = false
        s.emittedReadable = false
        if (s.length > 0) emitReadable(this)
        else if (!s.reading) later(() => this.read(0))
      }
      return result
    },
    removeListener(event, listener) {
      const result = Stream.prototype.removeListener.call(this, event, listener)
      if (event === 'readable') later(() => updateFlow(this))
      return result
    },
    removeAllListeners(...args) {
      const result = Stream.prototype.removeAllListeners.apply(this, args)
      if (args.length === 0 || args[0] === 'readable') later(() => updateFlow(this))
      return result
    },
    resume() {
      const s = this._readableState
      if (!s.flowing) {
        s.flowing = !s.readableListening
        if (!s.resumeScheduled) {
          s.resumeScheduled = true
          later(() => {
            if (!s.reading) this.read(0)
            s.resumeScheduled = false
            this.emit('resume')
            flow(this)
            if (s.flowing && !s.reading) this.read(0)
          })
        }
      }
      s.paused = false
      return this
    },
    pause() {
      const s = this._readableState
      if (s.flowing !== false) {
        s.flowing = false
        this.emit('pause')
      }
      s.paused = true
      return this
    },
    isPaused() { return this._readableState.paused === true || this._readableState.flowing === false },
    setEncoding(encoding) {
      const s = this._readableState
      s.decoder = new StringDecoder(encoding)
      s.encoding = s.decoder.encoding
      const text = s.buffer.map((chunk) => s.decoder.write(chunk)).join('')
      s.buffer = text === '' ? [] : [text]
      s.length = text.length
      return this
    },
    pipe(target, options) {
      const s = this._readableState ?? { pipes: [], awaiting: new Set() }
      s.pipes.push(target)
      const ends = options?.end !== false
      const ondata = (chunk) => {
        if (target.write(chunk) === false) {
          s.awaiting.add(target)
          this.pause?.()
          target.once('drain', ondrain)
        }
      }
      const ondrain = () => {
        s.awaiting.delete(target)
        if (s.awaiting.size === 0 && this.listenerCount('data') > 0) this.resume?.()
      }
      const onend = () => target.end()
      const onerror = (error) => {
        undo()
        this.unpipe?.(target)
        if (target.listenerCount('error') === 0) {
          if (target._writableState && !target._writableState.errorEmitted) fail(target, error)
          else target.emit('error', error)
        }
      }
      const leave = () => { this.unpipe?.(target) }
      const undo = () => {
        for (const [emitter, event, listener] of listening) emitter.removeListener(event, listener)
      }
      const onunpipe = (source) => { if (source === this) undo() }
      const listening = [[this, 'data', ondata], [target, 'drain', ondrain], [target, 'error', onerror], [target, 'close', leave], [target, 'finish', leave], [target, 'unpipe', onunpipe]]
      if (ends) {
        listening.push([this, 'end', onend])
        if (s.endEmitted) later(onend)
        else this.once('end', onend)
      }
      target.prependListener('error', onerror)
      target.once('close', leave)
      target.once('finish', leave)
      target.on('unpipe', onunpipe)
      this.on('data', ondata)
      target.emit('pipe', this)
      if (target.writableNeedDrain === true) {
        s.awaiting.add(target)
        this.pause?.()
        target.once('drain', ondrain)
      } else if (!s.flowing) this.resume?.()
      return target
    },
    unpipe(target) {
      const s = this._readableState
      const leaving = target === undefined ? s.pipes.splice(0) : s.pipes.includes(target) ? s.pipes.splice(s.pipes.indexOf(target), 1) : []
      if (leaving.length > 0 && s.pipes.length === 0) this.pause()
      for (const one of leaving) {
        s.awaiting.delete(one)
        one.emit('unpipe', this, { hasUnpiped: false })
      }
      return this
    },
    get readable() { const s = this._readableState; return Boolean(s) && s.readable !== false && !s.destroyed && !s.errorEmitted && !s.endEmitted },
    set readable(value) { if (this._readableState) this._readableState.readable = Boolean(value) },
    get readableFlowing() { return this._readableState.flowing }, set readableFlowing(value) { this._readableState.flowing = value },
    get readableLength() { return this._readableState.length }, get readableHighWaterMark() { return this._readableState.highWaterMark },
    get readableObjectMode() { return this._readableState.objectMode }, get readableEncoding() { return this._readableState.encoding },
    get readableEnded() { return this._readableState.endEmitted }, get readableBuffer() { return this._readableState.buffer },
    get readableDidRead() { return this._readableState.dataEmitted },
    get readableAborted() { const s = this._readableState; return Boolean((s.destroyed || s.errored) && !s.endEmitted) },
    get errored() { return this._readableState?.errored ?? this._writableState?.errored ?? null },
    get closed() { return states(this).every((s) => s.closed) },
    get destroyed() { return states(this).length > 0 && states(this).every((s) => s.destroyed) },
    set destroyed(value) { for (const s of states(this)) s.destroyed = value },
  })
  for (const [name, as] of [['addListener', 'on'], ['off', 'removeListener']]) Object.defineProperty(Readable.prototype, name, { value: Readable.prototype[as], writable: true, configurable: true })
  const updateFlow = (stream) => {
    const s = stream._readableState
    s.readableListening = stream.listenerCount('readable') > 0
    if (s.resumeScheduled && s.paused === false) s.flowing = true
    else if (stream.listenerCount('data') > 0) stream.resume()
    else if (!s.readableListening) s.flowing = null
  }

  function Writable(options) {
    const isDuplex = this instanceof Duplex
    if (!isDuplex && !(this instanceof Writable)) return new Writable(options)
    writableState(this, options, isDuplex)
    if (typeof options?.write === 'function') this._write = options.write
    if (typeof options?.writev === 'function') this._writev = options.writev
    if (typeof options?.destroy === 'function') this._destroy = options.destroy
    if (typeof options?.final === 'function') this._final = options.final
    if (typeof options?.construct === 'function') this._construct = options.construct
    Stream.call(this, options)
    watchSignal(this, options)
    construct(this, () => { next(this); finishMaybe(this) })
  }
  inherit(Writable, Stream)
  const writableState = (stream, options, isDuplex) => {
    const objectMode = Boolean(options?.objectMode || isDuplex && options?.writableObjectMode)
    stream._writableState = {
      ...common(options, objectMode), highWaterMark: markOf(options, isDuplex ? 'writableHighWaterMark' : undefined, objectMode), length: 0, buffered: [], writing: false, corked: 0, sync: false,
      needDrain: false, ending: false, ended: false, finished: false, finalCalled: false, pending: 0, decodeStrings: options?.decodeStrings !== false, defaultEncoding: options?.defaultEncoding ?? 'utf8', onfinish: [], aborted: false,
    }
    Object.defineProperty(stream, '_writableState', { enumerable: false })
  }

  const write = (stream, chunk, encoding, callback) => {
    const w = stream._writableState
    if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding]
    encoding ||= w.defaultEncoding
    if (encoding !== 'buffer' && !Buffer.isEncoding(encoding)) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `unknown encoding: ${encoding}`)
    if (chunk === null) throw coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'null cannot be written to a stream')
    if (!w.objectMode) {
      wantChunk(chunk)
      if (typeof chunk === 'string') {
        if (w.decodeStrings) { chunk = Buffer.from(chunk, encoding); encoding = 'buffer' }
      } else { chunk = toBytes(chunk); encoding = 'buffer' }
    }
    let error
    if (w.ending) error = coded(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write() came after the end')
    else if (w.destroyed) error = coded(Error, 'ERR_STREAM_DESTROYED', 'write() came after the stream was destroyed')
    if (error) {
      if (callback) later(callback, error)
      fail(stream, error)
      return error
    }
    w.pending++
    const size = w.objectMode ? 1 : chunk.length
    w.length += size
    const room = w.length < w.highWaterMark
    if (!room) w.needDrain = true
    if (w.writing || w.corked || w.errored || !w.constructed) w.buffered.push({ chunk, encoding, callback: callback ?? noop })
    else start(stream, w, [{ chunk, encoding, callback: callback ?? noop }], size)
    return room && !w.errored && !w.destroyed
  }
  const start = (stream, w, items, size) => {
    w.writing = true
    w.sync = true
    let called = false
    const done = (error) => {
      if (called) return fail(stream, coded(Error, 'ERR_MULTIPLE_CALLBACK', 'the callback was called twice'))
      called = true
      written(stream, w, items, size, error)
    }
    try {
      if (items.length > 1 || items.list) stream._writev(items, done)
      else stream._write(items[0].chunk, items[0].encoding, done)
    } catch (error) {
      if (called) throw error
      done(error)
    }
    w.sync = false
  }
  const written = (stream, w, items, size, error) => {
    w.writing = false
    w.length -= size
    if (error) {
      w.errored ??= error
      if (stream._readableState) stream._readableState.errored ??= error
      const report = () => {
        w.pending -= items.length
        for (const item of items) item.callback(error)
        dropBuffered(w)
        if (w.autoDestroy) stream.destroy(error)
        else emitError(stream, error)
      }
      if (w.sync) later(report)
      else report()
      return
    }
    if (w.buffered.length > 0) next(stream)
    const after = () => {
      if (w.needDrain && !w.ending && !w.destroyed && w.length === 0) {
        w.needDrain = false
        stream.emit('drain')
      }
      for (const item of items) { w.pending--; item.callback(null) }
      if (w.destroyed) dropBuffered(w)
      finishMaybe(stream)
    }
    if (w.sync) later(after)
    else after()
  }
  const next = (stream) => {
    const w = stream._writableState
    if (w.corked || w.destroyed || w.writing || !w.constructed || w.buffered.length === 0) return
    if (stream._writev && w.buffered.length > 1) {
      const items = w.buffered
      w.buffered = []
      start(stream, w, Object.assign(items, { list: true }), w.length)
      return
    }
    const item = w.buffered.shift()
    start(stream, w, [item], w.objectMode ? 1 : item.chunk.length)
  }
  const dropBuffered = (w) => {
    if (w.writing) return
    for (const item of w.buffered.splice(0)) {
      w.length -= w.objectMode ? 1 : item.chunk.length
      w.pending--
      item.callback(w.errored ?? coded(Error, 'ERR_STREAM_DESTROYED', 'the stream was destroyed before this was written'))
    }
    for (const callback of w.onfinish.splice(0)) callback(w.errored ?? coded(Error, 'ERR_STREAM_DESTROYED', 'end() could not finish: the stream was destroyed'))
  }
  const finishMaybe = (stream) => {
    const w = stream._writableState
    const ready = () => w.ending && !w.destroyed && w.constructed && w.length === 0 && !w.errored && w.buffered.length === 0 && !w.finished && !w.writing && !w.closeEmitted
    if (!ready()) return
    if (!w.finalCalled) {
      w.finalCalled = true
      if (typeof stream._final === 'function' && !w.destroyed) {
        w.pending++
        later(() => {
          let called = false
          const done = (error) => {
            if (called) return fail(stream, error ?? coded(Error, 'ERR_MULTIPLE_CALLBACK', 'the callback was called twice'))
            called = true
            w.pending--
            if (error) {
              for (const callback of w.onfinish.splice(0)) callback(error)
              fail(stream, error)
              return
            }
            w.prefinished = true
            stream.emit('prefinish')
            later(() => finish(stream))
          }
          try {
            const result = stream._final(done)
            if (typeof result?.then === 'function') result.then(() => done(), done)
          } catch (error) {
            done(error)
          }
        })
        return
      }
      w.prefinished = true
      stream.emit('prefinish')
    }
    if (w.prefinished && w.pending === 0) later(() => { if (ready()) finish(stream) })
  }
  const finish = (stream) => {
    const w = stream._writableState
    if (w.finished || w.errored || w.destroyed) return
    w.finished = true
    for (const callback of w.onfinish.splice(0)) callback(null)
    stream.emit('finish')
    const r = stream._readableState
    if (w.autoDestroy && (!r || r.autoDestroy && (r.endEmitted || r.readable === false))) stream.destroy()
  }
  const writableMethods = {
    _write(chunk, encoding, callback) {
      if (this._writev) this._writev([{ chunk, encoding }], callback)
      else throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'the stream has no method _write()')
    },
    write(chunk, encoding, callback) { return write(this, chunk, encoding, callback) === true },
    end(chunk, encoding, callback) {
      const w = this._writableState
      if (typeof chunk === 'function') [chunk, encoding, callback] = [undefined, undefined, chunk]
      else if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding]
      let error
      if (chunk !== null && chunk !== undefined) {
        const result = write(this, chunk, encoding)
        if (result instanceof Error) error = result
      }
      if (w.corked) { w.corked = 1; this.uncork() }
      if (!error) {
        if (!w.errored && !w.ending) {
          w.ending = true
          finishMaybe(this)
          w.ended = true
        } else if (w.finished) error = coded(Error, 'ERR_STREAM_ALREADY_FINISHED', 'end() came after the stream had finished')
        else if (w.destroyed) error = coded(Error, 'ERR_STREAM_DESTROYED', 'end() came after the stream was destroyed')
      }
      if (typeof callback === 'function') {
        if (error) later(callback, error)
        else if (w.finished) later(callback, null)
        else w.onfinish.push(callback)
      }
      return this
    },
    cork() { this._writableState.corked++ },
    uncork() {
      const w = this._writableState
      if (w.corked > 0 && --w.corked === 0 && !w.writing) next(this)
    },
    setDefaultEncoding(encoding) {
      if (!Buffer.isEncoding(encoding)) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `unknown encoding: ${encoding}`)
      this._writableState.defaultEncoding = String(encoding).toLowerCase()
      return this
    },
    get writable() { const w = this._writableState; return Boolean(w) && w.writable !== false && !w.destroyed && !w.errored && !w.ending && !w.ended },
    set writable(value) { if (this._writableState) this._writableState.writable = Boolean(value) },
    get writableEnded() { return this._writableState.ending }, get writableFinished() { return this._writableState.finished },
    get writableLength() { return this._writableState.length }, get writableHighWaterMark() { return this._writableState.highWaterMark },
    get writableObjectMode() { return this._writableState.objectMode }, get writableCorked() { return this._writableState.corked },
    get writableNeedDrain() { const w = this._writableState; return !w.destroyed && !w.ending && w.needDrain },
    get writableAborted() { const w = this._writableState; return Boolean((w.destroyed || w.errored) && !w.finished) },
    get writableBuffer() { return this._writableState.buffered },
  }
  const destroyWritable = function (error, callback) {
    const w = this._writableState
    if (!w.destroyed && (w.buffered.length > 0 || w.onfinish.length > 0)) later(() => dropBuffered(w))
    return destroyMethods.destroy.call(this, error, callback)
  }
  define(Writable, {
    ...destroyMethods, destroy: destroyWritable,
    pipe() { fail(this, coded(Error, 'ERR_STREAM_CANNOT_PIPE', 'a stream that is only written to cannot be piped')) },
  })
  define(Writable, writableMethods)
  for (const name of ['errored', 'closed', 'destroyed']) Object.defineProperty(Writable.prototype, name, Object.getOwnPropertyDescriptor(Readable.prototype, name))
  Object.defineProperty(Writable, Symbol.hasInstance, {
    value(object) { return Function.prototype[Symbol.hasInstance].call(this, object) || this === Writable && object !== null && typeof object === 'object' && Object.hasOwn(object, '_writableState') },
  })

  function Duplex(options) {
    if (!(this instanceof Duplex)) return new Duplex(options)
    this.allowHalfOpen = options?.allowHalfOpen !== false
    writableState(this, options, true)
    Readable.call(this, options)
    for (const name of ['write', 'writev', 'final']) if (typeof options?.[name] === 'function') this[`_${name}`] = options[name]
    if (options?.readable === false) { this._readableState.readable = false; this._readableState.ended = this._readableState.endEmitted = true }
    if (options?.writable === false) { const w = this._writableState; w.writable = false; w.ending = w.ended = w.finished = true }
    watchSignal(this, options)
    if (!this._writableState.constructed) this.once(constructed, (error) => { if (!error) { next(this); finishMaybe(this) } })
  }
  inherit(Duplex, Readable)
  define(Duplex, writableMethods)
  define(Duplex, { destroy: destroyWritable })

  function Transform(options) {
    if (!(this instanceof Transform)) return new Transform(options)
    Duplex.call(this, options)
    this._readableState.sync = false
    if (typeof options?.transform === 'function') this._transform = options.transform
    if (typeof options?.flush === 'function') this._flush = options.flush
    this.on('prefinish', function () { if (this._final !== Transform.prototype._final) flushed.call(this) })
  }
  inherit(Transform, Duplex)
  const waiting = Symbol('waiting')
  function flushed(callback) {
    const done = (error, data) => {
      if (error) {
        if (callback) callback(error)
        else this.destroy(error)
        return
      }
      if (data !== null && data !== undefined) this.push(data)
      this.push(null)
      callback?.()
    }
    if (typeof this._flush !== 'function' || this.destroyed) return done()
    const result = this._flush(done)
    if (typeof result?.then === 'function') result.then((data) => done(null, data), done)
  }
  define(Transform, {
    _transform() { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'the stream has no method _transform()') },
    _final(callback) { flushed.call(this, callback) },
    _write(chunk, encoding, callback) {
      const r = this._readableState, w = this._writableState, before = r.length
      const done = (error, value) => {
        if (error) return callback(error)
        if (value !== null && value !== undefined) this.push(value)
        if (w.ending || before === r.length || r.length < r.highWaterMark) callback()
        else this[waiting] = callback
      }
      const result = this._transform(chunk, encoding, done)
      if (typeof result?.then === 'function') result.then((value) => done(null, value), done)
    },
    _read() {
      const callback = this[waiting]
      if (callback) {
        this[waiting] = null
        callback()
      }
    },
  })
  Transform.prototype[waiting] = null

  function PassThrough(options) {
    if (!(this instanceof PassThrough)) return new PassThrough(options)
    Transform.call(this, options)
  }
  inherit(PassThrough, Transform)
  define(PassThrough, { _transform(chunk, encoding, callback) { callback(null, chunk) } })

  Object.assign(Stream, {
    Stream, Readable, Writable, Duplex, Transform, PassThrough, addAbortSignal,
    getDefaultHighWaterMark: (objectMode) => objectMode ? defaults.objects : defaults.bytes,
    setDefaultHighWaterMark(objectMode, value) { check.integer(value, 'the mark', 0); defaults[objectMode ? 'objects' : 'bytes'] = value },
  })
  native.tools(native.errors, Stream, { later, states, fail })
  return Stream
})
