// What algorithms of crypto.subtle take, after the Web Cryptography standard.
(function (native) {
  'use strict'
  const { DOMException } = native.events

  const fail = (name, message) => { throw new DOMException(message, name) }

  // Readers of parameters: what the standard calls the types of dictionary members.
  const bytes = (value, what) => {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength))
    if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0))
    throw new TypeError(`${what} must be an ArrayBuffer or a view of one`)
  }
  const whole = (most) => (value, what) => {
    const n = Math.trunc(Number(value))
    if (!Number.isFinite(Number(value)) || n < 0 || n > most) throw new TypeError(`${what} must be a whole number from 0 to ${most}`)
    return n
  }
  const text = (value) => String(value)
  const hash = (value) => normalize('digest', value)
  const exponent = (value, what) => {
    if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`)
    return value
  }
  const key = (value, what) => {
    if (Object.prototype.toString.call(value) !== '[object CryptoKey]') throw new TypeError(`${what} must be a CryptoKey`)
    return value
  }
  const octet = whole(255)
  const short = whole(65535)
  const long = whole(4294967295)

  // A question mark says that a parameter may be left out.
  const none = {}
  const keyPair = { modulusLength: long, publicExponent: exponent, hash }
  const hashed = { hash }
  const curve = { namedCurve: text }
  const sized = { length: short }
  const withLength = { hash, 'length?': long }
  const gcm = { iv: bytes, 'additionalData?': bytes, 'tagLength?': octet }
  const label = { 'label?': bytes }
  const counter = { counter: bytes, length: octet }

  const digests = Object.fromEntries(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].map((name) => [name, { digest: none }]))
  const registry = {
    ...digests,
    'RSASSA-PKCS1-v1_5': { generateKey: keyPair, importKey: hashed, sign: none, verify: none },
    'RSA-PSS': { generateKey: keyPair, importKey: hashed, sign: { saltLength: long }, verify: { saltLength: long } },
    'RSA-OAEP': { generateKey: keyPair, importKey: hashed, encrypt: label, decrypt: label },
    ECDSA: { generateKey: curve, importKey: curve, sign: hashed, verify: hashed },
    ECDH: { generateKey: curve, importKey: curve, deriveBits: { public: key } },
    Ed25519: { generateKey: none, importKey: none, sign: none, verify: none },
    X25519: { generateKey: none, importKey: none, deriveBits: { public: key } },
    'AES-CTR': { generateKey: sized, importKey: none, encrypt: counter, decrypt: counter, length: sized },
    'AES-CBC': { generateKey: sized, importKey: none, encrypt: { iv: bytes }, decrypt: { iv: bytes }, length: sized },
    'AES-GCM': { generateKey: sized, importKey: none, encrypt: gcm, decrypt: gcm, length: sized },
    'AES-KW': { generateKey: sized, importKey: none, wrapKey: none, unwrapKey: none, length: sized },
    HMAC: { generateKey: withLength, importKey: withLength, sign: none, verify: none, length: withLength },
    HKDF: { importKey: none, deriveBits: { hash, salt: bytes, info: bytes }, length: none },
    PBKDF2: { importKey: none, deriveBits: { salt: bytes, iterations: long, hash }, length: none },
  }
  const names = new Map(Object.keys(registry).map((name) => [name.toLowerCase(), name]))

  // normalize reads an algorithm for an operation. The result has its name and the
  // parameters that the operation takes, nothing else.
  const normalize = (operation, algorithm) => {
    const given = typeof algorithm === 'object' && algorithm !== null || typeof algorithm === 'function' ? algorithm : { name: algorithm === null ? undefined : algorithm }
    if (typeof algorithm !== 'string' && given !== algorithm) throw new TypeError('the algorithm must be a name or an object with a name')
    if (given.name === undefined) throw new TypeError('the algorithm has no name')
    const name = names.get(String(given.name).toLowerCase())
    const wanted = name && registry[name][operation]
    if (!wanted) fail('NotSupportedError', `the algorithm ${JSON.stringify(String(given.name))} is not supported for ${operation}`)
    const result = { name }
    for (const member of Object.keys(wanted).sort()) {
      const optional = member.endsWith('?')
      const param = optional ? member.slice(0, -1) : member
      const value = given[param]
      if (value !== undefined) result[param] = wanted[member](value, `${name}: ${param}`)
      else if (!optional) throw new TypeError(`${name}: ${param} is missing`)
    }
    return result
  }
  const supports = (operation, algorithm) => {
    const name = names.get(String(algorithm?.name ?? algorithm).toLowerCase())
    return Boolean(name && registry[name][operation])
  }

  // usages of the keys of an algorithm: of secret ones, or of public and private.
  const usages = {
    'RSASSA-PKCS1-v1_5': { public: ['verify'], private: ['sign'] },
    'RSA-PSS': { public: ['verify'], private: ['sign'] },
    'RSA-OAEP': { public: ['encrypt', 'wrapKey'], private: ['decrypt', 'unwrapKey'] },
    ECDSA: { public: ['verify'], private: ['sign'] },
    ECDH: { public: [], private: ['deriveKey', 'deriveBits'] },
    Ed25519: { public: ['verify'], private: ['sign'] },
    X25519: { public: [], private: ['deriveKey', 'deriveBits'] },
    'AES-CTR': { secret: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'] },
    'AES-CBC': { secret: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'] },
    'AES-GCM': { secret: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'] },
    'AES-KW': { secret: ['wrapKey', 'unwrapKey'] },
    HMAC: { secret: ['sign', 'verify'] },
    HKDF: { secret: ['deriveKey', 'deriveBits'] },
    PBKDF2: { secret: ['deriveKey', 'deriveBits'] },
  }
  const kinds = {
    'RSASSA-PKCS1-v1_5': 'RSA', 'RSA-PSS': 'RSA', 'RSA-OAEP': 'RSA', ECDSA: 'EC', ECDH: 'EC', Ed25519: 'Ed25519', X25519: 'X25519',
  }
  const blockSizes = { 'SHA-1': 512, 'SHA-256': 512, 'SHA-384': 1024, 'SHA-512': 1024 }
  const aesSizes = [128, 192, 256]

  // lengthOf is the size in bits of a secret key; null is any.
  const lengthOf = (algorithm) => {
    if (algorithm.name.startsWith('AES-')) {
      if (!aesSizes.includes(algorithm.length)) fail('OperationError', `${algorithm.name}: the length must be 128, 192 or 256, got ${algorithm.length}`)
      return algorithm.length
    }
    if (algorithm.name !== 'HMAC') return null
    if (algorithm.length === 0) fail('OperationError', 'HMAC: the length must not be 0')
    return algorithm.length ?? blockSizes[algorithm.hash.name]
  }

  return { fail, bytes, normalize, supports, usages, kinds, lengthOf, whole: long, aesSizes }
})
