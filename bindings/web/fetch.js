// Request, Response and fetch, after the Fetch standard as servers apply it: no
// origin of one's own, no cookies, no cache.
(function (native) {
  'use strict'
  const { ReadableStream, isDisturbed } = native.streams
  const { Blob, File, FormData, bytesOf, blobOf } = native.blobs
  const { Headers, freeze, filled, pairsOf } = native.headers
  const { AbortSignal, AbortController } = native.events
  const { URL, URLSearchParams } = native.urls
  const { parse, stringify } = JSON
  const hidden = Symbol('fetch')
  const shown = Symbol.for('nodejs.util.inspect.custom')

  // Content is what a body is made of: bytes in memory, a source on the network,
  // or a stream.
  const passed = new WeakSet() // contents that bodies hand on
  const content = (value) => {
    if (passed.has(value)) return value
    if (value instanceof URLSearchParams) {
      return { bytes: native.encode(value.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
    }
    if (value instanceof Blob) return { bytes: bytesOf(value), type: value.type || null }
    if (value instanceof FormData) {
      return native.multipart([...value].map(([name, v]) => typeof v === 'string' ? [name, v] : [name, bytesOf(v), v.name, v.type]))
    }
    if (value instanceof ArrayBuffer) return { bytes: new Uint8Array(value.slice(0)), type: null }
    if (ArrayBuffer.isView(value)) return { bytes: new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)), type: null }
    if (value instanceof ReadableStream) {
      if (value.locked || isDisturbed(value)) throw new TypeError('the stream given as a body has been read already')
      return { stream: value, type: null }
    }
    if (typeof value === 'object' && typeof value[Symbol.asyncIterator] === 'function') return { stream: ReadableStream.from(value), type: null }
    return { bytes: native.encode(String(value)), type: 'text/plain;charset=UTF-8' }
  }

  const pass = (made) => {
    passed.add(made)
    return made
  }

  const chunkBytes = (chunk) => {
    if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
    if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (typeof chunk === 'string') return native.encode(chunk)
    throw new TypeError('the chunks of a body must be bytes or strings')
  }
  const collect = async (stream) => {
    const bound = native.bounds()
    const reader = stream.getReader()
    const chunks = []
    let size = 0
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return native.concat(chunks)
      const bytes = chunkBytes(value)
      bound(size += bytes.length)
      chunks.push(bytes)
    }
  }
  // What comes next of a body that is still on the network, by the method read or
  // all of its exchange; undefined is the end.
  const receive = async ({ source, signal }, how) => {
    const { failure, bytes } = await within(signal, source, source[how]())
    if (failure) throw new TypeError('terminated', { cause: failure })
    return bytes
  }
  const streamOf = (made) => made.source
    ? new ReadableStream({
      async pull(controller) {
        const chunk = await receive(made, 'read')
        if (chunk) controller.enqueue(chunk)
        else controller.close()
      },
      cancel() { made.source.close() },
    }, { highWaterMark: 0 })
    : blobOf(made.bytes, '').stream()

  // Body is what requests and responses have in common.
  class Body {
    #content
    #stream = null
    #used = false

    constructor(made) {
      this.#content = made
      this.#stream = made?.stream ?? null
    }
    get body() {
      if (this.#content === null) return null
      this.#stream ??= streamOf(this.#content)
      return this.#stream
    }
    get bodyUsed() { return this.#used || (this.#stream !== null && isDisturbed(this.#stream)) }

    // Takes the content away, for another owner.
    [hidden](copy = false) {
      if (this.#content === null) return null
      if (this.bodyUsed || this.#stream?.locked) throw new TypeError('Body is unusable: Body has already been read')
      if (this.#content.bytes && copy) return pass(this.#content)
      if (copy) {
        const [mine, other] = this.body.tee()
        this.#stream = mine
        this.#content = { stream: mine, type: this.#content.type }
        return pass({ stream: other, type: this.#content.type })
      }
      this.#used = true
      // A stream that was looked at and not read gives way to what it reads from.
      if (this.#stream && !this.#content.stream) this.#stream.getReader()
      return this.#content
    }
    // What text and json read from, if nobody has looked at the body yet.
    #direct() {
      const made = this.#content
      if (!made?.source || this.#used || this.#stream !== null) return null
      this.#used = true
      return made
    }
    // All bytes; copied if they must be the caller's own.
    async #all(own = false) {
      const taken = this[hidden]()
      if (taken === null) return new Uint8Array(0)
      if (taken.bytes) return own ? new Uint8Array(taken.bytes) : taken.bytes
      return taken.source ? receive(taken, 'all') : collect(taken.stream)
    }
    async #text() { return native.utf8(await this.#all()) }
    async #json() { return parse(await this.#text()) }
    text() {
      const made = this.#direct()
      return made === null ? this.#text() : within(made.signal, made.source, made.source.text())
    }
    json() {
      const made = this.#direct()
      return made === null ? this.#json() : within(made.signal, made.source, made.source.text(parse))
    }
    async arrayBuffer() { return (await this.#all(true)).buffer }
    async bytes() { return this.#all(true) }
    async blob() { return blobOf(await this.#all(true), this.headers.get('content-type') ?? '') }
    async formData() {
      const type = this.headers.get('content-type') ?? ''
      const form = new FormData()
      if (/^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
        for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value)
        return form
      }
      if (!/^\s*multipart\/form-data\s*(;|$)/i.test(type)) {
        throw new TypeError(`formData: the content type is ${stringify(type)}, neither multipart/form-data nor application/x-www-form-urlencoded`)
      }
      for (const [name, value, filename, kind] of native.parts(await this.#all(), type)) {
        form.append(name, filename === undefined ? value : new File([value], filename, { type: kind }))
      }
      return form
    }
  }

  const typed = (headers, made) => {
    if (made?.type && !headers.has('content-type')) headers.set('content-type', made.type)
    return headers
  }

  const modes = ['follow', 'error', 'manual']
  const usual = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']
  const methodOf = (method) => {
    if (usual.includes(method)) return method
    const text = String(method)
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)) throw new TypeError(`Request: ${stringify(text)} is no method`)
    const upper = text.toUpperCase()
    if (['CONNECT', 'TRACE', 'TRACK'].includes(upper)) throw new TypeError(`Request: the method ${upper} is not allowed`)
    return usual.includes(upper) ? upper : text
  }
  const urlOf = (input) => {
    const known = native.address(input)
    if (known !== null) return known
    let url
    try {
      url = new URL(String(input))
    } catch (cause) {
      throw new TypeError(`Failed to parse URL from ${input}`, { cause })
    }
    if (url.username !== '' || url.password !== '') {
      throw new TypeError('Request: the URL has a name or a password in it; send them in the header authorization')
    }
    return url.href
  }
  const oneOf = (what, value, allowed) => {
    if (!allowed.includes(value)) throw new TypeError(`Request: ${what} must be ${allowed.map((a) => `'${a}'`).join(' or ')}, got ${stringify(value)}`)
    return value
  }
  // What a request says beside these, in a browser, has no meaning here.
  const fixed = { cache: 'default', credentials: 'same-origin', destination: '', integrity: '', keepalive: false, mode: 'cors', referrer: 'about:client', referrerPolicy: '' }

  let wanted // a request's signal; null is none
  class Request extends Body {
    #values
    #signal

    constructor(input, init = {}) {
      if (arguments.length === 0) throw new TypeError('Request: a URL is needed')
      const from = input instanceof Request ? input : null
      const { method, url, redirect, signal, given, headers: named } = read(input, init, from)
      const headers = new Headers(named)
      const made = given === null ? from?.[hidden]() ?? null : content(given)
      super(made)
      this.#values = { method, url, redirect, headers: typed(headers, made) }
      this.#signal = signal
    }
    get method() { return this.#values.method }
    get url() { return this.#values.url }
    get headers() { return this.#values.headers }
    get redirect() { return this.#values.redirect }
    get signal() { return this.#signal ??= new AbortController().signal }
    get duplex() { return 'half' }
    clone() {
      const { method, url, redirect, headers } = this
      return new Request(url, { method, redirect, headers, signal: this.#signal, body: this[hidden](true) })
    }
    [shown](depth, options, inspect) {
      const { method, url, headers, redirect, bodyUsed } = this
      return 'Request ' + inspect({ method, url, headers, redirect, bodyUsed })
    }
    static { wanted = (request) => request.#signal }
  }
  for (const name of Object.keys(fixed)) {
    Object.defineProperty(Request.prototype, name, { get() { return fixed[name] }, enumerable: true, configurable: true })
  }

  // received says that values and content follow which no script may choose.
  const received = {}
  const withoutBody = [101, 103, 204, 205, 304]
  const statuses = [301, 302, 303, 307, 308]

  class Response extends Body {
    #values // an exchange, of a response from the network
    #headers

    constructor(body = null, init = {}, made = null) {
      if (body === received) {
        super(made)
        this.#values = init
        this.#headers = init.headers
        return
      }
      const options = init ?? {}
      const status = Math.trunc(Number(options.status ?? 200))
      if (!(status >= 200 && status <= 599)) throw new RangeError(`Response: the status must be a number from 200 to 599, got ${options.status}`)
      const statusText = String(options.statusText ?? '')
      if (/[^\t\x20-\x7e\x80-\xff]/.test(statusText)) throw new TypeError('Response: statusText must be one line of text')
      if (body !== null && withoutBody.includes(status)) throw new TypeError(`Response with status ${status} cannot have body`)
      const own = body === null ? null : content(body)
      super(own)
      this.#values = { type: 'default', url: '', redirected: false, status, statusText }
      this.#headers = typed(new Headers(options.headers), own)
    }
    get type() { return this.#values.type }
    get url() { return this.#values.url }
    get redirected() { return this.#values.redirected }
    get status() { return this.#values.status }
    get ok() { return this.status >= 200 && this.status <= 299 }
    get statusText() { return this.#values.statusText }
    // Those of a response from the network are made when they are asked for.
    get headers() { return this.#headers ??= filled(this.#values.pairs()) }
    clone() {
      const { type, url, redirected, status, statusText } = this
      return new Response(received, { type, url, redirected, status, statusText, headers: new Headers(this.headers) }, this[hidden](true))
    }
    static error() {
      return new Response(received, { type: 'error', url: '', redirected: false, status: 0, statusText: '', headers: freeze(new Headers()) }, null)
    }
    static json(data, init = {}) {
      const text = stringify(data)
      if (text === undefined) throw new TypeError('Response.json: the value cannot be expressed in JSON')
      const headers = new Headers(init?.headers)
      if (!headers.has('content-type')) headers.set('content-type', 'application/json')
      return new Response(text, { ...init, headers })
    }
    static redirect(url, status = 302) {
      if (!statuses.includes(status)) throw new RangeError(`Response.redirect: the status must be one of ${statuses.join(', ')}`)
      return new Response(null, { status, headers: { location: new URL(String(url)).href } })
    }
    [shown](depth, options, inspect) {
      const { status, statusText, headers, url, redirected, type, ok, bodyUsed } = this
      return 'Response ' + inspect({ status, statusText, headers, url, redirected, type, ok, bodyUsed })
    }
  }

  // Ends what promise waits for, and rejects, when the signal fires.
  const within = (signal, exchange, promise) => signal === null ? promise : new Promise((resolve, reject) => {
    const stop = () => {
      exchange.close()
      reject(signal.reason)
    }
    const settled = (settle) => (value) => {
      signal.removeEventListener('abort', stop)
      settle(value)
    }
    promise.then(settled(resolve), settled(reject))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })

  // pump sends a stream as the body of a request, as fast as it is taken.
  const pump = (exchange, stream) => {
    const state = { failed: false, error: undefined }
    const reader = stream.getReader()
    const move = async () => {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return exchange.end(false)
        if (!await exchange.write(chunkBytes(value))) {
          await reader.cancel()
          return
        }
      }
    }
    move().catch((error) => {
      Object.assign(state, { failed: true, error })
      exchange.end(true)
      reader.cancel(error).catch(() => {})
    })
    return state
  }

  // Values of a request: of what is given for one, and of one that is another.
  const fromNothing = { method: 'GET', redirect: 'follow', signal: null, headers: undefined }
  const read = (input, init, from) => {
    const options = init ?? fromNothing
    const base = from ?? fromNothing
    const method = methodOf(options.method ?? base.method)
    const redirect = oneOf('redirect', options.redirect ?? base.redirect, modes)
    const signal = options.signal === undefined ? from ? wanted(from) : null : options.signal
    if (signal !== null && !(signal instanceof AbortSignal)) throw new TypeError('Request: signal must be an AbortSignal')
    const url = from ? from.url : urlOf(input)
    const given = options.body ?? null
    if ((given !== null || (from?.body ?? null) !== null) && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body')
    }
    return { method, url, redirect, signal, given, headers: options.headers ?? from?.headers }
  }

  const send = (exchange, { method, url, headers, redirect, signal }, taken) => {
    signal?.throwIfAborted()
    const respond = (answered, empty) => new Response(received, answered, empty ? null : { source: answered, signal, type: null })
    const sent = exchange.send(method, url, headers === null ? [] : pairsOf(headers), taken && (taken.bytes ?? true), redirect, respond)
    if (!taken || taken.bytes) return within(signal, exchange, sent)
    const broken = pump(exchange, taken.stream ?? streamOf(taken))
    return within(signal, exchange, sent).catch((error) => {
      if (broken.failed && error instanceof TypeError) {
        Object.defineProperty(error, 'cause', { value: broken.error, writable: true, configurable: true })
      }
      throw error
    })
  }

  const responded = (exchange, empty) => new Response(received, exchange, empty ? null : { source: exchange, signal: null, type: null })

  function fetch(input, init = undefined) {
    try {
      // Most are of an address alone.
      const got = init === undefined ? native.get(input, responded) : null
      if (got !== null) return got
      const exchange = native.exchange()
      if (input instanceof Request || init instanceof Request) {
        const request = new Request(input, init)
        const { method, url, headers, redirect } = request
        return send(exchange, { method, url, headers, redirect, signal: wanted(request) }, request[hidden]())
      }
      const values = read(input, init, null)
      const made = values.given === null ? null : content(values.given)
      values.headers = values.headers === undefined && !made?.type ? null : typed(new Headers(values.headers), made)
      return send(exchange, values, made)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  for (const cls of [Request, Response]) {
    Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  }
  return { fetch, Request, Response }
})
