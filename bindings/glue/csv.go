package glue

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

//go:embed csv.js
var csvScript string

const csvTypes = `interface CsvParseOptions {
  /** true takes the names of the columns from the first line, an array gives them; rows are objects then, and arrays of texts without. */
  header?: boolean | string[];
  /** What stands between fields; ',' if not given. */
  delimiter?: string;
  /** Lines that begin with this character are left out. */
  comment?: string;
  /** Quotes may stand within fields that are not quoted. */
  lazyQuotes?: boolean;
  /** Rows may have fewer or more fields than the first; with a header, fewer. */
  ragged?: boolean;
}
interface CsvWriteOptions {
  /** The columns and their order; if not given, the keys of the first row. false writes no line of names. */
  header?: boolean | string[];
  delimiter?: string;
  /** '\\r\\n' if true, '\\n' otherwise. */
  crlf?: boolean;
}
type CsvRow = Record<string, string>;`

// csvModule is hatchet:csv.
var csvModule = native.Module{
	Name: "hatchet:csv",
	Doc: "Comma-separated values, after RFC 4180. Fields are texts; empty lines are passed over. What is not well formed, such as a row with another number of " +
		"fields, is an error with the name CsvError, the code CSV_PARSE, a line and a column. Streams hold a few rows at a time: the source is read as rows are taken.",
	Members: []member{
		{Name: "parse", Type: "(text: string | Uint8Array, options: CsvParseOptions & { header: true | string[] }): CsvRow[]\n(text: string | Uint8Array, options?: CsvParseOptions): string[][]",
			Doc: "Reads all rows of a text.", Length: 1, Call: parseCSV},
		{Name: "stringify", Type: "(rows: Iterable<object | any[]>, options?: CsvWriteOptions): string",
			Doc: "Writes rows, which are objects or arrays. null and undefined are empty fields, a Date is an ISO text; a row with a key that the header lacks is an error.", Length: 1},
		{Name: "parseStream", Type: "(source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>, options?: CsvParseOptions): AsyncIterableIterator<any>",
			Doc: "Reads rows one by one from what gives pieces of the text: a file's stream, the body of a response.", Length: 1},
		{Name: "stringifyStream", Type: "(rows: AsyncIterable<object | any[]> | Iterable<object | any[]>, options?: CsvWriteOptions): AsyncIterableIterator<string>",
			Doc: "Writes rows as they come, in pieces of text that can be the body of a request.", Length: 1},
	},
	Script:  csvScript,
	Natives: []member{iterable, {Name: "reader", Call: newCSVReader}, {Name: "writer", Call: newCSVWriter}},
	Types:   csvTypes,
	Example: `import csv from 'hatchet:csv'

const rows = csv.parse('sku,count\ntea,3\n"salt, fine",12\n', { header: true })
console.log(rows[1].sku) // -> salt, fine
for await (const row of csv.parseStream(['a;b\n1', ';2\n'], { delimiter: ';' })) console.log(row.join()) // -> a,b // -> 1,2
console.log(JSON.stringify(csv.stringify([{ sku: 'tea', count: 4 }]))) // -> "sku,count\ntea,4\n"`,
}

// csvOptions are how a text is written.
type csvOptions struct {
	header       bool
	headerOpen   bool // nothing was said about it
	columns      []string
	delimiter    rune
	comment      rune
	lazyQuotes   bool
	ragged, crlf bool
}

func csvOptionsOf(h *native.Host, v goja.Value, what string, names ...string) csvOptions {
	b := bagOf(h, v, what, names...)
	o := csvOptions{
		delimiter: character(b, "delimiter", ','), comment: character(b, "comment", 0),
		lazyQuotes: b.flag("lazyQuotes", false), ragged: b.flag("ragged", false), crlf: b.flag("crlf", false),
	}
	switch header := b.get("header"); {
	case header == nil:
		o.headerOpen = true
	case native.IsArray(header):
		o.header, o.columns = true, stringList(h, header, b.label("header"))
		if len(o.columns) == 0 {
			native.Throw(h.Runtime, "%s must name columns", b.label("header"))
		}
		if err := checkColumns(o.columns); err != nil {
			native.Throw(h.Runtime, "%s: %v", b.label("header"), err)
		}
	default:
		o.header = native.Boolean(h.Runtime, header, b.label("header"))
	}
	if o.delimiter == o.comment {
		native.Throw(h.Runtime, "%s: the delimiter and the comment are the same", what)
	}
	return o
}

func character(b bag, name string, standard rune) rune {
	text := b.text(name, "")
	if text == "" {
		return standard
	}
	r, size := utf8.DecodeRuneInString(text)
	if size != len(text) || r == '"' || r == '\r' || r == '\n' || r == utf8.RuneError {
		native.Throw(b.h.Runtime, "%s must be one character, and neither a quote nor a line's end, got %q", b.label(name), text)
	}
	return r
}

func csvFailure(err error) error {
	f := &failure{name: "CsvError", code: "CSV_PARSE", err: err}
	var at *csv.ParseError
	if errors.As(err, &at) {
		f.details = map[string]any{"line": at.Line, "column": at.Column}
	}
	return f
}

func parseCSV(h *native.Host, call goja.FunctionCall) goja.Value {
	text := call.Argument(0)
	if _, isBytes := native.Bytes(text); !isBytes {
		native.String(h.Runtime, text, "csv.parse: the text")
	}
	r := csvReaderOf(h, call.Argument(1), "csv.parse")
	defer r.close()
	return h.Runtime.NewArray(append(r.feed(bytesOf(h, text, "csv.parse: the text")), r.feed(nil)...)...)
}
