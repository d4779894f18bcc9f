package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

const bufferTypes = `export type BufferEncoding = 'utf8' | 'utf-8' | 'utf16le' | 'utf-16le' | 'ucs2' | 'ucs-2' | 'latin1' | 'binary' | 'ascii' | 'base64' | 'base64url' | 'hex';
export interface Buffer extends Uint8Array {
  toString(encoding?: BufferEncoding | string, start?: number, end?: number): string;
  toJSON(): { type: 'Buffer'; data: number[] };
  write(text: string, encoding?: string): number;
  write(text: string, offset: number, encoding?: string): number;
  write(text: string, offset: number, length: number, encoding?: string): number;
  equals(other: Uint8Array): boolean;
  compare(target: Uint8Array, targetStart?: number, targetEnd?: number, sourceStart?: number, sourceEnd?: number): -1 | 0 | 1;
  copy(target: Uint8Array, targetStart?: number, sourceStart?: number, sourceEnd?: number): number;
  fill(value: any, offset?: any, end?: any, encoding?: any): this;
  indexOf(value: any, byteOffset?: any, encoding?: any): number;
  lastIndexOf(value: any, byteOffset?: any, encoding?: any): number;
  includes(value: any, byteOffset?: any, encoding?: any): boolean;
  subarray(start?: number, end?: number): any;
  slice(start?: number, end?: number): any;
  swap16(): this; swap32(): this; swap64(): this;
  readUInt8(offset?: number): number; readInt8(offset?: number): number;
  readUInt16LE(offset?: number): number; readUInt16BE(offset?: number): number; readInt16LE(offset?: number): number; readInt16BE(offset?: number): number;
  readUInt32LE(offset?: number): number; readUInt32BE(offset?: number): number; readInt32LE(offset?: number): number; readInt32BE(offset?: number): number;
  readUIntLE(offset: number, bytes: number): number; readUIntBE(offset: number, bytes: number): number; readIntLE(offset: number, bytes: number): number; readIntBE(offset: number, bytes: number): number;
  readBigUInt64LE(offset?: number): bigint; readBigUInt64BE(offset?: number): bigint; readBigInt64LE(offset?: number): bigint; readBigInt64BE(offset?: number): bigint;
  readFloatLE(offset?: number): number; readFloatBE(offset?: number): number; readDoubleLE(offset?: number): number; readDoubleBE(offset?: number): number;
  writeUInt8(value: number, offset?: number): number; writeInt8(value: number, offset?: number): number;
  writeUInt16LE(value: number, offset?: number): number; writeUInt16BE(value: number, offset?: number): number; writeInt16LE(value: number, offset?: number): number; writeInt16BE(value: number, offset?: number): number;
  writeUInt32LE(value: number, offset?: number): number; writeUInt32BE(value: number, offset?: number): number; writeInt32LE(value: number, offset?: number): number; writeInt32BE(value: number, offset?: number): number;
  writeUIntLE(value: number, offset: number, bytes: number): number; writeUIntBE(value: number, offset: number, bytes: number): number; writeIntLE(value: number, offset: number, bytes: number): number; writeIntBE(value: number, offset: number, bytes: number): number;
  writeBigUInt64LE(value: bigint, offset?: number): number; writeBigUInt64BE(value: bigint, offset?: number): number; writeBigInt64LE(value: bigint, offset?: number): number; writeBigInt64BE(value: bigint, offset?: number): number;
  writeFloatLE(value: number, offset?: number): number; writeFloatBE(value: number, offset?: number): number; writeDoubleLE(value: number, offset?: number): number; writeDoubleBE(value: number, offset?: number): number;
}
export interface BufferConstructor {
  from(value: any, encodingOrOffset?: any, length?: number): Buffer;
  alloc(size: number, fill?: any, encoding?: string): Buffer;
  allocUnsafe(size: number): Buffer; allocUnsafeSlow(size: number): Buffer;
  of(...items: number[]): Buffer;
  concat(list: readonly Uint8Array[], length?: number): Buffer;
  copyBytesFrom(view: ArrayBufferView, offset?: number, length?: number): Buffer;
  compare(a: Uint8Array, b: Uint8Array): -1 | 0 | 1;
  isBuffer(value: any): value is Buffer;
  isEncoding(encoding: string): encoding is BufferEncoding;
  byteLength(value: string | ArrayBufferView | ArrayBuffer, encoding?: string): number;
  readonly poolSize: number;
  readonly prototype: Buffer;
}`

