// Text encoding, after the Encoding standard.
(function (native) {
  'use strict'

  const empty = new Uint8Array(0)

  class TextEncoder {
    get encoding() { return 'utf-8' }
    encode(text = '') { return native.encode(String(text)) }
    encodeInto(text, target) {
      let read = 0
      let written = 0
      for (const character of String(text)) {
        const bytes = native.encode(character)
        if (written + bytes.length > target.length) break
        target.set(bytes, written)
        written += bytes.length
        read += character.length
      }
      return { read, written }
    }
  }

  class TextDecoder {
    #encoding
    #fatal
    #ignoreBOM
    #pending = empty
    #begun = false

    constructor(label = 'utf-8', options = {}) {
      this.#encoding = native.encoding(String(label))
      if (!this.#encoding) throw new RangeError(`TextDecoder: the encoding "${label}" is not supported; utf-8, latin1, utf-16le and utf-16be are`)
      this.#fatal = Boolean(options?.fatal)
      this.#ignoreBOM = Boolean(options?.ignoreBOM)
    }
    get encoding() { return this.#encoding }
    get fatal() { return this.#fatal }
    get ignoreBOM() { return this.#ignoreBOM }

    decode(input = empty, options = {}) {
      const stream = Boolean(options?.stream)
      const { text, rest, valid } = native.decode(this.#encoding, this.#pending, input, stream)
      if (this.#fatal && !valid) {
        this.#pending = empty
        this.#begun = false
        throw new TypeError(`TextDecoder: the bytes are not valid ${this.#encoding}`)
      }
      this.#pending = rest
      const cut = !this.#begun && !this.#ignoreBOM && this.#encoding !== 'windows-1252' && text.startsWith('\uFEFF')
      this.#begun = stream && (this.#begun || text.length > 0)
      return cut ? text.slice(1) : text
    }
  }

  for (const cls of [TextEncoder, TextDecoder]) {
    Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  }
  return { TextEncoder, TextDecoder }
})
