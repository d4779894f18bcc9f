package node

import (
	_ "embed"
	"regexp"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed fs.js
var fsScript string

const fsTypes = `type PathLike = string | Uint8Array | URL;
type ReadOptions = string | { encoding?: string | null };
type WriteOptions = string | { encoding?: string | null; mode?: number | string; flag?: string };
interface Stats {
  isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean;
  isCharacterDevice(): boolean; isBlockDevice(): boolean;
  dev: number; ino: number; mode: number; nlink: number; uid: number; gid: number; size: number;
  atimeMs: number; mtimeMs: number; ctimeMs: number; birthtimeMs: number; atime: Date; mtime: Date; ctime: Date; birthtime: Date;
}
interface Dirent {
  name: string; parentPath: string;
  isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean; isSocket(): boolean;
  isCharacterDevice(): boolean; isBlockDevice(): boolean;
}
`

// handleTypes declare FileHandle from its table.
func handleTypes() string {
	text := "interface FileHandle {\n"
	for _, m := range handleMembers {
		text += "  /** " + m.Doc + " */\n  " + m.Name + m.Type + ";\n"
	}
	return text + "}"
}

const openDoc = "Opens a file; flags are r, r+, w, wx, w+, a, a+ and so on. What a run leaves open is closed when it ends."

var fsMissing = map[string]string{
	"watch": "look again with stat and a timer", "watchFile": "look again with stat and a timer", "unwatchFile": "look again with stat and a timer",
	"symlink": "links could lead out of what is permitted; copy the file", "symlinkSync": "links could lead out of what is permitted; copy the file",
	"link": "links could lead out of what is permitted; copy the file", "linkSync": "links could lead out of what is permitted; copy the file",
	"readlink": "use realpath", "readlinkSync": "use realpathSync", "chown": "owners cannot be changed", "chownSync": "owners cannot be changed",
	"cp": "list the folder with readdir and copy each file with copyFile", "cpSync": "list the folder with readdirSync and copy each file with copyFileSync",
	"statfs": "use stat", "opendir": "use readdir", "opendirSync": "use readdirSync", "glob": "use readdir with recursive and a regular expression",
	"openSync": "use open of node:fs/promises", "readSync": "use open of node:fs/promises", "writeSync": "use open of node:fs/promises", "closeSync": "use open of node:fs/promises",
}

// promisesModule is node:fs/promises: each operation as it is.
var promisesModule = func() native.Module {
	m := native.Module{
		Name: "node:fs/promises",
		Doc:  "Files, with promises. Reading takes --allow-read, writing --allow-write; links and .. lead nowhere else. Errors have Node's codes, such as ENOENT.",
		Example: `import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'

await mkdir('out/july', { recursive: true })
await writeFile('out/july/total.txt', '42')
console.log(await readFile('out/july/total.txt', 'utf8')) // -> 42
await rm('out', { recursive: true })`,
		Types:   fsTypes + handleTypes(),
		Missing: map[string]string{},
	}
	for _, op := range operations {
		m.Members = append(m.Members, member{Name: op.name, Type: "(" + op.params + "): Promise<" + op.result + ">", Doc: op.doc, Length: op.length, Async: op.begin})
	}
	m.Members = append(m.Members,
		member{Name: "open", Type: "(path: PathLike, flags?: string | number, mode?: number | string): Promise<FileHandle>", Doc: openDoc, Length: 1, Async: open},
		member{Name: "constants", Type: ": Record<string, number>", Doc: "R_OK, W_OK, X_OK, F_OK, COPYFILE_EXCL and flags to open files.", Value: constants},
	)
	for name, instead := range fsMissing {
		m.Missing[name] = instead
	}
	return m
}()

// fsModule is node:fs: each operation with a callback, and waiting.
var fsModule = func() native.Module {
	m := native.Module{
		Name: "node:fs",
		Doc:  "Files, with callbacks and with functions that wait. Prefer node:fs/promises: a function that waits holds the task's VM, its timers and its signal.",
		Example: `import fs from 'node:fs'

fs.writeFileSync('notes.txt', 'one, ')
fs.appendFileSync('notes.txt', 'two')
console.log(fs.readFileSync('notes.txt', 'utf8'), fs.existsSync('gone.txt')) // -> one, two false
fs.unlinkSync('notes.txt')`,
		Types:   fsTypes + "type Callback<T> = (error: any, result: T) => void;",
		Script:  fsScript,
		Missing: fsMissing,
	}
	for _, op := range operations {
		m.Members = append(m.Members,
			member{Name: op.name, Type: withCallback(op), Doc: op.doc},
			member{Name: op.name + "Sync", Type: "(" + op.params + "): " + op.result, Doc: op.doc, Length: op.length, Call: waiting(op.begin)},
		)
		m.Natives = append(m.Natives, member{Name: op.name, Async: op.begin})
	}
	m.Members = append(m.Members,
		member{Name: "exists", Type: "(path: PathLike, callback: (there: boolean) => void): void", Doc: "Tells whether there is something that may be read."},
		member{Name: "existsSync", Type: "(path: PathLike): boolean", Doc: "Tells whether there is something. What may not be read throws."},
		member{Name: "createReadStream", Type: "(path: PathLike, options?: string | { encoding?: string; highWaterMark?: number; start?: number; end?: number; flags?: string; signal?: AbortSignal }): any",
			Doc: "Reads a file piece by piece: for await (const chunk of stream), or the events data, end, error and close."},
		member{Name: "createWriteStream", Type: "(path: PathLike, options?: string | { encoding?: string; flags?: string; mode?: number; start?: number; highWaterMark?: number; signal?: AbortSignal }): any",
			Doc: "Writes a file piece by piece: write(data), end(), the events drain, finish, error and close."},
		member{Name: "ReadStream", Type: ": any", Doc: "The class of createReadStream, a Readable of node:stream."},
		member{Name: "WriteStream", Type: ": any", Doc: "The class of createWriteStream, a Writable of node:stream."},
		member{Name: "promises", Type: ": typeof import('node:fs/promises').default", Doc: "node:fs/promises.",
			Value: func(h *native.Host) goja.Value { return h.Import("node:fs/promises", "") }},
		member{Name: "constants", Type: ": Record<string, number>", Doc: "R_OK, W_OK, X_OK, F_OK, COPYFILE_EXCL and flags to open files.", Value: constants},
	)
	return m
}()

// optional is the last parameter of an operation, if it may be left out.
var optional = regexp.MustCompile(`, (\w+)\?: (.*)$`)

// withCallback is the type of an operation that takes a callback, which comes
// last, whether or not what may be left out before it is.
func withCallback(op operation) string {
	callback := ", callback: Callback<" + op.result + ">): void"
	required := optional.ReplaceAllString(op.params, "")
	if required == op.params {
		return "(" + required + callback
	}
	return "(" + required + callback + "\n(" + optional.ReplaceAllString(op.params, ", $1: $2") + callback
}

// waiting does the work of an operation while the script waits.
func waiting(begin func(*native.Host, goja.FunctionCall) native.Work) func(*native.Host, goja.FunctionCall) goja.Value {
	return func(h *native.Host, call goja.FunctionCall) goja.Value {
		result, err := begin(h, call)(h.Context())
		if err != nil {
			h.Throw(err)
		}
		return h.Value(result)
	}
}
