package scripttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// readFixtures is the module's native: (pattern), relative to the test file.
func (f *face) readFixtures(call goja.FunctionCall) goja.Value {
	pattern := native.NonEmpty(f.rt, call.Argument(0), "test.fixtures: the pattern")
	found, err := fixturesOf(f.dir, pattern)
	if err != nil {
		panic(f.vm.NewError(err))
	}
	v, err := f.decode(found)
	if err != nil {
		panic(f.vm.NewError(err))
	}
	return v
}

// fixture is one file of test data.
type fixture struct {
	File    string          `json:"file"` // relative to the test file
	Fixture json.RawMessage `json:"fixture"`
}

// fixturesOf reads the fixtures that a pattern stands for, in order of name. A
// file holds one fixture or a list of them.
func fixturesOf(dir, pattern string) ([]fixture, error) {
	full := pattern
	if !filepath.IsAbs(pattern) {
		full = filepath.Join(dir, pattern)
	}
	paths, err := filepath.Glob(full)
	if err != nil {
		return nil, fmt.Errorf("fixtures %s: %w", pattern, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("fixtures %s: no file of that name beside the test", pattern)
	}
	slices.Sort(paths)
	var list []fixture
	for _, path := range paths {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			name = path
		}
		read, err := readFixture(path, filepath.ToSlash(name))
		if err != nil {
			return nil, err
		}
		list = append(list, read...)
	}
	return list, nil
}

func readFixture(path, name string) ([]fixture, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("fixture %s: %w", name, err)
	}
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] == '[' {
		var several []json.RawMessage
		if err := json.Unmarshal(text, &several); err != nil {
			return nil, placed(name, text, err)
		}
		list := make([]fixture, len(several))
		for i, one := range several {
			list[i] = fixture{fmt.Sprintf("%s[%d]", name, i), one}
		}
		return list, nil
	}
	var one json.RawMessage
	if err := json.Unmarshal(text, &one); err != nil {
		return nil, placed(name, text, err)
	}
	var recording struct {
		Recording int `json:"recording"`
	}
	if json.Unmarshal(one, &recording) == nil && recording.Recording > 0 {
		return nil, nil // of t.record, which may lie beside fixtures
	}
	return []fixture{{name, one}}, nil
}

// placed says at which line a text is no JSON.
func placed(name string, text []byte, err error) error {
	at := len(text)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = int(syntax.Offset)
	} else if errors.Is(err, io.ErrUnexpectedEOF) {
		at = len(text)
	}
	at = min(at, len(text))
	line := 1 + bytes.Count(text[:at], []byte("\n"))
	return fmt.Errorf("fixture %s:%d: %w", name, line, err)
}
