package store

import (
	"bytes"
	"testing"
)

func FuzzUnframe(f *testing.F) {
	f.Add(frame(frame(nil, []byte("one")), nil))
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		record, rest, err := unframe(data)
		if err != nil {
			return
		}
		if !bytes.Equal(append(frame(nil, record), rest...), data) {
			t.Errorf("%x was read as %x and %x", data, record, rest)
		}
	})
}
