package permit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// tree is a JSON value with its place, its keys in their order.
type tree struct {
	offset int
	value  any // of a scalar: string, json.Number, bool, nil
	array  bool
	object bool
	items  []*tree
	keys   []key // of items, when it is an object
}

type key struct {
	name   string
	offset int
}

// maxNesting is deeper than any configuration.
const maxNesting = 32

// parseTree reads JSON text. The error has an offset, see [offsetError].
func parseTree(text []byte) (*tree, error) {
	d := &treeDecoder{text: text, json: json.NewDecoder(bytes.NewReader(text))}
	d.json.UseNumber()
	root, err := d.value(0)
	if err != nil {
		return nil, d.failed(err)
	}
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return nil, &offsetError{d.next(), "there is something after the end of the value"}
	}
	return root, nil
}

type treeDecoder struct {
	text []byte
	json *json.Decoder
}

// offsetError is an error at a byte of the text.
type offsetError struct {
	offset int
	text   string
}

func (e *offsetError) Error() string { return e.text }

func (d *treeDecoder) failed(err error) error {
	var at *offsetError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &at):
		return err
	case errors.As(err, &syntax):
		return &offsetError{max(0, int(syntax.Offset)-1), syntax.Error()}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &offsetError{len(d.text), "the text ends too early"}
	}
	return &offsetError{d.next(), err.Error()}
}

// next is where the next token begins.
func (d *treeDecoder) next() int {
	at := int(d.json.InputOffset())
	for at < len(d.text) && strings.IndexByte(" \t\r\n,:", d.text[at]) >= 0 {
		at++
	}
	return at
}

func (d *treeDecoder) value(depth int) (*tree, error) {
	t := &tree{offset: d.next()}
	if depth > maxNesting {
		return nil, &offsetError{t.offset, "this is nested too deeply"}
	}
	token, err := d.json.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		t.value = token
		return t, nil
	}
	t.array, t.object = delim == '[', delim == '{'
	for d.json.More() {
		if t.object {
			if err := d.key(t); err != nil {
				return nil, err
			}
		}
		item, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		t.items = append(t.items, item)
	}
	_, err = d.json.Token()
	return t, err
}

func (d *treeDecoder) key(t *tree) error {
	at := d.next()
	token, err := d.json.Token()
	if err != nil {
		return err
	}
	name, ok := token.(string)
	if !ok {
		return &offsetError{at, "a key must be a string"}
	}
	if t.get(name) != nil {
		return &offsetError{at, fmt.Sprintf("the key %q is there twice", name)}
	}
	t.keys = append(t.keys, key{name, at})
	return nil
}

// get returns the value of a key that was read; nil if there is none.
func (t *tree) get(name string) *tree {
	for i, k := range t.keys {
		if k.name == name && i < len(t.items) {
			return t.items[i]
		}
	}
	return nil
}

// set gives an object a key.
func (t *tree) set(name string, value *tree) *tree {
	t.keys = append(t.keys, key{name: name})
	t.items = append(t.items, value)
	return value
}

// kind names what a value is.
func (t *tree) kind() string {
	switch v := t.value.(type) {
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return fmt.Sprint(v)
	}
	switch {
	case t.array:
		return "a list"
	case t.object:
		return "an object"
	}
	return "null"
}

// write renders the value: lists of scalars on one line, all else indented.
func (t *tree) write(out *strings.Builder, margin string) {
	inner := margin + "  "
	switch {
	case t.object && len(t.items) > 0:
		out.WriteString("{\n")
		for i, item := range t.items {
			out.WriteString(inner + encoded(t.keys[i].name) + ": ")
			item.write(out, inner)
			out.WriteString(separator(i, t, ",\n", "\n"))
		}
		out.WriteString(margin + "}")
	case t.object:
		out.WriteString("{}")
	case t.array:
		out.WriteString("[")
		for i, item := range t.items {
			item.write(out, inner)
			out.WriteString(separator(i, t, ", ", ""))
		}
		out.WriteString("]")
	default:
		out.WriteString(encoded(t.value))
	}
}

func separator(i int, t *tree, between, last string) string {
	if i+1 < len(t.items) {
		return between
	}
	return last
}

func encoded(value any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil { // scalars always can be encoded
		return "null"
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// lineColumn turns an offset into a line and a column, both from 1.
func lineColumn(text []byte, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}
