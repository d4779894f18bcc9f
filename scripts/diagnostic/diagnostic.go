// Package diagnostic holds what is wrong with a script, in a form for people
// and for programs: the place, the words, the lines of source around it.
package diagnostic

import (
	"fmt"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

// Diagnostic is one thing that is wrong, or doubtful, in a script.
type Diagnostic struct {
	// Position is where: the file as shown to people, relative to the folder
	// the program was started in where possible. It may be unknown.
	workflow.Position
	// Text says what is wrong in one line.
	Text string `json:"text"`
	// Frame is the source around the position, see [Frame]; "" if unknown.
	Frame string `json:"frame,omitempty"`
	// Notes say more, like where the other of two things is.
	Notes []Note `json:"notes,omitempty"`
	// Stack is the JavaScript stack of a script that threw; "" otherwise.
	Stack string `json:"stack,omitempty"`
}

// Note adds to a diagnostic, possibly at a place of its own.
type Note struct {
	workflow.Position
	Text string `json:"text"`
}

// String renders file:line:column: text.
func (d Diagnostic) String() string { return at(d.Position, d.Text) }

// String renders file:line:column: text.
func (n Note) String() string { return at(n.Position, n.Text) }

func at(p workflow.Position, text string) string {
	if place := p.String(); place != "" {
		return place + ": " + text
	}
	return text
}

// Error says why a script does not load.
type Error struct {
	// File is the script as shown to people.
	File string
	// Diagnostics are the reasons, at least one.
	Diagnostics []Diagnostic
	// Cause is the error beneath, or nil.
	Cause error
}

// New makes an error of one reason.
func New(file string, d Diagnostic) *Error {
	return &Error{File: file, Diagnostics: []Diagnostic{d}}
}

// Error is one line: the first reason with its position.
func (e *Error) Error() string {
	if len(e.Diagnostics) == 0 {
		return e.File + ": does not load"
	}
	first := e.Diagnostics[0]
	text := first.String()
	if first.File == "" {
		text = e.File + ": " + first.Text
	}
	if more := len(e.Diagnostics) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Detail is all reasons for a person to read: for each its line, notes and the
// source around it. Every line ends in a newline.
func (e *Error) Detail() string {
	var out strings.Builder
	for _, d := range e.Diagnostics {
		if d.File == "" {
			d.File = e.File
		}
		fmt.Fprintf(&out, "%s\n%s", d, d.Frame)
		for _, note := range d.Notes {
			fmt.Fprintf(&out, "  %s\n", note)
		}
	}
	return out.String()
}
