package glue

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

var csvReadNames = []string{"header", "delimiter", "comment", "lazyQuotes", "ragged"}

// csvReader reads rows of a text that comes in pieces. The parser pulls its
// text, and the script pushes it, so the parser is a coroutine that stops where
// the text stops.
type csvReader struct {
	h       *native.Host
	options csvOptions
	columns []string

	mu      sync.Mutex // the run's end may meet a script that still runs
	next    func() (csvEvent, bool)
	stop    func()
	yield   func(csvEvent) bool
	piece   []byte
	begun   bool
	ended   bool
	stopped bool
}

// csvEvent is a record, a failure, or the wish for more text.
type csvEvent struct {
	record []string
	err    error
	more   bool
	line   int
}

func csvReaderOf(h *native.Host, options goja.Value, what string) *csvReader {
	r := &csvReader{h: h, options: csvOptionsOf(h, options, what, csvReadNames...)}
	r.columns = r.options.columns
	r.next, r.stop = iter.Pull(r.events)
	return r
}

// events are what the parser finds.
func (r *csvReader) events(yield func(csvEvent) bool) {
	r.yield = yield
	parser := csv.NewReader(r)
	parser.Comma, parser.Comment, parser.LazyQuotes = r.options.delimiter, r.options.comment, r.options.lazyQuotes
	switch {
	case r.options.ragged:
		parser.FieldsPerRecord = -1
	case r.columns != nil:
		parser.FieldsPerRecord = len(r.columns)
	}
	for {
		record, err := parser.Read()
		if r.stopped || errors.Is(err, io.EOF) {
			return
		}
		event := csvEvent{record: record, err: err}
		if err == nil {
			event.line, _ = parser.FieldPos(0)
		}
		if !yield(event) || err != nil {
			return
		}
	}
}

// Read gives the parser the text there is, and waits for more.
func (r *csvReader) Read(p []byte) (int, error) {
	for len(r.piece) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		if !r.yield(csvEvent{more: true}) {
			r.stopped = true
			return 0, io.ErrUnexpectedEOF
		}
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}

var byteOrderMark = []byte("\ufeff")

// feed takes a piece of the text, nil at its end, and returns the rows that are
// complete. It throws what is wrong with the text.
func (r *csvReader) feed(piece []byte) []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.piece, r.ended = piece, piece == nil
	if !r.begun && len(piece) > 0 {
		r.begun, r.piece = true, bytes.TrimPrefix(piece, byteOrderMark)
	}
	var rows []any
	for {
		event, more := r.next()
		switch {
		case !more || event.more:
			return rows
		case event.err != nil:
			r.h.Throw(csvFailure(event.err))
		}
		row, err := r.row(event)
		if err != nil {
			r.h.Throw(csvFailure(err))
		}
		if row != nil {
			rows = append(rows, row)
		}
	}
}

// row makes what scripts see of a record; nil of the header's line.
func (r *csvReader) row(event csvEvent) (goja.Value, error) {
	rt := r.h.Runtime
	if !r.options.header {
		fields := make([]any, len(event.record))
		for i, field := range event.record {
			fields[i] = strings.ToValidUTF8(field, "\ufffd")
		}
		return rt.NewArray(fields...), nil
	}
	if r.columns == nil {
		r.columns = event.record
		if err := checkColumns(r.columns); err != nil {
			return nil, &csv.ParseError{StartLine: event.line, Line: event.line, Column: 1, Err: err}
		}
		return nil, nil
	}
	if len(event.record) > len(r.columns) {
		return nil, &csv.ParseError{StartLine: event.line, Line: event.line, Column: 1,
			Err: fmt.Errorf("%d fields, and the header names %d", len(event.record), len(r.columns))}
	}
	object := rt.NewObject()
	for i, field := range event.record {
		v := rt.ToValue(strings.ToValidUTF8(field, "\ufffd"))
		if err := object.DefineDataProperty(r.columns[i], v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
			return nil, err
		}
	}
	return object, nil
}

func checkColumns(columns []string) error {
	seen := map[string]bool{}
	for _, name := range columns {
		if seen[name] {
			return fmt.Errorf("the header names %q twice", name)
		}
		seen[name] = true
	}
	return nil
}

func (r *csvReader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop()
}

// Close ends the parser with the run.
func (r *csvReader) Close() error {
	r.close()
	return nil
}

// newCSVReader gives the script of the module { feed(piece | null), close() }.
func newCSVReader(h *native.Host, call goja.FunctionCall) goja.Value {
	r := csvReaderOf(h, call.Argument(0), "csv.parseStream")
	owned, err := permit.From(h.Context()).Own(r)
	if err != nil {
		h.Throw(err)
	}
	object := h.Runtime.NewObject()
	err = native.Define(h.Runtime, object, r, []native.Member[*csvReader]{
		{Name: "feed", Call: func(r *csvReader, call goja.FunctionCall) goja.Value {
			if native.Missing(call.Argument(0)) {
				return h.Runtime.NewArray(r.feed(nil)...)
			}
			piece := bytesOf(h, call.Argument(0), "csv.parseStream: a piece")
			if len(piece) == 0 {
				return h.Runtime.NewArray()
			}
			return h.Runtime.NewArray(r.feed(piece)...)
		}},
		{Name: "close", Call: func(*csvReader, goja.FunctionCall) goja.Value {
			_ = owned.Close() // stopping a parser cannot fail
			return goja.Undefined()
		}},
	})
	if err != nil {
		panic(h.Runtime.NewGoError(err))
	}
	return object
}
