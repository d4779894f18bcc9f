package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestThePageOfPermissions runs the files of sdk/js/PERMISSIONS.md.
func TestThePageOfPermissions(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "sdk", "js", "PERMISSIONS.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```\\w+\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(files) != 3 {
		t.Fatalf("%d files found", len(files))
	}
	for _, file := range files {
		if err := os.WriteFile(filepath.Join(dir, file[1]), []byte(file[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args  string
		fails bool
		want  string
		linux bool
	}{
		{"run region", false, `"north"`, false},
		{"run refused", false, `["NotCapable","EACCES"]`, false},
		{"run report --trace", true, `the key is ***STRIPE_KEY***`, false},
		{"run report", true, `which the permissions of workflow report in hatchet-js.json leave out`, false},
		{"run region -P ci", false, `"north"`, false},
		{"run twice", false, `[1,2]`, false},
		{"run twice --isolate run", false, `[1,1]`, false},
		{"run twice --isolate process", false, `[1,2]`, false},
		{"run huge --isolate process --memory 64MB", true, `MemoryLimitExceeded: huge used more than 64MB of memory`, true},
	} {
		if c.linux && runtime.GOOS != "linux" {
			continue
		}
		cmd := exec.Command(filepath.Join(binaries, "hatchet-js-worker"), append(strings.Fields(c.args), "--local", "--dir", ".")...)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "REGION=north", "STRIPE_KEY=sk_live_0123456789"}
		out, err := cmd.CombinedOutput()
		if (err != nil) != c.fails || !strings.Contains(string(out), c.want) || strings.Contains(string(out), "sk_live_") {
			t.Errorf("%s: %v\n%s", c.args, err, out)
		}
	}
}
