package node

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// handle is an open file as scripts have it.
type handle struct {
	*native.Host
	file *permit.File
}

func open(h *native.Host, call goja.FunctionCall) native.Work {
	path, flag := pathOf(h, call.Argument(0), "open: the path"), flagOf(h, call.Argument(1), "r", "open")
	mode := modeOf(h, call.Argument(2), 0o666, "open")
	return func(ctx context.Context) (any, error) {
		file, err := permit.From(ctx).Open(ctx, path, flag, mode)
		if err != nil {
			return nil, err
		}
		return func() goja.Value { return handleOf(h, file) }, nil
	}
}

func handleOf(h *native.Host, file *permit.File) goja.Value {
	object := h.Runtime.NewObject()
	if err := native.Define(h.Runtime, object, &handle{h, file}, handleMembers); err != nil {
		panic(h.Runtime.NewGoError(err))
	}
	return object
}

// failed words an error of an open file.
func (f *handle) failed(op string, err error) error {
	var limit *permit.LimitError
	if err == nil || errors.As(err, &limit) {
		return err
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &permit.FileError{Op: op, Path: f.file.Path(), Err: err}
}

// handleMembers are the methods of a file handle.
var handleMembers = []native.Member[*handle]{
	{Name: "read", Type: "(buffer: ArrayBufferView, offset?: number, length?: number, position?: number | null): Promise<{ bytesRead: number; buffer: any }>",
		Doc: "Reads into a buffer, from a position or from where the last read ended. 0 bytes are the end.", Length: 1, Async: (*handle).read},
	{Name: "write", Type: "(data: string | ArrayBufferView, offset?: number, length?: number, position?: number | null): Promise<{ bytesWritten: number; buffer: any }>",
		Doc: "Writes data, at a position or where the last write ended. Of a text, the second argument is the position.", Length: 1, Async: (*handle).write},
	{Name: "readFile", Type: "(options?: ReadOptions): Promise<any>", Doc: "Reads on to the end.", Async: (*handle).readFile},
	{Name: "writeFile", Type: "(data: string | ArrayBufferView, options?: WriteOptions): Promise<void>", Doc: "Writes all of the data.", Length: 1, Async: (*handle).writeFile},
	{Name: "appendFile", Type: "(data: string | ArrayBufferView, options?: WriteOptions): Promise<void>", Doc: "Writes all of the data.", Length: 1, Async: (*handle).writeFile},
	{Name: "stat", Type: "(): Promise<Stats>", Doc: "Describes the file.", Async: func(f *handle, _ goja.FunctionCall) native.Work {
		return func(context.Context) (any, error) {
			info, err := f.file.Stat()
			if err != nil {
				return nil, f.failed("fstat", err)
			}
			return func() goja.Value { return statsOf(f.Host, info) }, nil
		}
	}},
	{Name: "truncate", Type: "(length?: number): Promise<void>", Doc: "Cuts the file off.", Async: func(f *handle, call goja.FunctionCall) native.Work {
		length := 0
		if v := call.Argument(0); !native.Missing(v) {
			length = native.Integer(f.Runtime, v, "truncate: the length", 0, 1<<53-1)
		}
		return func(context.Context) (any, error) { return done(f.failed("ftruncate", f.file.Truncate(int64(length)))) }
	}},
	{Name: "sync", Type: "(): Promise<void>", Doc: "Waits until the disk has what was written.", Async: func(f *handle, _ goja.FunctionCall) native.Work {
		return func(context.Context) (any, error) { return done(f.failed("fsync", f.file.Sync())) }
	}},
	{Name: "close", Type: "(): Promise<void>", Doc: "Closes the file. What a run leaves open is closed when it ends.", Async: func(f *handle, _ goja.FunctionCall) native.Work {
		return func(context.Context) (any, error) { return done(f.failed("close", f.file.Close())) }
	}},
}

// window reads offset, length and position, of a buffer of size bytes.
func (f *handle) window(call goja.FunctionCall, size int, what string) (from, n int, position int64) {
	from, position = 0, -1
	if v := call.Argument(1); !native.Missing(v) {
		from = native.Integer(f.Runtime, v, what+": the offset", 0, size)
	}
	n = size - from
	if v := call.Argument(2); !native.Missing(v) {
		n = native.Integer(f.Runtime, v, what+": the length", 0, n)
	}
	if v := call.Argument(3); !native.Missing(v) {
		position = int64(native.Integer(f.Runtime, v, what+": the position", 0, 1<<53-1))
	}
	return from, n, position
}

func (f *handle) read(call goja.FunctionCall) native.Work {
	buffer := call.Argument(0)
	view, ok := native.Bytes(buffer)
	if !ok {
		native.Throw(f.Runtime, "read: the buffer must be a Buffer or a typed array, got %s", native.Describe(buffer))
	}
	from, n, position := f.window(call, len(view), "read")
	return func(context.Context) (any, error) {
		data := make([]byte, n)
		var err error
		if position >= 0 {
			n, err = f.file.ReadAt(data, position)
		} else {
			n, err = f.file.Read(data)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, f.failed("read", err)
		}
		return func() goja.Value {
			if view, ok := native.Bytes(buffer); ok && from+n <= len(view) { // it may have been resized
				copy(view[from:], data[:n])
			}
			return f.Value(native.Record{{Name: "bytesRead", Value: n}, {Name: "buffer", Value: buffer}})
		}, nil
	}
}

func (f *handle) write(call goja.FunctionCall) native.Work {
	data, position := dataOf(f.Host, call.Argument(0), "", "write"), int64(-1)
	if goja.IsString(call.Argument(0)) {
		if v := call.Argument(1); !native.Missing(v) {
			position = int64(native.Integer(f.Runtime, v, "write: the position", 0, 1<<53-1))
		}
	} else {
		var from, n int
		from, n, position = f.window(call, len(data), "write")
		data = data[from : from+n]
	}
	buffer := call.Argument(0) // the arguments are the VM's: off its goroutine they are not read
	return func(context.Context) (any, error) {
		n, err := 0, error(nil)
		if position >= 0 {
			n, err = f.file.WriteAt(data, position)
		} else {
			n, err = f.file.Write(data)
		}
		if err != nil {
			return nil, f.failed("write", err)
		}
		return native.Record{{Name: "bytesWritten", Value: n}, {Name: "buffer", Value: buffer}}, nil
	}
}

func (f *handle) readFile(call goja.FunctionCall) native.Work {
	encoding := optionsOf(f.Host, call.Argument(0), "readFile").encoding()
	return func(ctx context.Context) (any, error) {
		data, err := permit.From(ctx).ReadAll(ctx, f.file, f.file.Path())
		if err != nil {
			return nil, f.failed("read", err)
		}
		return decoded(f.Host, data, encoding), nil
	}
}

func (f *handle) writeFile(call goja.FunctionCall) native.Work {
	data := dataOf(f.Host, call.Argument(0), optionsOf(f.Host, call.Argument(1), "writeFile").encoding(), "writeFile")
	return func(context.Context) (any, error) {
		_, err := f.file.Write(data)
		return done(f.failed("write", err))
	}
}

// constants are fs.constants.
func constants(h *native.Host) goja.Value {
	return h.Value(native.Record{
		{Name: "F_OK", Value: 0}, {Name: "R_OK", Value: 4}, {Name: "W_OK", Value: 2}, {Name: "X_OK", Value: 1}, {Name: "COPYFILE_EXCL", Value: copyExclusive},
		{Name: "O_RDONLY", Value: os.O_RDONLY}, {Name: "O_WRONLY", Value: os.O_WRONLY}, {Name: "O_RDWR", Value: os.O_RDWR},
		{Name: "O_CREAT", Value: os.O_CREATE}, {Name: "O_EXCL", Value: os.O_EXCL}, {Name: "O_TRUNC", Value: os.O_TRUNC}, {Name: "O_APPEND", Value: os.O_APPEND},
	})
}
