// Blob, File and FormData, after the File API and XMLHttpRequest standards. A
// blob's bytes are in memory and never change, so slices share them.
(function (native) {
  'use strict'
  const { ReadableStream } = native.streams

  let bytesOf
  let blobOf

  const cleanType = (type) => /^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : ''

  const partBytes = (part, endings) => {
    if (part instanceof Blob) return bytesOf(part)
    if (part instanceof ArrayBuffer) return new Uint8Array(part)
    if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    const text = String(part)
    return native.encode(endings === 'native' ? text.replace(/\r\n?/g, '\n') : text)
  }

  class Blob {
    #bytes
    #type

    constructor(parts = [], options = {}) {
      if (typeof parts !== 'object' || parts === null || typeof parts[Symbol.iterator] !== 'function') {
        throw new TypeError('Blob: the parts must be a list, as in new Blob([text])')
      }
      this.#bytes = native.concat([...parts].map((part) => partBytes(part, options?.endings)))
      this.#type = cleanType(String(options?.type ?? ''))
    }
    static {
      bytesOf = (blob) => blob.#bytes
      blobOf = (bytes, type) => {
        const blob = new Blob()
        blob.#bytes = bytes
        blob.#type = cleanType(type)
        return blob
      }
    }
    get size() { return this.#bytes.length }
    get type() { return this.#type }
    slice(start = 0, end = this.size, type = '') {
      return blobOf(this.#bytes.subarray(start, end), String(type))
    }
    async text() { return native.utf8(this.#bytes) }
    async arrayBuffer() { return new Uint8Array(this.#bytes).buffer }
    async bytes() { return new Uint8Array(this.#bytes) }
    stream() {
      const bytes = this.#bytes
      let at = 0
      return new ReadableStream({
        pull(controller) {
          if (at >= bytes.length) return controller.close()
          controller.enqueue(bytes.slice(at, at += 65536))
        },
      }, { highWaterMark: 0 })
    }
    [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
      return 'Blob ' + inspect({ size: this.size, type: this.type })
    }
  }

  class File extends Blob {
    #name
    #modified
    constructor(parts, name, options = {}) {
      if (arguments.length < 2) throw new TypeError('File: the parts and a name are needed')
      super(parts, options)
      this.#name = String(name)
      this.#modified = Number(options?.lastModified ?? Date.now())
    }
    get name() { return this.#name }
    get lastModified() { return this.#modified }
    get webkitRelativePath() { return '' }
    [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
      return 'File ' + inspect({ name: this.name, size: this.size, type: this.type, lastModified: this.lastModified })
    }
  }

  const entryValue = (value, filename) => {
    if (!(value instanceof Blob)) {
      if (filename !== undefined) throw new TypeError('FormData: a file name goes with a Blob alone')
      return String(value)
    }
    if (value instanceof File && filename === undefined) return value
    return new File([value], filename ?? 'blob', { type: value.type })
  }

  class FormData {
    #entries = []

    constructor(form) {
      if (form !== undefined) throw new TypeError('FormData: there are no forms here; append the entries')
    }
    append(name, value, filename) {
      if (arguments.length < 2) throw new TypeError('FormData.append: a name and a value are needed')
      this.#entries.push([String(name), entryValue(value, filename)])
    }
    set(name, value, filename) {
      if (arguments.length < 2) throw new TypeError('FormData.set: a name and a value are needed')
      const entry = [String(name), entryValue(value, filename)]
      const at = this.#entries.findIndex(([n]) => n === entry[0])
      if (at < 0) {
        this.#entries.push(entry)
        return
      }
      this.#entries = this.#entries.filter(([n], i) => i <= at || n !== entry[0])
      this.#entries[at] = entry
    }
    delete(name) { this.#entries = this.#entries.filter(([n]) => n !== String(name)) }
    get(name) { return this.#entries.find(([n]) => n === String(name))?.[1] ?? null }
    getAll(name) { return this.#entries.filter(([n]) => n === String(name)).map(([, v]) => v) }
    has(name) { return this.#entries.some(([n]) => n === String(name)) }
    forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this) }
    *entries() { for (const [name, value] of this.#entries) yield [name, value] }
    *keys() { for (const [name] of this.#entries) yield name }
    *values() { for (const [, value] of this.#entries) yield value }
    [Symbol.iterator]() { return this.entries() }
    [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) { return 'FormData ' + inspect([...this]) }
  }

  for (const cls of [Blob, File, FormData]) {
    Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  }
  return { Blob, File, FormData, bytesOf, blobOf }
})
