package node

import (
	"crypto/subtle"
	_ "embed"
	"slices"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed crypto.js
var cryptoScript string

//go:embed crypto_keys.js
var cryptoKeysSource string

var cryptoKeys = newShared("keys", cryptoKeysSource)

// randomNatives give random bytes.
var randomNatives = []member{
	{Name: "random", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		n := call.Argument(0).ToInteger()
		if most := h.VM.Options().MaxBytes; n > most {
			native.Throw(h.Runtime, "randomBytes: at most %d bytes can be asked for", most)
		}
		data := make([]byte, n)
		h.VM.Random(data)
		return h.Buffer(data)
	}},
	{Name: "fillRandom", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		h.VM.Random(bytesOf(call.Argument(0)))
		return goja.Undefined()
	}},
	{Name: "timingSafeEqual", Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
		return h.Value(subtle.ConstantTimeCompare(bytesOf(call.Argument(0)), bytesOf(call.Argument(1))) == 1)
	}},
}

const cryptoTypes = `export interface Hash { update(data: any, inputEncoding?: string): this; digest(): any; digest(encoding: string): string; copy(): Hash; [method: string]: any }
export interface Hmac { update(data: any, inputEncoding?: string): this; digest(): any; digest(encoding: string): string; [method: string]: any }
export interface Cipher { update(data: any, inputEncoding?: string, outputEncoding?: string): any; final(encoding?: string): any; setAAD(data: any): this; setAutoPadding(on?: boolean): this; getAuthTag(): any; [method: string]: any }
export interface Decipher { update(data: any, inputEncoding?: string, outputEncoding?: string): any; final(encoding?: string): any; setAAD(data: any): this; setAutoPadding(on?: boolean): this; setAuthTag(tag: any, encoding?: string): this; [method: string]: any }
export interface KeyObject {
  readonly type: 'secret' | 'public' | 'private'; readonly asymmetricKeyType?: string; readonly asymmetricKeyDetails?: any; readonly symmetricKeySize?: number;
  export(options?: any): any; equals(other: KeyObject): boolean;
}
export interface Sign { update(data: any, encoding?: string): this; sign(key: any, encoding?: string): any; [method: string]: any }
export interface Verify { update(data: any, encoding?: string): this; verify(key: any, signature: any, encoding?: string): boolean; [method: string]: any }
export type Done<T> = (error: any, result: T) => void;`

