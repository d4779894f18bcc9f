// Package compat drives the embedded engine with Hatchet's official TypeScript
// SDK, as its users do: a worker and a client in Node processes. npm/ names the
// version; the tests install it into the user's cache. Without node and npm
// they skip, except where CI is set in the environment.
//
// Each file of testdata/groups is one test: it declares workflows and cases. A
// worker process serves the workflows, a client process runs the cases, all at
// once, and each case is a subtest. testdata/run.mjs has the details. Cases
// wait for conditions and measure no time.
package compat

import (
	"bufio"
	"encoding/json"
	"flag"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"go.uber.org/goleak"
)

// patience bounds every wait; it is far above what a slow machine needs.
const patience = 100 * time.Second

// groupsAtOnce is how many groups run at a time: they mostly wait.
const groupsAtOnce = "4"

func TestMain(m *testing.M) {
	flag.Parse()
	if given := flag.Lookup("test.parallel"); given.Value.String() == given.DefValue {
		_ = given.Value.Set(groupsAtOnce)
	}
	dir, err := os.MkdirTemp("", "hatchet-js-compat")
	if err != nil {
		log.Fatal(err)
	}
	commandDir = dir
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// commandDir is where our command is built.
var commandDir string

func TestGroups(t *testing.T) {
	files, err := filepath.Glob("testdata/groups/*.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no groups: %v", err)
	}
	requireSDK(t)
	for _, file := range files {
		group := strings.TrimSuffix(filepath.Base(file), ".mjs")
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			runGroup(t, group)
		})
	}
}

// runGroup serves a group's workflows on an engine of its own and runs its
// cases.
func runGroup(t *testing.T, group string) {
	s := newStage(t)
	env := startEngine(t, sdk.EngineOptions{})
	worker := s.worker(t, "groups/"+group, env)
	reportCases(t, s.start(t, env, "client", "groups/"+group))
	worker.terminate(t)
}

// outcome is a line that a client prints: first the names of all cases, then how
// each went.
type outcome struct {
	Cases []string
	Case  string
	Error string
}

// reportCases waits for the end of a client and makes each of its cases a
// subtest.
func reportCases(t *testing.T, client *process) {
	t.Helper()
	client.wait(t)
	var expected []string
	done := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(client.output.String()))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var line outcome
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue // what the SDK prints
		}
		if line.Cases != nil {
			expected = line.Cases
		}
		if line.Case != "" {
			done[line.Case] = line.Error
		}
	}
	if len(expected) == 0 {
		t.Fatalf("the client ran no case:\n%s", tail(client.output.String()))
	}
	slices.Sort(expected)
	for _, name := range expected {
		t.Run(name, func(t *testing.T) {
			failure, told := done[name]
			if !told {
				t.Fatalf("the client ended before it:\n%s", tail(client.output.String()))
			}
			if failure != "" {
				t.Error(failure)
			}
		})
	}
}

// tail is the end of what a process has printed.
func tail(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}
