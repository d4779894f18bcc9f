package architecture

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestWindowsIsNotForgotten checks that every package and every test has on
// Windows what it uses: nobody builds for Windows before a release. The check runs
// in a program of its own, without the race detector, under which it would take
// ten times as long.
func TestWindowsIsNotForgotten(t *testing.T) {
	check := exec.Command("go", "run", "./test/architecture/internal/typecheck", "windows")
	check.Dir = filepath.Join("..", "..")
	check.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false -trimpath", "CGO_ENABLED=0")
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: give what Windows lacks a file _windows.go:\n%s", err, out)
	}
}
