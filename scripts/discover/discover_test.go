package discover_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
	"github.com/rogpeppe/go-internal/txtar"
)

// folder unpacks a txtar archive; a file "a -> b" is made a symbolic link.
func folder(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name, target, link := strings.Cut(f.Name, " -> ")
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if link {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, f.Data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(t *testing.T, dir string, files []discover.File) []string {
	t.Helper()
	var list []string
	for _, f := range files {
		rel, err := filepath.Rel(dir, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, filepath.ToSlash(rel))
	}
	return list
}

func TestFilesOfAFolder(t *testing.T) {
	dir := folder(t, `
-- a.js --
-- b/c.mjs --
-- b/d.cjs --
-- b/deep/er/e.ts --
-- f.mts --
-- g.cts --
-- g.test.js --
-- g.test.ts --
-- h.d.ts --
-- h.d.mts --
-- h.d.css.ts --
-- README.md --
-- data.json --
-- view.tsx --
-- .hidden.js --
-- .git/hook.js --
-- node_modules/p/index.js --
-- b/node_modules/p/index.js --
-- a.js~ --
-- .a.js.swp --
-- 4913 --
-- testing.js --
`)
	files, err := discover.Files([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a.js", "b/c.mjs", "b/d.cjs", "b/deep/er/e.ts", "f.mts", "g.cts", "testing.js"}
	if got := names(t, dir, files); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSeveralPathsListEachFileOnce(t *testing.T) {
	dir := folder(t, `
-- one/a.js --
-- one/b.js --
-- two/c.js --
-- three/x.test.js --
`)
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	files, err := discover.Files([]string{at("two"), at("one/b.js"), at("one"), at("two/c.js"), at("three/x.test.js")})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"two/c.js", "one/b.js", "one/a.js", "three/x.test.js"}
	if got := names(t, dir, files); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAConfigMapMountKeepsItsLogicalPaths(t *testing.T) {
	dir := folder(t, `
-- ..2026_01_02/billing.js --
-- ..2026_01_02/lib.js --
-- ..data -> ..2026_01_02 --
-- billing.js -> ..data/billing.js --
-- lib.js -> ..data/lib.js --
`)
	files, err := discover.Files([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir, files); !slices.Equal(got, []string{"billing.js", "lib.js"}) {
		t.Fatalf("got %v", got)
	}
	if want := filepath.Join(dir, "..2026_01_02", "billing.js"); files[0].Real != want {
		t.Errorf("real path %s, want %s", files[0].Real, want)
	}
}

func TestLinks(t *testing.T) {
	dir := folder(t, `
-- root/real/a.js --
-- root/real/loop -> .. --
-- root/alias.js -> real/a.js --
-- root/linked -> ../elsewhere --
-- root/broken.js -> nowhere.js --
-- elsewhere/b.js --
-- elsewhere/self -> ../elsewhere --
`)
	root := filepath.Join(dir, "root")
	files, err := discover.Files([]string{root})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"broken.js", "linked/b.js", "real/a.js"}
	if got := names(t, root, files); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if files[0].Real != "" {
		t.Errorf("a link to nowhere resolves to %q", files[0].Real)
	}
}

func TestARootThatIsALinkOrHiddenIsServed(t *testing.T) {
	dir := folder(t, `
-- .secret/a.js --
-- current -> .secret --
`)
	for _, root := range []string{".secret", "current"} {
		files, err := discover.Files([]string{filepath.Join(dir, root)})
		if err != nil || len(files) != 1 || files[0].Path != filepath.Join(dir, root, "a.js") {
			t.Errorf("%s: %v, %v", root, files, err)
		}
	}
}

func TestBadPaths(t *testing.T) {
	dir := folder(t, `
-- empty/README.md --
-- notes.txt --
-- types.d.ts --
-- ok.js --
`)
	for name, want := range map[string]error{
		"missing": discover.ErrNotFound, "missing.js": discover.ErrNotFound,
		"empty":     discover.ErrEmpty,
		"notes.txt": discover.ErrNotScript, "types.d.ts": discover.ErrNotScript,
	} {
		path := filepath.Join(dir, name)
		files, err := discover.Files([]string{path, filepath.Join(dir, "ok.js")})
		if !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v", name, err)
		}
		if len(files) != 1 {
			t.Errorf("%s: the good path yields %v", name, files)
		}
	}
}

func TestAFolderThatCannotBeReadIsNamed(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads every folder")
	}
	dir := folder(t, `
-- a.js --
-- locked/b.js --
`)
	locked := filepath.Join(dir, "locked")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(locked, 0o755)
	files, err := discover.Files([]string{dir})
	if err == nil || !strings.Contains(err.Error(), locked) || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

func FuzzScript(f *testing.F) {
	for _, seed := range []string{"a.js", "a.d.ts", "a.test.js", ".js", "~.js", "4913", "node_modules", "x.d.mts"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !discover.Script(name) {
			return
		}
		if discover.Ignored(name) || strings.HasPrefix(name, ".") || strings.Contains(name, ".test.") ||
			strings.HasSuffix(name, ".d.ts") || filepath.Ext(name) == "" {
			t.Errorf("%q is taken for a script", name)
		}
	})
}
