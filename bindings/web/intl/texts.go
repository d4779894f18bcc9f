package intl

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dop251/goja"
	"github.com/rivo/uniseg"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// forms are the plural categories in the order in which they are told.
var forms = []struct {
	form plural.Form
	name string
}{{plural.Zero, "zero"}, {plural.One, "one"}, {plural.Two, "two"}, {plural.Few, "few"}, {plural.Many, "many"}, {plural.Other, "other"}}

func formName(form plural.Form) string {
	for _, f := range forms {
		if f.form == form {
			return f.name
		}
	}
	return "other"
}

// millions are languages in which a round number of millions has a form of its
// own. The rules of x/text are older than that.
var millions = []string{"ca", "es", "fr", "it", "pt"}

// plural is the category of a number: its type, the digits before the point and
// those after it.
func (r *Realm) plural(call goja.FunctionCall) goja.Value {
	tag := language.Make(call.Argument(0).String())
	return r.rt.ToValue(pluralForm(tag, call.Argument(1).String(), call.Argument(2).String(), call.Argument(3).String()))
}

func pluralForm(tag language.Tag, kind, whole, fraction string) string {
	rules := plural.Cardinal
	if kind == "ordinal" {
		rules = plural.Ordinal
	}
	base, _ := tag.Base()
	round := fraction == "" && len(whole) > 6 && strings.HasSuffix(whole, "000000")
	if kind == "cardinal" && round && slices.Contains(millions, base.String()) {
		return "many"
	}
	short := strings.TrimRight(fraction, "0")
	return formName(rules.MatchPlural(tag, lastDigits(whole), len(fraction), len(short), lastDigits(fraction), lastDigits(short)))
}

// lastDigits is a number of which the rules look at the end alone; that it is
// not small stays to be seen.
func lastDigits(text string) int {
	const enough = 7
	if len(text) > enough {
		text = "1" + text[len(text)-enough:]
	}
	n, _ := strconv.Atoi(text) // digits, or nothing, which is zero
	return n
}

// plurals are the categories of a language.
func (r *Realm) plurals(call goja.FunctionCall) goja.Value {
	tag, kind := language.Make(call.Argument(0).String()), call.Argument(1).String()
	found := map[string]bool{"other": true}
	for n := range 201 {
		found[pluralForm(tag, kind, strconv.Itoa(n), "")] = true
	}
	found[pluralForm(tag, kind, "1000000", "")] = true
	if kind == "cardinal" {
		for _, fraction := range []string{"1", "2", "5", "10"} {
			found[pluralForm(tag, kind, "1", fraction)] = true
		}
	}
	var names []string
	for _, f := range forms {
		if found[f.name] {
			names = append(names, f.name)
		}
	}
	return r.list(names)
}

// segments cuts a text: for each piece where it begins and ends, in UTF-16 units,
// and of words whether it is one.
func (r *Realm) segments(call goja.FunctionCall) goja.Value {
	rest, granularity := call.Argument(0).String(), call.Argument(1).String()
	var pieces []any
	start, state := 0, -1
	for rest != "" {
		var piece string
		switch granularity {
		case "word":
			piece, rest, state = uniseg.FirstWordInString(rest, state)
		case "sentence":
			piece, rest, state = uniseg.FirstSentenceInString(rest, state)
		default:
			piece, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		}
		end := start + units(piece)
		found := []any{start, end}
		if granularity == "word" {
			found = append(found, strings.ContainsFunc(piece, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }))
		}
		pieces = append(pieces, r.rt.NewArray(found...))
		start = end
	}
	return r.rt.NewArray(pieces...)
}

// units is the length of a text in UTF-16.
func units(text string) int {
	n := 0
	for _, c := range text {
		if n++; c > 0xffff {
			n++
		}
	}
	return n
}
