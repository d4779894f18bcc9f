package node

import (
	"context"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

func stat(name string, follow bool) func(*native.Host, goja.FunctionCall) native.Work {
	return func(h *native.Host, call goja.FunctionCall) native.Work {
		path := pathOf(h, call.Argument(0), name+": the path")
		return func(ctx context.Context) (any, error) {
			info, err := permit.From(ctx).Stat(ctx, path, follow)
			if err != nil {
				return nil, err
			}
			return func() goja.Value { return statsOf(h, info) }, nil
		}
	}
}

// fileKinds are the methods of Stats and Dirent.
var fileKinds = map[string]func(fs.FileMode) bool{
	"isFile": fs.FileMode.IsRegular, "isDirectory": fs.FileMode.IsDir,
	"isSymbolicLink":    func(m fs.FileMode) bool { return m&fs.ModeSymlink != 0 },
	"isFIFO":            func(m fs.FileMode) bool { return m&fs.ModeNamedPipe != 0 },
	"isSocket":          func(m fs.FileMode) bool { return m&fs.ModeSocket != 0 },
	"isCharacterDevice": func(m fs.FileMode) bool { return m&fs.ModeCharDevice != 0 },
	"isBlockDevice":     func(m fs.FileMode) bool { return m&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice },
}

// kindPrototype is behind all Stats and Dirents of a VM. What a file is, they
// keep under a symbol.
type kindPrototype struct {
	object *goja.Object
	kind   *goja.Symbol
}

func kindsOf(h *native.Host) *kindPrototype {
	return native.Local(h, func() *kindPrototype {
		p := &kindPrototype{h.Runtime.NewObject(), goja.NewSymbol("kind")}
		for name, is := range fileKinds {
			method := native.Function(h.Runtime, name, 0, func(call goja.FunctionCall) goja.Value {
				object, ok := call.This.(*goja.Object)
				if !ok || object.GetSymbol(p.kind) == nil {
					native.Throw(h.Runtime, "%s must be called on Stats or a Dirent", name)
				}
				return h.Runtime.ToValue(is(fs.FileMode(object.GetSymbol(p.kind).ToInteger())))
			})
			_ = p.object.DefineDataProperty(name, method, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
		}
		return p
	})
}

func (p *kindPrototype) make(h *native.Host, mode fs.FileMode) *goja.Object {
	object := h.Runtime.CreateObject(p.object)
	_ = object.DefineDataPropertySymbol(p.kind, h.Runtime.ToValue(int64(mode)), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	return object
}

// statsOf makes Stats.
func statsOf(h *native.Host, info fs.FileInfo) goja.Value {
	object := kindsOf(h).make(h, info.Mode())
	sys := systemStats(info)
	for _, f := range []native.Field{
		{Name: "dev", Value: sys.dev}, {Name: "ino", Value: sys.ino}, {Name: "mode", Value: sys.mode}, {Name: "nlink", Value: sys.links},
		{Name: "uid", Value: sys.uid}, {Name: "gid", Value: sys.gid}, {Name: "size", Value: info.Size()},
	} {
		_ = object.Set(f.Name, f.Value)
	}
	for name, at := range map[string]time.Time{"atime": sys.accessed, "mtime": info.ModTime(), "ctime": sys.changed, "birthtime": sys.changed} {
		ms := float64(at.UnixMicro()) / 1000
		date, err := h.Runtime.New(h.Runtime.Get("Date"), h.Runtime.ToValue(ms))
		if err != nil {
			panic(err)
		}
		_ = object.Set(name+"Ms", ms)
		_ = object.Set(name, date)
	}
	return object
}

// direntsOf makes the Dirents of a listing of path.
func direntsOf(h *native.Host, path string, entries []entry) goja.Value {
	values := make([]any, len(entries))
	for i, e := range entries {
		object := kindsOf(h).make(h, e.Type())
		_ = object.Set("name", e.Name())
		_ = object.Set("parentPath", filepath.Join(path, e.below))
		values[i] = object
	}
	return h.Runtime.NewArray(values...)
}

// sysStats is what the system knows beyond Go's own description.
type sysStats struct {
	dev, ino, links   int64
	mode, uid, gid    int64
	accessed, changed time.Time
}
