package node

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// spawned is a program that runs beside the script.
type spawned struct {
	*native.Host
	process *permit.Process
}

// start starts a program and gives the natives of what child_process.js makes
// of it.
func start(h *native.Host, call goja.FunctionCall) goja.Value {
	c := commandOf(h, call, "spawn")
	c.Stdin, c.Stdout, c.Stderr = true, true, true
	ctx := h.Context()
	process, err := permit.From(ctx).Start(ctx, c.Program)
	if err != nil {
		h.Throw(err)
	}
	object := h.Runtime.NewObject()
	if err := native.Define(h.Runtime, object, &spawned{h, process}, spawnedMembers); err != nil {
		panic(h.Runtime.NewGoError(err))
	}
	return object
}

// pieceSize is how much of a program's output is read at once.
const pieceSize = 64 << 10

var spawnedMembers = []native.Member[*spawned]{
	{Name: "pid", Get: func(s *spawned, _ goja.FunctionCall) goja.Value { return s.Value(s.process.Pid()) }},
	{Name: "wait", Async: func(s *spawned, _ goja.FunctionCall) native.Work {
		return func(ctx context.Context) (any, error) {
			exit, err := s.process.Wait(ctx)
			if err != nil {
				return nil, err
			}
			return native.Record{{Name: "code", Value: exit.Code}, {Name: "signal", Value: exit.Signal}}, nil
		}
	}},
	{Name: "stdout", Async: func(s *spawned, _ goja.FunctionCall) native.Work { return piece(s.process.Stdout) }},
	{Name: "stderr", Async: func(s *spawned, _ goja.FunctionCall) native.Work { return piece(s.process.Stderr) }},
	{Name: "write", Async: func(s *spawned, call goja.FunctionCall) native.Work {
		data := dataOf(s.Host, call.Argument(0), "", "stdin.write")
		return func(context.Context) (any, error) {
			_, err := s.process.Stdin.Write(data)
			return done(pipeError("write", err))
		}
	}},
	{Name: "end", Async: func(s *spawned, _ goja.FunctionCall) native.Work {
		return func(context.Context) (any, error) { return done(s.process.Stdin.Close()) }
	}},
	{Name: "kill", Call: func(s *spawned, call goja.FunctionCall) goja.Value {
		return s.Value(s.process.Signal(signalOf(s.Host, call.Argument(0), "kill")))
	}},
}

// piece reads what a program has written since; null is the end.
func piece(from io.Reader) native.Work {
	return func(context.Context) (any, error) {
		data := make([]byte, pieceSize)
		n, err := from.Read(data)
		switch {
		case n > 0:
			return data[:n:n], nil
		case errors.Is(err, io.EOF), errors.Is(err, os.ErrClosed):
			return goja.Null(), nil
		}
		return nil, pipeError("read", err)
	}
}

func pipeError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &permit.FileError{Op: op, Err: err}
}
