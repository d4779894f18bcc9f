// Package command builds hatchet-js-worker for tests that drive it as its users
// do.
package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const path = "github.com/hatchet-js/hatchet-js-worker/cmd/hatchet-js-worker"

// Build builds the static binary into dir and returns its path. The error holds
// what the compiler printed.
func Build(dir string) (string, error) {
	binary := filepath.Join(dir, "hatchet-js-worker")
	// With the flags of the release, which .ci/run has built by then.
	build := exec.Command("go", "build", "-trimpath", "-o", binary, path)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the command: %w\n%s", err, out)
	}
	return binary, nil
}
