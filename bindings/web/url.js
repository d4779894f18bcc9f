// URL and URLSearchParams, after the URL standard: parsing and serializing are
// the natives' part.
(function (native) {
  'use strict'
  const shown = Symbol.for('nodejs.util.inspect.custom')
  const changed = Symbol('changed')
  // Where native.parse and native.change put the parts of a URL.
  const [href, protocol, username, password, host, hostname, port, pathname, search, hash, origin] = Array(11).keys()

  const need = (given, count, what) => {
    if (given < count) throw new TypeError(`${what}: ${count} argument${count > 1 ? 's are' : ' is'} needed, got ${given}`)
  }
  const wellFormed = (value) => native.wellFormed(String(value))

  const pairsOf = (init) => {
    if (typeof init !== 'object' && typeof init !== 'function' || init === null) return native.parseQuery(wellFormed(init).replace(/^\?/, ''))
    const iterate = init[Symbol.iterator]
    if (iterate === undefined || iterate === null) {
      const pairs = new Map() // two keys may become one
      for (const key of Reflect.ownKeys(init)) {
        if (!Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue
        if (typeof key === 'symbol') throw new TypeError('URLSearchParams: a symbol is no name')
        pairs.set(wellFormed(key), wellFormed(init[key]))
      }
      return [...pairs]
    }
    return Array.from(init, (pair) => {
      if (typeof pair !== 'object' && typeof pair !== 'function' || pair === null || typeof pair[Symbol.iterator] !== 'function') {
        throw new TypeError('URLSearchParams: each entry of a list must be a pair of a name and a value')
      }
      const parts = [...pair]
      if (parts.length !== 2) throw new TypeError('URLSearchParams: each entry of a list must be a pair of a name and a value')
      return [wellFormed(parts[0]), wellFormed(parts[1])]
    })
  }

  let paramsOf // URLSearchParams of a URL
  let refill
  class URLSearchParams {
    #pairs
    #owner = null

    constructor(init = '') { this.#pairs = pairsOf(init) }
    static {
      paramsOf = (url, query) => {
        const params = new URLSearchParams()
        params.#pairs = native.parseQuery(query)
        params.#owner = url
        return params
      }
      refill = (params, query) => { params.#pairs = native.parseQuery(query) }
    }
    #update() { this.#owner?.[changed](native.formatQuery(this.#pairs)) }
    get size() { return this.#pairs.length }
    append(name, value) {
      need(arguments.length, 2, 'URLSearchParams.append')
      this.#pairs.push([wellFormed(name), wellFormed(value)])
      this.#update()
    }
    delete(name, value = undefined) {
      need(arguments.length, 1, 'URLSearchParams.delete')
      const [n, v] = [wellFormed(name), value === undefined ? undefined : wellFormed(value)]
      this.#pairs = this.#pairs.filter((p) => p[0] !== n || (v !== undefined && p[1] !== v))
      this.#update()
    }
    get(name) {
      need(arguments.length, 1, 'URLSearchParams.get')
      const n = wellFormed(name)
      return this.#pairs.find((p) => p[0] === n)?.[1] ?? null
    }
    getAll(name) {
      need(arguments.length, 1, 'URLSearchParams.getAll')
      const n = wellFormed(name)
      return this.#pairs.filter((p) => p[0] === n).map((p) => p[1])
    }
    has(name, value = undefined) {
      need(arguments.length, 1, 'URLSearchParams.has')
      const [n, v] = [wellFormed(name), value === undefined ? undefined : wellFormed(value)]
      return this.#pairs.some((p) => p[0] === n && (v === undefined || p[1] === v))
    }
    set(name, value) {
      need(arguments.length, 2, 'URLSearchParams.set')
      const [n, v] = [wellFormed(name), wellFormed(value)]
      const at = this.#pairs.findIndex((p) => p[0] === n)
      if (at < 0) {
        this.#pairs.push([n, v])
      } else {
        this.#pairs = this.#pairs.filter((p, i) => i <= at || p[0] !== n)
        this.#pairs[at] = [n, v]
      }
      this.#update()
    }
    sort() {
      this.#pairs.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
      this.#update()
    }
    forEach(callback, self = undefined) {
      if (typeof callback !== 'function') throw new TypeError('URLSearchParams.forEach needs a function')
      for (const [name, value] of this) callback.call(self, value, name, this)
    }
    // By index, for pairs may come and go meanwhile.
    *entries() { for (let i = 0; i < this.#pairs.length; i++) yield [...this.#pairs[i]] }
    *keys() { for (let i = 0; i < this.#pairs.length; i++) yield this.#pairs[i][0] }
    *values() { for (let i = 0; i < this.#pairs.length; i++) yield this.#pairs[i][1] }
    toString() { return native.formatQuery(this.#pairs) }
    [shown](depth, options, inspect) { return 'URLSearchParams ' + inspect(Object.fromEntries(this)) }
  }
  Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
    value: URLSearchParams.prototype.entries, writable: true, configurable: true,
  })

  class URL {
    #parts
    #params = null

    constructor(url, base = undefined) {
      need(arguments.length, 1, 'URL')
      this.#parts = native.parse(wellFormed(url), base === undefined ? undefined : wellFormed(base))
      if (this.#parts !== null) return
      const error = new TypeError('Invalid URL')
      error.code = 'ERR_INVALID_URL'
      error.input = String(url)
      if (base !== undefined) error.base = String(base)
      throw error
    }
    #change(part, value) {
      this.#parts = native.change(this.#parts[href], part, wellFormed(value))
      if (this.#params !== null) refill(this.#params, this.#parts[search].slice(1))
    }
    // What searchParams says now.
    [changed](query) { this.#parts = native.change(this.#parts[href], 'search', query) }

    get href() { return this.#parts[href] }
    set href(value) {
      this.#parts = new URL(value).#parts
      if (this.#params !== null) refill(this.#params, this.#parts[search].slice(1))
    }
    get origin() { return this.#parts[origin] }
    get protocol() { return this.#parts[protocol] }
    set protocol(value) { this.#change('protocol', value) }
    get username() { return this.#parts[username] }
    set username(value) { this.#change('username', value) }
    get password() { return this.#parts[password] }
    set password(value) { this.#change('password', value) }
    get host() { return this.#parts[host] }
    set host(value) { this.#change('host', value) }
    get hostname() { return this.#parts[hostname] }
    set hostname(value) { this.#change('hostname', value) }
    get port() { return this.#parts[port] }
    set port(value) { this.#change('port', value) }
    get pathname() { return this.#parts[pathname] }
    set pathname(value) { this.#change('pathname', value) }
    get search() { return this.#parts[search] }
    set search(value) { this.#change('search', value) }
    get searchParams() { return this.#params ??= paramsOf(this, this.#parts[search].slice(1)) }
    get hash() { return this.#parts[hash] }
    set hash(value) { this.#change('hash', value) }
    toString() { return this.#parts[href] }
    toJSON() { return this.#parts[href] }

    [shown](depth, options, inspect) {
      const { href, origin, protocol, host, pathname, search, hash } = this
      return 'URL ' + inspect({ href, origin, protocol, host, pathname, search, hash })
    }

    static canParse(url, base = undefined) {
      need(arguments.length, 1, 'URL.canParse')
      return native.parse(wellFormed(url), base === undefined ? undefined : wellFormed(base)) !== null
    }
    static parse(url, base = undefined) {
      need(arguments.length, 1, 'URL.parse')
      return URL.canParse(url, base) ? new URL(url, base) : null
    }
  }

  for (const cls of [URL, URLSearchParams]) {
    for (const key of Object.getOwnPropertyNames(cls.prototype)) {
      if (key !== 'constructor') Object.defineProperty(cls.prototype, key, { enumerable: true })
    }
    Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  }
  return { URL, URLSearchParams }
})
