package console

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

type Level int

const (
	Debug Level = iota
	Info
	Warn
	Error
)

type Sink interface {
	Write(level Level, text string)
}

type Console struct{}

func Install(v *vm.VM, sink Sink) (*Console, error) {
	o := v.Runtime().NewObject()
	for name, level := range map[string]Level{"log": Info, "info": Info, "debug": Debug, "warn": Warn, "error": Error} {
		o.Set(name, func(call goja.FunctionCall) goja.Value {
			var parts []string
			for _, a := range call.Arguments {
				parts = append(parts, a.String())
			}
			sink.Write(level, strings.Join(parts, " "))
			return goja.Undefined()
		})
	}
	return &Console{}, v.Runtime().Set("console", o)
}

func (c *Console) Reset() {}

func (c *Console) Format(values ...goja.Value) string {
	var parts []string
	for _, a := range values {
		parts = append(parts, a.String())
	}
	return strings.Join(parts, " ")
}
