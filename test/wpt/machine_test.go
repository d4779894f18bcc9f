package wpt

import (
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/console"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// outcome is what became of one test of the suite.
type outcome struct {
	Name    string `json:"name"`
	Status  int    `json:"status"` // 0 is passed
	Message string `json:"message"`
}

//go:embed testdata/begin.js
var beginSource string

//go:embed testdata/end.js
var endSource string

// suite is a copy of the Web Platform Tests.
type suite struct{ dir string }

func (s suite) read(from, path string) (string, error) {
	if strings.HasPrefix(path, "/") {
		path = filepath.Join(s.dir, path)
	} else {
		path = filepath.Join(filepath.Dir(from), path)
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// meta are the values of a key in the comments at the head of a test.
func meta(source, key string) []string {
	var values []string
	for line := range strings.Lines(source) {
		if !strings.HasPrefix(line, "//") {
			break
		}
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "// META: "+key+"="); ok {
			values = append(values, value)
		}
	}
	return values
}

// lowered is source in the language that goja reads, as the bundler has it.
func lowered(name, source string) (*goja.Program, error) {
	result := api.Transform(source, api.TransformOptions{
		Sourcefile: name, Target: api.ESNext, LogLevel: api.LogLevelSilent, Loader: api.LoaderJS, Charset: api.CharsetUTF8,
		Supported: bundle.Supported(),
	})
	text := string(result.Code)
	if len(result.Errors) > 0 {
		text = source // what is wrong with it, goja says as well
	}
	return goja.Compile(name, text, false)
}

type sink struct{ t *testing.T }

func (s sink) Write(_ console.Level, text string) { s.t.Log(text) }

// run runs one file, or one variant of it, in a VM of its own.
func (s suite) run(t *testing.T, file, variant string) ([]outcome, error) {
	v := vm.New(vm.Options{})
	if _, err := web.Install(v); err != nil {
		return nil, err
	}
	if err := value.Install(v); err != nil {
		return nil, err
	}
	if _, err := console.Install(v, sink{t}); err != nil {
		return nil, err
	}
	programs, err := s.programs(file)
	if err != nil {
		return nil, err
	}
	rt := v.Runtime()
	_ = rt.Set("variant", variant)
	_ = rt.Set("readSuite", func(path string) string {
		text, err := s.read(file, path)
		if err != nil {
			panic(rt.NewTypeError(err.Error()))
		}
		return text
	})
	door, err := permit.NewDoor(permit.Options{Dir: t.TempDir()})
	if err != nil {
		return nil, err
	}
	run, ctx := door.Enter(t.Context(), permit.Task{Workflow: "w", Task: "a", Run: "r"})
	defer run.Leave()
	var list []outcome
	err = v.Run(ctx, vm.Call{
		Name:   "the test",
		Start:  func() (goja.Value, error) { return evaluated(rt, programs) },
		Settle: func(v goja.Value) error { return json.Unmarshal([]byte(v.String()), &list) },
	})
	return list, err
}

// programs are the parts of a test: the harness, what the test names, itself.
func (s suite) programs(file string) ([]*goja.Program, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	begin := goja.MustCompile("<begin>", beginSource, false)
	list := []*goja.Program{begin}
	for _, path := range append([]string{"/resources/testharness.js"}, meta(string(source), "script")...) {
		text, err := s.read(file, path)
		if err != nil {
			return nil, err
		}
		program, err := lowered(filepath.Base(path), text)
		if err != nil {
			return nil, err
		}
		list = append(list, program)
		if path == "/resources/testharness.js" {
			list = append(list, goja.MustCompile("<end>", endSource, false))
		}
	}
	program, err := lowered(filepath.Base(file), string(source))
	if err != nil {
		return nil, err
	}
	return append(list, program, goja.MustCompile("<result>", "globalThis.loaded()", false)), nil
}

func evaluated(rt *goja.Runtime, programs []*goja.Program) (last goja.Value, err error) {
	for _, program := range programs {
		if last, err = rt.RunProgram(program); err != nil {
			return nil, err
		}
	}
	return last, nil
}
