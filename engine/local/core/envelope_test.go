package core

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// Every command has a kind of its own that leads back to it.
func TestEnvelope(t *testing.T) {
	for kind, typ := range commandTypes {
		cmd := reflect.New(typ).Elem().Interface().(Command)
		equal(t, "kind", cmd.kind(), kind)
		data, err := Encode(cmd)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, cmd) {
			t.Fatalf("%s comes back as %+v", data, back)
		}
	}
}

func TestEnvelopeRefusals(t *testing.T) {
	for data, want := range map[string]string{
		``:                               "decode command",
		`{"k":"tick","v":2,"b":{}}`:      "version 2",
		`{"k":"tock","v":1,"b":{}}`:      `kind "tock"`,
		`{"k":"tick","v":1,"b":[]}`:      `decode command "tick"`,
		`{"k":"tick","v":1,"b":{"x":1}}`: "unknown field",
	} {
		if _, err := Decode([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

// Whatever decodes encodes to something that decodes to the same, and applying
// it leaves the state in order.
func FuzzDecode(f *testing.F) {
	for kind, typ := range commandTypes {
		data, err := Encode(reflect.New(typ).Elem().Interface().(Command))
		if err != nil {
			f.Fatal(kind, err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"k":"put_workflow","v":1,"b":{"def":{"name":"a","tasks":[{"name":"a","action":"a:a"}]}}}`))
	f.Add([]byte(`{"k":"trigger","v":1,"b":{"seed":"5b1ac0de-8d1f-4a53-9d6a-2f0c35d2f7b1","items":[{"wf":"one"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		cmd, err := Decode(data)
		if err != nil {
			return
		}
		once, err := Encode(cmd)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(once)
		if err != nil {
			t.Fatal(err)
		}
		twice, _ := Encode(back)
		if !bytes.Equal(once, twice) {
			t.Fatalf("%s becomes %s", once, twice)
		}
		h, _ := withWorker(t, "one:one")
		h.define(single("one"))
		h.trigger("one", "")
		h.apply(cmd)
		checkInvariants(t, h.core)
		h.trigger("one", "")
		checkInvariants(t, h.core)
	})
}
