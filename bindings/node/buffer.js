// node:buffer: Buffer and what comes with it. Bytes are searched, compared and
// encoded by natives.
(function (native) {
  'use strict'
  const { coded, type, range, check } = native.errors
  const outOfBounds = (what) => coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', `${what} is outside of the buffer`)

  const encodings = {
    utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le', 'utf-16le': 'utf16le',
    latin1: 'latin1', binary: 'latin1', ascii: 'ascii', base64: 'base64', base64url: 'base64url', hex: 'hex',
  }
  const known = (encoding) => {
    const name = encodings[encoding]
    return name !== undefined && typeof encoding === 'string' ? name : encodings[String(encoding).toLowerCase()]
  }
  const unknown = (encoding) => coded(TypeError, 'ERR_UNKNOWN_ENCODING', `unknown encoding: ${encoding}; use one of ${Object.keys(encodings).join(', ')}`)
  // The name of an encoding; nothing at all stands for UTF-8.
  const encodingOf = (encoding) => {
    if (encoding === undefined || encoding === null || encoding === '') return 'utf8'
    const name = known(encoding)
    if (name === undefined) throw unknown(encoding)
    return name
  }
  const isBytes = (value) => value instanceof Uint8Array
  const isBuffer = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer
  const plainBytes = (value) => isBytes(value) ? value : new Uint8Array(value.buffer ?? value, value.byteOffset ?? 0, value.byteLength)

  class FastBuffer extends Uint8Array {}

  function Buffer(value, encodingOrOffset, length) {
    if (typeof value === 'number') {
      if (typeof encodingOrOffset === 'string') throw type('the value', 'a string', value)
      return Buffer.alloc(value)
    }
    return Buffer.from(value, encodingOrOffset, length)
  }
  Buffer.prototype = FastBuffer.prototype
  Object.setPrototypeOf(Buffer, Uint8Array)
  const hide = (target, name, value) => Object.defineProperty(target, name, { value, writable: true, configurable: true })
  hide(Buffer.prototype, 'constructor', Buffer)
  Object.defineProperty(Buffer, Symbol.species, { get() { return FastBuffer }, configurable: true })

  const sizeOf = (size) => {
    check.number(size, 'the size', 0, native.maxLength)
    return Math.trunc(size)
  }
  const fromText = (text, encoding) => new FastBuffer(native.encode(text, encoding))
  const fromList = (list) => {
    const n = Math.trunc(Number(list.length)) || 0
    const made = new FastBuffer(n > 0 ? sizeOf(n) : 0)
    if (ArrayBuffer.isView(list)) made.set(list)
    else for (let i = 0; i < n; i++) made[i] = list[i]
    return made
  }
  const fromMemory = (memory, byteOffset, length) => {
    let offset = byteOffset === undefined ? 0 : +byteOffset
    if (Number.isNaN(offset)) offset = 0
    const most = memory.byteLength - offset
    if (most < 0) throw outOfBounds('the offset')
    if (length === undefined) return new FastBuffer(memory, offset)
    length = +length
    if (!(length > 0)) length = 0
    if (length > most) throw outOfBounds('the length')
    return new FastBuffer(memory, offset, length)
  }
  const fromObject = (value) => {
    if (value.length !== undefined || value.buffer instanceof ArrayBuffer) {
      return typeof value.length === 'number' ? fromList(value) : new FastBuffer()
    }
    if (value.type === 'Buffer' && Array.isArray(value.data)) return fromList(value.data)
  }
  const from = (value, encodingOrOffset, length) => {
    if (typeof value === 'string') return fromText(value, encodingOf(typeof encodingOrOffset === 'string' ? encodingOrOffset : undefined))
    if (typeof value === 'object' && value !== null) {
      if (value instanceof ArrayBuffer) return fromMemory(value, encodingOrOffset, length)
      const inner = value.valueOf && value.valueOf()
      if (inner !== null && inner !== undefined && inner !== value && (typeof inner === 'string' || typeof inner === 'object')) {
        return from(inner, encodingOrOffset, length)
      }
      const made = fromObject(value)
      if (made) return made
      if (typeof value[Symbol.toPrimitive] === 'function') {
        const text = value[Symbol.toPrimitive]('string')
        if (typeof text === 'string') return from(text, encodingOrOffset)
      }
    }
    throw type('the first argument', 'a string, a Buffer, an ArrayBuffer, an Array or an array-like object', value)
  }

  const fillWith = (buffer, value, start, end, encoding) => {
    if (typeof value === 'number' || typeof value === 'boolean') value = new Uint8Array([value & 255])
    else if (typeof value === 'string') {
      if (encoding !== undefined && encoding !== null && typeof encoding !== 'string') throw type('the encoding', 'a string', encoding)
      const name = encodingOf(encoding)
      const text = value
      value = value === '' ? new Uint8Array(1) : new Uint8Array(native.encode(value, name))
      if (value.length === 0) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `the value ${JSON.stringify(text)} is nothing in ${name}`)
    } else if (isBuffer(value)) {
      value = plainBytes(value)
      if (value.length === 0) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'the value must not be empty')
    } else value = new Uint8Array([Number(value) & 255])
    native.fill(buffer, value, start, end)
    return buffer
  }

  const wantBytes = (value, name) => { if (!isBytes(value)) throw type(name, 'a Buffer or a Uint8Array', value) }
  const statics = {
    from,
    of(...items) { return fromList(items) },
    copyBytesFrom(view, offset, length) {
      if (!ArrayBuffer.isView(view) || view instanceof DataView) throw type('the view', 'a typed array', view)
      const start = offset === undefined ? 0 : (check.integer(offset, 'the offset', 0), offset)
      const end = length === undefined ? view.length : (check.integer(length, 'the length', 0), start + length)
      const part = view.slice(start, end)
      return fromMemory(part.buffer, part.byteOffset, part.byteLength)
    },
    alloc(size, fill, encoding) {
      const made = new FastBuffer(sizeOf(size))
      return fill === undefined || fill === 0 || made.length === 0 ? made : fillWith(made, fill, 0, made.length, encoding)
    },
    // Memory is always zeroed here.
    allocUnsafe(size) { return new FastBuffer(sizeOf(size)) },
    allocUnsafeSlow(size) { return new FastBuffer(sizeOf(size)) },
    isBuffer(value) { return value instanceof Buffer },
    isEncoding(encoding) { return typeof encoding === 'string' && encoding !== '' && known(encoding) !== undefined },
    byteLength(value, encoding) {
      if (typeof value !== 'string') {
        if (isBuffer(value)) return value.byteLength
        throw type('the argument', 'a string, a Buffer or an ArrayBuffer', value)
      }
      switch (known(encoding)) {
        case 'utf16le': return value.length * 2
        case 'latin1': case 'ascii': return value.length
        case 'hex': return value.length >>> 1
        case 'base64': case 'base64url': {
          let n = value.length
          if (value[n - 1] === '=') n--
          if (n > 1 && value[n - 1] === '=') n--
          return (n * 3) >>> 2
        }
      }
      return native.byteLength(value)
    },
    compare(a, b) {
      wantBytes(a, 'the first argument')
      wantBytes(b, 'the second argument')
      return a === b ? 0 : native.compare(a, b)
    },
    concat(list, length) {
      check.array(list, 'the list')
      if (list.length === 0) return new FastBuffer()
      if (length === undefined) {
        length = 0
        for (const part of list) if (part.length) length += part.length
      } else check.integer(length, 'the length', 0)
      const made = Buffer.alloc(length)
      let at = 0
      for (let i = 0; i < list.length; i++) {
        wantBytes(list[i], `part ${i} of the list`)
        if (at + list[i].length > length) {
          made.set(list[i].subarray(0, length - at), at)
          at = length
        } else {
          made.set(list[i], at)
          at += list[i].length
        }
      }
      return made
    },
  }
  for (const name of Object.keys(statics)) hide(Buffer, name, statics[name])
  Buffer.poolSize = 8192

  // A position as slice takes it: from the end if negative, cut off at the ends.
  const position = (value, length, standard) => {
    value = Math.trunc(Number(value ?? standard)) || 0
    return value < 0 ? Math.max(0, value + length) : Math.min(value, length)
  }
  const search = (buffer, value, offset, encoding, forward) => {
    if (typeof offset === 'string') { encoding = offset; offset = undefined }
    offset = +offset
    if (offset > 0x7fffffff) offset = 0x7fffffff
    else if (offset < -0x80000000) offset = -0x80000000
    if (Number.isNaN(offset)) offset = forward ? 0 : buffer.length
    offset = Math.trunc(offset)
    let wanted, width = 1
    if (typeof value === 'number') wanted = new Uint8Array([value >>> 0])
    else if (typeof value === 'string') {
      const name = encodingOf(encoding)
      if (name === 'utf16le') width = 2
      wanted = new Uint8Array(native.encode(value, name))
    } else if (isBytes(value)) {
      wanted = value
      if (encoding !== undefined && known(encoding) === 'utf16le') width = 2
    } else throw type('the value', 'a number, a string, a Buffer or a Uint8Array', value)
    if (offset < 0) offset += buffer.length
    if (wanted.length === 0 && typeof value !== 'number') {
      if (offset < 0) return forward ? 0 : -1
      return Math.min(offset, buffer.length)
    }
    if (offset < 0) {
      if (!forward) return -1
      offset = 0
    }
    if (buffer.length === 0) return -1
    if (offset > buffer.length) {
      if (forward) return -1
      offset = buffer.length
    }
    return native.indexOf(buffer, wanted, offset, forward, width)
  }
  const within = (value, name, most, standard) => {
    if (value === undefined) return standard
    check.integer(value, name, 0, most)
    return value
  }

  const methods = {
    toString(encoding, start, end) {
      if (arguments.length === 0) return native.decode(this, 0, this.length, 'utf8')
      const length = this.length
      start = !(start > 0) ? 0 : start >= length ? length : Math.trunc(start)
      end = end === undefined || end > length ? length : Math.trunc(end) || 0
      if (end <= start) return ''
      return native.decode(this, start, end, encoding === undefined ? 'utf8' : encodingOf(encoding ?? 'null'))
    },
    equals(other) {
      wantBytes(other, 'the other buffer')
      return this === other || this.length === other.length && native.compare(this, other) === 0
    },
    compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
      wantBytes(target, 'the target')
      const most = Number.MAX_SAFE_INTEGER
      targetStart = within(targetStart, 'targetStart', most, 0)
      targetEnd = within(targetEnd, 'targetEnd', target.length, target.length)
      sourceStart = within(sourceStart, 'sourceStart', most, 0)
      sourceEnd = within(sourceEnd, 'sourceEnd', this.length, this.length)
      if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1
      if (targetStart >= targetEnd) return 1
      return native.compare(this.subarray(sourceStart, sourceEnd), target.subarray(targetStart, targetEnd))
    },
    copy(target, targetStart, sourceStart, sourceEnd) {
      if (!isBytes(target)) throw type('the target', 'a Buffer or a Uint8Array', target)
      const index = (value, name, standard) => {
        if (value === undefined) return standard
        value = Math.trunc(+value) || 0
        if (value < 0) throw range(name, 'at least 0', value)
        return value
      }
      targetStart = index(targetStart, 'targetStart', 0)
      sourceStart = index(sourceStart, 'sourceStart', 0)
      if (sourceStart > this.length) throw range('sourceStart', `at most ${this.length}`, sourceStart)
      sourceEnd = index(sourceEnd, 'sourceEnd', this.length)
      if (targetStart >= target.length || sourceStart >= sourceEnd) return 0
      const n = Math.min(sourceEnd - sourceStart, target.length - targetStart, this.length - sourceStart)
      target.set(this.subarray(sourceStart, sourceStart + n), targetStart)
      return n
    },
    indexOf(value, offset, encoding) { return search(this, value, offset, encoding, true) },
    lastIndexOf(value, offset, encoding) { return search(this, value, offset, encoding, false) },
    includes(value, offset, encoding) { return search(this, value, offset, encoding, true) !== -1 },
    fill(value, offset, end, encoding) {
      if (typeof value === 'string' && (offset === undefined || typeof offset === 'string')) { encoding = offset; offset = undefined; end = undefined }
      else if (typeof value === 'string' && typeof end === 'string') { encoding = end; end = undefined }
      if (offset === undefined) { offset = 0; end = this.length } else {
        check.integer(offset, 'the offset', 0)
        end = within(end, 'the end', this.length, this.length)
      }
      if (offset >= end) {
        if (typeof value === 'string') encodingOf(encoding)
        return this
      }
      return fillWith(this, value, offset, end, encoding)
    },
    write(text, offset, length, encoding) {
      let name
      if (offset === undefined) { offset = 0; length = this.length }
      else if (length === undefined && typeof offset === 'string') { encoding = offset; offset = 0; length = this.length }
      else {
        check.integer(offset, 'the offset', 0, this.length)
        const rest = this.length - offset
        if (length === undefined) length = rest
        else if (typeof length === 'string') { encoding = length; length = rest }
        else {
          check.integer(length, 'the length', 0, this.length)
          length = Math.min(length, rest)
        }
      }
      if (typeof text !== 'string') throw type('the text', 'a string', text)
      name = encodingOf(encoding)
      return native.write(this, text, offset, length, name)
    },
    toJSON() { return { type: 'Buffer', data: Array.from(this) } },
    subarray(start, end) {
      start = position(start, this.length, 0)
      end = end === undefined ? this.length : position(end, this.length)
      return new FastBuffer(this.buffer, this.byteOffset + start, Math.max(0, end - start))
    },
    slice(start, end) { return this.subarray(start, end) },
    toLocaleString(...args) { return this.toString(...args) },
    inspect() {
      const most = 50
      const shown = native.decode(this, 0, Math.min(this.length, most), 'hex').replace(/../g, '$& ').trimEnd()
      const over = this.length - most
      return `<${this.constructor.name} ${shown}${over > 0 ? ` ... ${over} more byte${over > 1 ? 's' : ''}` : ''}>`
    },
  }
  for (const size of [2, 4, 8]) {
    methods[`swap${8 * size}`] = { [`swap${8 * size}`]() {
      if (this.length % size !== 0) throw coded(RangeError, 'ERR_INVALID_BUFFER_SIZE', `the Buffer's size must be a multiple of ${8 * size} bits`)
      native.swap(this, size)
      return this
    } }[`swap${8 * size}`]
  }
  for (const [name, encoding] of [['ascii', 'ascii'], ['base64', 'base64'], ['base64url', 'base64url'], ['latin1', 'latin1'], ['hex', 'hex'], ['ucs2', 'utf16le'], ['utf8', 'utf8']]) {
    methods[`${name}Slice`] = { [`${name}Slice`](start, end) { return this.toString(encoding, start, end) } }[`${name}Slice`]
    methods[`${name}Write`] = { [`${name}Write`](text, offset = 0, length = this.length - offset) { return native.write(this, text, offset, Math.min(length, this.length - offset), encoding) } }[`${name}Write`]
  }
  Object.assign(methods, native.numbers(native.errors))
  for (const name of Object.keys(methods)) hide(Buffer.prototype, name, methods[name])
  for (const [name, real] of [['parent', 'buffer'], ['offset', 'byteOffset']]) {
    Object.defineProperty(Buffer.prototype, name, { get() { return this instanceof Buffer ? this[real] : undefined }, configurable: true, enumerable: true })
  }

  function SlowBuffer(size) { return Buffer.allocUnsafeSlow(size) }
  SlowBuffer.prototype = FastBuffer.prototype
  const wantMemory = (value) => { if (!isBuffer(value)) throw type('the input', 'an ArrayBuffer, a Buffer or a typed array', value) }
  return {
    Buffer, SlowBuffer,
    transcode(source, fromEncoding, toEncoding) {
      wantBytes(source, 'the source')
      const from = encodings[String(fromEncoding).toLowerCase()], to = encodings[String(toEncoding).toLowerCase()]
      const able = ['utf8', 'utf16le', 'latin1', 'ascii']
      if (!able.includes(from) || !able.includes(to)) throw coded(Error, 'U_ILLEGAL_ARGUMENT_ERROR', `cannot transcode from ${fromEncoding} to ${toEncoding}`, { errno: 1 })
      const text = native.decode(source, 0, source.length, from)
      const most = to === 'ascii' ? 0x7f : to === 'latin1' ? 0xff : Infinity
      return fromText(most === Infinity ? text : Array.from(text, (c) => c.codePointAt(0) > most ? '?' : c).join(''), to)
    },
    isUtf8(input) { wantMemory(input); return native.isUtf8(input) },
    isAscii(input) { wantMemory(input); return native.isAscii(input) },
    kMaxLength: native.maxLength, kStringMaxLength: native.maxLength, INSPECT_MAX_BYTES: 50,
    constants: { MAX_LENGTH: native.maxLength, MAX_STRING_LENGTH: native.maxLength },
    encodingOf, known,
  }
})
