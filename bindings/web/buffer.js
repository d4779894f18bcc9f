// goja's Buffer with the static methods it lacks and that packages rely on.
(function (native) {
  'use strict'
  const Buffer = native.base()

  const methods = {
    isBuffer(value) { return value instanceof Buffer },
    isEncoding(encoding) {
      if (typeof encoding !== 'string' || encoding === '') return false
      try {
        Buffer.alloc(0).toString(encoding)
        return true
      } catch {
        return false
      }
    },
    byteLength(value, encoding) {
      if (typeof value === 'string') return Buffer.from(value, encoding).length
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength
      throw new TypeError('Buffer.byteLength: the argument must be a string, a Buffer, or an ArrayBuffer or a view of one')
    },
    compare(a, b) {
      if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) {
        throw new TypeError('Buffer.compare: both arguments must be Buffers or Uint8Arrays')
      }
      const shorter = Math.min(a.length, b.length)
      for (let i = 0; i < shorter; i++) {
        if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1
      }
      return Math.sign(a.length - b.length)
    },
    // Memory is always zeroed here.
    allocUnsafe(size) { return Buffer.alloc(size) },
    allocUnsafeSlow(size) { return Buffer.alloc(size) },
  }
  for (const name of Object.keys(methods)) {
    if (!(Object.hasOwn(Buffer, name))) {
      Object.defineProperty(Buffer, name, { value: methods[name], writable: true, configurable: true })
    }
  }
  return { Buffer }
})
