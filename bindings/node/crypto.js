// node:crypto over natives of Go.
(function (native, require) {
  'use strict'
  const { check, coded, type, value, range } = native.errors
  const { encodingOf, known } = native.buffers

  const bytes = (data, name, encoding) => {
    if (typeof data === 'string') return Buffer.from(data, encoding && encoding !== 'buffer' ? encoding : 'utf8')
    if (data instanceof KeyObject && data.type === 'secret') return data[keys.handle]
    if (data instanceof ArrayBuffer) return new Uint8Array(data)
    if (!ArrayBuffer.isView(data)) throw type(name, 'a string, a Buffer, a typed array or an ArrayBuffer', data)
    return data
  }
  const output = (data, encoding) => encoding && encoding !== 'buffer' ? data.toString(encoding) : data
  // What a callback throws is nobody's to catch: it fails the task.
  const later = (callback, work) => {
    check.func(callback, 'the callback')
    work().then((result) => queueMicrotask(() => callback(null, result)), (error) => queueMicrotask(() => callback(error)))
  }
  // A class whose objects become streams when they are first used as such: most
  // never are.
  const lazyStream = (Class, kind) => {
    const Stream = require('node:stream')[kind]
    Object.setPrototypeOf(Class.prototype, Stream.prototype)
    for (const key of ['_readableState', '_writableState']) {
      Object.defineProperty(Class.prototype, key, {
        get() {
          if (this === Class.prototype) return undefined
          for (const name of ['_readableState', '_writableState']) Object.defineProperty(this, name, { value: undefined, writable: true, configurable: true })
          Stream.call(this)
          return this[key]
        },
        set(state) { Object.defineProperty(this, key, { value: state, writable: true, configurable: true }) },
        configurable: true,
      })
    }
  }
  const keys = native.keys(native, native.errors, { bytes, output, later, lazyStream })
  const { KeyObject } = keys

  const made = Symbol('made')
  function Hash(algorithm, options) {
    if (!new.target) return new Hash(algorithm, options)
    const copied = algorithm?.[made]
    if (!copied) check.string(algorithm, 'the algorithm')
    this._state = copied ? copied.copy() : native.hash(algorithm)
    if (this._state === undefined) throw new Error(`unknown digest: ${algorithm}; use one of ${native.hashes.join(', ')}`)
    const length = options?.outputLength
    if (length !== undefined) {
      check.integer(length, 'options.outputLength', 0)
      throw coded(Error, 'ERR_OSSL_EVP_NOT_XOF_OR_INVALID_LENGTH', 'the digests here have a length of their own: leave out outputLength, and cut the digest off')
    }
    Object.defineProperty(this, '_state', { enumerable: false, writable: true })
    Object.defineProperty(this, '_done', { value: undefined, enumerable: false, writable: true })
  }
  const finalized = () => coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'the digest was taken already')
  const hashMethods = {
    update(data, encoding) {
      if (this._state === null) throw finalized()
      if (typeof data === 'string') this._state.text(data, known(encoding) ?? 'utf8')
      else {
        if (!ArrayBuffer.isView(data)) throw type('the data', 'a string, a Buffer, a typed array or a DataView', data)
        this._state.update(data)
      }
      return this
    },
    digest(encoding) {
      if (this._state === null) throw finalized()
      const result = this._state.digest()
      this._state = null
      return output(result, encoding === undefined ? undefined : encoding === 'buffer' ? encoding : encodingOf(encoding))
    },
    _transform(chunk, encoding, callback) { this.update(chunk, encoding); callback() },
    _flush(callback) { this.push(this._state.digest()); callback() },
  }
  const define = (Class, methods) => { for (const name of Object.keys(methods)) Object.defineProperty(Class.prototype, name, { value: methods[name], writable: true, configurable: true }) }
  define(Hash, {
    ...hashMethods,
    copy(options) {
      if (this._state === null) throw finalized()
      return new Hash({ [made]: this._state }, options)
    },
  })
  lazyStream(Hash, 'Transform')

  function Hmac(algorithm, key) {
    if (!new.target) return new Hmac(algorithm, key)
    check.string(algorithm, 'the algorithm')
    this._state = native.hmac(algorithm, bytes(key, 'the key'))
    if (this._state === undefined) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `unknown digest: ${algorithm}; use one of ${native.hashes.join(', ')}`)
    Object.defineProperty(this, '_state', { enumerable: false, writable: true })
  }
  define(Hmac, {
    ...hashMethods,
    digest(encoding) {
      if (this._state === null) return output(Buffer.alloc(0), encoding)
      return hashMethods.digest.call(this, encoding)
    },
  })
  lazyStream(Hmac, 'Transform')

  class Ciphering {
    #cipher; #suite; #encrypt; #decoder; #state = 'open'
    constructor(name, key, iv, options, encrypt) {
      check.string(name, 'the cipher')
      const suite = native.suite(name)
      if (suite === undefined) throw coded(Error, 'ERR_CRYPTO_UNKNOWN_CIPHER', `unknown cipher: ${name}; use one of ${native.suites.join(', ')}`)
      const secret = bytes(key, 'the key')
      const nonce = iv === null ? new Uint8Array(0) : bytes(iv, 'the iv')
      if (secret.byteLength !== suite.keyLength) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', `the key of ${suite.name} must have ${suite.keyLength} bytes, got ${secret.byteLength}`)
      if (suite.mode === 'gcm' ? nonce.byteLength === 0 : nonce.byteLength !== suite.ivLength) throw coded(TypeError, 'ERR_CRYPTO_INVALID_IV', `the iv of ${suite.name} must have ${suite.ivLength} bytes, got ${nonce.byteLength}`)
      const tag = options?.authTagLength
      if (tag !== undefined && ![4, 8, 12, 13, 14, 15, 16].includes(tag)) throw coded(TypeError, 'ERR_CRYPTO_INVALID_AUTH_TAG', `the length of the tag is invalid: ${tag}`)
      this.#suite = suite
      this.#encrypt = encrypt
      this.#cipher = native.cipher(suite.name, secret, nonce, encrypt, tag ?? 16)
    }
    #authenticated() {
      if (this.#suite.mode !== 'gcm' && this.#suite.mode !== 'chacha' || this.#state !== 'open') throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'this cannot be done in this state of the cipher')
    }
    #text(data, encoding) {
      if (!encoding || encoding === 'buffer') return data
      const { StringDecoder } = require('node:string_decoder')
      this.#decoder ??= new StringDecoder(encoding)
      return this.#decoder.write(data)
    }
    update(data, inputEncoding, outputEncoding) {
      if (this.#state !== 'open') throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'the cipher has ended')
      return this.#text(this.#cipher.update(bytes(data, 'the data', inputEncoding)), outputEncoding)
    }
    final(encoding) {
      if (this.#state !== 'open') throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'the cipher has ended')
      this.#state = 'ended'
      const rest = this.#cipher.final()
      const text = this.#text(rest, encoding)
      return this.#decoder ? text + this.#decoder.end() : text
    }
    setAAD(data, options) { this.#authenticated(); this.#cipher.setAAD(bytes(data, 'the additional data', options?.encoding)); return this }
    setAutoPadding(on = true) { this.#cipher.setPadding(Boolean(on)); return this }
    getAuthTag() {
      if (!this.#encrypt || this.#state !== 'ended') throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'the tag is there once an encryption has ended')
      return this.#cipher.tag()
    }
    setAuthTag(tag, encoding) {
      this.#authenticated()
      const data = bytes(tag, 'the tag', encoding)
      if (data.byteLength < 12 || data.byteLength > 16) throw coded(TypeError, 'ERR_CRYPTO_INVALID_AUTH_TAG', `a tag must have 12 to 16 bytes, got ${data.byteLength}`)
      this.#cipher.setTag(data)
      return this
    }
    _transform(chunk, encoding, callback) { this.push(this.update(chunk, encoding)); callback() }
    _flush(callback) {
      try {
        this.push(this.final())
      } catch (error) {
        callback(error)
        return
      }
      callback()
    }
  }
  class Cipheriv extends Ciphering { constructor(name, key, iv, options) { super(name, key, iv, options, true) } }
  class Decipheriv extends Ciphering { constructor(name, key, iv, options) { super(name, key, iv, options, false) } }
  for (const Class of [Cipheriv, Decipheriv]) {
    delete Class.prototype[Class === Cipheriv ? 'setAuthTag' : 'getAuthTag']
  }
  Cipheriv.prototype.setAuthTag = undefined
  Decipheriv.prototype.getAuthTag = undefined
  lazyStream(Ciphering, 'Transform')

  const digestName = (name) => {
    check.string(name, 'the digest')
    if (native.hash(name) === undefined) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `unknown digest: ${name}`)
    return name
  }
  const most = 2 ** 31 - 1
  const pbkdf2Args = (password, salt, iterations, length, digest) => {
    const args = [bytes(password, 'the password'), bytes(salt, 'the salt')]
    check.integer(iterations, 'the iterations', 1, most)
    check.integer(length, 'the length', 0, most)
    return [...args, iterations, length, digestName(digest)]
  }
  const scryptArgs = (password, salt, length, options = {}) => {
    const args = [bytes(password, 'the password'), bytes(salt, 'the salt')]
    check.integer(length, 'the length', 0, most)
    const pick = (names, standard) => {
      const given = names.filter((name) => options[name] !== undefined)
      if (given.length > 1) throw coded(TypeError, 'ERR_INCOMPATIBLE_OPTION_PAIR', `give only one of ${names.join(' and ')}`)
      if (given.length === 1) check.integer(options[given[0]], `options.${given[0]}`, 0, most)
      return options[given[0]] || standard
    }
    const n = pick(['N', 'cost'], 16384), r = pick(['r', 'blockSize'], 8), p = pick(['p', 'parallelization'], 1)
    const memory = options.maxmem ?? 32 * 1024 * 1024
    if (n < 2 || (n & (n - 1)) !== 0 || 128 * n * r > memory) throw coded(RangeError, 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS', 'scrypt: the cost must be a power of two that fits maxmem')
    return [...args, length, n, r, p]
  }
  const hkdfArgs = (digest, key, salt, info, length) => {
    digestName(digest)
    const args = [bytes(key, 'the key'), bytes(salt, 'the salt'), bytes(info, 'the info')]
    if (args[2].byteLength > 1024) throw range('the info', 'at most 1024 bytes', args[2].byteLength)
    check.integer(length, 'the length', 0, most)
    if (length > 255 * native.hash(digest).digest().length) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'hkdf: the length is too large')
    return [digest, ...args, length]
  }
  const memoryOf = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)

  const span = (data, offset = 0, size) => {
    if (!ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer)) throw type('the buffer', 'an ArrayBuffer or a view of one', data)
    const all = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength), unit = data.BYTES_PER_ELEMENT ?? 1
    check.integer(offset, 'the offset', 0, data.byteLength / unit)
    size ??= data.byteLength / unit - offset
    check.integer(size, 'the size', 0, data.byteLength / unit - offset)
    return all.subarray(offset * unit, (offset + size) * unit)
  }
  const integer = (low, high) => {
    if (high === undefined) [low, high] = [0, low]
    if (!Number.isSafeInteger(low)) throw type('min', 'a safe integer', low)
    if (!Number.isSafeInteger(high)) throw type('max', 'a safe integer', high)
    if (high <= low) throw range('max', `larger than ${low}`, high)
    const width = high - low
    if (width > 2 ** 48 - 1) throw range('max - min', 'at most 2 ** 48 - 1', width)
    const bound = 2 ** 48 - 2 ** 48 % width
    for (;;) {
      const n = native.random(6).readUIntBE(0, 6)
      if (n < bound) return low + n % width
    }
  }

  const exports = {
    Hash, Hmac, Cipheriv, Decipheriv, KeyObject, Sign: keys.Sign, Verify: keys.Verify, constants: keys.constants,
    createHash: (algorithm, options) => new Hash(algorithm, options),
    createHmac: (algorithm, key) => new Hmac(algorithm, key),
    hash(algorithm, data, encoding = 'hex') { return new Hash(algorithm).update(data).digest(encoding) },
    createCipheriv: (name, key, iv, options) => new Cipheriv(name, key, iv, options),
    createDecipheriv: (name, key, iv, options) => new Decipheriv(name, key, iv, options),
    getHashes: () => [...native.hashes], getCiphers: () => [...native.suites], getCurves: () => ['prime256v1', 'secp224r1', 'secp384r1', 'secp521r1'],
    getCipherInfo(name) {
      const suite = native.suite(String(name))
      return suite && { mode: suite.mode === 'chacha' ? 'stream' : suite.mode, name: suite.mode === 'gcm' ? 'id-' + suite.name.replace('aes-', 'aes').replace('gcm', 'GCM') : suite.name, blockSize: suite.blockSize > 1 ? suite.blockSize : undefined, ivLength: suite.ivLength || undefined, keyLength: suite.keyLength }
    },
    randomBytes(size, callback) {
      check.number(size, 'the size', 0, most)
      if (callback === undefined) return native.random(size)
      later(callback, async () => native.random(size))
    },
    randomFillSync(data, offset, size) { native.fillRandom(span(data, offset, size)); return data },
    randomFill(data, offset, size, callback) {
      if (typeof offset === 'function') [offset, callback] = [undefined, offset]
      else if (typeof size === 'function') [size, callback] = [undefined, size]
      check.func(callback, 'the callback')
      const part = span(data, offset, size)
      later(callback, async () => { native.fillRandom(part); return data })
    },
    randomInt(low, high, callback) {
      if (typeof high === 'function') [high, callback] = [undefined, high]
      if (callback === undefined) return integer(low, high)
      check.func(callback, 'the callback')
      const n = integer(low, high)
      later(callback, async () => n)
    },
    randomUUID: (options) => { if (options !== undefined) check.object(options, 'the options'); return globalThis.crypto.randomUUID() },
    timingSafeEqual(a, b) {
      for (const [data, name] of [[a, 'the first argument'], [b, 'the second argument']]) {
        if (!ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer)) throw type(name, 'a Buffer, an ArrayBuffer or a view of one', data)
      }
      if (a.byteLength !== b.byteLength) throw coded(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'both must have as many bytes')
      return native.timingSafeEqual(a, b)
    },
    pbkdf2(password, salt, iterations, length, digest, callback) {
      check.func(callback, 'the callback')
      const args = pbkdf2Args(password, salt, iterations, length, digest)
      later(callback, () => native.pbkdf2(...args))
    },
    pbkdf2Sync: (...args) => native.pbkdf2Sync(...pbkdf2Args(...args)),
    scrypt(password, salt, length, options, callback) {
      if (typeof options === 'function') [options, callback] = [undefined, options]
      const args = scryptArgs(password, salt, length, options)
      later(callback, () => native.scrypt(...args))
    },
    scryptSync: (...args) => native.scryptSync(...scryptArgs(...args)),
    hkdf(digest, key, salt, info, length, callback) {
      check.func(callback, 'the callback')
      const args = hkdfArgs(digest, key, salt, info, length)
      later(callback, async () => memoryOf(await native.hkdf(...args)))
    },
    hkdfSync: (...args) => memoryOf(native.hkdfSync(...hkdfArgs(...args))),
  }
  for (const name of ['createSign', 'createVerify', 'sign', 'verify', 'createSecretKey', 'createPublicKey', 'createPrivateKey', 'generateKeyPair', 'generateKeyPairSync', 'generateKey', 'generateKeySync', 'diffieHellman', 'publicEncrypt', 'privateDecrypt']) {
    exports[name] = keys[name]
  }
  return exports
})
