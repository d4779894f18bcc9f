// node:fs as far as it is not native: callbacks and streams over promises.
(function (native, require) {
  'use strict'
  const promises = require('node:fs/promises')
  const { Readable, Writable } = native.streams
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
    if (name === 'streams') continue
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

  class ReadStream extends Readable {
    constructor(path, options = {}) {
      if (typeof options === 'string') options = { encoding: options }
      const opening = promises.open(path, options.flags ?? 'r')
      opening.catch(() => {}) // reported when it is read
      let position = options.start ?? null
      super({
        encoding: options.encoding,
        read: async () => {
          const left = (options.end ?? Infinity) - (position ?? this.bytesRead) + 1
          if (left <= 0) return null
          const file = await opening
          const buffer = Buffer.alloc(Math.min(options.highWaterMark ?? 64 * 1024, left))
          const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
          if (bytesRead === 0) return null
          if (position !== null) position += bytesRead
          return buffer.subarray(0, bytesRead)
        },
        close: async () => (await opening).close(),
      })
      this.path = path
    }
  }

  class WriteStream extends Writable {
    constructor(path, options = {}) {
      if (typeof options === 'string') options = { encoding: options }
      const opening = promises.open(path, options.flags ?? 'w', options.mode)
      super({
        encoding: options.encoding,
        open: () => opening,
        write: async (chunk) => (await opening).writeFile(chunk),
        close: async () => (await opening).close(),
      })
      this.path = path
    }
  }

  exports.createReadStream = (path, options) => new ReadStream(path, options)
  exports.createWriteStream = (path, options) => new WriteStream(path, options)
  return exports
})
