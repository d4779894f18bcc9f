// Package nodejs puts npm packages beside tests that compare with Node. Go
// cannot share code between tests otherwise.
package nodejs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience bounds an installation; it is far above what a slow network needs.
const patience = 300 * time.Second

var errNoNode = errors.New("node and npm are not installed")

// Modules returns the folder node_modules with what the package-lock.json in
// the folder list names, from the user's cache or freshly installed. Without
// node and npm the test is skipped, except where CI is set in the environment.
func Modules(t testing.TB, list string) string {
	t.Helper()
	modules, err := install(list)
	if errors.Is(err, errNoNode) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return modules
}

// install puts what list/package-lock.json lists into a folder of the user's
// cache that is named for the list, once.
func install(list string) (string, error) {
	for _, command := range []string{"node", "npm"} {
		if _, err := exec.LookPath(command); err != nil {
			return "", errNoNode
		}
	}
	lock, err := os.ReadFile(filepath.Join(list, "package-lock.json"))
	if err != nil {
		return "", err
	}
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	base = filepath.Join(base, "hatchet-js-worker")
	sum := sha256.Sum256(lock)
	place := filepath.Join(base, "compat-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(place); err == nil {
		return filepath.Join(place, "node_modules"), nil
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", err
	}
	return filepath.Join(place, "node_modules"), installInto(list, base, place)
}

// installInto installs beside the place and moves the whole there: whoever finds
// it finds it complete, and of two at once one wins.
func installInto(list, base, place string) error {
	draft, err := os.MkdirTemp(base, "compat-draft-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	if err := os.CopyFS(draft, os.DirFS(list)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund")
	npm.Dir, npm.WaitDelay = draft, time.Second
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	if err := os.Rename(draft, place); err != nil {
		if _, there := os.Stat(place); there != nil {
			return err
		}
	}
	return nil
}
