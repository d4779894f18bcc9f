// Text encoding, after the Encoding standard.
(function (native) {
  'use strict'

  const empty = new Uint8Array(0)

  class TextEncoder {
    get encoding() { return 'utf-8' }
    encode(text = '') { return native.encode(String(text)) }
    encodeInto(text, target) {
      if (!(target instanceof Uint8Array)) throw new TypeError('encodeInto needs a Uint8Array')
      const { read, written } = native.encodeInto(String(text), target)
      return { read, written }
    }
  }

  class TextDecoder {
    #encoding
    #fatal
    #ignoreBOM
    #decoder = null
    #begun = false

    constructor(label = 'utf-8', options = {}) {
      this.#encoding = native.encoding(String(label))
      if (!this.#encoding) throw new RangeError(`TextDecoder: the encoding "${label}" is not known`)
      this.#fatal = Boolean(options?.fatal)
      this.#ignoreBOM = Boolean(options?.ignoreBOM)
    }
    get encoding() { return this.#encoding }
    get fatal() { return this.#fatal }
    get ignoreBOM() { return this.#ignoreBOM }

    decode(input = empty, options = {}) {
      const stream = Boolean(options?.stream)
      this.#decoder ??= native.decoder(this.#encoding)
      const { text, valid } = this.#decoder(input, stream)
      if (this.#fatal && !valid) {
        this.#decoder = null
        this.#begun = false
        throw new TypeError(`TextDecoder: the bytes are not valid ${this.#encoding}`)
      }
      const cut = !this.#begun && !this.#ignoreBOM && this.#encoding.startsWith('utf-') && text.startsWith('\uFEFF')
      this.#begun = stream && (this.#begun || text.length > 0)
      return cut ? text.slice(1) : text
    }
  }

  for (const cls of [TextEncoder, TextDecoder]) {
    for (const key of Object.getOwnPropertyNames(cls.prototype)) {
      if (key !== 'constructor') Object.defineProperty(cls.prototype, key, { enumerable: true })
    }
    Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: cls.name, configurable: true })
  }
  return { TextEncoder, TextDecoder }
})
