// goja's URL, with what it gets wrong put right: the address of a URL whose
// searchParams were changed, search with its question mark, the path of URLs
// without authority, default ports; and the static methods it lacks.
(function (native) {
  'use strict'
  const { URL: Base, URLSearchParams } = native.modules()
  const ports = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21' }

  const shown = Symbol.for('nodejs.util.inspect.custom')

  class URL extends Base {
    // Reading search makes the base take over what searchParams was told.
    get search() { return super.search }
    set search(value) { super.search = String(value).replace(/^\?/, '') }
    get href() {
      super.search
      return super.href
    }
    set href(value) { super.href = value }
    toString() { return this.href }
    toJSON() { return this.href }

    get pathname() {
      const path = super.pathname
      if (path !== '' || this.protocol in ports) return path
      return /^[^:]*:([^?#]*)/.exec(this.href)?.[1] ?? ''
    }
    set pathname(value) { super.pathname = value }

    get protocol() { return super.protocol }
    set protocol(value) {
      super.protocol = value
      if (super.port !== '' && super.port === ports[super.protocol]) super.port = ''
    }

    [shown](depth, options, inspect) {
      const { href, origin, protocol, host, pathname, search, hash } = this
      return 'URL ' + inspect({ href, origin, protocol, host, pathname, search, hash })
    }

    static canParse(url, base) { return URL.parse(url, base) !== null }
    static parse(url, base) {
      try {
        return base === undefined ? new URL(url) : new URL(url, base)
      } catch {
        return null
      }
    }
  }

  Object.defineProperty(URLSearchParams.prototype, shown, {
    value(depth, options, inspect) { return 'URLSearchParams ' + inspect(Object.fromEntries(this)) },
    writable: true,
    configurable: true,
  })

  return { URL, URLSearchParams }
})
