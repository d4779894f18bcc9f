// Package cli drives the command as a user does: real processes, real folders,
// scripts in testdata/*.txtar.
package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hatchet-js/hatchet-js-worker/test/internal/command"
)

// binaries is the folder that holds the command built for these tests.
var binaries string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "hatchet-js-cli")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if _, err := command.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binaries = dir
	return m.Run()
}

func TestCommand(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":      start,
			"startin":    startin,
			"await":      await,
			"terminate":  terminate,
			"interrupt":  interrupt,
			"killnow":    killnow,
			"exit":       exitCode,
			"code":       code,
			"eventually": eventually,
			"freeport":   freePort,
			"probe":      probe,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func setup(env *testscript.Env) error {
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		return err
	}
	env.Setenv("PATH", binaries+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("EXAMPLES", examples)
	env.Setenv("HATCHET_JS_ENGINES_DIR", filepath.Join(env.WorkDir, ".engines"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("NO_COLOR", "1")
	env.Values[processesKey{}] = &processes{running: map[string]*process{}}
	env.Defer(func() { env.Values[processesKey{}].(*processes).killAll() })
	return nil
}
