// hatchet:s3 over natives that store and fetch objects.
(function (native) {
  'use strict'

  const { iterable, iteratorOf } = native.iterables

  class Bucket {
    #on
    constructor(on) { this.#on = on }
    async put(key, data, options) {
      if (typeof data === 'string' || data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return this.#on.put(key, data, options)
      const pieces = iteratorOf(data, 'put: the data')
      const upload = this.#on.upload(key, options)
      const done = upload.done()
      let failed = false
      done.catch(() => { failed = true })
      try {
        for (;;) {
          const piece = await pieces.next()
          if (piece.done || failed) break
          await upload.write(piece.value)
        }
      } catch (error) {
        upload.abort()
        await done.catch(() => {})
        await pieces.return?.()
        throw error
      }
      upload.end()
      return done
    }
    get(key) { return this.#on.get(key) }
    stream(key) {
      let body
      return iterable(async () => {
        body ??= await this.#on.open(key)
        const piece = await body.next()
        return piece === null ? null : [piece]
      }, async () => { await body?.close() })
    }
    head(key) { return this.#on.head(key) }
    list(prefix, options) { return this.#on.list(prefix, options) }
    delete(key) { return this.#on.delete(key) }
    presign(key, options) { return this.#on.presign(key, options) }
  }

  return { open: (options) => new Bucket(native.open(options)) }
})
