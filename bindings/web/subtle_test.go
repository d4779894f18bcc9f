package web_test

import "testing"

const hex = `const hex = (b) => [...new Uint8Array(b)].map((n) => n.toString(16).padStart(2, '0')).join(''), bytes = (t) => new TextEncoder().encode(t), s = crypto.subtle
	const fails = async (f) => { try { await f(); return 'none' } catch (e) { return e.name } }; `

func TestSubtleHashesAndSecrets(t *testing.T) {
	for source, want := range map[string]string{
		`return [hex(await s.digest('SHA-256', bytes('abc'))), hex(await s.digest({ name: 'sha-1' }, bytes('')))]`: `["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","da39a3ee5e6b4b0d3255bfef95601890afd80709"]`,
		`const k = await s.importKey('raw', bytes('key'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']), m = bytes('The quick brown fox jumps over the lazy dog')
		 const tag = await s.sign('HMAC', k, m); return [hex(tag), await s.verify('HMAC', k, tag, m), await s.verify('HMAC', k, tag, bytes('x')), await s.exportKey('jwk', k)]`: `["f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",true,false,{"kty":"oct","k":"a2V5","alg":"HS256","key_ops":["sign","verify"],"ext":true}]`,
		`const k = await s.importKey('raw', bytes('password'), 'PBKDF2', false, ['deriveBits', 'deriveKey'])
		 const bits = await s.deriveBits({ name: 'PBKDF2', salt: bytes('salt'), iterations: 2, hash: 'SHA-1' }, k, 160)
		 const aes = await s.deriveKey({ name: 'PBKDF2', salt: bytes('salt'), iterations: 1000, hash: 'SHA-256' }, k, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])
		 return [hex(bits), aes.algorithm, aes.extractable, aes.usages]`: `["ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",{"name":"AES-GCM","length":256},false,["encrypt"]]`,
		`const k = await s.importKey('raw', new Uint8Array(22).fill(0x0b), 'HKDF', false, ['deriveBits']), info = new Uint8Array([0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9])
		 return hex(await s.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(13).map((_, i) => i), info }, k, 336))`: `"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"`,
		`return [await fails(() => s.digest('MD5', bytes(''))), await fails(() => s.digest('SHA-1', 'text')), await fails(() => s.generateKey({ name: 'AES-GCM', length: 100 }, true, ['encrypt'])), await fails(() => s.generateKey({ name: 'AES-GCM', length: 128 }, true, ['sign']))]`: `["NotSupportedError","TypeError","OperationError","SyntaxError"]`,
		`return [await fails(() => s.importKey('raw', bytes('x'), 'PBKDF2', true, ['deriveBits'])), typeof CryptoKey, crypto.subtle === s, s instanceof SubtleCrypto]`:                                                                                                                    `["SyntaxError","function",true,true]`,
	} {
		expect(t, hex+source, want)
	}
}

