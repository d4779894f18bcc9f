package bundle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// maxDepth bounds the nesting of brackets and arrow functions in a source
// file. Parsers recurse, and a Go stack that outgrows its limit takes the
// whole process with it; this happens somewhere below 100 000 levels. Hand
// written code stays below 50, generated code below a few hundred.
const maxDepth = 1000

// refuse returns an error for a text that must not reach a parser, or nil.
func (b *build) refuse(path, text string) *api.Message {
	if len(text) > b.opts.MaxSource {
		return &api.Message{
			Text:     fmt.Sprintf("the file has %d bytes, more than the %d that are allowed", len(text), b.opts.MaxSource),
			Location: &api.Location{File: path},
		}
	}
	switch filepath.Ext(path) {
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".json":
	default:
		return nil
	}
	offset, deep := tooDeep(text)
	if !deep {
		return nil
	}
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	return &api.Message{
		Text: fmt.Sprintf("brackets are nested more than %d deep here", maxDepth),
		Location: &api.Location{
			File: path, Line: strings.Count(text[:offset], "\n") + 1, Column: offset - start,
		},
	}
}

// tooDeep finds the first place that is nested deeper than maxDepth. It knows
// strings, templates, comments and, by the character before them, regular
// expressions; where it misjudges one, it is off by a few levels.
func tooDeep(text string) (offset int, deep bool) {
	s := nesting{text: text}
	for s.at < len(text) {
		if s.step(); len(s.open)+s.arrows > maxDepth {
			return s.last - 1, true
		}
	}
	return 0, false
}

// nesting is a scanner that counts what is open.
type nesting struct {
	text   string
	at     int
	open   []byte // the brackets that are open; '`' for a template's ${
	arrows int    // arrow functions whose body goes on
	last   int    // one past the last character that is neither space nor comment
}

func (s *nesting) step() {
	c := s.text[s.at]
	s.at++
	switch c {
	case ' ', '\t', '\r':
		return
	case '\n':
		s.arrows = 0
		return
	case '(', '[', '{':
		s.open = append(s.open, c)
	case ')', ']', '}':
		s.close()
	case ',', ';':
		s.arrows = 0
	case '>':
		if s.last > 0 && s.text[s.last-1] == '=' {
			s.arrows++
		}
	case '\'', '"':
		s.quoted(c)
	case '`':
		s.template()
	case '/':
		if s.comment() {
			return
		}
		if s.expectsOperand() {
			s.pattern()
		}
	}
	s.last = min(s.at, len(s.text))
}

// close takes away the innermost bracket, whatever its kind: a mismatch is for
// the parser to report.
func (s *nesting) close() {
	s.arrows = 0
	if len(s.open) == 0 {
		return
	}
	last := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	if last == '`' {
		s.template()
	}
}

func (s *nesting) quoted(quote byte) {
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch c {
		case '\\':
			s.at++
		case quote, '\n':
			return
		}
	}
}

// template skips to the end of a template or of its part before ${.
func (s *nesting) template() {
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '\\':
			s.at++
		case c == '`':
			return
		case c == '$' && strings.HasPrefix(s.text[s.at:], "{"):
			s.at++
			s.open = append(s.open, '`')
			return
		}
	}
}

// comment skips a comment, if the slash just read began one.
func (s *nesting) comment() bool {
	rest := s.text[s.at:]
	var end string
	switch {
	case strings.HasPrefix(rest, "/"):
		end = "\n"
	case strings.HasPrefix(rest, "*"):
		end = "*/"
	default:
		return false
	}
	s.at++
	if i := strings.Index(s.text[s.at:], end); i >= 0 {
		s.at += i + len(end)
	} else {
		s.at = len(s.text)
	}
	return true
}

// operators are the keywords after which a slash begins a regular expression.
var operators = []string{
	"await", "case", "delete", "do", "else", "in", "instanceof", "of", "return", "throw", "typeof", "void", "yield",
}

// expectsOperand reports whether what was read so far goes on with an operand,
// so that a slash is no division.
func (s *nesting) expectsOperand() bool {
	read := s.text[:s.last]
	if read == "" || strings.IndexByte("(,=:[!&|?{};+-*%<>~^", read[len(read)-1]) >= 0 {
		return true
	}
	word := read[strings.LastIndexFunc(read, func(r rune) bool { return r < 'a' || r > 'z' })+1:]
	return slices.Contains(operators, word)
}

// pattern skips a regular expression.
func (s *nesting) pattern() {
	class := false
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '\\':
			s.at++
		case c == '\n' || c == '/' && !class:
			return
		case c == '[':
			class = true
		case c == ']':
			class = false
		}
	}
}
