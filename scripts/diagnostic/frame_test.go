package diagnostic_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

const source = "first\n\nconst x = {\n\tdeep: größe(,)\r\n  });\nlast"

func TestFrame(t *testing.T) {
	for _, c := range []struct {
		name         string
		line, column int
		message      string
		want         string
	}{
		{"last of three lines", 5, 3, `unexpected "}"`,
			"3 | const x = {\n4 | \tdeep: größe(,)\n5 |   });\n  |   ^ unexpected \"}\"\n"},
		{"a tab indents the caret too", 4, 14, "unexpected \",\"",
			"3 | const x = {\n4 | \tdeep: größe(,)\n  | \t            ^ unexpected \",\"\n"},
		{"first line", 1, 1, "no", "1 | first\n  | ^ no\n"},
		{"no message", 1, 3, "", "1 | first\n  |   ^\n"},
		{"unknown column", 5, 0, "no", "3 | const x = {\n4 | \tdeep: größe(,)\n5 |   });\n  |   ^ no\n"},
		{"column beyond the end", 6, 99, "no", "4 | \tdeep: größe(,)\n5 |   });\n6 | last\n  |     ^ no\n"},
		{"a message is one line", 3, 1, "a\nb", "1 | first\n2 | \n3 | const x = {\n  | ^ a b\n"},
		{"blank lines at the start are left out", 4, 1, "", "3 | const x = {\n4 | \tdeep: größe(,)\n  | ^\n"},
		{"no such line", 7, 1, "no", ""},
		{"line unknown", 0, 0, "no", ""},
	} {
		if got := diagnostic.Frame(source, c.line, c.column, c.message); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestALongLineIsCutAroundTheCaret(t *testing.T) {
	long := strings.Repeat("x", 5000) + "!" + strings.Repeat("y", 5000)
	got := diagnostic.Frame("short\n"+long, 2, 5001, "here")
	lines := strings.Split(got, "\n")
	if len(lines) != 4 || len(lines[1]) > 130 {
		t.Fatalf("got %q", got)
	}
	if strings.IndexByte(lines[1], '!') != strings.IndexByte(lines[2], '^') {
		t.Errorf("the caret misses:\n%s", got)
	}
}

func FuzzFrame(f *testing.F) {
	f.Add(source, 4, 14, "message")
	f.Add("\x1b[31m", 1, 2, "m")
	f.Fuzz(func(t *testing.T, source string, line, column int, message string) {
		got := diagnostic.Frame(source, line, column, message)
		if line >= 1 && line <= len(diagnostic.Lines(source)) != (got != "") {
			t.Fatalf("line %d of %q renders %q", line, source, got)
		}
		if strings.ContainsAny(got, "\x1b\r\u2028") || !utf8.ValidString(got) && utf8.ValidString(message) {
			t.Fatalf("unprintable: %q", got)
		}
		if got != "" && (!strings.Contains(got, "^") || strings.Count(got, "\n") > 4) {
			t.Fatalf("misshapen: %q", got)
		}
	})
}
