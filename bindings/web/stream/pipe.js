// Pipes between streams, after the Streams standard.
(function (native) {
  'use strict'
  const { after, resolved, rejected, deferred, handled, dictionary } = native.base
  const readable = native.readable
  const writable = native.writable
  const { AbortSignal } = native.events

  const optionsOf = (options) => {
    const given = dictionary(options, 'the options of a pipe') ?? {}
    const preventAbort = Boolean(given.preventAbort)
    const preventCancel = Boolean(given.preventCancel)
    const preventClose = Boolean(given.preventClose)
    const { signal } = given
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('the signal of a pipe must be an AbortSignal')
    return { preventAbort, preventCancel, preventClose, signal }
  }

  // Pipe moves chunks from one stream to another until one of them ends.
  class Pipe {
    #source
    #target
    #reader
    #writer
    #options
    #done = deferred()
    #last = resolved(undefined) // the latest write
    #leaving = false
    #stop = () => {}

    constructor(source, target, options) {
      this.#source = readable.stateOf(source)
      this.#target = writable.stateOf(target)
      this.#reader = new readable.ReadableStreamDefaultReader(source)
      this.#writer = writable.attach(this.#target)
      this.#options = options
      this.#source.disturbed = true
    }
    run() {
      const { signal } = this.#options
      if (signal !== undefined) {
        this.#stop = () => this.#aborted(signal.reason)
        if (signal.aborted) {
          this.#stop()
          return this.#done.promise
        }
        signal.addEventListener('abort', this.#stop)
      }
      this.#watch()
      this.#turn()
      return this.#done.promise
    }
    // Watches for the ends that come by themselves.
    #watch() {
      const { preventAbort, preventCancel, preventClose } = this.#options
      const source = this.#source
      const target = this.#target
      const sourceFailed = (error) => this.#leave(preventAbort ? null : () => target.abort(error), true, error)
      const targetFailed = (error) => this.#leave(preventCancel ? null : () => source.cancel(error), true, error)
      const sourceClosed = () => this.#leave(preventClose ? null : () => this.#close())
      if (source.state === 'errored') sourceFailed(source.error)
      else after(this.#reader.closed, undefined, sourceFailed)
      if (target.state === 'errored' || target.state === 'erroring') targetFailed(target.error)
      else after(this.#writer.closed.promise, undefined, targetFailed)
      if (source.state === 'closed') sourceClosed()
      else after(this.#reader.closed, sourceClosed, () => {})
      if (target.closeQueued() || target.state === 'closed') {
        const error = new TypeError('the stream that is piped to is closed')
        this.#leave(preventCancel ? null : () => source.cancel(error), true, error)
      }
    }
    #aborted(reason) {
      const actions = []
      if (!this.#options.preventAbort) actions.push(() => this.#target.state === 'writable' ? this.#target.abort(reason) : resolved(undefined))
      if (!this.#options.preventCancel) actions.push(() => this.#source.state === 'readable' ? this.#source.cancel(reason) : resolved(undefined))
      this.#leave(() => Promise.all(actions.map((action) => action())), true, reason)
    }
    // Closes what is piped to, unless that is done or failed already.
    #close() {
      const target = this.#target
      if (target.closeQueued() || target.state === 'closed') return resolved(undefined)
      return target.state === 'errored' ? rejected(target.error) : target.close()
    }
    #turn() {
      if (this.#leaving) return
      after(this.#writer.ready.promise, () => {
        if (this.#leaving) return
        readable.requestOf(this.#reader, {
          chunk: (value) => {
            const written = deferred()
            this.#last = handled(written.promise)
            queueMicrotask(() => {
              written.resolve(writable.write(this.#target, this.#writer, value))
              this.#turn()
            })
          },
          close() {},
          error() {},
        })
      }, () => {})
    }
    // Ends the pipe: what was read is written first.
    #leave(action, failed = false, error = undefined) {
      if (this.#leaving) return
      this.#leaving = true
      const go = () => {
        if (action === null) return this.#finish(failed, error)
        after(action(), () => this.#finish(failed, error), (other) => this.#finish(true, other))
      }
      if (this.#target.state === 'writable' && !this.#target.closeQueued()) this.#written(go)
      else go()
    }
    #written(go) {
      const last = this.#last
      const again = () => last === this.#last ? go() : this.#written(go)
      after(last, again, again)
    }
    #finish(failed, error) {
      writable.detach(this.#target, this.#writer)
      this.#reader.releaseLock()
      this.#options.signal?.removeEventListener('abort', this.#stop)
      if (failed) this.#done.reject(error)
      else this.#done.resolve(undefined)
    }
  }

  const to = (source, target, options) => {
    if (!writable.isStream(target)) throw new TypeError('pipeTo needs a WritableStream')
    const given = optionsOf(options)
    if (source.locked) throw new TypeError('the stream is locked to a reader')
    if (target.locked) throw new TypeError('the stream that is piped to is locked to a writer')
    return new Pipe(source, target, given).run()
  }
  const through = (source, pair, options) => {
    if (pair === undefined || pair === null) throw new TypeError('pipeThrough needs { readable, writable }')
    const end = pair.readable
    if (!readable.isStream(end)) throw new TypeError('pipeThrough: readable must be a ReadableStream')
    const target = pair.writable
    if (!writable.isStream(target)) throw new TypeError('pipeThrough: writable must be a WritableStream')
    const given = optionsOf(options)
    if (source.locked) throw new TypeError('the stream is locked to a reader')
    if (target.locked) throw new TypeError('the stream that is piped to is locked to a writer')
    handled(new Pipe(source, target, given).run())
    return end
  }
  return { to, through }
})
