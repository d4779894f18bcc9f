package intl

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
	"golang.org/x/text/collate"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// nativeMembers are what the JavaScript part asks for.
var nativeMembers = []member{
	{Name: "locales", Call: func(r *Realm, _ goja.FunctionCall) goja.Value { return r.list(localeNames()) }},
	{Name: "section", Call: (*Realm).section},
	{Name: "canonical", Call: (*Realm).canonical},
	{Name: "subtags", Call: (*Realm).subtags},
	{Name: "zone", Call: (*Realm).zone},
	{Name: "zones", Call: func(r *Realm, _ goja.FunctionCall) goja.Value { return r.list(zoneNames().sorted) }},
	{Name: "zoneGroup", Call: (*Realm).zoneGroup},
	{Name: "offset", Call: (*Realm).offset},
	{Name: "minor", Call: (*Realm).minor},
	{Name: "currencies", Call: func(r *Realm, _ goja.FunctionCall) goja.Value { return r.list(currencyNames()) }},
	{Name: "isSymbol", Call: func(r *Realm, call goja.FunctionCall) goja.Value {
		c, _ := utf8.DecodeRuneInString(call.Argument(0).String())
		return r.rt.ToValue(unicode.In(c, unicode.S, unicode.Z))
	}},
	{Name: "plural", Call: (*Realm).plural},
	{Name: "plurals", Call: (*Realm).plurals},
	{Name: "collator", Call: (*Realm).collator},
	{Name: "segments", Call: (*Realm).segments},
}

func (r *Realm) list(names []string) goja.Value {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = name
	}
	return r.rt.NewArray(values...)
}

// localeNames are the locales that have formats.
var localeNames = sync.OnceValue(func() []string {
	files, _ := fs.Glob(data, "data/*.json") // the pattern is well formed
	var names []string
	for _, file := range files {
		if name := strings.TrimSuffix(strings.TrimPrefix(file, "data/"), ".json"); name != "zones" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
})

// section is the JSON text of a subject of a locale. A file has one line for
// each.
func (r *Realm) section(call goja.FunctionCall) goja.Value {
	locale, name := call.Argument(0).String(), call.Argument(1).String()
	text, err := data.ReadFile("data/" + locale + ".json")
	if err != nil {
		panic(r.rt.NewGoError(err))
	}
	start := `"` + name + `": `
	for line := range strings.SplitSeq(string(text), "\n") {
		if section, found := strings.CutPrefix(line, start); found {
			return r.rt.ToValue(strings.TrimSuffix(section, ","))
		}
	}
	panic(r.rt.NewGoError(fmt.Errorf("the formats of %s have no section %s", locale, name)))
}

// maxTag bounds the length of a locale: they are parsed and kept.
const maxTag = 100

// canonical is a language tag as it is properly written; undefined if it is
// none.
func (r *Realm) canonical(call goja.FunctionCall) goja.Value {
	text := call.Argument(0).String()
	if len(text) > maxTag || strings.Contains(text, "_") {
		return goja.Undefined()
	}
	tag, err := language.Raw.Parse(text)
	if _, known := err.(language.ValueError); err != nil && !known || tag == language.Und && !strings.EqualFold(text, "und") {
		return goja.Undefined()
	}
	return r.rt.ToValue(tag.String())
}

func (r *Realm) subtags(call goja.FunctionCall) goja.Value {
	base, script, region := language.Raw.Make(call.Argument(0).String()).Raw()
	object := r.rt.NewObject()
	for name, value := range map[string]string{"language": base.String(), "script": script.String(), "region": region.String()} {
		if value == "Zzzz" || value == "ZZ" {
			value = ""
		}
		_ = object.Set(name, value) // a new object takes any property
	}
	return object
}

// minor is how many digits the small coin of a currency has.
func (r *Realm) minor(call goja.FunctionCall) goja.Value {
	if digits, told := zoneNames().minor[call.Argument(0).String()]; told {
		return r.rt.ToValue(digits)
	}
	return r.rt.ToValue(2)
}

// currencyNames are the currencies that some locale has a sign for, and those in
// use.
var currencyNames = sync.OnceValue(func() []string {
	var names []string
	for it := currency.Query(); it.Next(); {
		names = append(names, it.Unit().String())
	}
	slices.Sort(names)
	return slices.Compact(names)
})

// collator gives a function that orders two texts.
func (r *Realm) collator(call goja.FunctionCall) goja.Value {
	var options []collate.Option
	prepare := func(text string) string { return text }
	switch call.Argument(1).String() {
	case "base":
		options = append(options, collate.IgnoreCase, collate.IgnoreDiacritics)
	case "accent":
		options = append(options, collate.IgnoreCase)
	case "case":
		prepare = withoutMarks // the option of collate still sees the case of a mark
	}
	if call.Argument(2).ToBoolean() {
		options = append(options, collate.Numeric)
	}
	order := collate.New(language.Make(call.Argument(0).String()), options...)
	return native.Function(r.rt, "compare", 2, func(call goja.FunctionCall) goja.Value {
		return r.rt.ToValue(order.CompareString(prepare(call.Argument(0).String()), prepare(call.Argument(1).String())))
	})
}

// withoutMarks leaves accents out of a text.
func withoutMarks(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, norm.NFD.String(text))
}

// zoneData is zones.json: groups of zones that have the same names in every
// locale, and the currencies whose small coin has not two digits.
type zoneData struct {
	sorted []string
	group  map[string]int    // by name
	exact  map[string]string // the name, by its lower case
	minor  map[string]int
}

var zoneNames = sync.OnceValue(func() *zoneData {
	var file struct {
		Groups []string
		Minor  map[string]int
	}
	text, err := data.ReadFile("data/zones.json")
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil { // the file is part of this program
		panic(fmt.Sprintf("intl: zones.json: %v", err))
	}
	known := &zoneData{group: map[string]int{}, exact: map[string]string{}, minor: file.Minor}
	for i, group := range file.Groups {
		for name := range strings.FieldsSeq(group) {
			known.group[name] = i
			known.exact[strings.ToLower(name)] = name
			known.sorted = append(known.sorted, name)
		}
	}
	for alias, name := range renamed {
		known.group[alias] = known.group[name]
		known.exact[strings.ToLower(alias)] = alias
	}
	slices.Sort(known.sorted)
	return known
})
