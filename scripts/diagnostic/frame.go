package diagnostic

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// shown is how many lines are printed: the one meant and those before it.
const shown = 3

// maxWidth bounds a printed line; of a longer one the part around the caret is
// shown.
const maxWidth = 120

// Frame shows a place in a source text: it prints the line (from 1) of source and up to two lines before it,
// with numbers, then a caret under the column (from 1, in characters; 0 = the
// first that is no space) followed by message:
//
//	43 |   await pay(order)
//	44 |   });
//	   |   ^ unexpected "}"
//
// Every line ends in a newline. A line that source does not have renders as
// the empty string.
func Frame(source string, line, column int, message string) string {
	lines := Lines(source)
	if line < 1 || line > len(lines) {
		return ""
	}
	first := max(1, line-shown+1)
	for first < line && strings.TrimSpace(lines[first-1]) == "" {
		first++
	}
	width := len(fmt.Sprint(line))
	text := lines[line-1]
	column = clampColumn(text, column)
	from := max(0, column-maxWidth*3/4)
	var out strings.Builder
	for n := first; n <= line; n++ {
		fmt.Fprintf(&out, "%*d | %s\n", width, n, window(lines[n-1], from))
	}
	caret := indent(window(text, from), column-1-from)
	fmt.Fprintf(&out, "%*s | %s^%s\n", width, "", caret, spaced(message))
	return out.String()
}

// Lines splits a source text at every line end of JavaScript.
func Lines(source string) []string {
	return strings.Split(lineEnds.Replace(source), "\n")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

func clampColumn(text string, column int) int {
	if column < 1 {
		return 1 + utf8.RuneCountInString(text) - utf8.RuneCountInString(strings.TrimLeft(text, " \t"))
	}
	return min(column, utf8.RuneCountInString(text)+1)
}

// window is the part of text that starts at character from and is at most
// maxWidth long.
func window(text string, from int) string {
	if from == 0 && len(text) <= maxWidth {
		return printable(text)
	}
	runes := []rune(text)
	if from >= len(runes) {
		return ""
	}
	return printable(string(runes[from:min(len(runes), from+maxWidth)]))
}

// printable replaces what would move the cursor; tabs stay, for they indent
// the caret line as well.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return '·'
		}
		return r
	}, text)
}

// indent is as wide as the first n characters of text.
func indent(text string, n int) string {
	var out strings.Builder
	for _, r := range text {
		if n--; n < 0 {
			break
		}
		if r == '\t' {
			out.WriteByte('\t')
		} else {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

func spaced(message string) string {
	if message == "" {
		return ""
	}
	return " " + printable(strings.Join(strings.Fields(message), " "))
}
