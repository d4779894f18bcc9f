package scripttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// snapshots are the kept texts of one test file, in
// __snapshots__/<file>.snap.json beside it: an object of texts by name.
type snapshots struct {
	path   string
	update bool // accept what differs
	frozen bool // do not even write new ones, as on CI

	mu      sync.Mutex
	kept    map[string]string
	taken   map[string]bool
	changed bool
	err     error // of reading
}

func readSnapshots(testFile string) *snapshots {
	s := &snapshots{
		path: filepath.Join(filepath.Dir(testFile), "__snapshots__", filepath.Base(testFile)+".snap.json"),
		kept: map[string]string{}, taken: map[string]bool{},
	}
	text, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		s.err = err
	default:
		if err := json.Unmarshal(text, &s.kept); err != nil {
			s.err = fmt.Errorf("%s: %w; delete it to take the snapshots anew", s.path, err)
		}
	}
	return s
}

// match compares text with the snapshot of a name, and keeps it if there is
// none.
func (s *snapshots) match(name, text string) (pass bool, expected string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false, "", s.err
	}
	s.taken[name] = true
	expected, known := s.kept[name]
	switch {
	case known && expected == text:
		return true, expected, nil
	case known && !s.update:
		return false, expected, nil
	case !known && s.frozen:
		return false, "", fmt.Errorf("there is no snapshot %q; run the test without CI to write it", name)
	}
	s.kept[name], s.changed = text, true
	return true, text, nil
}

// write puts new and accepted snapshots into the file.
func (s *snapshots) write() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.changed {
		return nil
	}
	text, err := json.MarshalIndent(s.kept, "", "  ")
	if err != nil {
		return fmt.Errorf("write snapshots: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return fmt.Errorf("write snapshots: %w", err)
	}
	if err := os.WriteFile(s.path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write snapshots: %w", err)
	}
	s.changed = false
	return nil
}

// snapshot is the module's native: (text, name).
func (f *face) snapshot(call goja.FunctionCall) goja.Value {
	s := f.needSession("toMatchSnapshot")
	name := s.test.fullName()
	if own := call.Argument(1).String(); own != "" {
		name += ": " + own
	} else if s.named++; s.named > 1 {
		name += fmt.Sprintf(" (%d)", s.named)
	}
	pass, expected, err := s.test.file.snapshots.match(name, strings.TrimRight(call.Argument(0).String(), "\n"))
	if err != nil {
		panic(f.vm.NewError(err))
	}
	return f.rt.ToValue(map[string]any{"pass": pass, "expected": expected})
}
