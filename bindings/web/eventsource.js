// EventSource, after the HTML standard.
(function (native) {
  'use strict'
  const { EventTarget, Event, DOMException, AbortController, hears } = native.events
  const { MessageEvent, ErrorEvent } = native.messages
  const { URL } = native.urls
  const { TextDecoder, TextEncoder } = native.text
  const { fetch } = native.fetching
  const states = { CONNECTING: 0, OPEN: 1, CLOSED: 2 }
  const shown = Symbol.for('nodejs.util.inspect.custom')
  const usualDelay = 3000
  const maxLine = 16 * 1024 * 1024

  // Parser makes events of the lines of a stream.
  class Parser {
    #decoder = new TextDecoder()
    #rest = ''
    #half = false // the last line ended with \r, to which a \n may belong
    #data = []
    #type = ''
    lastId
    constructor(lastId) { this.lastId = lastId }

    // Gives what bytes complete: { type, data } and { retry }.
    *take(bytes) {
      let fresh = this.#decoder.decode(bytes, { stream: true })
      if (fresh === '') return
      if (this.#half && fresh[0] === '\n') fresh = fresh.slice(1)
      this.#half = fresh.endsWith('\r')
      const text = this.#rest + fresh
      let from = 0
      const ends = /\r\n|\n|\r/g
      for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
        yield* this.#line(text.slice(from, end.index))
        from = ends.lastIndex
      }
      this.#rest = text.slice(from)
      if (this.#rest.length > maxLine) throw new RangeError('a line of the event stream is longer than 16 MiB')
    }
    *#line(line) {
      if (line === '') {
        if (this.#data.length > 0) yield { type: this.#type || 'message', data: this.#data.join('\n') }
        this.#data = []
        this.#type = ''
        return
      }
      const colon = line.indexOf(':')
      if (colon === 0) return
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') this.#data.push(value)
      else if (field === 'event') this.#type = value
      else if (field === 'id' && !value.includes('\0')) this.lastId = value
      else if (field === 'retry' && /^[0-9]+$/.test(value)) yield { retry: Number(value) }
    }
  }

  class EventSource extends EventTarget {
    #url
    #state = states.CONNECTING
    #delay = usualDelay
    #lastId = ''
    #abort = new AbortController()
    #timer

    constructor(url) {
      if (arguments.length === 0) throw new TypeError('EventSource: a URL is needed')
      super()
      try {
        this.#url = new URL(String(url))
      } catch {
        throw new DOMException(`EventSource: ${JSON.stringify(String(url))} is no absolute URL`, 'SyntaxError')
      }
      for (const type of ['open', 'message', 'error']) this['on' + type] = null
      this.#connect()
    }
    get url() { return this.#url.href }
    get readyState() { return this.#state }
    get withCredentials() { return false }

    async #connect() {
      try {
        await this.#listen()
      } catch (error) {
        if (this.#state === states.CLOSED) return
        // What stems from the network passes; a refusal does not.
        if (!(error instanceof TypeError)) return this.#fail(error)
        this.#again(error)
        return
      }
      if (this.#state !== states.CLOSED) this.#again(undefined)
    }
    async #listen() {
      const headers = { accept: 'text/event-stream', 'cache-control': 'no-store' }
      if (this.#lastId !== '') headers['last-event-id'] = String.fromCharCode(...new TextEncoder().encode(this.#lastId))
      const response = await fetch(this.#url.href, { headers, signal: this.#abort.signal })
      const type = (response.headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase()
      if (response.status !== 200 || type !== 'text/event-stream') {
        this.#abort.abort()
        return this.#fail(new Error(`EventSource: the answer has the status ${response.status} and the type ${JSON.stringify(type)}, not 200 and "text/event-stream"`), true)
      }
      this.#state = states.OPEN
      this.dispatchEvent(new Event('open'))
      const parser = new Parser(this.#lastId)
      const reader = response.body.getReader()
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return
        for (const { retry, type, data } of parser.take(value)) {
          this.#lastId = parser.lastId
          if (retry !== undefined) this.#delay = retry
          else if (this.#state === states.OPEN) this.dispatchEvent(new MessageEvent(type, { data, origin: new URL(response.url).origin, lastEventId: this.#lastId }))
        }
        this.#lastId = parser.lastId
        if (this.#state === states.CLOSED) return
      }
    }
    #again(error) {
      this.#state = states.CONNECTING
      this.dispatchEvent(new ErrorEvent('error', { message: error?.message ?? 'the stream ended', error }))
      if (this.#state !== states.CLOSED) this.#timer = setTimeout(() => this.#connect(), this.#delay)
    }
    #fail(error, heard = false) {
      this.#state = states.CLOSED
      if (!heard && !hears(this, 'error')) Promise.reject(error)
      this.dispatchEvent(new ErrorEvent('error', { message: error.message, error }))
    }
    close() {
      this.#state = states.CLOSED
      clearTimeout(this.#timer)
      this.#abort.abort()
    }
    [shown](depth, options, inspect) {
      const { url, readyState } = this
      return 'EventSource ' + inspect({ url, readyState })
    }
  }
  for (const name of Object.keys(states)) {
    for (const owner of [EventSource, EventSource.prototype]) Object.defineProperty(owner, name, { value: states[name], enumerable: true })
  }
  Object.defineProperty(EventSource.prototype, Symbol.toStringTag, { value: 'EventSource', configurable: true })
  return { EventSource }
})
