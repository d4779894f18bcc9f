// Locales and options, as all formats read them.

const define = (target, name, value) => Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false })
const getter = (target, name, get) => Object.defineProperty(target, name, { get, configurable: true, enumerable: false })

// What a locale says of a subject, read once.
const sections = new Map()
const section = (locale, name) => {
  const key = locale + '/' + name
  if (!sections.has(key)) sections.set(key, JSON.parse(natives.section(locale, name)))
  return sections.get(key)
}

const known = new Set(natives.locales())
// The locale whose formats a language has by itself.
const main = { en: 'en-US' }
const dataOf = (tag) => (known.has(tag) ? tag : main[tag])

// requested gives the locales of an argument in their canonical form.
const requested = (locales) => {
  if (locales === undefined) return []
  if (locales === null) throw new TypeError('Cannot convert undefined or null to object')
  const list = typeof locales === 'string' || slots.has(locales) && slots.get(locales).tag ? [locales] : Array.from(locales)
  return [...new Set(list.map((item) => {
    if (typeof item !== 'string' && (typeof item !== 'object' || item === null)) throw new TypeError('Incorrect locale information provided')
    const tag = natives.canonical(String(item))
    if (tag === undefined) throw new RangeError('Incorrect locale information provided: ' + JSON.stringify(String(item)))
    return tag
  }))]
}

// What -u- says in a tag, by its two-letter keys.
const extensions = (tag) => {
  const found = {}
  let key
  for (const word of (/-u-(.*?)(?=-[a-z0-9]-|$)/.exec(tag)?.[1] ?? '').split('-')) {
    if (word.length === 2) found[(key = word)] = ''
    else if (key) found[key] += (found[key] && '-') + word
  }
  return found
}
const bare = (tag) => tag.replace(/-[a-z0-9]-.*$/, '')

// match finds the formats for a tag: its own, or those of the language in
// general. Chinese in traditional characters is not Chinese in general.
const match = (tag) => {
  let name = bare(tag)
  if (/^zh-(Hant|TW|HK|MO)\b/.test(name)) return undefined
  if (/^no\b/.test(name)) name = name.replace('no', 'nb')
  for (; name; name = name.replace(/(^|-)[^-]*$/, '')) if (dataOf(name)) return { locale: name, data: dataOf(name) }
  return undefined
}

// resolve picks the first locale with formats. None of them known is an error:
// formats of another language would be silently wrong.
const resolve = (locales, anyLanguage) => {
  const list = requested(locales)
  if (list.length === 0) return { locale: 'en-US', data: 'en-US', extensions: {} }
  for (const tag of list) {
    const found = anyLanguage ? { locale: bare(tag), data: bare(tag) } : match(tag)
    if (found) return { ...found, extensions: extensions(tag) }
  }
  throw new RangeError(`Intl has no formats of the locale ${list.join(', ')} here; it has ${[...known].join(', ')}`)
}

const supported = (anyLanguage) => function supportedLocalesOf(locales) {
  return requested(locales).filter((tag) => anyLanguage || match(tag))
}

const asOptions = (options) => {
  if (options === undefined) return Object.create(null)
  if (options === null) throw new TypeError('Cannot convert undefined or null to object')
  return Object(options)
}

// option reads one of a few words.
const option = (options, name, values, fallback) => {
  let value = options[name]
  if (value === undefined) return fallback
  value = String(value)
  if (!values.includes(value)) throw new RangeError(`Value ${value} out of range for Intl options property ${name}`)
  return value
}

// refused are options that would change the result and are not there.
const refused = (options, names, what) => {
  for (const [name, allowed] of Object.entries(names)) {
    const value = options[name]
    if (value !== undefined && !allowed.includes(String(value))) {
      throw new RangeError(`${what}: the option ${name} ${allowed.length ? `can only be ${allowed.join(', ')} here` : 'is not available here'}`)
    }
  }
}

const plain = { calendar: ['gregory', 'iso8601'], numberingSystem: ['latn'] }
const checkExtensions = (found, what) => refused({ calendar: found.ca, numberingSystem: found.nu }, plain, what)

// slots hold what an object is made of; a class of Intl is a function, for most
// of them may be called without new.
const slots = new WeakMap()
const made = (name, init, callable) => {
  const Class = function (...args) {
    if (!new.target && !callable) throw new TypeError(`Constructor Intl.${name} requires 'new'`)
    const self = new.target ? this : Object.create(Class.prototype)
    slots.set(self, { ...init(...args), kind: name })
    return self
  }
  Object.defineProperty(Class, 'name', { value: name, configurable: true })
  Object.defineProperty(Class, 'length', { value: 0, configurable: true })
  Object.defineProperty(Class, 'prototype', { writable: false, enumerable: false })
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: 'Intl.' + name, configurable: true })
  define(Class.prototype, 'constructor', Class)
  return Class
}

const slotOf = (self, kind) => {
  const slot = slots.get(self)
  if (slot?.kind !== kind) throw new TypeError(`the method of Intl.${kind} was called on something else`)
  return slot
}

const methods = (Class, table) => {
  for (const [name, f] of Object.entries(table)) define(Class.prototype, name, f)
}

// bound gives a getter of a function that needs no this.
const bound = (Class, name, kind, make) => getter(Class.prototype, name, function () {
  const slot = slotOf(this, kind)
  return (slot.bound ??= make(slot))
})

const unavailable = (kind, table) => {
  for (const [name, instead] of Object.entries(table)) {
    define(kind.prototype ?? kind, name, function () { throw new Error(`Intl${kind.name ? '.' + kind.name : ''}: ${name} is not available here; ${instead}`) })
  }
}

// pieces are those of a pattern: texts, and names in objects. The patterns are
// those of the data, so there are only so many.
const cut = new Map()
const pieces = (pattern) => {
  let list = cut.get(pattern)
  if (list === undefined) {
    list = []
    for (const piece of pattern.split(/(\{[^}]*\})/)) if (piece !== '') list.push(piece[0] === '{' ? { name: piece.slice(1, -1) } : piece)
    cut.set(pattern, list)
  }
  return list
}

// fillPattern cuts a pattern into parts: what fill gives for a name, and the text
// between.
const fillPattern = (pattern, fill) => {
  const parts = []
  for (const piece of pieces(pattern)) {
    if (typeof piece === 'string') addLiteral(parts, piece)
    else for (const part of fill(piece.name)) part.type === 'literal' ? addLiteral(parts, part.value) : parts.push(part)
  }
  return parts
}
const addLiteral = (parts, value) => {
  const last = parts.length > 0 ? parts[parts.length - 1] : undefined
  if (last !== undefined && last.type === 'literal') last.value += value
  else parts.push({ type: 'literal', value })
}
const joined = (parts) => { let text = ''; for (const part of parts) text += part.value; return text }
