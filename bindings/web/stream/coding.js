// Streams that encode, decode, compress and decompress, after the Encoding and
// Compression standards.
(function (native) {
  'use strict'
  const { TextEncoder, TextDecoder } = native.text
  const { TransformStream } = native.transforms
  const { ReadableStream } = native.streams
  const { WritableStream } = native.writables
  const { platform } = native.base

  const bytesOf = (chunk, what) => {
    if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
    if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    throw new TypeError(`${what}: the chunks must be ArrayBuffers or views of them`)
  }
  const isHigh = (unit) => unit >= 0xd800 && unit <= 0xdbff

  class TextEncoderStream {
    #transform
    constructor() {
      const encoder = new TextEncoder()
      let half = '' // the first of a pair whose second is in the next chunk
      this.#transform = new TransformStream({
        transform(chunk, controller) {
          let text = half + String(chunk)
          half = ''
          if (text.length > 0 && isHigh(text.charCodeAt(text.length - 1))) {
            half = text.slice(-1)
            text = text.slice(0, -1)
          }
          if (text.length > 0) controller.enqueue(encoder.encode(text))
        },
        flush(controller) { if (half !== '') controller.enqueue(encoder.encode(half)) },
      })
    }
    get encoding() { return 'utf-8' }
    get readable() { return this.#transform.readable }
    get writable() { return this.#transform.writable }
  }

  class TextDecoderStream {
    #transform
    #decoder
    constructor(label = 'utf-8', options = {}) {
      const decoder = this.#decoder = new TextDecoder(label, options)
      this.#transform = new TransformStream({
        transform(chunk, controller) {
          const text = decoder.decode(bytesOf(chunk, 'TextDecoderStream'), { stream: true })
          if (text !== '') controller.enqueue(text)
        },
        flush(controller) {
          const text = decoder.decode()
          if (text !== '') controller.enqueue(text)
        },
      })
    }
    get encoding() { return this.#decoder.encoding }
    get fatal() { return this.#decoder.fatal }
    get ignoreBOM() { return this.#decoder.ignoreBOM }
    get readable() { return this.#transform.readable }
    get writable() { return this.#transform.writable }
  }

  const formats = ['deflate', 'deflate-raw', 'gzip']
  const formatOf = (what, given) => {
    if (given.length === 0) throw new TypeError(`${what}: a format is needed, one of ${formats.join(', ')}`)
    const format = String(given[0])
    if (!formats.includes(format)) throw new TypeError(`${what}: the format must be one of ${formats.join(', ')}, got ${JSON.stringify(format)}`)
    return format
  }

  class CompressionStream {
    #transform
    constructor(format) {
      const compress = native.compressor(formatOf('CompressionStream', arguments))
      const put = async (bytes, last, controller) => {
        const made = await compress(bytes, last)
        if (made.length > 0) controller.enqueue(made)
      }
      this.#transform = new TransformStream({
        transform: (chunk, controller) => put(bytesOf(chunk, 'CompressionStream'), false, controller),
        flush: (controller) => put(new Uint8Array(0), true, controller),
      })
    }
    get readable() { return this.#transform.readable }
    get writable() { return this.#transform.writable }
  }

  // A piece of what is compressed may become very much, so it is decompressed as
  // far as somebody reads.
  class DecompressionStream {
    #readable
    #writable
    constructor(format) {
      const { feed, end, next, close } = native.decompressor(formatOf('DecompressionStream', arguments))
      let input
      let output
      this.#writable = new WritableStream({
        start(controller) { input = controller },
        async write(chunk) {
          const failed = await feed(bytesOf(chunk, 'DecompressionStream'))
          if (failed) throw new TypeError(failed)
        },
        async close() {
          const failed = await end()
          if (failed) throw new TypeError(failed)
        },
        abort(reason) {
          close()
          output.error(reason)
        },
      })
      this.#readable = new ReadableStream({
        start(controller) { output = controller },
        async pull(controller) {
          const { bytes, failed } = await next()
          if (failed) {
            const error = new TypeError(failed)
            input.error(error)
            throw error
          }
          if (bytes) controller.enqueue(bytes)
          else controller.close()
        },
        cancel(reason) {
          close()
          input.error(reason)
        },
      }, { highWaterMark: 0 })
    }
    get readable() { return this.#readable }
    get writable() { return this.#writable }
  }

  const classes = { TextEncoderStream, TextDecoderStream, CompressionStream, DecompressionStream }
  platform(...Object.values(classes))
  return classes
})
