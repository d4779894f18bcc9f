package compat

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// silence is after how long the engine gives a worker's tasks to another here:
// more than the time between two of the official SDK's heartbeats.
const silence = 10 * time.Second

// heldRuns is how many runs of cross/lost its gate holds.
const heldRuns = 10 + 5 + 3

// awaitBegun waits until the worker has begun with all of them.
func (s *stage) awaitBegun(t *testing.T, worker *process) {
	t.Helper()
	s.awaitNotes(t, fmt.Sprintf("began in %d", worker.cmd.Process.Pid), heldRuns)
}

// open opens a gate for tasks and client.
func (s *stage) open(t *testing.T, gate string) {
	t.Helper()
	if err := os.WriteFile(s.journal()+"."+gate, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOfficialWorkerKilledWithRunsInFlight(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	env := startEngine(t, sdk.EngineOptions{SilentAfter: silence})
	first := s.worker(t, "cross/lost", env)
	client := s.start(t, env, "client", "cross/lost")
	s.awaitBegun(t, first)
	first.kill()
	second := s.worker(t, "cross/lost", env)
	s.awaitBegun(t, second)
	s.open(t, "go")
	reportCases(t, client)
	second.terminate(t)
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// engineProcess starts our engine on a data file and waits until it takes
// requests.
func (s *stage) engineProcess(t *testing.T, grpc, http int) *process {
	t.Helper()
	cmd := s.ours(t, nil, "engine", "--data", filepath.Join(s.dir, "engine.db"), "--grpc-port", fmt.Sprint(grpc), "--port", fmt.Sprint(http))
	p := launch(t, "our engine", cmd)
	p.await(t, "^ +ready$")
	return p
}

func TestEngineKilledUnderOfficialWorker(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	grpc, http := freePort(t), freePort(t)
	engine := s.engineProcess(t, grpc, http)
	address := fmt.Sprintf("127.0.0.1:%d", grpc)
	env := append(environment(sdk.EngineToken(address, fmt.Sprintf("127.0.0.1:%d", http)), address), "COMPAT_ATTEMPTS=20", "COMPAT_LOG_LEVEL=OFF")
	worker := s.worker(t, "cross/lost", env)
	client := s.start(t, env, "client", "cross/lost")
	s.awaitBegun(t, worker)
	for range 2 {
		engine.kill()
		engine = s.engineProcess(t, grpc, http)
	}
	s.open(t, "go")
	reportCases(t, client)
	worker.terminate(t)
	engine.terminate(t)
}
