// Package console is the console of scripts: the methods that Node has, writing
// whole messages to a sink.
package console

import (
	"strings"
	"sync"
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
	inspector *inspect.Inspector // made on first use, for it touches many builtins

	indent string
	counts map[string]int
	timers map[string]time.Time
}

// Install defines the global console of a new VM.
func Install(v *vm.VM, sink Sink) (*Console, error) {
	c := &Console{vm: v, rt: v.Runtime(), sink: sink}
	c.Reset()
	object := c.rt.NewObject()
	if err := methods().Define(c.rt, object, c); err != nil {
		return nil, err
	}
	return c, c.rt.GlobalObject().DefineDataProperty("console", object, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

var methods = sync.OnceValue(func() *native.Table[*Console] { return native.NewTable(Members) })

// Reset forgets groups, counters and timers, for a run that has nothing to do
// with the one before.
func (c *Console) Reset() { c.indent, c.counts, c.timers = "", nil, nil }

// Format renders values as console.log does.
func (c *Console) Format(values ...goja.Value) string {
	if len(values) == 1 && goja.IsString(values[0]) {
		return values[0].String() // nothing to inspect
	}
	return c.Inspector().Format(values...)
}

// Inspector returns the inspector the console works with. Like all of this
// package it throws if the script has broken the builtins that it needs.
func (c *Console) Inspector() *inspect.Inspector {
	if c.inspector == nil {
		made, err := inspect.New(c.rt)
		if err != nil {
			panic(c.rt.NewGoError(err))
		}
		c.inspector = made
	}
	return c.inspector
}

// write indents a message by its groups and hands it on.
func (c *Console) write(level Level, text string) {
	if c.indent != "" {
		text = c.indent + strings.ReplaceAll(text, "\n", "\n"+c.indent)
	}
	c.sink.Write(level, text)
}
