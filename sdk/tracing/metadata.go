package tracing

import (
	"bytes"
	"encoding/json"
)

// set gives a JSON object a key with a text, in place of the one it may have and
// with the others in their order. What is no object stays as it is, to be refused
// by who checks it.
func set(object json.RawMessage, key, value string) json.RawMessage {
	out := []byte{'{'}
	member := func(key string, text []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(key) // strings have no other way than to be written
		out = append(append(append(out, name...), ':'), text...)
	}
	if len(bytes.TrimSpace(object)) > 0 {
		d := json.NewDecoder(bytes.NewReader(object))
		if open, err := d.Token(); err != nil || open != json.Delim('{') {
			return object
		}
		for d.More() {
			found, err := d.Token()
			if err != nil {
				return object
			}
			var text json.RawMessage
			if err := d.Decode(&text); err != nil {
				return object
			}
			if name, _ := found.(string); name != key {
				member(name, text)
			}
		}
		if _, err := d.Token(); err != nil {
			return object
		}
	}
	text, _ := json.Marshal(value)
	member(key, text)
	return append(out, '}')
}
