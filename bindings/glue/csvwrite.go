package glue

import (
	"encoding/csv"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// csvWriter writes rows piece by piece.
type csvWriter struct {
	h       *native.Host
	what    string
	options csvOptions
	columns []string
	begun   bool
	rows    int
	out     strings.Builder
	csv     *csv.Writer
}

// newCSVWriter gives the script of the module a function that makes text of
// rows.
func newCSVWriter(h *native.Host, call goja.FunctionCall) goja.Value {
	what := call.Argument(1).String()
	w := &csvWriter{h: h, what: what, options: csvOptionsOf(h, call.Argument(0), what, "header", "delimiter", "crlf")}
	w.columns = w.options.columns
	w.csv = csv.NewWriter(&w.out)
	w.csv.Comma, w.csv.UseCRLF = w.options.delimiter, w.options.crlf
	return native.Function(h.Runtime, "write", 1, func(call goja.FunctionCall) goja.Value {
		return h.Runtime.ToValue(w.write(native.Elements(h.Runtime, call.Argument(0), what+": the rows")))
	})
}

func (w *csvWriter) write(rows []goja.Value) string {
	if !w.begun && w.columns != nil {
		w.begun = true
		w.record(w.columns)
	}
	for _, row := range rows {
		w.rows++
		w.record(w.fields(row))
	}
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		w.h.Throw(err)
	}
	text := w.out.String()
	w.out.Reset()
	return text
}

func (w *csvWriter) record(fields []string) {
	if len(fields) == 1 && fields[0] == "" { // an empty line would be passed over
		w.csv.Flush()
		w.out.WriteString(`""` + map[bool]string{true: "\r\n", false: "\n"}[w.options.crlf])
		return
	}
	if err := w.csv.Write(fields); err != nil {
		w.h.Throw(err)
	}
}

// fields are those of one row, after the line of names if it is the first.
func (w *csvWriter) fields(row goja.Value) []string {
	isArray := native.IsArray(row)
	if !isArray {
		row = native.Object(w.h.Runtime, row, w.label())
	}
	if !w.begun {
		w.begin(row, isArray)
	}
	if isArray {
		var fields []string
		for _, item := range native.Elements(w.h.Runtime, row, w.label()) {
			fields = append(fields, w.field(item, "a field"))
		}
		return fields
	}
	object := row.(*goja.Object)
	for _, key := range object.Keys() {
		if !slices.Contains(w.columns, key) {
			native.Throw(w.h.Runtime, "%s: %s has the key %q, and the columns are %s", w.what, w.label(), key, strings.Join(w.columns, ", "))
		}
	}
	fields := make([]string, len(w.columns))
	for i, name := range w.columns {
		fields[i] = w.field(object.Get(name), name)
	}
	return fields
}

func (w *csvWriter) begin(row goja.Value, isArray bool) {
	w.begun = true
	if isArray && w.options.header {
		native.Throw(w.h.Runtime, "%s: rows that are arrays have no names: give header: ['a', 'b']", w.what)
	}
	if isArray {
		return
	}
	w.columns = row.(*goja.Object).Keys()
	if w.options.header || w.options.headerOpen {
		w.record(w.columns)
	}
}

func (w *csvWriter) label() string { return "row " + w.h.Runtime.ToValue(w.rows).String() }

func (w *csvWriter) field(v goja.Value, name string) string {
	if native.Missing(v) {
		return ""
	}
	object, ok := v.(*goja.Object)
	if !ok {
		if _, symbol := v.(*goja.Symbol); symbol {
			native.Throw(w.h.Runtime, "%s: %s: %s is a symbol", w.what, w.label(), name)
		}
		return v.String()
	}
	if toJSON, ok := goja.AssertFunction(object.Get("toJSON")); ok && object.ClassName() == "Date" {
		text, err := toJSON(object)
		if err != nil {
			panic(err)
		}
		return w.field(text, name)
	}
	native.Throw(w.h.Runtime, "%s: %s: %s is %s; make a text of it", w.what, w.label(), name, native.Describe(v))
	return ""
}
