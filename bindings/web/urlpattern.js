// URLPattern, after the URL Pattern standard: patterns are read by the natives,
// matching is done by regular expressions.
(function (native) {
  'use strict'
  const names = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash']
  const members = ['baseURL', ...names].sort()
  const shown = Symbol.for('nodejs.util.inspect.custom')
  const { RegExp } = globalThis
  const wellFormed = (value) => native.wellFormed(String(value))
  const failed = (error) => new TypeError('URLPattern: ' + error.message, { cause: error })

  const compile = (expression, flags) => {
    try {
      return new RegExp(expression, flags)
    } catch (error) {
      throw failed(error)
    }
  }
  const special = (expression) => {
    const matcher = compile(expression, 'v')
    return native.specialSchemes.some((scheme) => matcher.test(scheme))
  }

  // An input is a text or an object with parts of a URL.
  const read = (input) => {
    if (input === undefined || input === null) return {}
    if (typeof input !== 'object' && typeof input !== 'function') return wellFormed(input)
    const parts = {}
    for (const name of members) {
      const value = input[name]
      if (value !== undefined) parts[name] = wellFormed(value)
    }
    return parts
  }

  class URLPattern {
    #components
    #matchers
    #regexps

    constructor(input = undefined, base = undefined, options = undefined) {
      if (typeof base === 'object' || base === undefined) [base, options] = [undefined, arguments.length > 1 && base !== undefined ? base : options]
      const ignoreCase = Boolean(options?.ignoreCase)
      let parts = read(input)
      if (typeof parts === 'string') {
        parts = native.split(parts, special)
        if (base === undefined && parts.protocol === undefined) throw new TypeError('URLPattern: a relative pattern needs a base URL')
        if (base !== undefined) parts.baseURL = wellFormed(base)
      } else if (base !== undefined) {
        throw new TypeError('URLPattern: a base URL goes with a text; in an object it is baseURL')
      }
      const list = native.compile(parts, special)
      this.#components = {}
      this.#matchers = {}
      this.#regexps = false
      list.forEach(([pattern, expression, groups, regexps], i) => {
        const flags = ignoreCase && i >= names.indexOf('pathname') ? 'iv' : 'v'
        this.#components[names[i]] = pattern
        this.#matchers[names[i]] = { matcher: compile(expression, flags), groups }
        this.#regexps ||= regexps
      })
    }

    get protocol() { return this.#components.protocol }
    get username() { return this.#components.username }
    get password() { return this.#components.password }
    get hostname() { return this.#components.hostname }
    get port() { return this.#components.port }
    get pathname() { return this.#components.pathname }
    get search() { return this.#components.search }
    get hash() { return this.#components.hash }
    get hasRegExpGroups() { return this.#regexps }

    #match(input, base) {
      const given = read(input)
      const inputs = [given]
      let parts
      if (typeof given === 'string') {
        if (base !== undefined) inputs.push(wellFormed(base))
        parts = native.parts(given, inputs[1])
      } else {
        if (base !== undefined) throw new TypeError('URLPattern: a base URL goes with a text; in an object it is baseURL')
        parts = native.complete(given)
      }
      if (parts === null) return null
      const result = { inputs }
      for (const name of names) {
        const { matcher, groups } = this.#matchers[name]
        const found = matcher.exec(parts[name])
        if (found === null) return null
        result[name] = { input: parts[name], groups: {} }
        groups.forEach(([group, optional], i) => { result[name].groups[group] = optional ? found[i + 1] || undefined : found[i + 1] })
      }
      return result
    }
    test(input = undefined, base = undefined) { return this.#match(input, base) !== null }
    exec(input = undefined, base = undefined) { return this.#match(input, base) }

    [shown](depth, options, inspect) { return 'URLPattern ' + inspect(this.#components) }
  }
  for (const key of Object.getOwnPropertyNames(URLPattern.prototype)) {
    if (key !== 'constructor') Object.defineProperty(URLPattern.prototype, key, { enumerable: true })
  }
  Object.defineProperty(URLPattern.prototype, Symbol.toStringTag, { value: 'URLPattern', configurable: true })
  return { URLPattern }
})
