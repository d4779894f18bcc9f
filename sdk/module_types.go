package sdk

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// types writes the TypeScript of Go types, as package encoding/json has their
// values. Named structs become interfaces.
type types struct {
	named map[reflect.Type]string
	taken map[string]bool
	texts []string // of the interfaces, in the order in which they are met
	depth int
}

// maxTypeDepth bounds how deep types nest: a named slice may be one of itself.
const maxTypeDepth = 100

func newTypes() *types {
	return &types{named: map[reflect.Type]string{}, taken: map[string]bool{"Promise": true, "Record": true, "$all": true}}
}

// declarations are the interfaces, one after the other.
func (s *types) declarations() string { return strings.Join(s.texts, "\n") }

// signature is the TypeScript of a function behind its name.
func (s *types) signature(f Function) (string, error) {
	in, err := s.of(f.in)
	if err != nil {
		return "", fmt.Errorf("input: %w", err)
	}
	out, err := s.of(f.out)
	if err != nil {
		return "", fmt.Errorf("result: %w", err)
	}
	if empty(f.out) {
		out = "void"
	}
	switch {
	case empty(f.in):
		return fmt.Sprintf("(): Promise<%s>", out), nil
	case f.optional():
		return fmt.Sprintf("(input?: %s): Promise<%s>", in, out), nil
	}
	return fmt.Sprintf("(input: %s): Promise<%s>", in, out), nil
}

var (
	timeType      = reflect.TypeFor[time.Time]()
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// of is the TypeScript of a type. The error says that it has no JSON.
func (s *types) of(t reflect.Type) (string, error) {
	if s.depth++; s.depth > maxTypeDepth {
		return "", fmt.Errorf("type %s nests without end", t)
	}
	defer func() { s.depth-- }()
	switch {
	case t == timeType:
		return "string", nil
	case t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(jsonMarshaler):
		return "any", nil
	case t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textMarshaler):
		return "string", nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean", nil
	case reflect.String:
		return "string", nil
	case reflect.Interface:
		return "any", nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Float32, reflect.Float64:
		return "number", nil
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return s.composed(t)
	case reflect.Struct:
		return s.structure(t)
	}
	return "", fmt.Errorf("type %s has no JSON", t)
}

// composed is the TypeScript of a type made of another. What may be nil in Go
// may be null in JSON.
func (s *types) composed(t reflect.Type) (string, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return "string", nil // in base 64
	}
	elem, err := s.of(t.Elem())
	if err != nil {
		return "", err
	}
	switch t.Kind() {
	case reflect.Pointer:
		if elem == "any" || strings.HasSuffix(elem, " | null") {
			return elem, nil
		}
		return elem + " | null", nil
	case reflect.Map:
		return fmt.Sprintf("Record<string, %s> | null", elem), nil
	}
	if strings.Contains(elem, " ") {
		elem = "(" + elem + ")"
	}
	if t.Kind() == reflect.Array {
		return elem + "[]", nil
	}
	return elem + "[] | null", nil
}

// structure is the name of a struct's interface, or an object's type if it has
// no name.
func (s *types) structure(t reflect.Type) (string, error) {
	if t.Name() == "" {
		body, err := s.body(t)
		return body, err
	}
	if name, known := s.named[t]; known {
		return name, nil
	}
	name := s.name(t)
	s.named[t] = name
	at := len(s.texts)
	s.texts = append(s.texts, "") // before those that it refers to
	body, err := s.body(t)
	s.texts[at] = "export interface " + name + " " + body
	return name, err
}

var notInNames = regexp.MustCompile(`\[.*|\W`)

// name is a name for a struct that no other has, with a capital letter.
func (s *types) name(t reflect.Type) string {
	letters := []rune(notInNames.ReplaceAllString(t.Name(), ""))
	letters[0] = unicode.ToUpper(letters[0])
	name := string(letters)
	for n := 2; s.taken[name]; n++ {
		name = string(letters) + strconv.Itoa(n)
	}
	s.taken[name] = true
	return name
}

func (s *types) body(t reflect.Type) (string, error) {
	var out strings.Builder
	out.WriteString("{")
	for _, p := range propertiesOf(t, 0) {
		typ, err := s.property(p)
		if err != nil {
			return "", fmt.Errorf("field %s: %w", p.field.Name, err)
		}
		name := p.name
		if !functionName.MatchString(name) {
			name = strconv.Quote(name)
		}
		if p.optional {
			name += "?"
		}
		fmt.Fprintf(&out, " %s: %s;", name, typ)
	}
	out.WriteString(" }")
	return out.String(), nil
}

func (s *types) property(p property) (string, error) {
	if p.quoted {
		return "string", nil
	}
	typ, err := s.of(p.field.Type)
	if p.optional { // what is null is left out
		typ = strings.TrimSuffix(typ, " | null")
	}
	return typ, err
}

// property is one of the JSON of a struct.
type property struct {
	name             string
	field            reflect.StructField
	optional, quoted bool
}

// propertiesOf lists what package encoding/json makes of a struct. Of several
// with one name the outermost counts.
func propertiesOf(t reflect.Type, depth int) []property {
	var list, inner []property
	seen := map[string]bool{}
	for i := range t.NumField() {
		field := t.Field(i)
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		embedded := field.Type
		if embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		switch {
		case tag == "-":
		case field.Anonymous && name == "" && embedded.Kind() == reflect.Struct && depth < maxTypeDepth:
			inner = append(inner, propertiesOf(embedded, depth+1)...)
		case field.IsExported():
			if name == "" {
				name = field.Name
			}
			seen[name] = true
			list = append(list, property{
				name: name, field: field, quoted: hasOption(options, "string"),
				optional: hasOption(options, "omitempty") || hasOption(options, "omitzero"),
			})
		}
	}
	for _, p := range inner {
		if !seen[p.name] {
			seen[p.name] = true
			list = append(list, p)
		}
	}
	return list
}

func hasOption(options, wanted string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == wanted {
			return true
		}
	}
	return false
}
