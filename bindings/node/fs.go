package node

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// operation is one function of the file system. It exists as one that returns a
// promise, as one that takes a callback, and as one that waits.
type operation struct {
	name, params, result, doc string
	length                    int
	begin                     func(h *native.Host, call goja.FunctionCall) native.Work
}

// done is the result of what gives none.
func done(err error) (any, error) { return nil, err }

var operations = []operation{
	{"readFile", "path: PathLike, options?: ReadOptions", "any", "Reads a whole file: a Buffer, or a text if an encoding is given.", 1, readFile},
	{"writeFile", "path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options?: WriteOptions", "void", "Writes a whole file, in the place of what is there.", 2, writer("writeFile", "w")},
	{"appendFile", "path: PathLike, data: string | ArrayBufferView | ArrayBuffer, options?: WriteOptions", "void", "Adds to the end of a file.", 2, writer("appendFile", "a")},
	{"mkdir", "path: PathLike, options?: { recursive?: boolean; mode?: number | string }", "string | undefined", "Makes a folder; with recursive also those above it, and gives the first one made.", 1, mkdir},
	{"mkdtemp", "prefix: string", "string", "Makes a folder whose name is the prefix and six characters, and gives its path.", 1, mkdtemp},
	{"readdir", "path: PathLike, options?: { withFileTypes?: boolean; recursive?: boolean; encoding?: string }", "any[]", "Lists a folder by name: names, or Dirents.", 1, readdir},
	{"stat", "path: PathLike", "Stats", "Describes a file or folder.", 1, stat("stat", true)},
	{"lstat", "path: PathLike", "Stats", "Describes a file, folder or link.", 1, stat("lstat", false)},
	{"realpath", "path: PathLike", "string", "The path without links.", 1, func(h *native.Host, call goja.FunctionCall) native.Work {
		path := pathOf(h, call.Argument(0), "realpath: the path")
		return func(ctx context.Context) (any, error) { return permit.From(ctx).RealPath(ctx, path) }
	}},
	{"access", "path: PathLike, mode?: number", "void", "Fails unless the file is there and, if constants.R_OK and so on are given, may be used so.", 1, access},
	{"rm", "path: PathLike, options?: { recursive?: boolean; force?: boolean }", "void", "Removes a file, or with recursive a folder with all that is in it; with force it may be missing.", 1, rm},
	{"unlink", "path: PathLike", "void", "Removes a file or link.", 1, remover(permit.RemoveOptions{Op: "unlink", Files: true})},
	{"rmdir", "path: PathLike", "void", "Removes an empty folder.", 1, remover(permit.RemoveOptions{Op: "rmdir", Folders: true})},
	{"rename", "from: PathLike, to: PathLike", "void", "Moves a file or folder.", 2, func(h *native.Host, call goja.FunctionCall) native.Work {
		from, to := pathOf(h, call.Argument(0), "rename: the path"), pathOf(h, call.Argument(1), "rename: the new path")
		return func(ctx context.Context) (any, error) { return done(permit.From(ctx).Rename(ctx, from, to)) }
	}},
	{"copyFile", "from: PathLike, to: PathLike, mode?: number", "void", "Copies a file; with constants.COPYFILE_EXCL nothing may be there.", 2, copyFile},
	{"chmod", "path: PathLike, mode: number | string", "void", "Changes permission bits.", 2, func(h *native.Host, call goja.FunctionCall) native.Work {
		path, mode := pathOf(h, call.Argument(0), "chmod: the path"), modeOf(h, call.Argument(1), 0, "chmod")
		return func(ctx context.Context) (any, error) { return done(permit.From(ctx).Chmod(ctx, path, mode)) }
	}},
	{"utimes", "path: PathLike, accessed: number | Date, changed: number | Date", "void", "Changes the times of the last access and change: seconds since 1970, or Dates.", 3, utimes},
	{"truncate", "path: PathLike, length?: number", "void", "Cuts a file off, or fills it up with zeros.", 1, truncate},
}

func readFile(h *native.Host, call goja.FunctionCall) native.Work {
	path, opts := pathOf(h, call.Argument(0), "readFile: the path"), optionsOf(h, call.Argument(1), "readFile")
	encoding := opts.encoding()
	return func(ctx context.Context) (any, error) {
		data, err := permit.From(ctx).ReadFile(ctx, path)
		if err != nil {
			return nil, err
		}
		return decoded(h, data, encoding), nil
	}
}

func writer(name, standard string) func(*native.Host, goja.FunctionCall) native.Work {
	return func(h *native.Host, call goja.FunctionCall) native.Work {
		path, opts := pathOf(h, call.Argument(0), name+": the path"), optionsOf(h, call.Argument(2), name)
		data := dataOf(h, call.Argument(1), opts.encoding(), name)
		flag, mode := flagOf(h, opts.get("flag"), standard, name), opts.mode(0o666)
		return func(ctx context.Context) (any, error) {
			return done(permit.From(ctx).WriteFile(ctx, path, data, flag&^(os.O_WRONLY|os.O_RDWR), mode))
		}
	}
}

