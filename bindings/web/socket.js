// WebSocket, after the WebSockets standard.
(function (native) {
  'use strict'
  const { EventTarget, Event, DOMException, hears } = native.events
  const { MessageEvent, CloseEvent, ErrorEvent } = native.messages
  const { Blob, bytesOf, blobOf } = native.blobs
  const { URL } = native.urls
  const shown = Symbol.for('nodejs.util.inspect.custom')
  const states = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }
  const abnormal = 1006
  const { setImmediate } = globalThis

  const addressOf = (input) => {
    let url
    try {
      url = new URL(String(input))
    } catch {
      throw new DOMException(`WebSocket: ${JSON.stringify(String(input))} is no absolute URL`, 'SyntaxError')
    }
    const scheme = { 'http:': 'ws:', 'https:': 'wss:' }[url.protocol]
    if (scheme) url = new URL(url.href.replace(/^https?:/, scheme))
    if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new DOMException(`WebSocket: the scheme ${url.protocol} is not ws: or wss:`, 'SyntaxError')
    if (url.href.includes('#')) throw new DOMException('WebSocket: the URL has a fragment', 'SyntaxError')
    return url
  }
  const protocolsOf = (given) => {
    const list = typeof given === 'string' || typeof given !== 'object' || given === null ? [String(given)] : Array.from(given, String)
    const wrong = list.find((protocol, i) => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(protocol) || list.indexOf(protocol) !== i)
    if (wrong !== undefined) throw new DOMException(`WebSocket: ${JSON.stringify(wrong)} is no protocol, or named twice`, 'SyntaxError')
    return list
  }

  class WebSocket extends EventTarget {
    #url
    #state = states.CONNECTING
    #protocol = ''
    #socket
    #buffered = 0
    #sending = Promise.resolve()
    #closing = null // [code, reason] that close was called with
    #binary = 'blob'

    constructor(url, protocols = []) {
      if (arguments.length === 0) throw new TypeError('WebSocket: a URL is needed')
      super()
      this.#url = addressOf(url)
      for (const type of ['open', 'message', 'error', 'close']) this['on' + type] = null
      this.#socket = native.open(this.#url.href, protocolsOf(protocols))
      this.#run()
    }
    get url() { return this.#url.href }
    get readyState() { return this.#state }
    get protocol() { return this.#protocol }
    get extensions() { return '' }
    get bufferedAmount() { return this.#buffered }
    get binaryType() { return this.#binary }
    set binaryType(type) { if (type === 'blob' || type === 'arraybuffer') this.#binary = type }

    async #run() {
      const socket = this.#socket
      const { failure, refused, protocol } = await socket.connect()
      if (this.#closing !== null) { // close has told its end; it may have opened meanwhile
        if (!failure) socket.close(...this.#closing)
        return
      }
      if (failure) return this.#fail(failure, refused)
      this.#state = states.OPEN
      this.#protocol = protocol
      this.dispatchEvent(new Event('open'))
      for (;;) {
        const { text, bytes, failure, refused, code, reason } = await socket.read()
        if (failure) return this.#fail(failure, refused)
        if (code !== undefined) return this.#end(true, code, reason)
        if (this.#state === states.OPEN) this.#receive(text ?? this.#binaryOf(bytes))
      }
    }
    #binaryOf(bytes) { return this.#binary === 'blob' ? blobOf(bytes, '') : bytes.buffer }
    #receive(data) { this.dispatchEvent(new MessageEvent('message', { data, origin: this.#url.origin })) }
    // A refusal that nobody listens for must not pass in silence.
    #fail(error, refused) {
      if (this.#closing === null && refused && !hears(this, 'error')) Promise.reject(error)
      this.#state = states.CLOSED
      this.dispatchEvent(new ErrorEvent('error', { message: error.message, error }))
      // Who waits for error has time to listen for close.
      setImmediate(() => this.#end(false, abnormal, ''))
    }
    #end(wasClean, code, reason) {
      this.#state = states.CLOSED
      this.dispatchEvent(new CloseEvent('close', { wasClean, code, reason }))
    }

    send(data) {
      if (arguments.length === 0) throw new TypeError('WebSocket.send: something to send is needed')
      if (this.#state === states.CONNECTING) throw new DOMException('WebSocket.send: the connection is not open yet; wait for the event open', 'InvalidStateError')
      const payload = data instanceof Blob ? bytesOf(data) : ArrayBuffer.isView(data) || data instanceof ArrayBuffer ? data : String(data)
      const size = typeof payload === 'string' ? native.encode(payload).length : payload.byteLength
      if (this.#buffered + size > native.most) throw new DOMException(`WebSocket.send: more than ${native.most} bytes wait to be sent`, 'QuotaExceededError')
      this.#buffered += size
      if (this.#state !== states.OPEN) return
      const copy = typeof payload === 'string' ? payload : ArrayBuffer.isView(payload)
        ? new Uint8Array(payload.buffer.slice(payload.byteOffset, payload.byteOffset + payload.byteLength))
        : new Uint8Array(payload.slice(0))
      this.#sending = this.#sending.then(() => this.#socket.write(copy)).then(() => { this.#buffered -= size })
    }
    close(code = undefined, reason = '') {
      const number = code === undefined ? 1000 : Number(code)
      if (code !== undefined && number !== 1000 && !(number >= 3000 && number <= 4999)) {
        throw new DOMException(`WebSocket.close: the code must be 1000, or from 3000 to 4999, got ${code}`, 'InvalidAccessError')
      }
      if (native.encode(String(reason)).length > 123) throw new DOMException('WebSocket.close: the reason is longer than 123 bytes', 'SyntaxError')
      if (this.#state >= states.CLOSING) return
      const opened = this.#state === states.OPEN
      this.#state = states.CLOSING
      this.#closing = [number, String(reason)]
      if (opened) {
        this.#sending.then(() => this.#socket.close(...this.#closing))
        return
      }
      this.#socket.cancel()
      setImmediate(() => this.#fail(new DOMException('WebSocket.close: the connection was not open yet', 'AbortError'), false))
    }
    [shown](depth, options, inspect) {
      const { url, readyState, protocol } = this
      return 'WebSocket ' + inspect({ url, readyState, protocol })
    }
  }
  for (const name of Object.keys(states)) {
    for (const owner of [WebSocket, WebSocket.prototype]) Object.defineProperty(owner, name, { value: states[name], enumerable: true })
  }
  Object.defineProperty(WebSocket.prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true })
  return { WebSocket }
})
