// node:string_decoder.
(function (native) {
  'use strict'
  const { coded, type } = native.errors
  const { Buffer, known } = native.buffers

  // How many bytes at the end begin a character of UTF-8 and do not end it.
  const begun = (bytes) => {
    for (let back = 1; back <= Math.min(3, bytes.length); back++) {
      const first = bytes[bytes.length - back]
      if (first >= 0x80 && first < 0xc0) continue
      const needed = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 1
      if (needed <= back) return 0
      const second = bytes[bytes.length - back + 1]
      if (back > 1) {
        const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80, high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
        if (second < low || second > high) return 0
      }
      return back
    }
    return 0
  }
  const held = {
    utf8: begun,
    utf16le(bytes) {
      const odd = bytes.length % 2
      const last = bytes.length - odd - 1
      return last > 0 && bytes[last] >= 0xd8 && bytes[last] <= 0xdb ? odd + 2 : odd
    },
    base64: (bytes) => bytes.length % 3,
    base64url: (bytes) => bytes.length % 3,
  }

  class StringDecoder {
    #pending = Buffer.alloc(0)
    constructor(encoding) {
      const name = encoding === undefined || encoding === null || encoding === '' ? 'utf8' : known(encoding)
      if (name === undefined) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', `unknown encoding: ${encoding}`)
      this.encoding = name
    }
    write(bytes) {
      if (typeof bytes === 'string') return bytes
      if (!ArrayBuffer.isView(bytes)) throw type('the bytes', 'a Buffer or a typed array', bytes)
      let all = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      if (this.#pending.length > 0) all = Buffer.concat([this.#pending, all])
      const keep = held[this.encoding]?.(all) ?? 0
      this.#pending = Buffer.from(all.subarray(all.length - keep))
      return all.toString(this.encoding, 0, all.length - keep)
    }
    end(bytes) {
      const text = bytes === undefined ? '' : this.write(bytes)
      const rest = this.#pending
      this.#pending = Buffer.alloc(0)
      return rest.length === 0 ? text : text + rest.toString(this.encoding)
    }
  }
  return { StringDecoder }
})
