package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block returns the first fenced block of a language after a mark.
func block(t *testing.T, text, mark, language string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, mark)
	match := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(rest)
	if !found || match == nil {
		t.Fatalf("the README has no %s block after %q", language, mark)
	}
	return strings.TrimSpace(match[1])
}

func TestTheMainCommandOfTheREADME(t *testing.T) {
	command := block(t, readme(t), "<!-- main command -->", "sh")
	built := strings.Replace(command, "go run ./cmd/hatchet-js-worker", filepath.Join(binaries, "hatchet-js-worker"), 1)
	if built == command {
		t.Fatalf("%q does not run the command from its sources", command)
	}
	run := exec.Command("sh", "-c", built)
	run.Dir = filepath.Join("..", "..")
	run.Env = append(os.Environ(), "HATCHET_CLIENT_TOKEN=")
	out, err := run.Output()
	if err != nil || !strings.Contains(string(out), `"shipped":true`) {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
}

func TestTheScriptOfTheREADMELoads(t *testing.T) {
	script := filepath.Join(t.TempDir(), "orders.js")
	if err := os.WriteFile(script, []byte(block(t, readme(t), "## The tour", "js")), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(binaries, "hatchet-js-worker"), "check", script).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "1 file, 3 workflows, 0 not loaded") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTheLinksOfTheREADMELeadSomewhere(t *testing.T) {
	links := regexp.MustCompile(`\]\(([a-z][^):]*)\)`).FindAllStringSubmatch(readme(t), -1)
	if len(links) < 2 {
		t.Fatalf("%d links found", len(links))
	}
	for _, link := range links {
		file, _, _ := strings.Cut(link[1], "#")
		info, err := os.Stat(filepath.Join("..", "..", file))
		if err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", link[1], err)
		}
	}
}
