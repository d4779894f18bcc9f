// node:fs as far as it is not native: callbacks and streams over promises.
(function (native, require) {
  'use strict'
  const promises = require('node:fs/promises')
  const exports = {}

  const callbackOf = (args, name) => {
    const callback = args.pop()
    if (typeof callback !== 'function') {
      throw new TypeError(`fs.${name}: the callback must be a function; without one use fs.promises.${name} or fs.${name}Sync`)
    }
    return callback
  }
  // What a callback throws is nobody's to catch: it fails the task.
  const later = (promise, callback) => {
    promise.then((result) => queueMicrotask(() => callback(null, result)), (error) => queueMicrotask(() => callback(error)))
  }
  for (const name of Object.getOwnPropertyNames(native)) {
    const start = native[name]
    exports[name] = { [name](...args) { const callback = callbackOf(args, name); later(start(...args), callback) } }[name]
  }
  exports.exists = (path, callback) => { callbackOf([callback], 'exists'); native.access(path).then(() => callback(true), () => callback(false)) }
  exports.existsSync = (path) => {
    try {
      require('node:fs').accessSync(path)
      return true
    } catch (error) {
      if (error.name === 'NotCapable' || error instanceof TypeError) throw error
      return false
    }
  }

  // Streams of files. They are made when the first is: most scripts need none.
  const settings = (options) => typeof options === 'string' ? { encoding: options } : options ?? {}
  let made
  const classes = () => made ??= (() => {
    const { Readable, Writable } = require('node:stream')
    // Opens the file before the stream is used.
    const opening = (stream, path, flags, mode) => (callback) => {
      promises.open(path, flags, mode).then((file) => {
        stream._file = file
        callback()
        stream.pending = false
        stream.emit('open', 0)
        stream.emit('ready')
      }, callback)
    }
    const closing = (stream, options) => (error, callback) => {
      if (!stream._file || options.autoClose === false) return callback(error)
      const file = stream._file
      stream._file = null
      file.close().then(() => callback(error), (failure) => callback(error ?? failure))
    }
    const shared = (stream, path) => {
      Object.defineProperty(stream, '_file', { value: null, writable: true, enumerable: false })
      stream.path = path
      stream.pending = true
    }
    const close = function (callback) {
      if (callback) {
        if (this.closed) queueMicrotask(callback)
        else this.on('close', callback)
      }
      if (this._writableState && this.autoClose !== false) this.end()
      else this.destroy()
    }

    function ReadStream(path, options) {
      if (!(this instanceof ReadStream)) return new ReadStream(path, options)
      options = settings(options)
      shared(this, path)
      this.flags = options.flags ?? 'r'
      this.bytesRead = 0
      let position = options.start ?? null
      const end = options.end ?? Infinity
      this.start = options.start
      this.end = end
      Readable.call(this, {
        ...options, objectMode: false, highWaterMark: options.highWaterMark ?? 64 * 1024, construct: opening(this, path, this.flags, options.mode), destroy: closing(this, options),
        read(size) {
          const left = end - (position ?? this.bytesRead) + 1
          if (left <= 0) return void this.push(null)
          const buffer = Buffer.alloc(Math.min(size, left))
          this._file.read(buffer, 0, buffer.length, position).then(({ bytesRead }) => {
            if (bytesRead === 0) return void this.push(null)
            if (position !== null) position += bytesRead
            this.bytesRead += bytesRead
            this.push(buffer.subarray(0, bytesRead))
          }, (error) => this.destroy(error))
        },
      })
    }
    function WriteStream(path, options) {
      if (!(this instanceof WriteStream)) return new WriteStream(path, options)
      options = settings(options)
      shared(this, path)
      this.flags = options.flags ?? (options.start === undefined ? 'w' : 'r+')
      this.bytesWritten = 0
      let position = options.start ?? null
      const write = async (file, chunk) => {
        for (let from = 0; from < chunk.length;) {
          const { bytesWritten } = await file.write(chunk, from, chunk.length - from, position)
          from += bytesWritten
          this.bytesWritten += bytesWritten
          if (position !== null) position += bytesWritten
        }
      }
      Writable.call(this, {
        ...options, objectMode: false, decodeStrings: true, defaultEncoding: options.encoding, construct: opening(this, path, this.flags, options.mode), destroy: closing(this, options),
        write(chunk, encoding, callback) { write(this._file, chunk).then(() => callback(), callback) },
      })
    }
    for (const [Class, Parent] of [[ReadStream, Readable], [WriteStream, Writable]]) {
      Object.setPrototypeOf(Class.prototype, Parent.prototype)
      Object.setPrototypeOf(Class, Parent)
      Object.defineProperty(Class.prototype, 'close', { value: close, writable: true, configurable: true })
    }
    return { ReadStream, WriteStream }
  })()

  exports.createReadStream = (path, options) => new (classes().ReadStream)(path, options)
  exports.createWriteStream = (path, options) => new (classes().WriteStream)(path, options)
  for (const name of ['ReadStream', 'WriteStream']) Object.defineProperty(exports, name, { get: () => classes()[name], enumerable: true })
  return exports
})
