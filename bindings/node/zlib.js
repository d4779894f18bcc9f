// node:zlib.
(function (native, require) {
  'use strict'
  const { check, coded, type, range } = native.errors
  const { Transform } = require('node:stream')
  const constants = {
    Z_NO_FLUSH: 0, Z_PARTIAL_FLUSH: 1, Z_SYNC_FLUSH: 2, Z_FULL_FLUSH: 3, Z_FINISH: 4, Z_BLOCK: 5, Z_OK: 0, Z_STREAM_END: 1, Z_NEED_DICT: 2, Z_ERRNO: -1, Z_STREAM_ERROR: -2, Z_DATA_ERROR: -3,
    Z_MEM_ERROR: -4, Z_BUF_ERROR: -5, Z_VERSION_ERROR: -6, Z_NO_COMPRESSION: 0, Z_BEST_SPEED: 1, Z_BEST_COMPRESSION: 9, Z_DEFAULT_COMPRESSION: -1, Z_FILTERED: 1, Z_HUFFMAN_ONLY: 2, Z_RLE: 3,
    Z_FIXED: 4, Z_DEFAULT_STRATEGY: 0, Z_MIN_WINDOWBITS: 8, Z_MAX_WINDOWBITS: 15, Z_DEFAULT_WINDOWBITS: 15, Z_MIN_CHUNK: 64, Z_MAX_CHUNK: Infinity, Z_DEFAULT_CHUNK: 16384, Z_MIN_MEMLEVEL: 1,
    Z_MAX_MEMLEVEL: 9, Z_DEFAULT_MEMLEVEL: 8, Z_MIN_LEVEL: -1, Z_MAX_LEVEL: 9, Z_DEFAULT_LEVEL: -1, BROTLI_OPERATION_PROCESS: 0, BROTLI_OPERATION_FLUSH: 1, BROTLI_OPERATION_FINISH: 2,
    BROTLI_PARAM_MODE: 0, BROTLI_MODE_GENERIC: 0, BROTLI_MODE_TEXT: 1, BROTLI_MODE_FONT: 2, BROTLI_PARAM_QUALITY: 1, BROTLI_MIN_QUALITY: 0, BROTLI_MAX_QUALITY: 11, BROTLI_DEFAULT_QUALITY: 11,
    BROTLI_PARAM_LGWIN: 2, BROTLI_DEFAULT_WINDOW: 22, BROTLI_PARAM_SIZE_HINT: 5,
  }
  const kinds = ['gzip', 'gunzip', 'deflate', 'inflate', 'deflateRaw', 'inflateRaw', 'unzip', 'brotliCompress', 'brotliDecompress']
  const compresses = (kind) => ['gzip', 'deflate', 'deflateRaw'].includes(kind)

  // What natives take of options: kind, level, dictionary and the most output.
  const settings = (kind, options = {}) => {
    let level = -1
    if (kind.startsWith('brotli')) {
      level = options.params?.[constants.BROTLI_PARAM_QUALITY] ?? 11
      check.integer(level, 'the quality', 0, 11)
    } else if (options.level !== undefined && !Number.isNaN(options.level)) {
      check.number(options.level, 'options.level', -1, 9)
      level = options.level
    }
    if (compresses(kind)) {
      for (const [name, standard] of [['memLevel', 8], ['strategy', 0]]) {
        if (options[name] !== undefined && options[name] !== standard) throw new TypeError(`zlib: ${name} is always ${standard} here: leave it out`)
      }
      if (options.windowBits !== undefined && options.windowBits !== 15) {
        check.number(options.windowBits, 'options.windowBits', 8, 15)
        throw new TypeError('zlib: windowBits is always 15 here: leave it out')
      }
    }
    let { dictionary } = options
    if (dictionary !== undefined) {
      if (!ArrayBuffer.isView(dictionary) && !(dictionary instanceof ArrayBuffer)) throw type('options.dictionary', 'a Buffer, a typed array or an ArrayBuffer', dictionary)
      if (kind === 'gzip' || kind.startsWith('brotli')) throw new TypeError(`zlib: ${kind} takes no dictionary`)
    }
    const most = options.maxOutputLength ?? native.maxLength
    check.integer(most, 'options.maxOutputLength', 1)
    return [kind, level, dictionary, most]
  }
  const bytes = (data) => {
    if (typeof data === 'string') return Buffer.from(data)
    if (!ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer)) throw type('the data', 'a string, a Buffer, a typed array or an ArrayBuffer', data)
    return data
  }

  const exports = { constants, codes: Object.fromEntries(['Z_OK', 'Z_STREAM_END', 'Z_NEED_DICT', 'Z_ERRNO', 'Z_STREAM_ERROR', 'Z_DATA_ERROR', 'Z_MEM_ERROR', 'Z_BUF_ERROR', 'Z_VERSION_ERROR'].flatMap((name) => [[name, constants[name]], [constants[name], name]])) }
  for (const kind of kinds) {
    const className = kind[0].toUpperCase() + kind.slice(1)
    exports[kind] = { [kind](data, options, callback) {
      if (typeof options === 'function') [options, callback] = [{}, options]
      check.func(callback, 'the callback')
      const args = settings(kind, options)
      native.all(...args, bytes(data)).then((result) => queueMicrotask(() => callback(null, result)), (error) => queueMicrotask(() => callback(error)))
    } }[kind]
    exports[`${kind}Sync`] = { [`${kind}Sync`]: (data, options) => native.allSync(...settings(kind, options), bytes(data)) }[`${kind}Sync`]

    const packs = compresses(kind) || kind === 'brotliCompress'
    const made = function (options) {
      if (!(this instanceof made)) return new made(options)
      const args = settings(kind, options)
      const engine = native.stream(...args)
      this.bytesWritten = 0
      const settle = (promise, callback) => promise.then((data) => { if (data.length > 0) this.push(data); callback() }, callback)
      const at = (work, callback) => {
        let data
        try {
          data = work()
        } catch (error) {
          return callback(error)
        }
        if (typeof data?.then === 'function') return settle(data, callback)
        if (data.length > 0) this.push(data)
        callback()
      }
      Transform.call(this, {
        ...options, objectMode: false,
        transform: (chunk, encoding, callback) => { this.bytesWritten += chunk.length; at(() => engine.write(chunk), callback) },
        flush: (callback) => {
          if (!packs && this.bytesWritten === 0) return callback()
          at(() => engine.end(), callback)
        },
      })
      this._engine = engine
      Object.defineProperty(this, '_engine', { enumerable: false })
    }
    Object.defineProperty(made, 'name', { value: className })
    Object.setPrototypeOf(made.prototype, Transform.prototype)
    Object.setPrototypeOf(made, Transform)
    Object.assign(made.prototype, {
      close(callback) { if (callback) this.once('close', callback); this.destroy() },
      flush(mode, callback) {
        if (typeof mode === 'function') [mode, callback] = [undefined, mode]
        const now = () => {
          if (packs) {
            const data = this._engine.flush()
            if (data.length > 0) this.push(data)
          }
          if (callback) queueMicrotask(callback)
        }
        if (this.writableLength === 0) now()
        else this.write(Buffer.alloc(0), now)
      },
    })
    for (const name of ['close', 'flush']) Object.defineProperty(made.prototype, name, { enumerable: false })
    exports[className] = made
    exports[`create${className}`] = { [`create${className}`]: (options) => new made(options) }[`create${className}`]
  }
  exports.crc32 = (data, value = 0) => {
    check.integer(value, 'the value', 0, 2 ** 32 - 1)
    return native.crc32(bytes(data), value)
  }
  return exports
})
