package intl_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// prelude are the names that testdata/write.mjs gives to Node.
const prelude = `const L = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'en-IN', 'de', 'de-AT', 'de-CH', 'fr', 'fr-CA', 'es', 'es-MX', 'it', 'nl', 'pt', 'pt-PT', 'pl', 'sv', 'da', 'nb', 'fi', 'cs', 'ja', 'zh'], d = new Date(Date.UTC(2026, 0, 5, 15, 4, 9, 78)), Z = { timeZone: 'UTC' }
const flat = (value) => (Array.isArray(value) ? '[' + value.map(flat).join(' | ') + ']' : String(value))
`

func evaluate(t testing.TB, v *vm.VM, expression string) string {
	t.Helper()
	var got string
	err := v.Run(context.Background(), vm.Call{Start: func() (goja.Value, error) {
		value, err := v.Runtime().RunScript("test.js", "(() => {"+prelude+"return flat("+expression+")})()")
		if err == nil {
			got = value.String()
		}
		return value, err
	}})
	if err != nil {
		return err.Error()
	}
	return got
}

func newVM(t testing.TB) *vm.VM {
	t.Helper()
	v := vm.New(vm.Options{})
	if _, err := web.Install(v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFormatsAreThoseOfNode(t *testing.T) {
	expressions, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	answers, err := os.ReadFile("testdata/node.txt")
	if err != nil {
		t.Fatal(err)
	}
	told := strings.Split(strings.TrimSpace(string(answers)), "\n")
	v, n := newVM(t), 0
	for line := range strings.Lines(string(expressions)) {
		expression := strings.TrimSpace(line)
		if expression == "" || strings.HasPrefix(expression, "//") {
			continue
		}
		var want string
		if err := json.Unmarshal([]byte(told[n]), &want); err != nil {
			t.Fatal(err)
		}
		n++
		if got := evaluate(t, v, expression); got != want {
			t.Errorf("%s\n%s", expression, difference(got, want))
		}
	}
	if n != len(told) || n < 60 {
		t.Errorf("%d expressions, %d answers", n, len(told))
	}
}

// difference shows the pieces that differ.
func difference(got, want string) string {
	gots, wants := strings.Split(got, " | "), strings.Split(want, " | ")
	if len(gots) != len(wants) {
		return "got  " + got + "\nwant " + want
	}
	var out strings.Builder
	for i := range gots {
		if gots[i] != wants[i] {
			out.WriteString("got  " + gots[i] + "\nwant " + wants[i] + "\n")
		}
	}
	return out.String()
}

func BenchmarkDateTimeFormat(b *testing.B) {
	v := newVM(b)
	evaluate(b, v, "Intl.DateTimeFormat('en').format(0)")
	b.ResetTimer()
	for b.Loop() {
		evaluate(b, v, "(() => { for (let i = 0; i < 100; i++) new Intl.DateTimeFormat('en', { month: 'long', day: 'numeric', hour: 'numeric', timeZone: 'Europe/Berlin' }).format(d) })()")
	}
}

func BenchmarkFirstUse(b *testing.B) {
	for b.Loop() {
		evaluate(b, newVM(b), "new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin' }).format(d)")
	}
}

func BenchmarkNumberToLocaleString(b *testing.B) {
	v := newVM(b)
	for b.Loop() {
		evaluate(b, v, "(() => { for (let i = 0; i < 100; i++) (1234.5).toLocaleString() })()")
	}
}
