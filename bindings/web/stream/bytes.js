// Readable streams of bytes and the readers that bring their own buffers, after
// the Streams standard.
(function (native) {
  'use strict'
  const { rejected, resolved, platform } = native.base
  const { Puller, stateOf, requestOf, isStream, ReadableStream, ReadableStreamDefaultReader, released, tee: teeChunks } = native.readable
  const key = Symbol('stream')

  const elementSize = (view) => view instanceof DataView ? 1 : view.BYTES_PER_ELEMENT
  const copyInto = (target, at, source, from, length) => {
    new Uint8Array(target, at, length).set(new Uint8Array(source, from, length))
  }

  // Bytes is the controller beneath a stream of bytes. wanted of it are the places
  // that the source may fill: { buffer, size, offset, length, filled, minimum,
  // element, make, kind }, of which kind is 'default', 'byob' or 'none'.
  class Bytes {
    #stream
    #queue = [] // { buffer, offset, length }
    #total = 0
    #mark
    #ending = false
    #cancel
    #chunkSize
    #places = []
    #asked = null // the BYOB request that the source holds
    #face
    puller

    constructor(stream, source, mark) {
      this.#stream = stream
      this.#mark = mark
      this.#cancel = source.cancel
      this.#chunkSize = source.chunkSize
      this.#face = new ReadableByteStreamController(key, this)
      const pull = source.pull
      this.puller = new Puller(pull ? () => pull(this.#face) : () => resolved(undefined), () => this.wanted(), (error) => this.fail(error))
    }
    get face() { return this.#face }
    open() { return !this.#ending && this.#stream.state === 'readable' }
    wanted() {
      if (!this.open()) return false
      return this.#stream.reader?.requests.length > 0 || this.room() > 0
    }
    room() {
      if (this.#stream.state === 'errored') return null
      return this.#stream.state === 'closed' ? 0 : this.#mark - this.#total
    }
    request() {
      if (this.#asked === null && this.#places.length > 0) {
        const first = this.#places[0]
        this.#asked = new ReadableStreamBYOBRequest(key, this, new Uint8Array(first.buffer, first.offset + first.filled, first.length - first.filled))
      }
      return this.#asked
    }
    #forget() {
      if (this.#asked === null) return
      voided(this.#asked)
      this.#asked = null
    }
    #clear() {
      this.puller.stop()
      this.#cancel = undefined
    }
    #dropQueue() {
      this.#queue = []
      this.#total = 0
    }

    end() {
      if (!this.open()) throw new TypeError('the stream is closed, or about to be')
      if (this.#total > 0) {
        this.#ending = true
        return
      }
      const first = this.#places[0]
      if (first && first.filled % first.element !== 0) {
        const error = new TypeError('the stream ends in the middle of an element')
        this.fail(error)
        throw error
      }
      this.#ending = true
      this.#clear()
      this.#stream.close()
    }
    fail(error) {
      if (this.#stream.state !== 'readable') return
      this.#forget()
      this.#places = []
      this.#dropQueue()
      this.#clear()
      this.#stream.fail(error)
    }
    cancel(reason) {
      this.#forget()
      this.#places = []
      this.#dropQueue()
      const cancel = this.#cancel
      this.#clear()
      return cancel(reason)
    }
    release() {
      if (this.#places.length === 0) return
      this.#places = [Object.assign(this.#places[0], { kind: 'none' })]
    }

    // For readers of chunks.
    pull(request) {
      if (this.#total > 0) return this.#serve(request)
      const size = this.#chunkSize
      if (size !== undefined) {
        let buffer
        try {
          buffer = new ArrayBuffer(size)
        } catch (error) {
          return request.error(error)
        }
        this.#places.push({ buffer, size, offset: 0, length: size, filled: 0, minimum: 1, element: 1, make: Uint8Array, kind: 'default' })
      }
      this.#stream.reader.requests.push(request)
      this.puller.call()
    }
    #serve(request) {
      const { buffer, offset, length } = this.#queue.shift()
      this.#total -= length
      this.#afterTaking()
      request.chunk(new Uint8Array(buffer, offset, length))
    }
    #afterTaking() {
      if (this.#total === 0 && this.#ending) {
        this.#clear()
        this.#stream.close()
      } else {
        this.puller.call()
      }
    }

    // For readers with buffers.
    pullInto(view, minimum, request) {
      const element = elementSize(view)
      const make = view.constructor
      const { byteOffset: offset, byteLength: length } = view
      let buffer
      try {
        buffer = native.transfer(view.buffer)
      } catch (error) {
        return request.error(error)
      }
      const place = { buffer, size: buffer.byteLength, offset, length, filled: 0, minimum: minimum * element, element, make, kind: 'byob' }
      if (this.#places.length > 0) {
        this.#places.push(place)
        this.#stream.reader.requests.push(request)
        return
      }
      if (this.#stream.state === 'closed') return request.close(new make(buffer, offset, 0))
      if (this.#total > 0) {
        if (this.#fill(place)) {
          const filled = this.#convert(place)
          this.#afterTaking()
          return request.chunk(filled)
        }
        if (this.#ending) {
          const error = new TypeError('the stream ends in the middle of an element')
          this.fail(error)
          return request.error(error)
        }
      }
      this.#places.push(place)
      this.#stream.reader.requests.push(request)
      this.puller.call()
    }
    #convert(place) {
      return new place.make(native.transfer(place.buffer), place.offset, place.filled / place.element)
    }
    // Moves bytes from the queue into a place; tells whether it is full enough.
    #fill(place) {
      const most = Math.min(this.#total, place.length - place.filled)
      let left = most
      let ready = false
      const reached = place.filled + most
      const whole = reached - reached % place.element
      if (whole >= place.minimum) {
        left = whole - place.filled
        ready = true
      }
      while (left > 0) {
        const head = this.#queue[0]
        const n = Math.min(left, head.length)
        copyInto(place.buffer, place.offset + place.filled, head.buffer, head.offset, n)
        if (head.length === n) {
          this.#queue.shift()
        } else {
          head.offset += n
          head.length -= n
        }
        this.#total -= n
        place.filled += n
        left -= n
      }
      return ready
    }
    #put(buffer, offset, length) {
      this.#queue.push({ buffer, offset, length })
      this.#total += length
    }
    #putCopy(buffer, offset, length) {
      try {
        this.#put(buffer.slice(offset, offset + length), 0, length)
      } catch (error) {
        this.fail(error)
        throw error
      }
    }
    #putDetached(place) {
      if (place.filled > 0) this.#putCopy(place.buffer, place.offset, place.filled)
      this.#shift()
    }
    #shift() { return this.#places.shift() }

    enqueue(chunk) {
      if (!this.open()) return
      const { buffer, byteOffset, byteLength } = chunk
      if (native.detached(buffer)) throw new TypeError('the buffer of the chunk is detached')
      const moved = native.transfer(buffer)
      const first = this.#places[0]
      if (first !== undefined) {
        if (native.detached(first.buffer)) throw new TypeError('the buffer of the BYOB request is detached')
        this.#forget()
        first.buffer = native.transfer(first.buffer)
        if (first.kind === 'none') this.#putDetached(first)
      }
      const reader = this.#stream.reader
      if (reader !== null && !reader.byob) {
        while (reader.requests.length > 0 && this.#total > 0) this.#serve(reader.requests.shift())
        if (reader.requests.length === 0) {
          this.#put(moved, byteOffset, byteLength)
        } else {
          if (this.#places.length > 0) this.#shift()
          reader.requests.shift().chunk(new Uint8Array(moved, byteOffset, byteLength))
        }
      } else if (reader !== null) {
        this.#put(moved, byteOffset, byteLength)
        this.#commitAll(this.#process())
      } else {
        this.#put(moved, byteOffset, byteLength)
      }
      this.puller.call()
    }
    // Fills places from the queue as far as it goes, and gives the full ones.
    #process() {
      const full = []
      while (this.#places.length > 0 && this.#total > 0) {
        const first = this.#places[0]
        if (!this.#fill(first)) break
        this.#shift()
        full.push(first)
      }
      return full
    }
    #commitAll(places) { for (const place of places) this.#commit(place) }
    #commit(place) {
      const done = this.#stream.state === 'closed'
      const view = this.#convert(place)
      const request = this.#stream.reader.requests.shift()
      if (!done) request.chunk(view)
      else request.close(place.kind === 'default' ? undefined : view)
    }

    respond(written) {
      const first = this.#places[0]
      if (this.#stream.state === 'closed') {
        if (written !== 0) throw new TypeError('the stream is closed: bytesWritten must be 0')
      } else {
        if (written === 0) throw new TypeError('bytesWritten must be greater than 0')
        if (first.filled + written > first.length) throw new RangeError('bytesWritten is more than the buffer holds')
      }
      first.buffer = native.transfer(first.buffer)
      this.#respond(written)
    }
    respondWithNewView(view) {
      const first = this.#places[0]
      if (this.#stream.state === 'closed') {
        if (view.byteLength !== 0) throw new TypeError('the stream is closed: the view must be empty')
      } else if (view.byteLength === 0) {
        throw new TypeError('the view must not be empty')
      }
      if (first.offset + first.filled !== view.byteOffset) throw new RangeError('the view begins elsewhere than the one that was asked for')
      if (first.size !== view.buffer.byteLength) throw new RangeError('the view has a buffer of another size')
      if (first.filled + view.byteLength > first.length) throw new RangeError('the view is longer than the one that was asked for')
      const { byteLength } = view
      first.buffer = native.transfer(view.buffer)
      this.#respond(byteLength)
    }
    #respond(written) {
      const first = this.#places[0]
      this.#forget()
      if (this.#stream.state === 'closed') this.#respondClosed(first)
      else this.#respondReadable(written, first)
      this.puller.call()
    }
    #respondClosed(first) {
      if (first.kind === 'none') this.#shift()
      const reader = this.#stream.reader
      if (reader === null || !reader.byob) return
      const places = []
      while (places.length < reader.requests.length) places.push(this.#shift())
      this.#commitAll(places)
    }
    #respondReadable(written, place) {
      place.filled += written
      if (place.kind === 'none') {
        this.#putDetached(place)
        this.#commitAll(this.#process())
        return
      }
      if (place.filled < place.minimum) return
      this.#shift()
      const rest = place.filled % place.element
      if (rest > 0) {
        const end = place.offset + place.filled
        this.#putCopy(place.buffer, end - rest, rest)
      }
      place.filled -= rest
      const full = this.#process()
      this.#commit(place)
      this.#commitAll(full)
    }
  }

  const viewOf = (value, what) => {
    if (!ArrayBuffer.isView(value)) throw new TypeError(`${what} needs a view of an ArrayBuffer`)
    return value
  }

  class ReadableByteStreamController {
    #bytes
    constructor(given, bytes) {
      if (given !== key) throw new TypeError('Illegal constructor: a controller comes with its stream')
      this.#bytes = bytes
    }
    get byobRequest() { return this.#bytes.request() }
    get desiredSize() { return this.#bytes.room() }
    close() { this.#bytes.end() }
    enqueue(chunk) {
      const bytes = this.#bytes
      viewOf(chunk, 'enqueue')
      if (chunk.byteLength === 0 || chunk.buffer.byteLength === 0) throw new TypeError('enqueue: the chunk must not be empty')
      if (!bytes.open()) throw new TypeError('the stream is closed, or about to be')
      bytes.enqueue(chunk)
    }
    error(reason = undefined) { this.#bytes.fail(reason) }
  }

  let voided
  class ReadableStreamBYOBRequest {
    #bytes
    #view
    constructor(given, bytes, view) {
      if (given !== key) throw new TypeError('Illegal constructor: a request comes from a stream')
      this.#bytes = bytes
      this.#view = view
    }
    static {
      voided = (request) => {
        request.#bytes = undefined
        request.#view = null
      }
    }
    get view() { return this.#view }
    respond(written) {
      const bytes = this.#bytes
      if (arguments.length === 0) throw new TypeError('respond needs a number of bytes')
      const amount = Number(written)
      if (!(amount >= 0 && amount <= Number.MAX_SAFE_INTEGER)) throw new TypeError('respond needs a number of bytes')
      if (bytes === undefined) throw new TypeError('the request has been answered already')
      if (native.detached(this.#view.buffer)) throw new TypeError('the buffer of the request is detached')
      bytes.respond(Math.trunc(amount))
    }
    respondWithNewView(view) {
      const bytes = this.#bytes
      viewOf(view, 'respondWithNewView')
      if (bytes === undefined) throw new TypeError('the request has been answered already')
      if (native.detached(view.buffer)) throw new TypeError('the buffer of the view is detached')
      bytes.respondWithNewView(view)
    }
  }

  const minimumOf = (view, options) => {
    if (options !== undefined && options !== null && Object(options) !== options) throw new TypeError('read: the options must be an object')
    const given = options?.min
    if (given === undefined) return 1
    const minimum = Math.trunc(Number(given))
    if (!Number.isFinite(minimum) || minimum < 0 || minimum > Number.MAX_SAFE_INTEGER) throw new TypeError('read: min must be a number of elements')
    if (minimum === 0) throw new TypeError('read: min must be greater than 0')
    const most = view instanceof DataView ? view.byteLength : view.length
    if (minimum > most) throw new RangeError('read: min is more than the view holds')
    return minimum
  }
  const checkView = (view) => {
    viewOf(view, 'read')
    if (native.detached(view.buffer)) throw new TypeError('read: the buffer is detached')
    if (view.byteLength === 0 || view.buffer.byteLength === 0) throw new TypeError('read: the view must not be empty')
  }

  class ReadableStreamBYOBReader {
    #stream
    #reader
    constructor(stream) {
      if (!isStream(stream)) throw new TypeError('a reader needs a ReadableStream')
      const state = stateOf(stream)
      if (state.reader !== null) throw new TypeError('the stream is locked to a reader')
      if (!(state.controller instanceof Bytes)) throw new TypeError("a reader of mode 'byob' needs a stream of type 'bytes'")
      this.#reader = state.lock(true)
      this.#stream = state
    }
    get closed() {
      try {
        return this.#reader.closed.promise
      } catch (error) {
        return rejected(error)
      }
    }
    cancel(reason = undefined) {
      try {
        return this.#stream === null ? rejected(released()) : this.#stream.cancel(reason)
      } catch (error) {
        return rejected(error)
      }
    }
    read(view, options = undefined) {
      try {
        void this.#reader
        checkView(view)
        const minimum = minimumOf(view, options)
        const stream = this.#stream
        if (stream === null) return rejected(released())
        stream.disturbed = true
        if (stream.state === 'errored') return rejected(stream.error)
        return new Promise((resolve, reject) => stream.controller.pullInto(view, minimum, {
          chunk: (value) => resolve({ value, done: false }), close: (value) => resolve({ value, done: true }), error: reject,
        }))
      } catch (error) {
        return rejected(error)
      }
    }
    releaseLock() {
      const stream = this.#stream
      if (stream === null) return
      this.#stream = null
      stream.release(this.#reader)
    }
  }

  const begin = (state, source, mark) => {
    let { chunkSize } = source
    if (chunkSize !== undefined) {
      chunkSize = Math.trunc(Number(chunkSize))
      if (!(chunkSize >= 0 && chunkSize <= Number.MAX_SAFE_INTEGER)) throw new TypeError('autoAllocateChunkSize must be a number of bytes')
      if (chunkSize === 0) throw new TypeError('autoAllocateChunkSize must be greater than 0')
    }
    const bytes = new Bytes(state, { ...source, chunkSize }, mark)
    state.controller = bytes
    bytes.puller.begin(source, bytes.face)
  }
  const reader = (stream) => new ReadableStreamBYOBReader(stream)

  // Both branches of a tee are streams of chunks of bytes: the second gets copies.
  const tee = (stream) => {
    const [one, two] = teeChunks(stream, true, 0)
    return [asBytes(one), asBytes(two)]
  }
  const asBytes = (stream) => {
    const from = new ReadableStreamDefaultReader(stream)
    const made = new ReadableStream({
      type: 'bytes',
      pull: (controller) => new Promise((resolve) => requestOf(from, {
        chunk(value) {
          controller.enqueue(value)
          resolve()
        },
        close() {
          controller.close()
          controller.byobRequest?.respond(0)
          resolve()
        },
        error(reason) {
          controller.error(reason)
          resolve()
        },
      })),
      cancel: (reason) => from.cancel(reason),
    })
    return made
  }

  const classes = { ReadableByteStreamController, ReadableStreamBYOBRequest, ReadableStreamBYOBReader }
  platform(...Object.values(classes))
  return { ...classes, begin, reader, tee }
})
