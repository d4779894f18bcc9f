package hatchet

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

func TestMembersOfAPayload(t *testing.T) {
	for text, want := range map[string]string{
		`{"input":{"a":[1,{"b":"}\",{"}]},"parents":{}}`: `{"a":[1,{"b":"}\",{"}]}`,
		` { "parents" : [] , "input" : 5 } `:             `5`,
		`{"input":null}`:                                 `null`,
		`{"input":"text, with \\"}`:                      `"text, with \\"`,
		`{}`:                                             `absent`,
		`{"other":{"input":1}}`:                          `absent`,
		`{"input":1,"input":2}`:                          `2`,
		`{"in\u0070ut":3}`:                               `3`,
		`[]`:                                             `absent`,
		`null`:                                           `absent`,
	} {
		r := Install(vm.New(vm.Options{}))
		v, err := (&payload{realm: r, text: []byte(text)}).get("input")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		encoded, err := r.encoder.Encode(v)
		got := string(encoded)
		if encoded == nil {
			got = "absent"
		}
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}

func TestPayloadsThatAreNoJSON(t *testing.T) {
	for _, text := range []string{``, `{`, `{"input"`, `{"input":`, `{"input":}`, `{"input":1`, `{"input":"`, `{"input":{]}`, `{"input":1 2}`, `{"input":1}}`[:10]} {
		r := Install(vm.New(vm.Options{}))
		if v, err := (&payload{realm: r, text: []byte(text)}).get("input"); err == nil {
			t.Errorf("%s: %v", text, v)
		}
	}
}

// For valid JSON, the scanner finds what a parser finds.
func FuzzMemberText(f *testing.F) {
	for _, seed := range []string{`{"input":{"a":"\\\"}"},"b":[]}`, `{"a":{"input":1},"input":[[["x"]]]}`, ` {"x" : "y","input":-1e5 }`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var members map[string]json.RawMessage
		valid := json.Unmarshal([]byte(text), &members) == nil && strings.HasPrefix(strings.TrimSpace(text), "{")
		got, found, plain := memberText([]byte(text), "input")
		if !valid || !plain {
			return
		}
		want, there := members["input"]
		if there != found || strings.TrimSpace(string(got)) != string(want) {
			t.Errorf("%q: %q, %v; want %q", text, got, found, want)
		}
	})
}
