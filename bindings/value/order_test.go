package value_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

func TestOrdered(t *testing.T) {
	for text, want := range map[string]string{
		`{"ticketId":1,"body":2,"a":{"z":[{"bb":1,"a":1e400}],"y":"}\",{"}}`: `{"a":{"y":"}\",{","z":[{"a":1e400,"bb":1}]},"body":2,"ticketId":1}`,
		" [ 1.50 , true,null ,\n\"x y\" ] ":                                  `[1.50,true,null,"x y"]`,
		`{"b":1,"a":1,"b":2}`:                                                `{"a":1,"b":1,"b":2}`,
		`{"\u0062":1,"a":2}`:                                                 `{"a":2,"\u0062":1}`,
		`"\ud800"`:                                                           `"\ud800"`,
		`{}`:                                                                 `{}`, `[]`: `[]`, ` 7`: `7`, ``: ``, `{"b":1,"a"}`: `{"b":1,"a"}`,
	} {
		if got := string(value.Ordered([]byte(text))); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	deep := strings.Repeat(`{"b":1,"a":`, 1000) + "1" + strings.Repeat("}", 1000)
	once := value.Ordered([]byte(deep))
	if !strings.HasPrefix(string(once), `{"a":{"a":`) || string(value.Ordered(once)) != string(once) {
		t.Errorf("deep objects: %.60s", once)
	}
}

func FuzzOrdered(f *testing.F) {
	for _, text := range []string{`{"b":{"d":1,"c":[]},"a":"\\\""}`, `[{}, {"":0}]`, ` -1e5 `, `{"a":1,"a":2}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := value.Ordered([]byte(text))
		if !json.Valid([]byte(text)) {
			if string(got) != text {
				t.Fatalf("%q became %q", text, got)
			}
			return
		}
		var before, after any
		if json.Unmarshal([]byte(text), &before) == nil && (json.Unmarshal(got, &after) != nil || !reflect.DeepEqual(before, after)) {
			t.Fatalf("%q became %q", text, got)
		}
		if again := value.Ordered(got); string(again) != string(got) {
			t.Fatalf("%q became %q, and that %q", text, got, again)
		}
	})
}
