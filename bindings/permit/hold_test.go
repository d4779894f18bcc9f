package permit_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

func TestHoldingAFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"data/sub", "other"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"data/out": "../other", "data/in": "sub", "data/file": "../other/file", "data/near": "sub/file"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "data/sub/file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	door, err := permit.NewDoor(permit.Options{Dir: dir, Rules: permit.Rules{permit.Read: {Allow: []string{"data"}}}})
	if err != nil {
		t.Fatal(err)
	}
	run, ctx := door.Enter(t.Context(), permit.Task{})
	defer run.Leave()
	for path, want := range map[string]string{"data/sub/new": "data/sub/new", "data/in/new": "data/sub/new", "data/near": "data/sub/file"} {
		held, err := run.Hold(ctx, path, permit.Read)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got := filepath.Join(dir, want); held.Real != got || held.Name != filepath.Base(want) {
			t.Errorf("%s leads to %s, %s; want %s", path, held.Real, held.Name, got)
		}
		if err := held.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{"other/file", "data/out/file", "data/file", "data/../other/x", "/proc/self/fd/x"} {
		var refused *permit.NotCapableError
		if _, err := run.Hold(ctx, path, permit.Read); !errors.As(err, &refused) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := run.Hold(ctx, "data/sub", permit.Read); permit.CodeOf(err) != "EISDIR" {
		t.Errorf("a folder: %v", err)
	}
	if _, err := run.Hold(ctx, "data/none/x", permit.Read); permit.CodeOf(err) != "ENOENT" {
		t.Errorf("no folder: %v", err)
	}
}
