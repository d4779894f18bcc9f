package compat

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/test/internal/command"
)

// built is our command, built once per test process into a folder that TestMain
// removes.
var built = sync.OnceValues(func() (string, error) { return command.Build(commandDir) })

// ours is our command with arguments, to be run from the stage.
func (s *stage) ours(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, args...)
	s.furnish(cmd, append(env[:len(env):len(env)], "NO_COLOR=1"))
	return cmd
}

func TestOfficialClientWithOurWorker(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	env := startEngine(t, sdk.EngineOptions{})
	scripts := filepath.Join(s.dir, "cross", "scripts")
	worker := launch(t, "our worker", s.ours(t, env, "worker", scripts, "--name", "ours", "--log-level", "info"))
	// The client comes when the workflows are there.
	s.untilRegistered(t, env, "on-cross")
	reportCases(t, s.start(t, env, "client", "cross/client"))
	worker.terminate(t)
}

// untilRegistered waits until the engine takes a run of the workflow.
func (s *stage) untilRegistered(t *testing.T, env []string, workflow string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		out, err := s.ours(t, env, "trigger", workflow, "{}").CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is not there: %v\n%s", workflow, err, out)
		}
	}
}

// call runs our command to its end and returns its exit code and output.
func (s *stage) call(t *testing.T, env []string, args ...string) (int, string, string) {
	t.Helper()
	cmd := s.ours(t, env, args...)
	var out, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), strings.TrimSpace(out.String()), complaint.String()
}

// notes are what tasks have noted under a key.
func (s *stage) notes(t *testing.T, key string) []json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(s.journal())
	if err != nil {
		t.Fatal(err)
	}
	var found []json.RawMessage
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var note []json.RawMessage
		if json.Unmarshal([]byte(line), &note) == nil && len(note) == 2 && string(note[0]) == `"`+key+`"` {
			found = append(found, note[1])
		}
	}
	return found
}

// awaitNotes waits until tasks have noted something so many times.
func (s *stage) awaitNotes(t *testing.T, key string, n int) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(s.notes(t, key)) < n; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%q was noted %d times, want %d", key, len(s.notes(t, key)), n)
		}
	}
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Fatalf("%v in %q", err, got)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOurClientWithOfficialWorker(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	env := startEngine(t, sdk.EngineOptions{})
	worker := s.worker(t, "cross/worker", env)
	t.Run("a run and its output", func(t *testing.T) {
		code, out, complaint := s.call(t, env, "run", "echo", `{"n":1,"s":"ü"}`, "-m", "team=ops", "--priority", "2")
		if code != 0 {
			t.Fatalf("code %d: %s", code, complaint)
		}
		var got struct {
			Got      json.RawMessage
			Metadata map[string]string
			Priority int
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		sameJSON(t, string(got.Got), `{"n":1,"s":"ü"}`)
		if got.Metadata["team"] != "ops" || got.Priority != 2 {
			t.Errorf("metadata and priority: %s", out)
		}
	})
	t.Run("a workflow of several tasks", func(t *testing.T) {
		code, out, complaint := s.call(t, env, "run", "order", `{"total":42}`)
		if code != 0 {
			t.Fatalf("code %d: %s", code, complaint)
		}
		sameJSON(t, out, `{"validate":{"ok":true},"charge":{"charged":42}}`)
	})
	t.Run("a failure", func(t *testing.T) {
		if code, out, complaint := s.call(t, env, "run", "fails"); code != 1 || !strings.Contains(complaint, "out of luck") {
			t.Errorf("code %d: %s %s", code, out, complaint)
		}
	})
	t.Run("an event that starts a run", func(t *testing.T) {
		if code, _, complaint := s.call(t, env, "events", "push", "cross-event:a", `{"n":7}`); code != 0 {
			t.Fatalf("code %d: %s", code, complaint)
		}
		s.awaitNotes(t, "taken", 1)
		sameJSON(t, string(s.notes(t, "taken")[0]), `{"n":7}`)
	})
	t.Run("an event that a durable run awaits", func(t *testing.T) { s.pushUntilDone(t, env) })
	t.Run("cancellation", func(t *testing.T) {
		_, id, _ := s.call(t, env, "trigger", "waits")
		s.awaitNotes(t, "waits", 1)
		if code, _, complaint := s.call(t, env, "runs", "cancel", id); code != 0 {
			t.Fatalf("code %d: %s", code, complaint)
		}
		s.awaitNotes(t, "waits", 2)
		s.awaitStatus(t, env, id, "CANCELLED")
	})
	worker.terminate(t)
}

// pushUntilDone pushes an event again and again until the run that awaits it is
// over, for nothing tells when an engine begins to listen.
func (s *stage) pushUntilDone(t *testing.T, env []string) {
	t.Helper()
	_, id, _ := s.call(t, env, "trigger", "gate", `{"name":"ours"}`)
	for deadline := time.Now().Add(patience); s.status(t, env, id) != "COMPLETED"; {
		if time.Now().After(deadline) {
			t.Fatal("the run does not end")
		}
		if code, _, complaint := s.call(t, env, "events", "push", "cross:ours", `{"by":"us"}`); code != 0 {
			t.Fatalf("code %d: %s", code, complaint)
		}
	}
	_, out, _ := s.call(t, env, "runs", "get", id, "-o", "json")
	var run sdk.Run
	if err := json.Unmarshal([]byte(out), &run); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	sameJSON(t, string(run.Output), `{"got":{"by":"us"}}`)
}

func (s *stage) status(t *testing.T, env []string, id string) string {
	t.Helper()
	code, out, complaint := s.call(t, env, "runs", "get", id, "-o", "json")
	var run struct{ Status string }
	if err := json.Unmarshal([]byte(out), &run); err != nil {
		t.Fatalf("code %d, %v: %s %s", code, err, out, complaint)
	}
	return run.Status
}

func (s *stage) awaitStatus(t *testing.T, env []string, id, want string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		got := s.status(t, env, id)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the run is %s, want %s", got, want)
		}
	}
}
