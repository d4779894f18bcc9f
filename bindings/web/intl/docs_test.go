package intl_test

import (
	"os"
	"strings"
	"testing"
)

// TestTheDocumentIsTrue runs each line of the code of the document.
func TestTheDocumentIsTrue(t *testing.T) {
	text, err := os.ReadFile("../../../sdk/js/INTL.md")
	if err != nil {
		t.Fatal(err)
	}
	v, code, n := newVM(t), false, 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			code = line == "```js"
			continue
		}
		expression, want, told := strings.Cut(line, " // ")
		if !code || !told {
			continue
		}
		n++
		got := evaluate(t, v, "(() => { try { return "+expression+" } catch (e) { return String(e) } })()")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", expression, got, want)
		}
	}
	if n < 30 {
		t.Errorf("only %d lines", n)
	}
}