// global is a member that is a global of the web.
func global(name, typ, doc string) member {
	return member{Name: name, Type: typ, Doc: doc, Value: func(h *native.Host) goja.Value { return h.Runtime.Get(name) }}
}

// bufferModule is node:buffer.
var bufferModule = native.Module{
	Name: "node:buffer",
	Doc:  "Bytes. Buffer is a global as well.",
	Members: []member{
		{Name: "Buffer", Type: ": BufferConstructor", Doc: "A Uint8Array that knows encodings: Buffer.from(text, 'base64'), buffer.toString('hex'). Memory is always zeroed, with allocUnsafe too."},
		{Name: "SlowBuffer", Type: ": { (size: number): Buffer; new (size: number): Buffer }", Doc: "Buffer.allocUnsafeSlow by its old name."},
		{Name: "transcode", Type: "(source: Uint8Array, from: string, to: string): Buffer", Doc: "Bytes in another encoding: utf8, utf16le, latin1 or ascii."},
		{Name: "isUtf8", Type: "(input: ArrayBuffer | ArrayBufferView): boolean", Doc: "Whether the bytes are UTF-8."},
		{Name: "isAscii", Type: "(input: ArrayBuffer | ArrayBufferView): boolean", Doc: "Whether all bytes are below 128."},
		{Name: "constants", Type: ": { MAX_LENGTH: number; MAX_STRING_LENGTH: number }", Doc: "The largest sizes: what one native call may build here."},
		{Name: "kMaxLength", Type: ": number", Doc: "constants.MAX_LENGTH."},
		{Name: "kStringMaxLength", Type: ": number", Doc: "constants.MAX_STRING_LENGTH."},
		{Name: "INSPECT_MAX_BYTES", Type: ": number", Doc: "How many bytes are shown of a Buffer."},
		global("atob", ": typeof globalThis.atob", "The global atob."),
		global("btoa", ": typeof globalThis.btoa", "The global btoa."),
		global("Blob", ": any", "The global Blob."),
		global("File", ": any", "The global File."),
	},
	Script:  bufferScript,
	Natives: bufferNatives,
	Missing: map[string]string{"resolveObjectURL": "hand the Blob on itself"},
	Types:   bufferTypes,
	Example: `import { Buffer } from 'node:buffer'

const key = Buffer.from('c2VjcmV0', 'base64')
console.log(key.toString(), key.toString('hex')) // -> secret 736563726574
console.log(Buffer.concat([key, Buffer.of(0x21)]).readUInt16BE(5)) // -> 29729`,
}

//go:embed string_decoder.js
var stringDecoderScript string

// stringDecoderModule is node:string_decoder.
var stringDecoderModule = native.Module{
	Name: "node:string_decoder",
	Doc:  "Text of bytes that come in pieces.",
	Members: []member{
		{Name: "StringDecoder", Type: ": { new (encoding?: string): StringDecoder }", Doc: "Keeps the beginning of a character until the rest of it comes."},
	},
	Script:  stringDecoderScript,
	Natives: []member{nodeErrors.member(), bufferParts},
	Types: `export interface StringDecoder {
  readonly encoding: string;
  write(bytes: ArrayBufferView | string): string;
  end(bytes?: ArrayBufferView | string): string;
}`,
	Example: `import { StringDecoder } from 'node:string_decoder'

const decoder = new StringDecoder('utf8')
console.log(decoder.write(Buffer.from([0x63, 0xc3])) + '|' + decoder.write(Buffer.from([0xa9]))) // -> c|é`,
}

// bufferParts gives scripts of modules what buffer.js gives, beside its exports.
var bufferParts = member{Name: "buffers", Value: func(h *native.Host) goja.Value { return h.Script("node:buffer") }}
