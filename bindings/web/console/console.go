// Package console is the console of scripts: the methods that Node has, writing
// whole messages to a sink.
package console

import (
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/inspect"
)

// Level says how serious a message is.
type Level int

// Levels, the least serious first.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Sink takes what is written, on the VM's goroutine. A message may have several
// lines and does not end in a newline.
type Sink interface {
	Write(level Level, text string)
}

// Console is the console of one VM.
type Console struct {
	vm        *vm.VM
	rt        *goja.Runtime
	sink      Sink
	inspector *inspect.Inspector

	indent string
	counts map[string]int
	timers map[string]time.Time
}

// Install defines the global console of a new VM.
func Install(v *vm.VM, sink Sink) (*Console, error) {
	inspector, err := inspect.New(v.Runtime())
	if err != nil {
		return nil, err
	}
	c := &Console{vm: v, rt: v.Runtime(), sink: sink, inspector: inspector}
	c.Reset()
	object := c.rt.NewObject()
	for _, m := range Members {
		// Enumerable, as console's methods are everywhere.
		method := native.Function(c.rt, m.Name, m.Length, func(call goja.FunctionCall) goja.Value { return m.Call(c, call) })
		if err := object.Set(m.Name, method); err != nil {
			return nil, err
		}
	}
	return c, c.rt.GlobalObject().DefineDataProperty("console", object, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// Reset forgets groups, counters and timers, for a run that has nothing to do
// with the one before.
func (c *Console) Reset() { c.indent, c.counts, c.timers = "", nil, nil }

// Format renders values as console.log does.
func (c *Console) Format(values ...goja.Value) string { return c.inspector.Format(values...) }

// Inspector returns the inspector the console works with.
func (c *Console) Inspector() *inspect.Inspector { return c.inspector }

// write indents a message by its groups and hands it on.
func (c *Console) write(level Level, text string) {
	if c.indent != "" {
		text = c.indent + strings.ReplaceAll(text, "\n", "\n"+c.indent)
	}
	c.sink.Write(level, text)
}
