package console

import (
	"fmt"
	"math"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/inspect"
)

// Members are the methods of console.
var Members = []native.Member[*Console]{
	{Name: "log", Type: "(...data: any[]): void",
		Doc:  "Writes a message of level INFO to the task's log. A first string may hold %s %d %i %f %j %o %O.",
		Call: write(Info)},
	{Name: "info", Type: "(...data: any[]): void",
		Doc:  "The same as log.",
		Call: write(Info)},
	{Name: "debug", Type: "(...data: any[]): void",
		Doc:  "Writes a message of level DEBUG.",
		Call: write(Debug)},
	{Name: "warn", Type: "(...data: any[]): void",
		Doc:  "Writes a message of level WARN.",
		Call: write(Warn)},
	{Name: "error", Type: "(...data: any[]): void",
		Doc:  "Writes a message of level ERROR.",
		Call: write(Error)},
	{Name: "trace", Type: "(...data: any[]): void",
		Doc:  "Writes a message of level ERROR with the stack of the call.",
		Call: trace},
	{Name: "assert", Type: "(condition?: boolean, ...data: any[]): void",
		Doc:  "Writes a message of level ERROR unless the condition holds.",
		Call: assert},
	{Name: "dir", Type: "(item?: any, options?: { depth?: number | null }): void",
		Doc:    "Shows a value to a depth.",
		Length: 1, Call: dir},
	{Name: "dirxml", Type: "(...data: any[]): void",
		Doc:  "The same as log.",
		Call: write(Info)},
	{Name: "table", Type: "(data?: any, columns?: string[]): void",
		Doc:    "Shows rows of objects or arrays as a table.",
		Length: 1, Call: table},
	{Name: "group", Type: "(...label: any[]): void",
		Doc:  "Indents what follows, up to groupEnd.",
		Call: group},
	{Name: "groupCollapsed", Type: "(...label: any[]): void",
		Doc:  "The same as group.",
		Call: group},
	{Name: "groupEnd", Type: "(): void",
		Doc:  "Ends the innermost group.",
		Call: groupEnd},
	{Name: "count", Type: "(label?: string): void",
		Doc:  "Counts its calls and writes the count.",
		Call: count},
	{Name: "countReset", Type: "(label?: string): void",
		Doc:  "Begins a count anew.",
		Call: countReset},
	{Name: "time", Type: "(label?: string): void",
		Doc:  "Starts a timer.",
		Call: startTimer},
	{Name: "timeLog", Type: "(label?: string, ...data: any[]): void",
		Doc:  "Writes how long a timer has run.",
		Call: timeLog},
	{Name: "timeEnd", Type: "(label?: string): void",
		Doc:  "Writes how long a timer has run, and ends it.",
		Call: timeEnd},
}

func write(level Level) func(*Console, goja.FunctionCall) goja.Value {
	return func(c *Console, call goja.FunctionCall) goja.Value {
		c.write(level, c.Format(call.Arguments...))
		return goja.Undefined()
	}
}

// trace writes its arguments with the stack of the call.
func trace(c *Console, call goja.FunctionCall) goja.Value {
	text := "Trace"
	if len(call.Arguments) > 0 {
		text += ": " + c.Format(call.Arguments...)
	}
	here, err := c.rt.New(c.rt.Get("Error"))
	if err == nil {
		if stack := here.Get("stack"); stack != nil {
			text = inspect.Stack(text, stack.String())
		}
	}
	c.write(Error, text)
	return goja.Undefined()
}

func assert(c *Console, call goja.FunctionCall) goja.Value {
	if call.Argument(0).ToBoolean() {
		return goja.Undefined()
	}
	text := "Assertion failed"
	if len(call.Arguments) > 1 {
		text += ": " + c.Format(call.Arguments[1:]...)
	}
	c.write(Error, text)
	return goja.Undefined()
}

// dir shows a value as it is, even a string, to the depth asked for.
func dir(c *Console, call goja.FunctionCall) goja.Value {
	opts := inspect.Options{Depth: inspect.DefaultDepth}
	if given, ok := call.Argument(1).(*goja.Object); ok {
		switch depth := given.Get("depth"); {
		case depth == nil || goja.IsUndefined(depth):
		case goja.IsNull(depth) || math.IsInf(depth.ToFloat(), 1):
			opts.Depth = -1
		default:
			opts.Depth = int(depth.ToInteger())
		}
	}
	c.write(Info, c.Inspector().Inspect(call.Argument(0), opts))
	return goja.Undefined()
}

const groupIndent = "  "

func group(c *Console, call goja.FunctionCall) goja.Value {
	if len(call.Arguments) > 0 {
		c.write(Info, c.Format(call.Arguments...))
	}
	const deepest = 40
	if len(c.indent) < deepest*len(groupIndent) {
		c.indent += groupIndent
	}
	return goja.Undefined()
}

func groupEnd(c *Console, _ goja.FunctionCall) goja.Value {
	c.indent = c.indent[:max(0, len(c.indent)-len(groupIndent))]
	return goja.Undefined()
}

func label(call goja.FunctionCall) string {
	if v := call.Argument(0); !goja.IsUndefined(v) {
		return v.String()
	}
	return "default"
}

func count(c *Console, call goja.FunctionCall) goja.Value {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	name := label(call)
	c.counts[name]++
	c.write(Info, fmt.Sprintf("%s: %d", name, c.counts[name]))
	return goja.Undefined()
}

func countReset(c *Console, call goja.FunctionCall) goja.Value {
	name := label(call)
	if c.counts[name] == 0 {
		c.write(Warn, fmt.Sprintf("Count for '%s' does not exist", name))
	}
	delete(c.counts, name)
	return goja.Undefined()
}

func startTimer(c *Console, call goja.FunctionCall) goja.Value {
	name := label(call)
	if _, running := c.timers[name]; running {
		c.write(Warn, fmt.Sprintf("Label '%s' already exists for console.time()", name))
		return goja.Undefined()
	}
	if c.timers == nil {
		c.timers = map[string]time.Time{}
	}
	c.timers[name] = c.vm.Options().Clock.Now()
	return goja.Undefined()
}

func timeLog(c *Console, call goja.FunctionCall) goja.Value {
	c.reportTimer(call, "timeLog")
	return goja.Undefined()
}

func timeEnd(c *Console, call goja.FunctionCall) goja.Value {
	if c.reportTimer(call, "timeEnd") {
		delete(c.timers, label(call))
	}
	return goja.Undefined()
}

func (c *Console) reportTimer(call goja.FunctionCall, method string) bool {
	name := label(call)
	begun, running := c.timers[name]
	if !running {
		c.write(Warn, fmt.Sprintf("No such label '%s' for console.%s()", name, method))
		return false
	}
	text := name + ": " + elapsed(c.vm.Options().Clock.Now().Sub(begun))
	if method == "timeLog" && len(call.Arguments) > 1 {
		text += " " + c.Format(call.Arguments[1:]...)
	}
	c.write(Info, text)
	return true
}

// elapsed renders 12.345ms, 1.234s, 2:03.456 (m:ss.mmm) or 1:02:03 (h:mm:ss).
func elapsed(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d < time.Second:
		return fmt.Sprintf("%.3gms", ms)
	case d < time.Minute:
		return fmt.Sprintf("%.3fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d:%06.3f (m:ss.mmm)", int(d.Minutes()), math.Mod(d.Seconds(), 60))
	}
	return fmt.Sprintf("%d:%02d:%02d (h:mm:ss)", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}
