package node

import (
	_ "embed"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed stream.js
var streamScript string

//go:embed stream_tools.js
var streamToolsSource string

var streamTools = newShared("tools", streamToolsSource)

const streamTypes = `export interface StreamClass { new (options?: any): any; (options?: any): any; from(source: any, options?: any): any; fromWeb(stream: any, options?: any): any; toWeb(stream: any): any }
export interface PipelineOptions { signal?: AbortSignal; end?: boolean }
export interface FinishedOptions { readable?: boolean; writable?: boolean; error?: boolean; signal?: AbortSignal }`

func class(name, doc string) member { return member{Name: name, Type: ": StreamClass", Doc: doc} }

// streamModule is node:stream.
var streamModule = native.Module{
	Name: "node:stream",
	Doc:  "Streams, with back pressure: what a stream holds beyond its highWaterMark makes those that fill it wait.",
	Members: []member{
		class("Stream", "The class of all streams, which is the default export as well."),
		class("Readable", "What is read: for await (const chunk of stream), the events data, end, error and close, pipe. Readable.from makes one of anything that can be iterated."),
		class("Writable", "What is written to: write, end, the events drain, finish, error and close."),
		class("Duplex", "Both."),
		class("Transform", "Both, where what is read is made of what was written."),
		class("PassThrough", "Both, where what is read is what was written."),
		{Name: "pipeline", Type: "(...parts: any[]): any", Doc: "Connects streams, iterables and functions, calls back at the end, and destroys all when one fails."},
		{Name: "finished", Type: "(stream: any, options: any, callback?: (error?: any) => void): () => void", Doc: "Calls back when a stream has ended or failed."},
		{Name: "addAbortSignal", Type: "<T>(signal: AbortSignal, stream: T): T", Doc: "Destroys a stream when the signal fires."},
		{Name: "getDefaultHighWaterMark", Type: "(objectMode: boolean): number", Doc: "How much a stream holds before those that fill it wait: bytes or objects."},
		{Name: "setDefaultHighWaterMark", Type: "(objectMode: boolean, value: number): void", Doc: "Sets it."},
		{Name: "isReadable", Type: "(stream: any): boolean | null", Doc: "Whether there is more to read."},
		{Name: "isErrored", Type: "(stream: any): boolean", Doc: "Whether a stream has failed."},
		{Name: "isDisturbed", Type: "(stream: any): boolean", Doc: "Whether a stream was read from or cancelled."},
		{Name: "promises", Type: ": typeof import('node:stream/promises').default", Doc: "node:stream/promises."},
	},
	Script: streamScript, Natives: []member{nodeErrors.member(), streamTools.member()}, Default: "Stream", Types: streamTypes,
	Missing: map[string]string{"compose": "use pipeline, with functions that take and return iterables", "destroy": "call destroy() on the stream", "duplexPair": "use two PassThroughs"},
	Example: `import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const upper = new Transform({ transform(chunk, encoding, done) { done(null, String(chunk).toUpperCase()) } })
let text = ''
await pipeline(Readable.from(['a', 'b']), upper, async (source) => { for await (const chunk of source) text += chunk })
console.log(text) // -> AB`,
}

// streamPromisesModule is node:stream/promises.
var streamPromisesModule = native.Module{
	Name: "node:stream/promises",
	Doc:  "pipeline and finished of node:stream, as promises.",
	Members: []member{
		{Name: "pipeline", Type: "(...parts: any[]): Promise<any>", Doc: "Connects streams, iterables and functions. The last argument may be { signal, end }.", Value: streamPromise("pipeline")},
		{Name: "finished", Type: "(stream: any, options?: any): Promise<void>", Doc: "Settles when a stream has ended or failed.", Value: streamPromise("finished")},
	},
	Example: `import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'

const stream = new PassThrough()
stream.resume().end('a')
await finished(stream)
console.log(stream.readableEnded) // -> true`,
}

func streamPromise(name string) func(*native.Host) goja.Value {
	return func(h *native.Host) goja.Value { return h.Import("node:stream", "promises").(*goja.Object).Get(name) }
}
