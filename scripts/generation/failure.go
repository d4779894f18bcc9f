package generation

import (
	"errors"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

// loadError turns what a VM says into a diagnostic with the source around it.
func (g *Generation) loadError(err error) *diagnostic.Error {
	d := diagnostic.Diagnostic{Text: err.Error()}
	var (
		script    *vm.ScriptError
		interrupt *vm.InterruptError
	)
	switch {
	case errors.As(err, &script):
		d.Text = script.Error()
		if script.Name == "" { // not even an Error, so without a position
			d.Text = "the script threw " + script.Message
		}
		d.Text += styleAdvice(script)
		d.Stack = script.Stack
		d.Position = position(script.Position)
	case errors.As(err, &interrupt):
		d.Position = position(interrupt.Position)
		d.Text = interrupt.Cause.Error()
		if interrupt.Waiting {
			d.Text += ": it was still waiting"
		}
	}
	d.Frame = g.Bundle.Frame(d.Position, d.Text)
	return g.failed(err, d)
}

// styleAdvice says of an error that comes of mixed styles of modules what to do;
// "" of others.
func styleAdvice(script *vm.ScriptError) string {
	name, undefined := strings.CutSuffix(script.Message, " is not defined")
	if !undefined || name != "module" && name != "exports" {
		return ""
	}
	return ": it belongs to CommonJS, and a module with import and export, or named .mjs, has none; use export, or require in a file named .cjs"
}

// invalid turns problems of declarations into diagnostics.
func (g *Generation) invalid(problems []workflow.Problem) *diagnostic.Error {
	list := make([]diagnostic.Diagnostic, 0, len(problems))
	for _, p := range problems {
		list = append(list, diagnostic.Diagnostic{
			Position: p.Position, Text: p.Message, Frame: g.Bundle.Frame(p.Position, p.Message),
		})
	}
	return g.failed(nil, list...)
}

func (g *Generation) failed(cause error, list ...diagnostic.Diagnostic) *diagnostic.Error {
	return &diagnostic.Error{File: g.File(), Diagnostics: list, Cause: cause}
}

func position(p vm.Position) workflow.Position {
	return workflow.Position{File: p.File, Line: p.Line, Column: p.Column}
}
