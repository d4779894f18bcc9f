// The keys of node:crypto, and what signs, encrypts and agrees with them.
(function () {
  'use strict'
  return (native, { check, coded, type, value }, { bytes, output, later, lazyStream }) => {
    const handle = Symbol('key')
    const inner = Symbol('make')

    class KeyObject {
      constructor(mark, kind, made) {
        if (mark !== inner) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'a KeyObject comes from createSecretKey, createPublicKey or createPrivateKey')
        Object.defineProperty(this, 'type', { value: kind, enumerable: false })
        Object.defineProperty(this, handle, { value: made })
      }
      get asymmetricKeyType() { return this.type === 'secret' ? undefined : this[handle].type }
      get asymmetricKeyDetails() {
        if (this.type === 'secret') return undefined
        const { details, type } = this[handle]
        return type === 'rsa' ? { ...details, publicExponent: BigInt(details.publicExponent) } : { ...details }
      }
      get symmetricKeySize() { return this.type === 'secret' ? this[handle].length : undefined }
      export(options = {}) {
        if (this.type === 'secret') return options.format === 'jwk' ? { kty: 'oct', k: this[handle].toString('base64url') } : Buffer.from(this[handle])
        if (options.format === 'jwk') return native.exportJWK(this[handle].key)
        check.oneOf(options.format, 'options.format', ['pem', 'der'])
        if (options.cipher !== undefined) throw new TypeError('export: keys cannot be exported with a passphrase: keep them as secrets')
        check.string(options.type, 'options.type')
        if ((this.type === 'public') !== (options.type === 'spki') && options.type !== 'pkcs1') throw value('options.type', options.type)
        return native.exportKey(this[handle].key, options.type, options.format)
      }
      equals(other) {
        if (!(other instanceof KeyObject)) throw type('the other key', 'a KeyObject', other)
        if (other.type !== this.type) return false
        if (this.type === 'secret') return this[handle].equals(other[handle])
        const form = { type: this.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }
        return this.asymmetricKeyType === other.asymmetricKeyType && this.export(form) === other.export(form)
      }
      get [Symbol.toStringTag]() { return 'KeyObject' }
      static from() { throw new TypeError('KeyObject.from: make the key with createPublicKey or createPrivateKey') }
    }
    const publicKey = (made) => new KeyObject(inner, 'public', made.private ? native.publicOf(made.key) : made)
    const privateKey = (made) => new KeyObject(inner, 'private', made)

    const read = (given, isPrivate) => {
      let key = given, options = {}
      if (typeof given === 'object' && given !== null && !(given instanceof KeyObject) && !ArrayBuffer.isView(given) && !(given instanceof ArrayBuffer)) {
        options = given
        key = given.key
      }
      if (key instanceof KeyObject) {
        if (key.type === 'secret' || isPrivate && key.type !== 'private') throw coded(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `the key must be ${isPrivate ? 'a private' : 'an asymmetric'} one, got a ${key.type} one`)
        return { made: key[handle], options }
      }
      if (options.passphrase !== undefined) throw coded(TypeError, 'ERR_MISSING_PASSPHRASE', 'keys with a passphrase are not supported: decrypt the key with openssl pkey, and keep it as a secret')
      if (options.format === 'jwk') {
        check.object(key, 'the key')
        return { made: native.parseJWK(key), options }
      }
      if (typeof key !== 'string' && !ArrayBuffer.isView(key) && !(key instanceof ArrayBuffer)) throw type('the key', 'a string, a Buffer, a KeyObject or an object with a key', key)
      if (options.format === 'der') {
        check.oneOf(options.type, 'options.type', ['pkcs1', 'pkcs8', 'spki', 'sec1'])
        return { made: native.parseDER(bytes(key, 'the key'), options.type === 'pkcs1' && !isPrivate ? 'pkcs1-public' : options.type), options }
      }
      return { made: native.parsePEM(bytes(key, 'the key'), isPrivate), options }
    }

    const constants = { RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_PKCS1_PSS_PADDING: 6, RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2 }
    const settings = (options) => {
      if (![undefined, constants.RSA_PKCS1_PADDING, constants.RSA_PKCS1_PSS_PADDING].includes(options.padding)) throw value('options.padding', options.padding)
      if (![undefined, 'der', 'ieee-p1363'].includes(options.dsaEncoding)) throw value('options.dsaEncoding', options.dsaEncoding)
      return { pss: options.padding === constants.RSA_PKCS1_PSS_PADDING, salt: options.saltLength ?? -2, ieee: options.dsaEncoding === 'ieee-p1363' }
    }
    const known = (algorithm, algorithmError = TypeError) => {
      if (algorithm === null || algorithm === undefined) return ''
      check.string(algorithm, 'the algorithm')
      if (native.hash(algorithm) === undefined) throw coded(algorithmError, 'ERR_CRYPTO_INVALID_DIGEST', `unknown digest: ${algorithm}`)
      return algorithm
    }

    class Signing {
      #algorithm
      #parts = []
      constructor(algorithm) {
        check.string(algorithm, 'the algorithm')
        this.#algorithm = known(algorithm)
      }
      update(data, encoding) { this.#parts.push(Buffer.from(bytes(data, 'the data', encoding))); return this }
      _write(chunk, encoding, callback) { this.update(chunk, encoding); callback() }
      all() { return [this.#algorithm, Buffer.concat(this.#parts)] }
    }
    class Sign extends Signing {
      sign(key, encoding) {
        if (!key) throw coded(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'there is no key to sign with')
        const { made, options } = read(key, true)
        return output(native.sign(...this.all(), settings(options), made.key), encoding)
      }
    }
    class Verify extends Signing {
      verify(key, signature, encoding) {
        const { made, options } = read(key, false)
        return native.verify(...this.all(), settings(options), made.key, bytes(signature, 'the signature', encoding))
      }
    }
    lazyStream(Signing, 'Writable')

    const maybeLater = (callback, work) => callback === undefined ? work() : later(callback, async () => work())
    const kinds = ['rsa', 'ec', 'ed25519', 'x25519']
    const generation = (kind, options = {}) => {
      check.string(kind, 'the type')
      if (!kinds.includes(kind)) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `keys of the type ${JSON.stringify(kind)} are not supported; use one of ${kinds.join(', ')}`)
      check.object(options, 'the options')
      if (kind === 'rsa') {
        check.integer(options.modulusLength, 'options.modulusLength', 1024, 16384)
        if (![undefined, 65537].includes(options.publicExponent)) throw new TypeError('generateKeyPair: the public exponent is always 65537')
      }
      if (kind === 'ec') check.string(options.namedCurve, 'options.namedCurve')
      return [kind, options.modulusLength ?? 0, options.namedCurve ?? '']
    }
    const pair = (made, options = {}) => {
      const shape = (key, encoding) => encoding ? key.export(encoding) : key
      return { publicKey: shape(publicKey(made), options.publicKeyEncoding), privateKey: shape(privateKey(made), options.privateKeyEncoding) }
    }
    const secretKey = (data) => new KeyObject(inner, 'secret', Buffer.from(data))
    const secretSize = (kind, { length } = {}) => {
      check.oneOf(kind, 'the type', ['hmac', 'aes'])
      if (kind === 'aes') check.oneOf(length, 'options.length', [128, 192, 256])
      else check.integer(length, 'options.length', 8, 2 ** 31 - 1)
      return length >> 3
    }

    const generateKeyPair = (kind, options, callback) => {
      if (typeof options === 'function') [options, callback] = [undefined, options]
      check.func(callback, 'the callback')
      const wanted = generation(kind, options)
      native.generate(...wanted).then((made) => pair(made, options)).then(
        (made) => queueMicrotask(() => callback(null, made.publicKey, made.privateKey)), (error) => queueMicrotask(() => callback(error)))
    }
    generateKeyPair[Symbol.for('nodejs.util.promisify.custom')] = async (kind, options) => pair(await native.generate(...generation(kind, options)), options)

    const encrypting = (encrypt) => (key, data) => {
      const { made, options } = read(key, !encrypt)
      check.oneOf(options.padding ?? constants.RSA_PKCS1_OAEP_PADDING, 'the padding', [constants.RSA_PKCS1_PADDING, constants.RSA_PKCS1_OAEP_PADDING])
      const oaep = options.padding !== constants.RSA_PKCS1_PADDING
      return native.crypt(made.key, bytes(data, 'the data'), oaep ? options.oaepHash ?? 'sha1' : '', options.oaepLabel ? bytes(options.oaepLabel, 'options.oaepLabel') : Buffer.alloc(0), encrypt)
    }
    return {
      handle, KeyObject, Sign, Verify, constants, secretKey, generateKeyPair,
      createSign: (algorithm) => new Sign(algorithm), createVerify: (algorithm) => new Verify(algorithm),
      sign(algorithm, data, key, callback) {
        const { made, options } = read(key, true), wanted = [known(algorithm), bytes(data, 'the data'), settings(options), made.key]
        return maybeLater(callback, () => native.sign(...wanted))
      },
      verify(algorithm, data, key, signature, callback) {
        const { made, options } = read(key, false), wanted = [known(algorithm), bytes(data, 'the data'), settings(options), made.key, bytes(signature, 'the signature')]
        return maybeLater(callback, () => native.verify(...wanted))
      },
      createSecretKey: (key, encoding) => secretKey(bytes(key, 'the key', encoding)),
      createPublicKey: (key) => publicKey(read(key, false).made),
      createPrivateKey(key) {
        const { made } = read(key, true)
        if (!made.private) throw coded(Error, 'ERR_OSSL_UNSUPPORTED', 'the key is a public one')
        return privateKey(made)
      },
      generateKeyPairSync: (kind, options) => pair(native.generateSync(...generation(kind, options)), options),
      generateKeySync: (kind, options) => secretKey(native.random(secretSize(kind, options))),
      generateKey(kind, options, callback) {
        check.func(callback, 'the callback')
        const size = secretSize(kind, options)
        later(callback, async () => secretKey(native.random(size)))
      },
      diffieHellman({ privateKey: mine, publicKey: theirs }) {
        if (!(mine instanceof KeyObject) || !(theirs instanceof KeyObject)) throw type('the keys', 'KeyObjects', mine)
        return native.agree(mine[handle].key, theirs[handle].key)
      },
      publicEncrypt: encrypting(true), privateDecrypt: encrypting(false),
    }
  }
})