func mkdir(h *native.Host, call goja.FunctionCall) native.Work {
	path, opts := pathOf(h, call.Argument(0), "mkdir: the path"), options{h: h, what: "mkdir"}
	mode := os.FileMode(0o777)
	if v := call.Argument(1); goja.IsNumber(v) || goja.IsString(v) {
		mode = modeOf(h, v, mode, "mkdir")
	} else {
		opts = optionsOf(h, v, "mkdir")
		mode = opts.mode(mode)
	}
	recursive := opts.is("recursive")
	return func(ctx context.Context) (any, error) {
		first, err := permit.From(ctx).Mkdir(ctx, path, recursive, mode)
		if err != nil || first == "" {
			return nil, err
		}
		return first, nil
	}
}

func mkdtemp(h *native.Host, call goja.FunctionCall) native.Work {
	prefix := native.String(h.Runtime, call.Argument(0), "mkdtemp: the prefix")
	return func(ctx context.Context) (any, error) {
		return permit.From(ctx).MkdirTemp(ctx, prefix, func() string {
			random := make([]byte, 6)
			_, _ = rand.Read(random) // never fails
			return permit.RandomSuffix(random)
		})
	}
}

func readdir(h *native.Host, call goja.FunctionCall) native.Work {
	path, opts := pathOf(h, call.Argument(0), "readdir: the path"), optionsOf(h, call.Argument(1), "readdir")
	if encoding := opts.encoding(); encoding != "" && !strings.HasPrefix(encoding, "utf") {
		native.Throw(h.Runtime, "readdir: names are texts; leave the encoding out")
	}
	typed, recursive := opts.is("withFileTypes"), opts.is("recursive")
	return func(ctx context.Context) (any, error) {
		entries, err := list(ctx, path, "", recursive)
		if err != nil {
			return nil, err
		}
		if !typed {
			names := make([]string, len(entries))
			for i, e := range entries {
				names[i] = filepath.Join(e.below, e.Name())
			}
			return names, nil
		}
		return func() goja.Value { return direntsOf(h, path, entries) }, nil
	}
}

// entry is one entry of a folder; below is its folder, from where the listing
// began.
type entry struct {
	fs.DirEntry
	below string
}

func list(ctx context.Context, path, below string, recursive bool) ([]entry, error) {
	found, err := permit.From(ctx).ReadDir(ctx, filepath.Join(path, below))
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, e := range found {
		entries = append(entries, entry{e, below})
		if !recursive || !e.IsDir() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		inner, err := list(ctx, path, filepath.Join(below, e.Name()), true)
		if err != nil {
			return nil, err
		}
		entries = append(entries, inner...)
	}
	return entries, nil
}

func access(h *native.Host, call goja.FunctionCall) native.Work {
	path, mode := pathOf(h, call.Argument(0), "access: the path"), 0
	if v := call.Argument(1); !native.Missing(v) {
		mode = native.Integer(h.Runtime, v, "access: the mode", 0, 7)
	}
	return func(ctx context.Context) (any, error) { return done(permit.From(ctx).Access(ctx, path, mode)) }
}

func rm(h *native.Host, call goja.FunctionCall) native.Work {
	path, opts := pathOf(h, call.Argument(0), "rm: the path"), optionsOf(h, call.Argument(1), "rm")
	what := permit.RemoveOptions{Op: "rm", Files: true, Contents: opts.is("recursive"), Force: opts.is("force")}
	return func(ctx context.Context) (any, error) { return done(permit.From(ctx).Remove(ctx, path, what)) }
}

func remover(what permit.RemoveOptions) func(*native.Host, goja.FunctionCall) native.Work {
	return func(h *native.Host, call goja.FunctionCall) native.Work {
		path := pathOf(h, call.Argument(0), what.Op+": the path")
		return func(ctx context.Context) (any, error) { return done(permit.From(ctx).Remove(ctx, path, what)) }
	}
}

// copyExclusive is constants.COPYFILE_EXCL.
const copyExclusive = 1

func copyFile(h *native.Host, call goja.FunctionCall) native.Work {
	from, to, mode := pathOf(h, call.Argument(0), "copyFile: the path"), pathOf(h, call.Argument(1), "copyFile: the new path"), 0
	if v := call.Argument(2); !native.Missing(v) {
		mode = native.Integer(h.Runtime, v, "copyFile: the mode", 0, 7)
	}
	return func(ctx context.Context) (any, error) {
		return done(permit.From(ctx).Copy(ctx, from, to, mode&copyExclusive != 0))
	}
}

func utimes(h *native.Host, call goja.FunctionCall) native.Work {
	path := pathOf(h, call.Argument(0), "utimes: the path")
	accessed, changed := timeOf(h, call.Argument(1), "utimes: the time"), timeOf(h, call.Argument(2), "utimes: the time")
	return func(ctx context.Context) (any, error) {
		return done(permit.From(ctx).Chtimes(ctx, path, accessed, changed))
	}
}

// timeOf reads seconds since 1970 or a Date.
func timeOf(h *native.Host, v goja.Value, what string) time.Time {
	if date, ok := v.Export().(time.Time); ok {
		return date
	}
	return time.UnixMicro(int64(native.Float(h.Runtime, v, what) * 1e6))
}

func truncate(h *native.Host, call goja.FunctionCall) native.Work {
	path, length := pathOf(h, call.Argument(0), "truncate: the path"), 0
	if v := call.Argument(1); !native.Missing(v) {
		length = native.Integer(h.Runtime, v, "truncate: the length", 0, 1<<53-1)
	}
	return func(ctx context.Context) (any, error) {
		file, err := permit.From(ctx).Open(ctx, path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return nil, errors.Join(file.Truncate(int64(length)), file.Close())
	}
}
