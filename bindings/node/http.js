// node:http and node:https, their client side, over what fetch sends with.
(function (native, require) {
  'use strict'
  const { check, coded, type, value } = native.errors
  const EventEmitter = require('node:events')
  const { Readable, Writable } = require('node:stream')

  class Agent extends EventEmitter {
    constructor(options = {}) {
      super()
      refuse(options)
      this.options = { ...options }
      this.keepAlive = options.keepAlive ?? false
      this.maxSockets = options.maxSockets ?? Infinity
      this.maxFreeSockets = options.maxFreeSockets ?? 256
      this.maxTotalSockets = options.maxTotalSockets ?? Infinity
      this.sockets = {}
      this.freeSockets = {}
      this.requests = {}
    }
    get protocol() { return 'http:' }
    get defaultPort() { return 80 }
    getName(options = {}) { return `${options.host || 'localhost'}:${options.port || ''}:${options.localAddress || ''}` }
    destroy() {}
  }
  class SecureAgent extends Agent {
    get protocol() { return 'https:' }
    get defaultPort() { return 443 }
  }

  // Options that would have to have an effect and cannot.
  const refused = {
    socketPath: 'only TCP is spoken', createConnection: 'connections are made by the worker', lookup: 'names are looked up by the worker', localAddress: 'the system chooses the address',
    ca: 'name the authority in NODE_EXTRA_CA_CERTS, or in authorities of hatchet-js.json', cert: 'client certificates are not supported', key: 'client certificates are not supported', pfx: 'client certificates are not supported',
    checkServerIdentity: 'certificates are checked by the worker', servername: 'the name of the host is checked', insecureHTTPParser: 'responses are read by the standard',
  }
  const refuse = (options) => {
    for (const name of Object.keys(refused)) if (options[name] !== undefined && options[name] !== null) throw new TypeError(`http: the option ${name} is not there; ${refused[name]}`)
    if (options.rejectUnauthorized === false) throw new TypeError('http: certificates are always checked: leave rejectUnauthorized out, and name the authority in authorities of hatchet-js.json')
  }

  const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
  const validateHeaderName = (name) => {
    if (typeof name !== 'string' || !token.test(name)) throw coded(TypeError, 'ERR_INVALID_HTTP_TOKEN', `the name of a header must be a token, got ${JSON.stringify(String(name))}`)
  }
  const validateHeaderValue = (name, text) => {
    if (text === undefined) throw coded(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', `the header ${name} has no value`)
    if (/[^\t\x20-\x7e\x80-\xff]/.test(String(text))) throw coded(TypeError, 'ERR_INVALID_CHAR', `the header ${name} has a character that headers cannot have`)
  }

  // What stands for the connection, which is the worker's.
  class Connection extends EventEmitter {
    constructor(encrypted) {
      super()
      this.encrypted = encrypted
      this.destroyed = this.connecting = false
      this.readable = this.writable = true
    }
    // Of the response that has come; an empty object before that and without TLS.
    getPeerCertificate() { return this.request?._exchange.certificate() ?? {} }
    get authorized() { return this.encrypted && this.request?.res !== undefined }
    setKeepAlive() { return this }
    setNoDelay() { return this }
    setTimeout(ms, callback) {
      if (callback) this.once('timeout', callback)
      return this
    }
    ref() { return this }
    unref() { return this }
    destroy(error) { this.request?.destroy(error); return this }
  }

  const single = new Set(['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host', 'if-modified-since', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent'])
  const decodedHere = new Set(['gzip', 'x-gzip', 'deflate'])

  function IncomingMessage(request, response, exchange) {
    let decoded = false
    const pairs = []
    for (let i = 0; i < response.headers.length; i += 2) pairs.push([response.headers[i], response.headers[i + 1]])
    pairs.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
    for (const [name, text] of pairs) if (name.toLowerCase() === 'content-encoding' && decodedHere.has(text.trim().toLowerCase())) decoded = true
    const hidden = decoded ? ['content-encoding', 'content-length'] : []
    this.headers = {}
    this.headersDistinct = Object.create(null)
    this.rawHeaders = []
    for (const [name, text] of pairs) {
      const key = name.toLowerCase()
      if (hidden.includes(key)) continue
      this.rawHeaders.push(name, text)
      ;(this.headersDistinct[key] ??= []).push(text)
      if (key === 'set-cookie') (this.headers[key] ??= []).push(text)
      else if (!(key in this.headers)) this.headers[key] = text
      else if (!single.has(key)) this.headers[key] += (key === 'cookie' ? '; ' : ', ') + text
    }
    Object.assign(this, {
      statusCode: response.status, statusMessage: response.statusText, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, complete: false, aborted: false, url: '', method: null,
      trailers: {}, rawTrailers: [], req: request, socket: request.socket, connection: request.socket,
    })
    Readable.call(this, {
      highWaterMark: 64 * 1024,
      read() {
        exchange.read().then(({ bytes, failure }) => {
          request._active()
          if (failure) {
            this.aborted = true
            this.destroy(coded(Error, failure.code ?? 'ECONNRESET', failure.message, { cause: failure }))
          } else if (bytes) this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
          else {
            this.complete = true
            this.push(null)
          }
        }, (error) => this.destroy(error))
      },
      destroy(error, callback) {
        if (!this.complete) {
          exchange.close()
          this.aborted = !this.readableEnded
        }
        request._over()
        callback(error)
      },
    })
    this.on('end', () => request._over())
    if (response.empty) { this.complete = true; this.push(null) }
  }
  Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype)
  Object.setPrototypeOf(IncomingMessage, Readable)
  IncomingMessage.prototype.setTimeout = function (ms, callback) { this.req.setTimeout(ms, callback); return this }

  const fromURL = (url) => require('node:url').urlToHttpOptions(url)
  const read = (input, options, callback) => {
    if (typeof input === 'string') input = fromURL(new URL(input))
    else if (input instanceof URL) input = fromURL(input)
    else { callback = options; options = input; input = null }
    if (typeof options === 'function') { callback = options; options = input ?? {} } else options = { ...input, ...options }
    return { options, callback }
  }

  function ClientRequest(input, given, callback) {
    if (!(this instanceof ClientRequest)) return new ClientRequest(input, given, callback)
    const { options, callback: respond } = read(input, given, callback)
    refuse(options)
    const agent = options.agent
    if (agent !== undefined && agent !== null && agent !== false && typeof agent !== 'object') throw type('options.agent', 'an Agent, undefined or false', agent)
    const standard = options._standard ?? agent?.protocol ?? 'http:'
    const protocol = options.protocol || standard
    if (protocol !== 'http:' && protocol !== 'https:') throw coded(TypeError, 'ERR_INVALID_PROTOCOL', `the protocol ${protocol} is not supported; http: and https: are`)
    if (options._standard && protocol !== options._standard && !(agent?.protocol === protocol)) throw coded(TypeError, 'ERR_INVALID_PROTOCOL', `the protocol must be ${options._standard}, got ${protocol}`)
    const path = options.path || '/'
    if (/[\u0000-\u0020]/.test(path)) throw coded(TypeError, 'ERR_UNESCAPED_CHARACTERS', 'the path has characters that must be escaped')
    const method = options.method ?? 'GET'
    if (typeof method !== 'string') throw type('options.method', 'a string', method)
    if (!token.test(method)) throw coded(TypeError, 'ERR_INVALID_HTTP_TOKEN', `the method must be a token, got ${JSON.stringify(method)}`)
    const host = options.hostname || options.host || 'localhost'
    const port = options.port || options.defaultPort || agent?.defaultPort
    this.method = method.toUpperCase()
    this.protocol = protocol
    this.host = host
    this.path = path.startsWith('/') ? path : path
    this.agent = agent
    this.reusedSocket = this.aborted = this.timedOut = this.headersSent = this.finished = false
    this.maxHeadersCount = null
    this.socket = this.connection = new Connection(protocol === 'https:')
    this.socket.request = this
    Object.defineProperty(this.socket, 'request', { enumerable: false })
    this._headers = new Map()
    this._parts = []
    this._timer = undefined
    const named = port && Number(port) !== (protocol === 'https:' ? 443 : 80)
    const address = `${protocol}//${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}${named ? `:${port}` : ''}`
    this._url = /^https?:/.test(path) ? path : `${address}${path.startsWith('/') ? path : `/${path}`}`
    if (Array.isArray(options.headers)) {
      const flat = options.headers.flat()
      for (let i = 0; i < flat.length; i += 2) this.setHeader(flat[i], flat[i + 1])
    } else for (const name of Object.keys(options.headers ?? {})) this.setHeader(name, options.headers[name])
    if (options.auth && !this.hasHeader('authorization')) this.setHeader('Authorization', 'Basic ' + Buffer.from(options.auth).toString('base64'))
    this._exchange = native.exchange()
    Writable.call(this, {
      decodeStrings: true, highWaterMark: 16 * 1024, signal: undefined, emitClose: true, autoDestroy: false,
      write: (chunk, encoding, done) => {
        if (this._streams) return this._push(chunk, done)
        this._parts.push(chunk)
        // What is written and ended in one go is sent at once, with its length.
        if (this._parts.length === 1) queueMicrotask(() => { if (!this.writableEnded) this.flushHeaders() })
        done()
      },
      final: (done) => {
        if (this._streams) {
          this._flow.then(() => { this._exchange.end(false); done() }, done)
          return
        }
        this._send()
        done()
      },
      destroy: (error, done) => {
        if (this._streams && !this.writableFinished) this._exchange.end(true)
        this._exchange.close()
        this._over()
        if (this.res && !this.res.complete) this.res.destroy(error)
        if (!error && !this.res && this._sent) error = coded(Error, 'ECONNRESET', 'socket hang up')
        done(error)
      },
    })
    if (respond) this.once('response', respond)
    if (options.timeout !== undefined) this.setTimeout(options.timeout)
    if (options.signal) require('node:stream').addAbortSignal(options.signal, this)
    queueMicrotask(() => { if (!this.destroyed) this.emit('socket', this.socket) })
  }
  Object.setPrototypeOf(ClientRequest.prototype, Writable.prototype)
  Object.setPrototypeOf(ClientRequest, Writable)
  const methods = {
    setHeader(name, text) {
      validateHeaderName(name)
      validateHeaderValue(name, text)
      if (this.headersSent) throw coded(Error, 'ERR_HTTP_HEADERS_SENT', 'the headers were sent already')
      this._headers.set(name.toLowerCase(), { name, text })
      return this
    },
    appendHeader(name, text) {
      const before = this.getHeader(name)
      return this.setHeader(name, before === undefined ? text : [before, text].flat())
    },
    setHeaders(headers) { for (const [name, text] of headers) this.setHeader(name, text); return this },
    getHeader(name) { check.string(name, 'the name'); return this._headers.get(name.toLowerCase())?.text },
    hasHeader(name) { check.string(name, 'the name'); return this._headers.has(name.toLowerCase()) },
    removeHeader(name) { check.string(name, 'the name'); this._headers.delete(name.toLowerCase()) },
    getHeaders() { return Object.assign(Object.create(null), Object.fromEntries([...this._headers].map(([key, { text }]) => [key, text]))) },
    getHeaderNames() { return [...this._headers.keys()] },
    getRawHeaderNames() { return [...this._headers.values()].map(({ name }) => name) },
    // The body is a stream from here on: what is written goes out as it comes.
    flushHeaders() {
      if (this._sent || this.destroyed || this.method === 'GET' || this.method === 'HEAD') return
      this._streams = true
      const length = Number(this.getHeader('content-length'))
      const parts = this._parts
      this._flow = Promise.resolve()
      this._send(length > 0 ? length : true)
      if (parts.length > 0) this._push(Buffer.concat(parts), () => {})
    },
    // One after the other: the exchange does not keep an order.
    _push(chunk, done) {
      this._flow = this._flow.then(() => this._exchange.write(chunk))
      this._flow.then(() => { this._active(); done() }, done)
    },
    setNoDelay() {}, setSocketKeepAlive() {},
    abort() {
      if (this.aborted) return
      this.aborted = true
      queueMicrotask(() => this.emit('abort'))
      this.destroy()
    },
    setTimeout(ms, callback) {
      check.number(ms, 'the timeout', 0)
      if (callback) this.once('timeout', callback)
      this._idle = ms
      this.timeout = ms
      this._active()
      return this
    },
    // Something has happened: the time until a timeout begins anew.
    _active() {
      clearTimeout(this._timer)
      if (this._idle > 0 && !this._done) {
        this._timer = setTimeout(() => {
          this.timedOut = true
          this.socket.emit('timeout')
          this.emit('timeout')
        }, this._idle)
      }
    },
    _over() {
      this._done = true
      clearTimeout(this._timer)
    },
    _send(streamed) {
      this.headersSent = this.finished = this._sent = true
      const headers = []
      for (const { name, text } of this._headers.values()) for (const one of [text].flat()) headers.push(name, String(one))
      const body = streamed ?? (this._parts.length > 0 ? Buffer.concat(this._parts) : null)
      this._parts = []
      this._exchange.send(this.method, this._url, headers, body, 'manual').then((response) => {
        if (this.destroyed) return
        this._active()
        if (response.failure) return this.destroy(response.failure)
        const message = this.res = new IncomingMessage(this, response, this._exchange)
        message.on('close', () => { if (!this.destroyed) this.destroy() })
        if (!this.emit('response', message)) message.resume()
      }, (error) => this.destroy(error))
    },
  }
  for (const name of Object.keys(methods)) Object.defineProperty(ClientRequest.prototype, name, { value: methods[name], writable: true, configurable: true })

  const agents = { 'http:': new Agent({ keepAlive: true }), 'https:': new SecureAgent({ keepAlive: true }) }
  const make = (standard) => {
    const request = (input, given, callback) => {
      const { options, callback: respond } = read(input, given, callback)
      return new ClientRequest({ ...options, _standard: standard, agent: options.agent ?? agents[standard] }, respond)
    }
    return {
      request,
      get(...args) { const made = request(...args); made.end(); return made },
      Agent: standard === 'http:' ? Agent : SecureAgent, globalAgent: agents[standard],
    }
  }
  return {
    ...make('http:'), make, ClientRequest, IncomingMessage, validateHeaderName, validateHeaderValue, maxHeaderSize: 1 << 20, METHODS: native.methods, STATUS_CODES: native.statuses,
  }
})
