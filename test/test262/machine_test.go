package test262

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// maxCPU is what a test may use of the processor: some tests go through all of
// Unicode.
const maxCPU = 2 * time.Minute

// suite is a copy of test262.
type suite struct {
	dir      string
	programs sync.Map // of the harness, by name
}

// harness is a file of the suite's own library, compiled once.
func (s *suite) harness(name string) (*goja.Program, error) {
	if known, ok := s.programs.Load(name); ok {
		return known.(*goja.Program), nil
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "harness", filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	program, err := lowered(name, string(text), false)
	if err != nil {
		return nil, err
	}
	s.programs.Store(name, program)
	return program, nil
}

// lowered is a source in the language that goja reads, as the bundler has it.
func lowered(name, source string, strict bool) (*goja.Program, error) {
	result := api.Transform(source, api.TransformOptions{
		Sourcefile: name, Target: api.ESNext, LogLevel: api.LogLevelSilent, Loader: api.LoaderJS, Charset: api.CharsetUTF8, Supported: bundle.Supported(),
	})
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("SyntaxError: %s", result.Errors[0].Text)
	}
	program, err := goja.Compile("<"+name+">", string(result.Code), strict)
	if err != nil {
		return nil, fmt.Errorf("SyntaxError: %w", err)
	}
	return program, nil
}

// machine is what one test runs on.
type machine struct {
	suite *suite
	vm    *vm.VM
	rt    *goja.Runtime
	done  func(any) error // ends an async test
	said  string
}

func (s *suite) machine() (*machine, error) {
	v := vm.New(vm.Options{MaxCPU: maxCPU})
	if _, err := web.Install(v); err != nil {
		return nil, err
	}
	if err := value.Install(v); err != nil {
		return nil, err
	}
	m := &machine{suite: s, vm: v, rt: v.Runtime(), done: func(any) error { return nil }}
	global := m.rt.GlobalObject()
	for name, member := range map[string]any{"print": m.print, "$262": m.host()} {
		if err := global.DefineDataProperty(name, m.rt.ToValue(member), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *machine) print(text string) {
	if m.said = text; strings.HasPrefix(text, "Test262:Async") {
		_ = m.done(goja.Undefined())
	}
}

// host is $262, without a second realm and without agents.
func (m *machine) host() *goja.Object {
	host := m.rt.NewObject()
	_ = host.Set("global", m.rt.GlobalObject())
	_ = host.Set("gc", func() {})
	_ = host.Set("evalScript", func(source string) goja.Value {
		program, err := goja.Compile("<evalScript>", source, false)
		if err != nil {
			panic(m.thrown("SyntaxError", err.Error()))
		}
		result, err := m.rt.RunProgram(program)
		if err != nil {
			panic(err)
		}
		return result
	})
	_ = host.Set("detachArrayBuffer", func(v goja.Value) {
		buffer, ok := v.Export().(goja.ArrayBuffer)
		if !ok {
			panic(m.rt.NewTypeError("no ArrayBuffer"))
		}
		buffer.Detach()
	})
	return host
}

func (m *machine) thrown(class, message string) *goja.Object {
	made, err := m.rt.New(m.rt.Get(class), m.rt.ToValue(message))
	if err != nil {
		panic(err)
	}
	return made
}

// outcome is nil when the test passes.
func (s *suite) outcome(ctx context.Context, t test) error {
	body, err := s.body(t)
	if err != nil {
		return t.judge(err, true)
	}
	m, err := s.machine()
	if err != nil {
		return err
	}
	err = m.vm.Run(ctx, vm.Call{Name: "the test", Start: func() (goja.Value, error) { return m.start(t, body) }})
	if err = t.judge(err, false); err == nil && t.has("async") && m.said != "Test262:AsyncTestComplete" {
		err = errors.New(m.said)
	}
	return err
}

// body compiles a test: a module with all it imports, or a script.
func (s *suite) body(t test) (func(*goja.Runtime) (goja.Value, error), error) {
	if t.has("module") {
		built, err := bundle.Build(filepath.Join(s.dir, "test", filepath.FromSlash(t.path)), bundle.Options{})
		if err != nil {
			return nil, fmt.Errorf("SyntaxError: %w", err)
		}
		return func(rt *goja.Runtime) (goja.Value, error) {
			return built.Evaluate(rt, func(string, string) goja.Value { return goja.Undefined() })
		}, nil
	}
	program, err := lowered(t.path, "\"use strict\";\n"+t.source, true)
	return func(rt *goja.Runtime) (goja.Value, error) { return rt.RunProgram(program) }, err
}

// start evaluates the harness and the test, and gives what the run waits for.
func (m *machine) start(t test, body func(*goja.Runtime) (goja.Value, error)) (goja.Value, error) {
	includes := []string{"assert.js", "sta.js"}
	if t.has("async") {
		includes = append(includes, "doneprintHandle.js")
	}
	for _, name := range append(includes, t.Includes...) {
		program, err := m.suite.harness(name)
		if err != nil {
			return nil, err
		}
		if _, err := m.rt.RunProgram(program); err != nil {
			return nil, err
		}
	}
	var printed goja.Value
	if t.has("async") {
		promise, resolve, _ := m.rt.NewPromise()
		printed, m.done = m.rt.ToValue(promise), resolve
	}
	result, err := body(m.rt)
	if printed != nil || !t.has("module") {
		return printed, err
	}
	return result, err
}

// judge gives what is wrong with how a test ended, early when it was not run.
func (t test) judge(err error, early bool) error {
	if t.Negative.Type == "" {
		return err
	}
	if err == nil {
		return fmt.Errorf("no %s", t.Negative.Type)
	}
	if wanted := t.Negative.Phase != "runtime"; wanted != early {
		return fmt.Errorf("not when %s is expected: %w", t.Negative.Phase, err)
	}
	if !strings.Contains(err.Error(), t.Negative.Type) {
		return fmt.Errorf("no %s: %w", t.Negative.Type, err)
	}
	return nil
}
