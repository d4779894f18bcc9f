// Keys of crypto.subtle: made, imported, exported.
(function (native) {
  'use strict'
  const { DOMException } = native.events
  const { fail, bytes, usages: allowed, kinds, lengthOf, aesSizes } = native.algorithms
  const shown = Symbol.for('nodejs.util.inspect.custom')

  // done waits for an operation of the natives.
  const done = async (promise) => {
    const { failed, name, value } = await promise
    if (failed !== undefined) throw new DOMException(failed, name)
    return value
  }

  const everyUsage = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey']
  const usagesOf = (list) => {
    const given = Array.from(list, (usage) => {
      if (!everyUsage.includes(String(usage))) throw new TypeError(`there is no usage ${JSON.stringify(String(usage))}; there are ${everyUsage.join(', ')}`)
      return String(usage)
    })
    return everyUsage.filter((usage) => given.includes(usage))
  }

  const made = Symbol('made')
  let secretOf // { bytes } of a secret key, { pair } of others
  class CryptoKey {
    #type
    #extractable
    #algorithm
    #usages
    #secret
    constructor(key, type, extractable, algorithm, usages, secret) {
      if (key !== made) throw new TypeError('Illegal constructor: keys come from crypto.subtle')
      this.#type = type
      this.#extractable = extractable
      this.#algorithm = algorithm
      this.#usages = usages
      this.#secret = secret
    }
    static { secretOf = (key) => key.#secret }
    get type() { return this.#type }
    get extractable() { return this.#extractable }
    get algorithm() { return this.#algorithm }
    get usages() { return this.#usages }
    [shown](depth, options, inspect) {
      const { type, extractable, algorithm, usages } = this
      return 'CryptoKey ' + inspect({ type, extractable, algorithm, usages })
    }
  }
  for (const name of ['type', 'extractable', 'algorithm', 'usages']) Object.defineProperty(CryptoKey.prototype, name, { enumerable: true })
  Object.defineProperty(CryptoKey.prototype, Symbol.toStringTag, { value: 'CryptoKey', configurable: true })

  const make = (type, extractable, algorithm, usages, secret) => {
    if ((type === 'private' || type === 'secret') && usages.length === 0) fail('SyntaxError', 'a key without usages is of no use')
    return new CryptoKey(made, type, extractable, algorithm, usages, secret)
  }
  const within = (usages, list, name) => {
    const wrong = usages.find((usage) => !list.includes(usage))
    if (wrong !== undefined) fail('SyntaxError', `a key of ${name} cannot be used to ${wrong}`)
  }
  const only = (usages, list) => usages.filter((usage) => list.includes(usage))

  // describe is the algorithm of a key as scripts see it.
  const describe = (algorithm, key) => {
    const { name, hash, namedCurve } = algorithm
    if (key.bits !== undefined) {
      const exponent = []
      for (let e = key.exponent; e > 0; e = Math.floor(e / 256)) exponent.unshift(e % 256)
      return { name, modulusLength: key.bits, publicExponent: new Uint8Array(exponent), hash: { name: hash.name } }
    }
    return namedCurve === undefined ? { name } : { name, namedCurve }
  }

  const generatePair = async (algorithm, extractable, usages) => {
    const { name } = algorithm
    const kind = kinds[name]
    const parts = allowed[name]
    within(usages, [...parts.public, ...parts.private], name)
    if (kind === 'RSA') {
      const e = algorithm.publicExponent.reduce((n, b) => n * 256 + b, 0)
      if (e !== 65537) fail('OperationError', `${name}: the publicExponent must be 65537`)
      if (algorithm.modulusLength < 1024 || algorithm.modulusLength > 16384) fail('OperationError', `${name}: the modulusLength must be from 1024 to 16384`)
    }
    if (kind === 'EC' && !['P-256', 'P-384', 'P-521'].includes(algorithm.namedCurve)) {
      fail('NotSupportedError', `${name}: the curve ${JSON.stringify(algorithm.namedCurve)} is not supported; P-256, P-384 and P-521 are`)
    }
    if (only(usages, parts.private).length === 0) fail('SyntaxError', 'a private key without usages is of no use')
    const key = await done(native.generate(kind, kind === 'RSA' ? algorithm.modulusLength : algorithm.namedCurve))
    return {
      publicKey: make('public', true, describe(algorithm, key), only(usages, parts.public), key.public),
      privateKey: make('private', extractable, describe(algorithm, key), only(usages, parts.private), key.private),
    }
  }
  const secretAlgorithm = ({ name, hash }, length) => {
    if (hash !== undefined) return { name, hash: { name: hash.name }, length }
    return name.startsWith('AES-') ? { name, length } : { name }
  }
  const generate = async (algorithm, extractable, usages) => {
    const { name } = algorithm
    if (allowed[name].secret === undefined) return generatePair(algorithm, extractable, usages)
    within(usages, allowed[name].secret, name)
    const length = lengthOf(algorithm)
    if (usages.length === 0) fail('SyntaxError', 'a key without usages is of no use')
    const data = await done(native.random(Math.ceil(length / 8)))
    return make('secret', extractable, secretAlgorithm(algorithm, length), usages, new Uint8Array(data))
  }

  // JSON Web Keys: their use, key_ops and ext must allow what is asked.
  const useOf = (name) => ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'].some((u) => Object.values(allowed[name]).flat().includes(u)) ? 'enc' : 'sig'
  const checkJWK = (jwk, name, extractable, usages) => {
    if (usages.length > 0 && jwk.use !== undefined && !kinds[name]?.startsWith('X') && name !== 'ECDH' && jwk.use !== useOf(name)) {
      fail('DataError', `jwk: its use is ${JSON.stringify(jwk.use)}, not ${JSON.stringify(useOf(name))}`)
    }
    if (jwk.key_ops !== undefined) {
      if (!Array.isArray(jwk.key_ops)) throw new TypeError('jwk: key_ops must be a list')
      if (new Set(jwk.key_ops).size !== jwk.key_ops.length) fail('DataError', 'jwk: key_ops names a usage twice')
      const missing = usages.find((usage) => !jwk.key_ops.includes(usage))
      if (missing !== undefined) fail('DataError', `jwk: key_ops does not allow to ${missing}`)
    }
    if (jwk.ext !== undefined && !jwk.ext && extractable) fail('DataError', 'jwk: ext says that the key must not be extractable')
  }
  const rsaNames = { 'RSASSA-PKCS1-v1_5': 'RS', 'RSA-PSS': 'PS', 'RSA-OAEP': 'RSA-OAEP' }
  // algOf is the member alg of a key; undefined is none.
  const algOf = ({ name, hash, length, namedCurve }) => {
    const size = hash?.name.slice(4)
    if (name === 'RSA-OAEP') return size === '1' ? 'RSA-OAEP' : `RSA-OAEP-${size}`
    if (name in rsaNames) return rsaNames[name] + size
    if (name === 'HMAC') return 'HS' + size
    if (name.startsWith('AES-')) return `A${length}${name.slice(4)}`
    if (name === 'Ed25519') return undefined
    return undefined
  }

  const importSecret = async (format, data, algorithm, extractable, usages) => {
    const { name } = algorithm
    const derives = name === 'HKDF' || name === 'PBKDF2'
    if (format !== 'raw' && (format !== 'jwk' || derives)) fail('NotSupportedError', `${name}: keys cannot be imported as ${format}`)
    within(usages, allowed[name].secret, name)
    if (derives && extractable) fail('SyntaxError', `${name}: a key must not be extractable`)
    let raw = data
    if (format === 'jwk') {
      if (data.kty !== 'oct') fail('DataError', `jwk: the kty must be "oct", not ${JSON.stringify(data.kty)}`)
      if (typeof data.k !== 'string' || !/^[A-Za-z0-9_-]*$/.test(data.k)) fail('DataError', 'jwk: k is not base64url')
      raw = Uint8Array.from(atob(data.k.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
    }
    const length = raw.length * 8
    if (name.startsWith('AES-') && !aesSizes.includes(length)) fail('DataError', `${name}: a key has 128, 192 or 256 bits, not ${length}`)
    let size = length
    if (name === 'HMAC') {
      if (length === 0) fail('DataError', 'HMAC: the key is empty')
      size = algorithm.length ?? length
      if (size > length || size <= length - 8) fail('DataError', `HMAC: the key has ${length} bits, not ${size}`)
    }
    const described = secretAlgorithm(algorithm, size)
    if (format === 'jwk') {
      if (data.alg !== undefined && data.alg !== algOf(described)) fail('DataError', `jwk: its alg is ${JSON.stringify(data.alg)}, not ${JSON.stringify(algOf(described))}`)
      checkJWK(data, name, extractable, usages)
    }
    return make('secret', extractable, described, usages, raw)
  }

  const jwkMembers = ['kty', 'crv', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x', 'y']
  const ecdsaAlgs = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }
  const importJWK = async (jwk, algorithm, extractable, usages) => {
    const { name } = algorithm
    const kind = kinds[name]
    const kty = { RSA: 'RSA', EC: 'EC' }[kind] ?? 'OKP'
    const parts = allowed[name]
    within(usages, jwk.d === undefined ? parts.public : parts.private, name)
    if (jwk.kty !== kty) fail('DataError', `jwk: the kty must be ${JSON.stringify(kty)}, not ${JSON.stringify(jwk.kty)}`)
    const crv = kind === 'EC' ? algorithm.namedCurve : kty === 'OKP' ? name : undefined
    if (crv !== undefined && jwk.crv !== crv) fail('DataError', `jwk: the crv is ${JSON.stringify(jwk.crv)}, not ${JSON.stringify(crv)}`)
    checkJWK(jwk, name, extractable, usages)
    const alg = kind === 'RSA' ? algOf(algorithm) : name === 'ECDSA' ? ecdsaAlgs[crv] : undefined
    if (jwk.alg !== undefined && alg !== undefined && jwk.alg !== alg) fail('DataError', `jwk: its alg is ${JSON.stringify(jwk.alg)}, not ${JSON.stringify(alg)}`)
    if (name === 'Ed25519' && jwk.alg !== undefined && !['Ed25519', 'EdDSA'].includes(jwk.alg)) fail('DataError', `jwk: its alg is ${JSON.stringify(jwk.alg)}, not "EdDSA"`)
    const members = jwkMembers.filter((member) => jwk[member] !== undefined).flatMap((member) => [member, String(jwk[member])])
    return done(native.parseJWK(...members))
  }

  const importPair = async (format, data, algorithm, extractable, usages) => {
    const { name } = algorithm
    const kind = kinds[name]
    const parts = allowed[name]
    if (kind === 'EC' && !['P-256', 'P-384', 'P-521'].includes(algorithm.namedCurve)) {
      fail(format === 'raw' || format === 'jwk' || format === 'spki' || format === 'pkcs8' ? 'NotSupportedError' : 'TypeError', `${name}: the curve ${JSON.stringify(algorithm.namedCurve)} is not supported`)
    }
    let key
    if (format === 'jwk') {
      key = await importJWK(data, algorithm, extractable, usages)
    } else {
      if (format === 'raw' && kind === 'RSA') fail('NotSupportedError', `${name}: keys cannot be imported as raw`)
      within(usages, format === 'pkcs8' ? parts.private : parts.public, name)
      key = await done(native.parse(format, kind, algorithm.namedCurve, data))
    }
    if (key.kind !== kind) fail('DataError', `${format}: the key is of another kind than ${name}`)
    if (kind === 'EC' && key.curve !== algorithm.namedCurve) fail('DataError', `${format}: the key is of the curve ${key.curve}, not ${algorithm.namedCurve}`)
    const type = key.private === undefined ? 'public' : 'private'
    return make(type, extractable, describe(algorithm, key), usages, key.private ?? key.public)
  }
  const formats = ['raw', 'spki', 'pkcs8', 'jwk']
  const formatOf = (format) => {
    if (!formats.includes(String(format))) throw new TypeError(`the format must be one of ${formats.join(', ')}, got ${JSON.stringify(String(format))}`)
    return String(format)
  }
  const importKey = (format, data, algorithm, extractable, usages) => allowed[algorithm.name].secret === undefined
    ? importPair(format, data, algorithm, extractable, usages)
    : importSecret(format, data, algorithm, extractable, usages)

  const base64url = (data) => btoa(String.fromCharCode(...data)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  const exportKey = async (format, key) => {
    const { type, algorithm, extractable, usages } = key
    const { name } = algorithm
    if (name === 'HKDF' || name === 'PBKDF2') fail('NotSupportedError', `${name}: keys cannot be exported`)
    if (!extractable) fail('InvalidAccessError', 'the key is not extractable')
    const secret = secretOf(key)
    if (type === 'secret') {
      if (format === 'raw') return secret.slice().buffer
      if (format !== 'jwk') fail('NotSupportedError', `${name}: keys cannot be exported as ${format}`)
      return { kty: 'oct', k: base64url(secret), alg: algOf(algorithm), key_ops: [...usages], ext: true }
    }
    if (format === 'jwk') {
      const alg = kinds[name] === 'RSA' ? { alg: algOf(algorithm) } : name === 'Ed25519' ? { alg: 'Ed25519' } : {}
      return { key_ops: [...usages], ext: true, ...await done(native.formatJWK(secret)), ...alg }
    }
    if (format === 'raw' && kinds[name] === 'RSA') fail('NotSupportedError', `${name}: keys cannot be exported as raw`)
    if (type !== (format === 'pkcs8' ? 'private' : 'public')) fail('InvalidAccessError', `a ${type} key cannot be exported as ${format}`)
    return done(native.format(format, secret))
  }

  return { CryptoKey, done, usagesOf, secretOf: (key) => secretOf(key), generate, importKey, exportKey, formatOf, bytes }
})
