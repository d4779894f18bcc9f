// crypto.subtle, after the Web Cryptography standard.
(function (native) {
  'use strict'
  const { fail, bytes, normalize, supports, lengthOf, whole } = native.algorithms
  const { CryptoKey, done, usagesOf, secretOf, generate, importKey, exportKey, formatOf } = native.keys
  const none = new Uint8Array(0)

  const isKey = (key) => {
    if (!(key instanceof CryptoKey)) throw new TypeError('the key must be a CryptoKey')
    return key
  }
  const need = (given, count, what) => {
    if (given.length < count) throw new TypeError(`${what} takes ${count} arguments, got ${given.length}`)
  }
  // suits checks that a key may be used so.
  const suits = (key, algorithm, usage) => {
    if (key.algorithm.name !== algorithm.name) fail('InvalidAccessError', `the key is one of ${key.algorithm.name}, not of ${algorithm.name}`)
    if (!key.usages.includes(usage)) fail('InvalidAccessError', `the key may not be used to ${usage}`)
  }
  const typeIs = (key, type) => {
    if (key.type !== type) fail('InvalidAccessError', `a ${type} key is needed, not a ${key.type} one`)
  }

  // crypt encrypts or decrypts, for itself and for wrapping.
  const crypt = (encrypts, algorithm, key, data) => {
    const secret = secretOf(key)
    switch (algorithm.name) {
      case 'RSA-OAEP':
        typeIs(key, encrypts ? 'public' : 'private')
        return done(native.oaep(secret, key.algorithm.hash.name, algorithm.label ?? none, data))
      case 'AES-CBC':
        if (algorithm.iv.length !== 16) fail('OperationError', 'AES-CBC: the iv must have 16 bytes')
        return done(native.cbc(encrypts, secret, algorithm.iv, data))
      case 'AES-CTR':
        if (algorithm.counter.length !== 16) fail('OperationError', 'AES-CTR: the counter must have 16 bytes')
        if (algorithm.length < 1 || algorithm.length > 128) fail('OperationError', 'AES-CTR: the length must be from 1 to 128')
        return done(native.ctr(secret, algorithm.counter, algorithm.length, data))
      default: {
        const tag = algorithm.tagLength ?? 128
        if (![32, 64, 96, 104, 112, 120, 128].includes(tag)) fail('OperationError', `AES-GCM: the tagLength must be one of 32, 64, 96, 104, 112, 120, 128, got ${tag}`)
        return done(native.gcm(encrypts, secret, algorithm.iv, algorithm.additionalData ?? none, tag / 8, data))
      }
    }
  }

  const deriveBits = async (algorithm, key, length) => {
    const { name } = algorithm
    if (name === 'ECDH' || name === 'X25519') {
      typeIs(key, 'private')
      const other = algorithm.public
      if (other.type !== 'public') fail('InvalidAccessError', `${name}: public must be a public key`)
      if (other.algorithm.name !== name) fail('InvalidAccessError', `${name}: public is a key of ${other.algorithm.name}`)
      if (other.algorithm.namedCurve !== key.algorithm.namedCurve) fail('InvalidAccessError', `${name}: the keys are of different curves`)
      const secret = new Uint8Array(await done(native.agree(secretOf(key), secretOf(other))))
      if (length === null) return secret.buffer
      if (length > secret.length * 8) fail('OperationError', `${name}: there are ${secret.length * 8} bits, not ${length}`)
      const cut = secret.slice(0, Math.ceil(length / 8))
      if (length % 8 !== 0) cut[cut.length - 1] &= 0xff << (8 - length % 8)
      return cut.buffer
    }
    if (length === null || length % 8 !== 0) fail('OperationError', `${name}: the length must be a multiple of 8`)
    if (name === 'HKDF') return done(native.hkdf(algorithm.hash.name, secretOf(key), algorithm.salt, algorithm.info, length / 8))
    if (algorithm.iterations === 0) fail('OperationError', 'PBKDF2: iterations must be at least 1')
    return done(native.pbkdf2(algorithm.hash.name, secretOf(key), algorithm.salt, algorithm.iterations, length / 8))
  }

  const constructing = Symbol('subtle')
  class SubtleCrypto {
    #own = true
    constructor(key) {
      if (key !== constructing) throw new TypeError('Illegal constructor: it is crypto.subtle')
    }
    async digest(algorithm, data) {
      void this.#own
      need(arguments, 2, 'digest')
      const { name } = normalize('digest', algorithm)
      return done(native.digest(name, bytes(data, 'digest: the data')))
    }
    async generateKey(algorithm, extractable, keyUsages) {
      void this.#own
      need(arguments, 3, 'generateKey')
      const usages = usagesOf(keyUsages)
      return generate(normalize('generateKey', algorithm), Boolean(extractable), usages)
    }
    async importKey(format, keyData, algorithm, extractable, keyUsages) {
      void this.#own
      need(arguments, 5, 'importKey')
      const form = formatOf(format)
      const usages = usagesOf(keyUsages)
      const normalized = normalize('importKey', algorithm)
      if (form === 'jwk' && (typeof keyData !== 'object' || keyData === null || ArrayBuffer.isView(keyData) || keyData instanceof ArrayBuffer)) {
        throw new TypeError('importKey: a key in the format jwk is an object')
      }
      return importKey(form, form === 'jwk' ? { ...keyData } : bytes(keyData, 'importKey: the key'), normalized, Boolean(extractable), usages)
    }
    async exportKey(format, key) {
      void this.#own
      need(arguments, 2, 'exportKey')
      return exportKey(formatOf(format), isKey(key))
    }
    async encrypt(algorithm, key, data) {
      void this.#own
      need(arguments, 3, 'encrypt')
      const normalized = normalize('encrypt', algorithm)
      const text = bytes(data, 'encrypt: the data')
      suits(isKey(key), normalized, 'encrypt')
      return crypt(true, normalized, key, text)
    }
    async decrypt(algorithm, key, data) {
      void this.#own
      need(arguments, 3, 'decrypt')
      const normalized = normalize('decrypt', algorithm)
      const text = bytes(data, 'decrypt: the data')
      suits(isKey(key), normalized, 'decrypt')
      return crypt(false, normalized, key, text)
    }
    async sign(algorithm, key, data) {
      void this.#own
      need(arguments, 3, 'sign')
      const normalized = normalize('sign', algorithm)
      const message = bytes(data, 'sign: the data')
      suits(isKey(key), normalized, 'sign')
      const hash = (normalized.hash ?? key.algorithm.hash)?.name
      if (normalized.name === 'HMAC') return done(native.mac(hash, secretOf(key), message))
      typeIs(key, 'private')
      return done(native.sign(normalized.name, secretOf(key), hash, normalized.saltLength, message))
    }
    async verify(algorithm, key, signature, data) {
      void this.#own
      need(arguments, 4, 'verify')
      const normalized = normalize('verify', algorithm)
      const given = bytes(signature, 'verify: the signature')
      const message = bytes(data, 'verify: the data')
      suits(isKey(key), normalized, 'verify')
      const hash = (normalized.hash ?? key.algorithm.hash)?.name
      if (normalized.name === 'HMAC') return done(native.verifyMAC(hash, secretOf(key), given, message))
      typeIs(key, 'public')
      return done(native.verify(normalized.name, secretOf(key), hash, normalized.saltLength, given, message))
    }
    async deriveBits(algorithm, baseKey, length = null) {
      void this.#own
      need(arguments, 2, 'deriveBits')
      const normalized = normalize('deriveBits', algorithm)
      suits(isKey(baseKey), normalized, 'deriveBits')
      return deriveBits(normalized, baseKey, length === null ? null : whole(length, 'deriveBits: the length'))
    }
    async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
      void this.#own
      need(arguments, 5, 'deriveKey')
      const usages = usagesOf(keyUsages)
      const normalized = normalize('deriveBits', algorithm)
      const type = normalize('importKey', derivedKeyType)
      const length = lengthOf(normalize('length', derivedKeyType))
      suits(isKey(baseKey), normalized, 'deriveKey')
      const raw = await deriveBits(normalized, baseKey, length)
      return importKey('raw', new Uint8Array(raw), type, Boolean(extractable), usages)
    }
    async wrapKey(format, key, wrappingKey, wrapAlgorithm) {
      void this.#own
      need(arguments, 4, 'wrapKey')
      const form = formatOf(format)
      const normalized = normalize(supports('wrapKey', wrapAlgorithm) ? 'wrapKey' : 'encrypt', wrapAlgorithm)
      suits(isKey(wrappingKey), normalized, 'wrapKey')
      const exported = await exportKey(form, isKey(key))
      const plain = form === 'jwk' ? native.encode(JSON.stringify(exported)) : new Uint8Array(exported)
      if (normalized.name !== 'AES-KW') return crypt(true, normalized, wrappingKey, plain)
      return done(native.wrapKW(secretOf(wrappingKey), plain))
    }
    async unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
      void this.#own
      need(arguments, 7, 'unwrapKey')
      const form = formatOf(format)
      const usages = usagesOf(keyUsages)
      const normalized = normalize(supports('unwrapKey', unwrapAlgorithm) ? 'unwrapKey' : 'decrypt', unwrapAlgorithm)
      const type = normalize('importKey', unwrappedKeyAlgorithm)
      const wrapped = bytes(wrappedKey, 'unwrapKey: the key')
      suits(isKey(unwrappingKey), normalized, 'unwrapKey')
      const plain = new Uint8Array(await (normalized.name === 'AES-KW'
        ? done(native.unwrapKW(secretOf(unwrappingKey), wrapped))
        : crypt(false, normalized, unwrappingKey, wrapped)))
      return importKey(form, form === 'jwk' ? parsed(plain) : plain, type, Boolean(extractable), usages)
    }
  }
  const parsed = (plain) => {
    let jwk
    try {
      jwk = JSON.parse(native.utf8(plain))
    } catch {
      fail('DataError', 'unwrapKey: what was wrapped is no JSON')
    }
    if (typeof jwk !== 'object' || jwk === null) fail('DataError', 'unwrapKey: what was wrapped is no JSON Web Key')
    return jwk
  }
  for (const name of Object.getOwnPropertyNames(SubtleCrypto.prototype)) {
    if (name !== 'constructor') Object.defineProperty(SubtleCrypto.prototype, name, { enumerable: true })
  }
  Object.defineProperty(SubtleCrypto.prototype, Symbol.toStringTag, { value: 'SubtleCrypto', configurable: true })

  return { SubtleCrypto, subtle: new SubtleCrypto(constructing) }
})
