// node:querystring.
(function (native) {
  'use strict'
  const { coded } = native.errors
  const plain = /^[A-Za-z0-9\-_.!~*'()]*$/
  const escape = (value) => {
    const text = typeof value === 'string' ? value : typeof value === 'object' ? String(value) : value + ''
    if (plain.test(text)) return text
    try {
      return encodeURIComponent(text)
    } catch {
      throw coded(URIError, 'ERR_INVALID_URI', 'the text has lone surrogates')
    }
  }
  const unescapeBuffer = (text, plusIsSpace) => {
    const bytes = []
    const source = Buffer.from(text)
    for (let i = 0; i < source.length; i++) {
      const hex = source[i] === 0x25 ? source.toString('latin1', i + 1, i + 3) : ''
      if (/^[0-9a-fA-F]{2}$/.test(hex)) {
        bytes.push(parseInt(hex, 16))
        i += 2
      } else bytes.push(plusIsSpace && source[i] === 0x2b ? 0x20 : source[i])
    }
    return Buffer.from(bytes)
  }
  const unescape = (text) => {
    try {
      return decodeURIComponent(text)
    } catch {
      return unescapeBuffer(text).toString()
    }
  }
  const primitive = (value) => {
    if (typeof value === 'string') return value
    if (typeof value === 'number' && isFinite(value)) return String(value)
    return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : ''
  }
  const exports = {
    escape, unescape, unescapeBuffer,
    stringify(object, separator, equals, options) {
      if (object === null || typeof object !== 'object') return ''
      const encode = typeof options?.encodeURIComponent === 'function' ? options.encodeURIComponent : exports.escape
      separator ||= '&'
      equals ||= '='
      const parts = []
      for (const key of Object.keys(object)) {
        const name = encode(primitive(key)) + equals
        const values = Array.isArray(object[key]) ? object[key] : [object[key]]
        for (const value of values) parts.push(name + encode(primitive(value)))
      }
      return parts.join(separator)
    },
    parse(text, separator, equals, options) {
      const result = Object.create(null)
      if (typeof text !== 'string' || text.length === 0) return result
      separator = separator ? String(separator) : '&'
      equals = equals ? String(equals) : '='
      let decode = exports.unescape
      if (typeof options?.decodeURIComponent === 'function') decode = options.decodeURIComponent
      const most = typeof options?.maxKeys === 'number' ? options.maxKeys : 1000
      const safe = (part) => {
        part = part.replace(/\+/g, ' ')
        if (!part.includes('%') && decode === exports.unescape) return part
        try {
          return decode(part)
        } catch {
          return unescape(part)
        }
      }
      let parts = text.split(separator)
      if (most > 0) parts = parts.slice(0, most)
      for (const part of parts) {
        if (part === '') continue
        const at = part.indexOf(equals)
        const name = safe(at < 0 ? part : part.slice(0, at)), value = at < 0 ? '' : safe(part.slice(at + equals.length))
        if (!(name in result)) result[name] = value
        else if (Array.isArray(result[name])) result[name].push(value)
        else result[name] = [result[name], value]
      }
      return result
    },
  }
  exports.decode = exports.parse
  exports.encode = exports.stringify
  return exports
})
