package bundle_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// withCore is a package of two paths over one core, which reports when it is
// evaluated.
func withCore(source string) *bundle.Package {
	const members = "const $a = /* @__PURE__ */ $native('tool/.core', 'a'); export { $a as a };\nconst $b = /* @__PURE__ */ $native('tool/.core', 'b'); export { $b as b };\n"
	return &bundle.Package{
		Name: "tool", Sources: map[string]string{"tool": members, "tool/more": members},
		Cores:   []*bundle.Core{bundle.NewCore("tool/.core", source), bundle.NewCore("tool/.other", "report('other')")},
		Unknown: func(module, member string) string { return module + " has no " + member },
	}
}

const core = `($native) => {
  report('core of ' + $native('inside').join(1, 2))
  const both = { a: { fail() { throw new TypeError('no') } }, b: 'B' }
  return (member) => both[member]
}`

func buildWith(t *testing.T, source string, p *bundle.Package) *bundle.Bundle {
	t.Helper()
	dir := folder(t, "-- main.js --\n"+source)
	b, err := bundle.Build(filepath.Join(dir, "main.js"), bundle.Options{Base: dir, Modules: modules, Packages: []*bundle.Package{p}})
	if err != nil {
		t.Fatal(describe(err))
	}
	return b
}

func TestACoreIsEvaluatedOnceWhenItIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"one member":     {"import { b } from 'tool'\nreport(b)\n", "core of inside:1/2\nB\n"},
		"of two paths":   {"import { a } from 'tool'\nimport * as more from 'tool/more'\nreport(a === more.a)\n", "core of inside:1/2\ntrue\n"},
		"required":       {"report('first')\nreport(require('tool').b)\n", "first\ncore of inside:1/2\nB\n"},
		"imported alone": {"import { a } from 'tool'\nreport('none')\n", "none\n"},
		"not at all":     {"report('none')\n", "none\n"},
	} {
		t.Run(name, func(t *testing.T) {
			built := buildWith(t, c.source, withCore(core))
			restored, err := bundle.Restore(built.Portable())
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range []*bundle.Bundle{built, restored} {
				for range 2 { // VMs
					if got, end := run(t, b); got != c.want || end.State() != goja.PromiseStateFulfilled {
						t.Errorf("reported %q and ended %v", got, end.Result())
					}
				}
				if strings.Contains(b.Portable().Code, "core of") {
					t.Error("the core is in the bundle")
				}
			}
		})
	}
}

func TestWhatACoreThrows(t *testing.T) {
	for name, c := range map[string]struct{ core, want string }{
		"when it is called":      {core, "TypeError: no\n\tat fail (<tool/.core>:3:38(3))\n\tat main.js:2:3"},
		"when it is evaluated":   {"($native) => { throw new RangeError('never') }", "RangeError: never\n\tat <tool/.core>:1:"},
		"that does not compile":  {"($native) => {", "compile tool/.core: "},
		"that is no function":    {"1", "tool/.core is no function"},
		"that gives no function": {"() => 1", "tool/.core has no members"},
	} {
		t.Run(name, func(t *testing.T) {
			_, end := run(t, buildWith(t, "import { a } from 'tool'\na.fail()\n", withCore(c.core)))
			if end.State() != goja.PromiseStateRejected {
				t.Fatalf("ended %v", end.State())
			}
			thrown := end.Result().(*goja.Object)
			if got := thrown.String() + "\n" + thrown.Get("stack").String(); !strings.Contains(got, c.want) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}
