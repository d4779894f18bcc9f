package cel

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

func vars(pairs ...string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return out
}

// hatchet-protocol.md section 5.5.
func TestEval(t *testing.T) {
	step := vars("input", `{"customer":"a","n":3,"deep":{"x":[1,2]},"ok":true}`, "additional_metadata", `{"k":"v"}`, "workflow_run_id", `"id"`)
	filter := vars("input", `{"n":1}`, "payload", `{"p":2}`, "additional_metadata", `{}`, "event_id", `"e"`, "event_key", `"k"`)
	tests := []struct {
		env        core.Environment
		expression string
		variables  map[string]json.RawMessage
		want       any // an error if it is one, by part of its text
	}{
		{core.EnvStep, "input.customer", step, "a"},
		{core.EnvStep, "input.customer + '-' + additional_metadata.k + workflow_run_id", step, "a-vid"},
		{core.EnvStep, "input.n", step, 3.0},
		{core.EnvStep, "7", step, int64(7)},
		{core.EnvStep, "input.n > 2 ? 'big' : 'small'", step, "big"},
		{core.EnvStep, "'A,B'.split(',')[0].lowerAscii()", step, "a"},
		{core.EnvStep, "'x'.checksum()", step, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},
		{core.EnvStep, "input.missing", step, errorText("no such key")},
		{core.EnvStep, "input.deep", step, errorText("not a bool, string or number")},
		{core.EnvStep, "parents.a.b", step, errorText("undeclared")},
		{core.EnvParent, "output.x == 1 && has(output.y)", vars("output", `{"x":1,"y":null}`), true},
		{core.EnvUserEvent, "input.status in ['a', 'b']", vars("input", `{"status":"c"}`), false},
		{core.EnvFilter, "input.n == 1 && payload.p == 2 && event_key == 'k'", filter, true},
		{core.EnvFilter, "'x'.checksum() == ''", filter, errorText("checksum")},
		{core.EnvStep, "[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, [1,2,3,4,5,6,7,8,9].all(f, [1,2,3,4,5,6,7,8,9].all(g, true)))))))",
			step, errorText("cost limit")},
	}
	e := New()
	for _, tt := range tests {
		t.Run(string(tt.env)+" "+tt.expression, func(t *testing.T) {
			got, err := e.Eval(tt.env, tt.expression, tt.variables)
			if want, ok := tt.want.(errorText); ok {
				if err == nil || !strings.Contains(err.Error(), string(want)) {
					t.Fatalf("value %v, error %v, want an error with %q", got, err, want)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Fatalf("value %v (%T), error %v, want %v", got, got, err, tt.want)
			}
		})
	}
}

type errorText string

// hatchet-protocol.md section 5.5: what compiles at registration.
func TestCheck(t *testing.T) {
	e := New()
	for _, expression := range []string{"input.a", "parents.a.b", "'x'.checksum()"} {
		if err := e.Check(core.EnvStep, expression); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
	}
	for _, expression := range []string{"", "input.", "output.x", "unknown(1)", "1 + 'a'"} {
		if err := e.Check(core.EnvStep, expression); err == nil {
			t.Errorf("%q compiles", expression)
		}
	}
	if err := e.Check("nowhere", "true"); err == nil {
		t.Error("an unknown environment compiles")
	}
}

func FuzzEval(f *testing.F) {
	f.Add("input.a", `{"a":1}`)
	f.Add("input.a.b[0] + 'x'", `{"a":{"b":["c"]}}`)
	f.Fuzz(func(t *testing.T, expression, input string) {
		e := New()
		checked := e.Check(core.EnvUserEvent, expression)
		_, err := e.Eval(core.EnvUserEvent, expression, vars("input", input, "output", "{}"))
		if checked != nil && err == nil {
			t.Fatalf("%q evaluates but does not compile: %v", expression, checked)
		}
	})
}

func BenchmarkEval(b *testing.B) {
	e := New()
	v := vars("input", `{"customer":"a","n":3}`)
	for b.Loop() {
		if _, err := e.Eval(core.EnvUserEvent, "input.customer == 'a'", v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if err := New().Check(core.EnvStep, "input.a"); err != nil {
			b.Fatal(err)
		}
	}
}
