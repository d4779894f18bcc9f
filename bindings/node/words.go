package node

import (
	"fmt"
	"strings"
)

// words takes a command line apart as a shell does, without anything that only
// a shell could do: that is an error, which says what to write instead.
func words(line string) ([]string, error) {
	w := &splitter{rest: line}
	for w.rest != "" {
		if err := w.step(); err != nil {
			return nil, err
		}
	}
	w.end()
	if len(w.done) == 0 {
		return nil, fmt.Errorf("the command is empty")
	}
	if name, _, assigns := strings.Cut(w.done[0], "="); assigns && !strings.Contains(name, "/") {
		return nil, shellOnly("setting a variable", w.done[0], "give { env } instead")
	}
	return w.done, nil
}

type splitter struct {
	rest   string
	word   strings.Builder
	inWord bool
	done   []string
}

func (w *splitter) end() {
	if w.inWord {
		w.done = append(w.done, w.word.String())
	}
	w.word.Reset()
	w.inWord = false
}

// step takes one character, or one quoted part.
func (w *splitter) step() error {
	c := w.rest[0]
	switch {
	case c == ' ' || c == '\t':
		w.rest = w.rest[1:]
		w.end()
		return nil
	case c == '\'':
		return w.single()
	case c == '"':
		return w.double()
	case c == '\\' && !windows: // there it is in paths
		if len(w.rest) < 2 {
			return fmt.Errorf("the command ends in a backslash")
		}
		w.take(w.rest[1:2], 2)
		return nil
	case strings.IndexByte("|&;<>()$`*?[]{}\n\r", c) >= 0, (c == '~' || c == '#') && !w.inWord:
		return shellOnly("the character", string(c), "quote it if it is meant as it is")
	}
	w.take(w.rest[:1], 1)
	return nil
}

func (w *splitter) take(text string, length int) {
	w.word.WriteString(text)
	w.inWord = true
	w.rest = w.rest[length:]
}

func (w *splitter) single() error {
	end := strings.IndexByte(w.rest[1:], '\'')
	if end < 0 {
		return fmt.Errorf("a quote is not closed: %s", w.rest)
	}
	w.take(w.rest[1:1+end], end+2)
	return nil
}

// escapable are the characters before which a backslash within double quotes
// stands for the character; on Windows it is in paths.
var escapable = func() string {
	if windows {
		return `"`
	}
	return "\"\\$`"
}()

func (w *splitter) double() error {
	begun := w.rest
	w.take("", 1)
	for w.rest != "" {
		switch c := w.rest[0]; {
		case c == '"':
			w.take("", 1)
			return nil
		case c == '\\' && len(w.rest) > 1 && strings.IndexByte(escapable, w.rest[1]) >= 0:
			w.take(w.rest[1:2], 2)
		case c == '$' || c == '`':
			return shellOnly("the character", string(c), "build the text in JavaScript")
		default:
			w.take(w.rest[:1], 1)
		}
	}
	return fmt.Errorf("a quote is not closed: %s", begun)
}

func shellOnly(what, text, instead string) error {
	return fmt.Errorf("%s %q would need a shell, and programs are started without one: %s; or start a shell yourself, "+
		"execFile('sh', ['-c', command]), which takes --allow-run=sh", what, text, instead)
}
