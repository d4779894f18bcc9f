package node

import (
	_ "embed"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed zlib.js
var zlibScript string

// zlibModule is node:zlib.
var zlibModule = func() native.Module {
	m := native.Module{
		Name:    "node:zlib",
		Doc:     "Compression. util.promisify(gzip) and so on give promises; createGzip and so on give streams.",
		Script:  zlibScript,
		Natives: zlibNatives,
		Types: `export interface ZlibOptions { level?: number; dictionary?: any; maxOutputLength?: number; chunkSize?: number; params?: Record<number, number>; [option: string]: any }
export type ZlibDone = (error: any, result: any) => void;`,
		Missing: map[string]string{"zstdCompress": "use brotliCompress", "zstdDecompress": "decompress with a program"},
		Example: `import { gzipSync, gunzip } from 'node:zlib'
import { promisify } from 'node:util'

const packed = gzipSync('a'.repeat(1000))
console.log(packed.length < 100, (await promisify(gunzip)(packed)).length) // -> true 1000`,
	}
	for _, kind := range []struct{ name, doc string }{
		{"gzip", "Compresses for gunzip."}, {"gunzip", "Decompresses what gzip has compressed."}, {"deflate", "Compresses, with a header of zlib."}, {"inflate", "Decompresses, with a header of zlib."},
		{"deflateRaw", "Compresses, without a header."}, {"inflateRaw", "Decompresses, without a header."}, {"unzip", "Decompresses what gzip or deflate has compressed."},
		{"brotliCompress", "Compresses, as for Content-Encoding: br."}, {"brotliDecompress", "Decompresses, as for Content-Encoding: br."},
	} {
		class := strings.ToUpper(kind.name[:1]) + kind.name[1:]
		m.Members = append(m.Members,
			member{Name: kind.name, Type: "(data: any, options: ZlibOptions | ZlibDone, callback?: ZlibDone): void", Doc: kind.doc},
			member{Name: kind.name + "Sync", Type: "(data: any, options?: ZlibOptions): any", Doc: kind.doc + " Holds the VM meanwhile."},
			member{Name: "create" + class, Type: "(options?: ZlibOptions): any", Doc: kind.doc + " A stream."},
			member{Name: class, Type: ": any", Doc: "The class of create" + class + "."},
		)
	}
	m.Members = append(m.Members,
		member{Name: "crc32", Type: "(data: any, value?: number): number", Doc: "The checksum of gzip."},
		member{Name: "constants", Type: ": Record<string, number>", Doc: "Z_BEST_COMPRESSION, BROTLI_PARAM_QUALITY and so on."},
		member{Name: "codes", Type: ": Record<string, any>", Doc: "Names of results by number, and the other way round."},
	)
	return m
}()