// cryptoMembers are what crypto.js exports.
var cryptoMembers = []member{
	{Name: "createHash", Type: "(algorithm: string, options?: any): Hash", Doc: "A digest: createHash('sha256').update(text).digest('hex'). getHashes tells which there are."},
	{Name: "createHmac", Type: "(algorithm: string, key: any): Hmac", Doc: "A digest with a key."},
	{Name: "hash", Type: "(algorithm: string, data: any, outputEncoding?: string): any", Doc: "A digest at once."},
	{Name: "randomBytes", Type: "(size: number, callback?: Done<any>): any", Doc: "Random bytes."},
	{Name: "randomFill", Type: "(buffer: any, offset: any, size?: any, callback?: Done<any>): void", Doc: "Fills a buffer with random bytes."},
	{Name: "randomFillSync", Type: "<T>(buffer: T, offset?: number, size?: number): T", Doc: "Fills a buffer with random bytes."},
	{Name: "randomInt", Type: "(min: number, max?: number | Done<number>, callback?: Done<number>): number", Doc: "A random whole number, from min on and below max."},
	{Name: "randomUUID", Type: "(options?: any): string", Doc: "A random UUID."},
	{Name: "timingSafeEqual", Type: "(a: any, b: any): boolean", Doc: "Compares bytes in a time that does not tell where they differ."},
	{Name: "pbkdf2", Type: "(password: any, salt: any, iterations: number, keylen: number, digest: string, callback: Done<any>): void", Doc: "A key of a password."},
	{Name: "pbkdf2Sync", Type: "(password: any, salt: any, iterations: number, keylen: number, digest: string): any", Doc: "A key of a password; holds the VM meanwhile."},
	{Name: "scrypt", Type: "(password: any, salt: any, keylen: number, options: any, callback?: Done<any>): void", Doc: "A key of a password, with { N, r, p, maxmem }."},
	{Name: "scryptSync", Type: "(password: any, salt: any, keylen: number, options?: any): any", Doc: "A key of a password; holds the VM meanwhile."},
	{Name: "hkdf", Type: "(digest: string, key: any, salt: any, info: any, keylen: number, callback: Done<ArrayBuffer>): void", Doc: "A key of a key."},
	{Name: "hkdfSync", Type: "(digest: string, key: any, salt: any, info: any, keylen: number): ArrayBuffer", Doc: "A key of a key."},
	{Name: "createCipheriv", Type: "(cipher: string, key: any, iv: any, options?: any): Cipher", Doc: "Encrypts: aes-256-gcm and the others of getCiphers."},
	{Name: "createDecipheriv", Type: "(cipher: string, key: any, iv: any, options?: any): Decipher", Doc: "Decrypts. Of gcm, what update gives is not yet known to be authentic."},
	{Name: "createSign", Type: "(algorithm: string): Sign", Doc: "Signs with a private key."},
	{Name: "createVerify", Type: "(algorithm: string): Verify", Doc: "Verifies with a public key."},
	{Name: "sign", Type: "(algorithm: string | null | undefined, data: any, key: any, callback?: Done<any>): any", Doc: "Signs at once."},
	{Name: "verify", Type: "(algorithm: string | null | undefined, data: any, key: any, signature: any, callback?: Done<boolean>): boolean", Doc: "Verifies at once."},
	{Name: "createSecretKey", Type: "(key: any, encoding?: string): KeyObject", Doc: "A key of bytes."},
	{Name: "createPublicKey", Type: "(key: any): KeyObject", Doc: "A public key of PEM, DER, a JWK, a certificate or a private key."},
	{Name: "createPrivateKey", Type: "(key: any): KeyObject", Doc: "A private key of PEM, DER or a JWK, without passphrase."},
	{Name: "generateKeyPair", Type: "(type: 'rsa' | 'ec' | 'ed25519' | 'x25519', options: any, callback: (error: any, publicKey: any, privateKey: any) => void): void", Doc: "Makes a pair of keys."},
	{Name: "generateKeyPairSync", Type: "(type: 'rsa' | 'ec' | 'ed25519' | 'x25519', options?: any): { publicKey: any; privateKey: any }", Doc: "Makes a pair of keys; holds the VM meanwhile."},
	{Name: "generateKey", Type: "(type: 'hmac' | 'aes', options: { length: number }, callback: Done<KeyObject>): void", Doc: "Makes a secret key."},
	{Name: "generateKeySync", Type: "(type: 'hmac' | 'aes', options: { length: number }): KeyObject", Doc: "Makes a secret key."},
	{Name: "diffieHellman", Type: "(keys: { privateKey: KeyObject; publicKey: KeyObject }): any", Doc: "The secret that two keys agree on, x25519 or ec."},
	{Name: "publicEncrypt", Type: "(key: any, data: any): any", Doc: "Encrypts with an RSA key, with OAEP."},
	{Name: "privateDecrypt", Type: "(key: any, data: any): any", Doc: "Decrypts with an RSA key, with OAEP."},
	{Name: "getHashes", Type: "(): string[]", Doc: "The digests there are."},
	{Name: "getCiphers", Type: "(): string[]", Doc: "The ciphers there are."},
	{Name: "getCurves", Type: "(): string[]", Doc: "The curves there are."},
	{Name: "getCipherInfo", Type: "(cipher: string): any", Doc: "The sizes of a cipher; undefined if there is none."},
	{Name: "constants", Type: ": Record<string, number>", Doc: "RSA_PKCS1_PSS_PADDING and so on."},
	{Name: "Hash", Type: ": any", Doc: "The class of createHash."},
	{Name: "Hmac", Type: ": any", Doc: "The class of createHmac."},
	{Name: "Cipheriv", Type: ": any", Doc: "The class of createCipheriv."},
	{Name: "Decipheriv", Type: ": any", Doc: "The class of createDecipheriv."},
	{Name: "Sign", Type: ": any", Doc: "The class of createSign."},
	{Name: "Verify", Type: ": any", Doc: "The class of createVerify."},
	{Name: "KeyObject", Type: ": any", Doc: "The class of keys."},
	{Name: "webcrypto", Type: ": typeof globalThis.crypto", Doc: "The global crypto.", Value: webCrypto},
	{Name: "getRandomValues", Type: "<T extends ArrayBufferView>(array: T): T", Doc: "crypto.getRandomValues.", Value: func(h *native.Host) goja.Value {
		return webCrypto(h).(*goja.Object).Get("getRandomValues")
	}},
}

func webCrypto(h *native.Host) goja.Value { return h.Runtime.Get("crypto").ToObject(h.Runtime) }

// cryptoModule is node:crypto.
var cryptoModule = native.Module{
	Name:    "node:crypto",
	Doc:     "Digests, random numbers, encryption and signatures, all done by Go's library.",
	Members: cryptoMembers,
	Script:  cryptoScript,
	Natives: slices.Concat([]member{nodeErrors.member(), bufferParts, cryptoKeys.member()}, hashNatives, cipherNatives, keyNatives, jwkNatives, randomNatives),
	Missing: map[string]string{
		"createCipher": "use createCipheriv, with a key of scrypt", "createDecipher": "use createDecipheriv, with a key of scrypt",
		"createDiffieHellman": "use generateKeyPair with x25519 and diffieHellman", "createECDH": "use generateKeyPair with ec and diffieHellman", "getDiffieHellman": "use generateKeyPair with x25519 and diffieHellman",
		"privateEncrypt": "use sign", "publicDecrypt": "use verify", "X509Certificate": "use createPublicKey for the key of a certificate", "subtle": "use the global crypto.subtle",
		"getFips": "there is no such mode to ask for", "setFips": "there is no such mode to set", "secureHeapUsed": "there is no such heap", "generatePrime": "use generateKeyPair", "checkPrime": "use generateKeyPair",
		"Certificate": "certificates of SPKAC are not supported", "setEngine": "there are no engines", "ECDH": "use generateKeyPair with ec and diffieHellman", "DiffieHellman": "use generateKeyPair with x25519 and diffieHellman",
	},
	Types: cryptoTypes,
	Example: `import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

console.log(createHash('sha256').update('a').digest('hex').slice(0, 16)) // -> ca978112ca1bbdca
const signature = createHmac('sha256', 'key').update('body').digest()
console.log(timingSafeEqual(signature, createHmac('sha256', 'key').update('body').digest()), randomUUID().length) // -> true 36`,
}