func TestSubtleEncrypts(t *testing.T) {
	for source, want := range map[string]string{
		`const out = []; for (const a of [{ name: 'AES-GCM', iv: new Uint8Array(12) }, { name: 'AES-GCM', iv: new Uint8Array(7), tagLength: 64, additionalData: bytes('more') }, { name: 'AES-CBC', iv: new Uint8Array(16) }, { name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 4 }]) {
			const k = await s.generateKey({ name: a.name, length: 256 }, true, ['encrypt', 'decrypt']), sealed = await s.encrypt(a, k, bytes('hello, '.repeat(9)))
			out.push(sealed.byteLength, new TextDecoder().decode(await s.decrypt(a, k, sealed)) === 'hello, '.repeat(9))
			if (a.name === 'AES-GCM') { new Uint8Array(sealed)[0] ^= 1; out.push(await fails(() => s.decrypt(a, k, sealed))) } } return out`: `[79,true,"OperationError",71,true,"OperationError",64,true,63,true]`,
		`const kek = await s.importKey('raw', new Uint8Array(16).map((_, i) => i), 'AES-KW', false, ['wrapKey', 'unwrapKey'])
		 const k = await s.importKey('raw', Uint8Array.from('00112233445566778899aabbccddeeff'.match(/../g), (x) => parseInt(x, 16)), 'AES-CBC', true, ['encrypt'])
		 const wrapped = await s.wrapKey('raw', k, kek, 'AES-KW'), back = await s.unwrapKey('raw', wrapped, kek, 'AES-KW', 'AES-CBC', true, ['encrypt'])
		 return [hex(wrapped), hex(await s.exportKey('raw', back))]`: `["1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5","00112233445566778899aabbccddeeff"]`,
		`const { publicKey, privateKey } = await s.generateKey({ name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, true, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'])
		 const spki = await s.importKey('spki', await s.exportKey('spki', publicKey), { name: 'RSA-OAEP', hash: 'SHA-256' }, true, ['encrypt'])
		 const pem = await s.importKey('pkcs8', await s.exportKey('pkcs8', privateKey), { name: 'RSA-OAEP', hash: 'SHA-256' }, true, ['decrypt'])
		 const sealed = await s.encrypt({ name: 'RSA-OAEP', label: bytes('l') }, spki, bytes('secret'))
		 return [new TextDecoder().decode(await s.decrypt({ name: 'RSA-OAEP', label: bytes('l') }, pem, sealed)), await fails(() => s.decrypt('RSA-OAEP', privateKey, sealed)), await fails(() => s.decrypt('RSA-OAEP', publicKey, sealed))]`: `["secret","OperationError","InvalidAccessError"]`,
	} {
		expect(t, hex+source, want)
	}
}

func TestSubtleSigns(t *testing.T) {
	const pairs = `const round = async (kind, use) => {
		const { publicKey, privateKey } = await s.generateKey(kind, true, ['sign', 'verify']), m = bytes('message'), again = kind.name === 'Ed25519' ? 'Ed25519' : kind
		const jwk = await s.importKey('jwk', await s.exportKey('jwk', privateKey), again, true, ['sign']), pub = await s.importKey('spki', await s.exportKey('spki', publicKey), again, true, ['verify'])
		const signature = await s.sign(use, jwk, m); return [signature.byteLength, await s.verify(use, pub, signature, m), await s.verify(use, pub, signature, bytes('other'))] }; `
	for source, want := range map[string]string{
		`return await round({ name: 'ECDSA', namedCurve: 'P-521' }, { name: 'ECDSA', hash: 'SHA-512' })`:                                                                `[132,true,false]`,
		`return await round({ name: 'Ed25519' }, 'Ed25519')`:                                                                                                            `[64,true,false]`,
		`return await round({ name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, 'RSASSA-PKCS1-v1_5')`:       `[256,true,false]`,
		`return await round({ name: 'RSA-PSS', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-384' }, { name: 'RSA-PSS', saltLength: 32 })`: `[256,true,false]`,
		`const one = async (name) => s.generateKey(name === 'ECDH' ? { name, namedCurve: 'P-256' } : name, false, ['deriveBits']), out = []
		 for (const name of ['ECDH', 'X25519']) { const a = await one(name), b = await one(name)
			out.push(hex(await s.deriveBits({ name, public: b.publicKey }, a.privateKey, 256)) === hex(await s.deriveBits({ name, public: a.publicKey }, b.privateKey, null))) } return out`: `[true,true]`,
		`const { privateKey } = await s.generateKey('Ed25519', false, ['sign', 'verify']); return [await fails(() => s.exportKey('pkcs8', privateKey)), await fails(() => s.verify('Ed25519', privateKey, new Uint8Array(64), bytes('')))]`:                              `["InvalidAccessError","InvalidAccessError"]`,
		`return [await fails(() => s.importKey('spki', bytes('no key'), { name: 'ECDSA', namedCurve: 'P-256' }, true, [])), await fails(() => s.importKey('jwk', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }, { name: 'ECDSA', namedCurve: 'P-256' }, true, []))]`: `["DataError","DataError"]`,
	} {
		expect(t, hex+pairs+source, want)
	}
}
