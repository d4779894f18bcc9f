// node:stream: finished, pipeline, and what makes streams of other things.
(function () {
  'use strict'
  return ({ check, coded, type, AbortError }, Stream, { later, states, fail }) => {
    const { Readable, Writable, Duplex, PassThrough } = Stream
    const noop = () => {}
    const isStream = (value) => typeof value?.on === 'function' && (typeof value.pipe === 'function' || typeof value.write === 'function')
    const isReadable = (value) => Boolean(value?._readableState) || typeof value?.pipe === 'function' && typeof value.on === 'function' && !value._writableState
    const isWritable = (value) => Boolean(value?._writableState) || typeof value?.write === 'function' && typeof value.on === 'function'
    const isWebReadable = (value) => typeof value?.getReader === 'function'
    const isWebWritable = (value) => typeof value?.getWriter === 'function'
    const isIterable = (value) => typeof value?.[Symbol.asyncIterator] === 'function' || typeof value?.[Symbol.iterator] === 'function'
    const premature = () => coded(Error, 'ERR_STREAM_PREMATURE_CLOSE', 'the stream was closed before its end')

    // Calls back once a stream has ended, failed or been closed.
    const finished = (stream, options, callback) => {
      if (typeof options === 'function') [options, callback] = [{}, options]
      options ??= {}
      check.object(options, 'the options')
      check.func(callback, 'the callback')
      check.signal(options.signal, 'options.signal')
      if (!isStream(stream)) throw type('the stream', 'a stream', stream)
      const r = stream._readableState, w = stream._writableState
      const readable = options.readable ?? isReadable(stream), writable = options.writable ?? isWritable(stream)
      let readDone = !readable || r?.endEmitted || r?.readable === false, writeDone = !writable || w?.finished || w?.writable === false, called = false
      const finish = (error) => {
        if (called) return
        called = true
        callback.call(stream, error)
      }
      const onend = () => { readDone = true; if (writeDone) finish() }
      const onfinish = () => { writeDone = true; if (readDone) finish() }
      const onclose = () => {
        const errored = r?.errored || w?.errored
        if (errored && typeof errored !== 'boolean') return finish(errored)
        if (!readDone && !(r ? r.endEmitted : true) || !writeDone && !(w ? w.finished : true)) return finish(premature())
        finish()
      }
      const listeners = [['end', onend], ['finish', onfinish], ['close', onclose]]
      if (options.error !== false) listeners.push(['error', finish])
      for (const [event, listener] of listeners) stream.on(event, listener)
      if (states(stream).length > 0 && states(stream).every((s) => s.closed)) later(onclose)
      else if (states(stream).some((s) => s.errorEmitted)) later(onclose)
      else if (readDone && writeDone) later(finish)
      const undo = () => {
        called = true
        callback = noop
        for (const [event, listener] of listeners) stream.removeListener(event, listener)
      }
      if (options.signal) {
        const abort = () => { const end = callback; undo(); end.call(stream, new AbortError(undefined, { cause: options.signal.reason })) }
        if (options.signal.aborted) later(abort)
        else options.signal.addEventListener('abort', abort, { once: true })
      }
      return undo
    }
    const finishedPromise = (stream, options) => new Promise((resolve, reject) => {
      const undo = finished(stream, options, (error) => {
        if (options?.cleanup) undo()
        if (error) reject(error)
        else resolve()
      })
    })

    // Reads a stream piece by piece; the stream is destroyed unless it was read to
    // its end.
    const iterate = (stream, options) => {
      let wake = noop, error, ended = false
      const next = () => { wake(); wake = noop }
      stream.on('readable', next)
      const undo = finished(stream, { writable: false }, (failure) => {
        error = failure
        ended = true
        next()
      })
      const stop = () => {
        if ((error || options?.destroyOnReturn !== false) && (error === undefined || stream._readableState.autoDestroy)) {
          const over = stream._readableState.endEmitted && !error
          if (!over) stream.destroy()
        }
        stream.off('readable', next)
        undo()
      }
      let over = false, queue = Promise.resolve()
      const step = async () => {
        for (;;) {
          if (over) return { value: undefined, done: true }
          const chunk = stream.destroyed ? null : stream.read()
          if (chunk !== null) return { value: chunk, done: false }
          if (ended) {
            over = true
            const failure = error
            stop()
            if (failure) throw failure
            return { value: undefined, done: true }
          }
          await new Promise((resolve) => { wake = resolve })
        }
      }
      return {
        next() { return queue = queue.then(step, step) },
        async return(value) {
          if (!over) { over = true; stop() }
          return { value, done: true }
        },
        [Symbol.asyncIterator]() { return this },
        stream,
      }
    }
    const iterator = (source) => (source[Symbol.asyncIterator] ?? source[Symbol.iterator]).call(source)
    // for await, which the engine lacks.
    const forEach = async (source, visit) => {
      const it = iterator(source)
      let step
      while (!(step = await it.next()).done) {
        try {
          if (await visit(await step.value) === false) break
        } catch (error) {
          await it.return?.()
          throw error
        }
      }
      if (!step.done) await it.return?.()
    }

    const from = (source, options) => {
      if (typeof source === 'string' || source instanceof Buffer) {
        return new Readable({ objectMode: true, ...options, read() { this.push(source); this.push(null) } })
      }
      if (!isIterable(source ?? {})) throw type('the iterable', 'an object with Symbol.asyncIterator or Symbol.iterator', source)
      const it = iterator(source)
      let reading = false
      const stream = new Readable({ objectMode: true, highWaterMark: 1, ...options })
      stream._read = () => {
        if (reading) return
        reading = true
        const run = async () => {
          for (;;) {
            try {
              const { value, done } = await it.next()
              if (done) {
                stream.push(null)
                return
              }
              const chunk = await value
              if (chunk === null) {
                reading = false
                throw coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'a stream cannot hold null')
              }
              if (stream.push(chunk)) continue
              reading = false
              return
            } catch (error) {
              stream.destroy(error)
              return
            }
          }
        }
        run()
      }
      stream._destroy = (error, callback) => {
        const close = async () => {
          if (error && typeof it.throw === 'function') {
            const { value, done } = await it.throw(error)
            await value
            if (done) return
          }
          await it.return?.()
        }
        close().then(() => later(callback, error), (failure) => later(callback, failure ?? error))
      }
      return stream
    }

    const fromWebReadable = (web, options) => {
      if (!isWebReadable(web)) throw type('the stream', 'a ReadableStream', web)
      const reader = web.getReader()
      return new Readable({
        ...options,
        read() {
          reader.read().then(({ value, done }) => {
            if (done) this.push(null)
            else this.push(this.readableObjectMode || typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength))
          }, (error) => this.destroy(error))
        },
        destroy(error, callback) { (this.readableEnded ? Promise.resolve() : reader.cancel(error ?? undefined)).then(() => callback(error), () => callback(error)) },
      })
    }
    const fromWebWritable = (web, options) => {
      if (!isWebWritable(web)) throw type('the stream', 'a WritableStream', web)
      const writer = web.getWriter()
      const settle = (promise, callback) => promise.then(() => callback(), callback)
      return new Writable({
        ...options,
        write(chunk, encoding, callback) { settle(writer.ready.then(() => writer.write(chunk)), callback) },
        final(callback) { settle(writer.close(), callback) },
        destroy(error, callback) { (error ? writer.abort(error) : Promise.resolve()).then(() => callback(error), () => callback(error)) },
      })
    }
    const toWebReadable = (stream) => {
      if (!isReadable(stream)) throw type('the stream', 'a Readable', stream)
      let it
      return new ReadableStream({
        async pull(controller) {
          it ??= iterate(stream)
          const { value, done } = await it.next()
          if (done) controller.close()
          else controller.enqueue(value instanceof Buffer ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value)
        },
        cancel(reason) { stream.destroy(reason) },
      }, { highWaterMark: 0 })
    }
    const toWebWritable = (stream) => {
      if (!isWritable(stream)) throw type('the stream', 'a Writable', stream)
      return new WritableStream({
        write: (chunk) => new Promise((resolve, reject) => { stream.write(chunk, (error) => error ? reject(error) : resolve()) }),
        close: () => new Promise((resolve, reject) => { stream.end((error) => error ? reject(error) : resolve()) }),
        abort: (reason) => { stream.destroy(reason) },
      })
    }

    // Writes all that source gives to a stream.
    const pump = async (source, target, ends) => {
      let failure, wake
      target.on('drain', () => wake?.())
      const undo = finished(target, { readable: false }, (error) => { failure = error ?? (target.writableFinished ? undefined : premature()); wake?.() })
      try {
        await forEach(source, async (chunk) => {
          if (failure) throw failure
          if (!target.write(chunk)) await new Promise((resolve) => { wake = resolve })
          if (failure) throw failure
        })
        if (ends) {
          target.end()
          await finishedPromise(target, { readable: false })
        }
      } catch (error) {
        target.destroy(error)
        throw error
      } finally {
        undo()
      }
    }

    const pipeline = (...parts) => {
      const callback = parts.pop()
      check.func(callback, 'the last argument')
      run(parts, {}).then((value) => later(callback, undefined, value), (error) => later(callback, error))
      return parts.flat().at(-1)
    }
    const pipelinePromise = (...parts) => {
      const last = parts.at(-1)
      const options = last !== null && typeof last === 'object' && !isStream(last) && !isIterable(last) && !isWebReadable(last) && !isWebWritable(last) && !last.readable ? parts.pop() : {}
      check.signal(options.signal, 'options.signal')
      return run(parts, options)
    }
    const run = async (parts, { signal, end: ends = true }) => {
      if (parts.length === 1 && Array.isArray(parts[0])) parts = parts[0]
      if (parts.length < 2) throw coded(TypeError, 'ERR_MISSING_ARGS', 'a pipeline takes at least two streams')
      const opened = [], tasks = []
      let failure, result
      const stop = (error) => {
        if (!failure || failure.code === 'ERR_STREAM_PREMATURE_CLOSE') failure = error
        for (const stream of opened) stream.destroy(error)
      }
      const follow = (task) => tasks.push(task.catch(stop))
      const abort = () => stop(new AbortError(undefined, { cause: signal.reason }))
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
      let source
      parts.forEach((part, i) => {
        const first = i === 0, last = i === parts.length - 1
        if (isWebWritable(part) && !first) part = fromWebWritable(part, { objectMode: true })
        if (isWebReadable(part) && first) part = fromWebReadable(part, { objectMode: true })
        if (part?.readable && part?.writable && isWebReadable(part.readable)) {
          const web = part
          part = (input) => { follow(pump(input, fromWebWritable(web.writable, { objectMode: true }), true)); return fromWebReadable(web.readable, { objectMode: true }) }
        }
        if (isStream(part)) {
          opened.push(part)
          if (!first) {
            if (!isWritable(part)) throw type(`part ${i}`, 'a Writable', part)
            if (isStream(source) && isReadable(source)) {
              source.pipe(part, { end: ends || !last })
              follow(finishedPromise(source, { writable: false }))
            } else follow(pump(source, part, ends || !last))
            if (last && ends) follow(finishedPromise(part, { readable: isReadable(part) && !isDuplexEnd(part) }))
          }
          source = part
        } else if (typeof part === 'function') {
          const made = first ? part({ signal }) : part(toIterable(source), { signal })
          if (typeof made?.then === 'function' && last) follow(made.then((value) => { result = value }))
          else if (!isIterable(made ?? {})) throw coded(TypeError, 'ERR_INVALID_RETURN_VALUE', `part ${i} must return an iterable`)
          else if (last) follow(forEach(made, noop))
          else source = made
          if (isStream(source) && !first) opened.push(source)
        } else if (first && isIterable(part)) source = part
        else throw type(`part ${i}`, 'a stream, an iterable or a function', part)
      })
      for (let done = 0; done < tasks.length; done++) await tasks[done]
      signal?.removeEventListener('abort', abort)
      if (failure) throw failure
      return result
    }
    // The readable side of the last stream is somebody else's to read.
    const isDuplexEnd = (stream) => Boolean(stream._readableState && stream._writableState)
    const toIterable = (source) => isStream(source) && !isIterable(source) ? new PassThrough({ objectMode: true }) : source

    // Readable's methods after those of arrays.
    const limit = (options) => {
      if (options !== undefined) check.object(options, 'the options')
      check.signal(options?.signal, 'options.signal')
      return options?.signal
    }
    const stopped = (signal) => { if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason }) }
    const generated = (source, body) => from(Object.assign({ async next() { return body.next() }, async return(value) { await source.return?.(); return { value, done: true } }, [Symbol.asyncIterator]() { return this } }))
    const method = (f) => { check.func(f, 'the function'); return f }
    const operators = {
      map(f, options) {
        method(f); const signal = limit(options), it = iterate(this)
        return generated(it, { async next() { stopped(signal); const s = await it.next(); return s.done ? s : { value: await f(s.value, { signal }), done: false } } })
      },
      filter(f, options) {
        method(f); const signal = limit(options), it = iterate(this)
        return generated(it, { async next() { for (;;) { stopped(signal); const s = await it.next(); if (s.done || await f(s.value, { signal })) return s } } })
      },
      flatMap(f, options) {
        method(f); const signal = limit(options), it = iterate(this); let inner
        return generated(it, {
          async next() {
            for (;;) {
              stopped(signal)
              if (inner) { const s = await inner.next(); if (!s.done) return s }
              const s = await it.next()
              if (s.done) return s
              inner = iterator(await f(s.value, { signal }))
            }
          },
        })
      },
      take(n, options) {
        const signal = limit(options), it = iterate(this); let left = n
        return generated(it, { async next() { stopped(signal); if (left-- <= 0) { await it.return(); return { value: undefined, done: true } } return it.next() } })
      },
      drop(n, options) {
        const signal = limit(options), it = iterate(this); let left = n
        return generated(it, { async next() { for (;;) { stopped(signal); const s = await it.next(); if (s.done || left-- <= 0) return s } } })
      },
      async toArray(options) { const signal = limit(options), all = []; await forEach(iterate(this), (chunk) => { stopped(signal); all.push(chunk) }); return all },
      async forEach(f, options) { method(f); const signal = limit(options); await forEach(iterate(this), async (chunk) => { stopped(signal); await f(chunk, { signal }) }) },
      async some(f, options) { method(f); limit(options); let found = false; await forEach(iterate(this), async (chunk) => { if (await f(chunk)) { found = true; return false } }); return found },
      async every(f, options) { method(f); return !await this.some(async (chunk) => !await f(chunk), options) },
      async find(f, options) { method(f); limit(options); let found; await forEach(iterate(this), async (chunk) => { if (await f(chunk)) { found = chunk; return false } }); return found },
      async reduce(f, initial, options) {
        method(f); limit(options); let has = arguments.length > 1, value = initial
        await forEach(iterate(this), async (chunk) => { value = has ? await f(value, chunk) : chunk; has = true })
        if (!has) throw new TypeError('reduce of an empty stream with no initial value')
        return value
      },
      [Symbol.asyncIterator]() { return iterate(this) },
      iterator(options) { if (options !== undefined) check.object(options, 'the options'); return iterate(this, options) },
    }
    for (const name of Reflect.ownKeys(operators)) Object.defineProperty(Readable.prototype, name, { value: operators[name], writable: true, configurable: true })

    Object.assign(Readable, { from, fromWeb: fromWebReadable, toWeb: toWebReadable })
    Object.assign(Writable, { fromWeb: fromWebWritable, toWeb: toWebWritable })
    Object.assign(Duplex, {
      from(source) {
        if (isStream(source) && isReadable(source) && isWritable(source)) return source
        if (isIterable(source ?? {})) return from(source, { objectMode: true })
        if (typeof source === 'object' && source !== null && (source.readable || source.writable)) return joined(source)
        throw type('the source', 'a stream, an iterable or { readable, writable }', source)
      },
      fromWeb: ({ readable, writable }, options) => joined({ readable: fromWebReadable(readable, options), writable: fromWebWritable(writable, options) }),
      toWeb: (stream) => ({ readable: toWebReadable(stream), writable: toWebWritable(stream) }),
    })
    const joined = ({ readable, writable }) => {
      if (isWebReadable(readable)) readable = fromWebReadable(readable)
      if (isWebWritable(writable)) writable = fromWebWritable(writable)
      const stream = new Duplex({
        readableObjectMode: readable?._readableState?.objectMode, writableObjectMode: writable?._writableState?.objectMode, readable: Boolean(readable), writable: Boolean(writable),
        read() { readable.resume() },
        write(chunk, encoding, callback) { if (writable.write(chunk, encoding)) callback(); else writable.once('drain', callback) },
        final(callback) { writable.end(); finished(writable, { readable: false }, callback) },
        destroy(error, callback) { readable?.destroy(error); writable?.destroy(error); callback(error) },
      })
      readable?.on('data', (chunk) => { if (!stream.push(chunk)) readable.pause() })
      readable?.on('end', () => stream.push(null))
      for (const part of [readable, writable]) part?.on('error', (error) => stream.destroy(error))
      return stream
    }
    const promises = { finished: finishedPromise, pipeline: pipelinePromise }
    const custom = Symbol.for('nodejs.util.promisify.custom')
    finished[custom] = finishedPromise
    pipeline[custom] = pipelinePromise
    Object.assign(Stream, {
      finished, pipeline, promises,
      isReadable: (stream) => stream?._readableState ? Boolean(stream.readable) : null,
      isErrored: (stream) => states(stream).some((s) => s.errored !== null),
      isDisturbed: (stream) => Boolean(stream?._readableState && (stream.readableDidRead || stream.readableAborted)),
      isDestroyed: (stream) => Boolean(stream?.destroyed),
    })
  }
})
