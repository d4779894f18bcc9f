// Headers, after the Fetch standard, without the lists of what a browser forbids.
(function () {
  'use strict'

  const nameOf = (name) => {
    const text = String(name)
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)) throw new TypeError(`Headers: ${JSON.stringify(text)} is no name of a header`)
    return text.toLowerCase()
  }
  const valueOf = (value, name) => {
    const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
    if (/[\x00\r\n]/.test(text)) throw new TypeError(`Headers: the value of ${name} contains a line break or a NUL`)
    if (/[^\x00-\xff]/.test(text)) throw new TypeError(`Headers: the value of ${name} contains characters beyond U+00FF; encode it first`)
    return text
  }

  let freeze, filled, pairsOf

  class Headers {
    #lists = new Map() // from lower-case names
    #frozen = false

    constructor(init) {
      if (init === undefined) return
      if (typeof init !== 'object' || init === null) throw new TypeError('Headers: an object, a list of pairs or Headers are needed')
      if (typeof init[Symbol.iterator] !== 'function') {
        for (const name of Object.keys(init)) this.append(name, init[name])
        return
      }
      for (const pair of init) {
        const parts = [...pair]
        if (parts.length !== 2) throw new TypeError('Headers: each entry of a list must be a pair of a name and a value')
        this.append(parts[0], parts[1])
      }
    }
    static {
      freeze = (headers) => {
        headers.#frozen = true
        return headers
      }
      // What the network gave was checked there.
      filled = (pairs) => {
        const headers = new Headers()
        const lists = headers.#lists
        for (let i = 0; i < pairs.length; i += 2) {
          const name = pairs[i].toLowerCase()
          const list = lists.get(name)
          if (list) list.push(pairs[i + 1])
          else lists.set(name, [pairs[i + 1]])
        }
        return freeze(headers)
      }
      // Names and values in turn, in no order.
      pairsOf = (headers) => {
        const pairs = []
        headers.#lists.forEach((list, name) => {
          if (name !== 'set-cookie') pairs.push(name, list.join(', '))
          else for (const value of list) pairs.push(name, value)
        })
        return pairs
      }
    }
    #change(name) {
      if (this.#frozen) throw new TypeError('Headers: those of a response from the network are immutable; copy them with new Headers()')
      return nameOf(name)
    }
    append(name, value) {
      const key = this.#change(name)
      const text = valueOf(value, key)
      const list = this.#lists.get(key)
      if (list) list.push(text)
      else this.#lists.set(key, [text])
    }
    set(name, value) {
      const key = this.#change(name)
      this.#lists.set(key, [valueOf(value, key)])
    }
    delete(name) { this.#lists.delete(this.#change(name)) }
    get(name) { return this.#lists.get(nameOf(name))?.join(', ') ?? null }
    has(name) { return this.#lists.has(nameOf(name)) }
    getSetCookie() { return [...(this.#lists.get('set-cookie') ?? [])] }
    forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this) }
    *entries() {
      for (const name of [...this.#lists.keys()].sort()) {
        const list = this.#lists.get(name) ?? []
        if (name !== 'set-cookie') yield [name, list.join(', ')]
        else for (const value of [...list]) yield [name, value]
      }
    }
    *keys() { for (const [name] of this) yield name }
    *values() { for (const [, value] of this) yield value }
    [Symbol.iterator]() { return this.entries() }
    [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
      return 'Headers ' + inspect(Object.fromEntries([...this.#lists].map(([name, list]) => [name, list.join(', ')])))
    }
  }
  Object.defineProperty(Headers.prototype, Symbol.toStringTag, { value: 'Headers', configurable: true })
  return { Headers, freeze, filled, pairsOf }
})
