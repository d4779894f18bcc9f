package permit

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shape is what a value of the configuration may be. One table of shapes reads
// the file and makes its JSON Schema.
type shape interface {
	// read takes the value of n; into is where it goes.
	read(n *tree, into any) error
	schema() map[string]any
}

// field is a key of an object.
type field struct {
	name, doc string
	shape     shape
	// into picks where the value goes in what the object goes into.
	into func(any) any
}

// object has certain keys and no others.
type object struct{ fields []field }

func (o object) read(n *tree, into any) error {
	return o.each(n, func(f *field, item *tree) error {
		if f.shape == nil { // such as $schema
			return nil
		}
		return f.shape.read(item, f.into(into))
	})
}

// each goes through the keys of n, of which all must be known.
func (o object) each(n *tree, do func(f *field, item *tree) error) error {
	if !n.object {
		return wrong(n, "an object")
	}
	for i, k := range n.keys {
		f := o.find(k.name)
		if f == nil {
			return &offsetError{k.offset, fmt.Sprintf("unknown key %q; the keys here are %s", k.name, o.names())}
		}
		if err := do(f, n.items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o object) find(name string) *field {
	for i := range o.fields {
		if o.fields[i].name == name {
			return &o.fields[i]
		}
	}
	return nil
}

func (o object) names() string {
	names := make([]string, len(o.fields))
	for i, f := range o.fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

func (o object) schema() map[string]any {
	properties := map[string]any{}
	for _, f := range o.fields {
		s := map[string]any{"type": "string"}
		if f.shape != nil {
			s = f.shape.schema()
		}
		s["description"] = f.doc
		properties[f.name] = s
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

// dictionary has keys of the user's own; all values are alike.
type dictionary struct {
	of shape
	// put is given where the dictionary goes, and a key, and returns where the
	// value goes and what to do when it was read.
	put func(into any, key string) (value any, done func())
}

func (d dictionary) read(n *tree, into any) error {
	if !n.object {
		return wrong(n, "an object")
	}
	for i, k := range n.keys {
		value, done := d.put(into, k.name)
		if err := d.of.read(n.items[i], value); err != nil {
			return err
		}
		done()
	}
	return nil
}

func (d dictionary) schema() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": d.of.schema()}
}

// grantShape is the grant of one kind: a list, true for everything, false for
// nothing, or an object with allow and deny.
type grantShape struct{ kind Kind }

func (g grantShape) read(n *tree, into any) error {
	grant := into.(*Grant)
	if !n.object {
		return g.entries(n, &grant.All, &grant.Allow)
	}
	for i, k := range n.keys {
		var err error
		switch item := n.items[i]; {
		case k.name == "allow":
			err = g.entries(item, &grant.All, &grant.Allow)
		case k.name == "deny":
			err = g.entries(item, &grant.DenyAll, &grant.Deny)
		case k.name == "ignore" && g.kind == Env:
			err = g.entries(item, nil, &grant.Ignore)
		default:
			err = &offsetError{k.offset, fmt.Sprintf("unknown key %q; the keys here are %s", k.name, g.keys())}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g grantShape) keys() string {
	if g.kind == Env {
		return "allow, deny, ignore"
	}
	return "allow, deny"
}

// entries reads true, false or a list of entries.
func (g grantShape) entries(n *tree, all *bool, list *[]string) error {
	if value, ok := n.value.(bool); ok && all != nil {
		*all = value
		return nil
	}
	if !n.array {
		return wrong(n, "a list of strings, true or false")
	}
	for _, item := range n.items {
		entry, ok := item.value.(string)
		if !ok {
			return wrong(item, "a string")
		}
		if err := CheckEntry(g.kind, entry); err != nil {
			return &offsetError{item.offset, err.Error()}
		}
		*list = append(*list, entry)
	}
	return nil
}

func (g grantShape) schema() map[string]any {
	strings := map[string]any{"type": "array", "items": map[string]any{"type": "string", "minLength": 1}}
	either := []any{map[string]any{"type": "boolean"}, strings}
	properties := map[string]any{"allow": map[string]any{"anyOf": either}, "deny": map[string]any{"anyOf": either}}
	if g.kind == Env {
		properties["ignore"] = strings
	}
	return map[string]any{"anyOf": append(either, map[string]any{
		"type": "object", "additionalProperties": false, "properties": properties,
	})}
}

// listShape is a list of texts.
type listShape struct{}

func (listShape) read(n *tree, into any) error {
	if !n.array {
		return wrong(n, "a list")
	}
	for _, item := range n.items {
		text, ok := item.value.(string)
		if !ok || text == "" {
			return wrong(item, "a text that is not empty")
		}
		*into.(*[]string) = append(*into.(*[]string), text)
	}
	return nil
}

func (listShape) schema() map[string]any {
	return map[string]any{"type": "array", "items": map[string]any{"type": "string", "minLength": 1}}
}

// durationShape is a text such as "30s" or "1m30s".
type durationShape struct{}

func (durationShape) read(n *tree, into any) error {
	text, ok := n.value.(string)
	if !ok {
		return wrong(n, `a duration such as "30s"`)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return &offsetError{n.offset, fmt.Sprintf(`%q is no duration such as "500ms", "30s" or "1m30s"`, text)}
	}
	*into.(*time.Duration) = d
	return nil
}

func (durationShape) schema() map[string]any {
	return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}
}

// countShape is a positive whole number.
type countShape struct{}

func (countShape) read(n *tree, into any) error {
	number, ok := n.value.(json.Number)
	if !ok {
		return wrong(n, "a number")
	}
	count, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || count < 1 {
		return &offsetError{n.offset, fmt.Sprintf("%s is no whole number of at least 1", number)}
	}
	*into.(*int64) = count
	return nil
}

func (countShape) schema() map[string]any {
	return map[string]any{"type": "integer", "minimum": 1}
}

// sizeShape is a number of bytes, or a text such as "32MB" or "1MiB".
type sizeShape struct{}

var (
	sizeText  = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(B|KB|MB|GB|KiB|MiB|GiB)$`)
	sizeUnits = map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
)

func (sizeShape) read(n *tree, into any) error {
	text, ok := n.value.(string)
	if !ok {
		return countShape{}.read(n, into)
	}
	size, err := ParseSize(text)
	if err != nil {
		return &offsetError{n.offset, err.Error()}
	}
	*into.(*int64) = size
	return nil
}

func (sizeShape) schema() map[string]any {
	return map[string]any{"anyOf": []any{
		countShape{}.schema(), map[string]any{"type": "string", "pattern": sizeText.String()},
	}}
}

// wordShape is one of some words.
type wordShape []string

func (w wordShape) read(n *tree, into any) error {
	text, ok := n.value.(string)
	if !ok || !slices.Contains(w, text) {
		return wrong(n, "one of "+strings.Join(w, ", "))
	}
	*into.(*string) = text
	return nil
}

func (w wordShape) schema() map[string]any { return map[string]any{"enum": []string(w)} }

// sourceShape says where the value of a secret comes from.
type sourceShape struct{}

var sourceText = regexp.MustCompile(`^(env|file):.+$`)

func (sourceShape) read(n *tree, into any) error {
	text, ok := n.value.(string)
	if !ok || !sourceText.MatchString(text) {
		return wrong(n, `"env:VARIABLE" or "file:PATH"`)
	}
	*into.(*string) = text
	return nil
}

func (sourceShape) schema() map[string]any {
	return map[string]any{"type": "string", "pattern": sourceText.String()}
}

func wrong(n *tree, want string) error {
	return &offsetError{n.offset, fmt.Sprintf("this must be %s, not %s", want, n.kind())}
}
