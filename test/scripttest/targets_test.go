package scripttest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// TestTargets runs the same files with the embedded engine and, if the
// environment has the token of a server, there, and compares the outcomes.
//
//	HATCHET_CLIENT_TOKEN=… go test ./test/scripttest -run TestTargets
func TestTargets(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "targets"))); err != nil {
		t.Fatal(err)
	}
	events, _ := report(t, sdk.TestOptions{Paths: []string{dir}})
	embedded := outcomes(events)
	for name, outcome := range embedded {
		if outcome != "passed" {
			t.Errorf("%s, embedded: %s", name, outcome)
		}
	}
	if len(embedded) < 40 {
		t.Errorf("only %d scenarios", len(embedded))
	}
	if os.Getenv("HATCHET_CLIENT_TOKEN") == "" {
		return
	}
	server, err := sdk.ServerFromEnv(os.LookupEnv, sdk.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	events, _ = report(t, sdk.TestOptions{Paths: []string{dir}, Server: &server, Jobs: 4})
	there := outcomes(events)
	for _, name := range slices.Sorted(maps.Keys(embedded)) {
		if there[name] != embedded[name] {
			t.Errorf("%s: %s embedded, on the server: %s", name, embedded[name], there[name])
		}
	}
}

// TestVirtualTimeIsRefusedOnServers uses an embedded engine as the server that the
// tests are pointed at.
func TestVirtualTimeIsRefusedOnServers(t *testing.T) {
	dir := write(t, map[string]string{"a.test.js": `import { test, expect } from 'hatchet:test'
const echo = workflow.task('echo', { retries: 1 }, (input, ctx) => { if (ctx.retryCount() === 0) throw new Error('once'); console.log('hi'); return input })
const waits = workflow.durableTask('waits', async (input, ctx) => { await ctx.sleepFor('200ms'); return input })
test('runs', async (t) => {
  const run = await t.run(echo, { n: 1 })
  expect(run).toHaveCompleted({ n: 1 })
  expect(run).toHaveAttempts(echo, 2)
  expect(run).toHaveLogged('hi')
  expect(run.input).toEqual({ n: 1 })
  expect(run).toHaveRunInOrder(['echo'])
  await t.clock.advance('50ms')
})
test('waits', async (t) => expect(await t.run(waits, { n: 2 })).toHaveCompleted({ n: 2 }))
test('advance', async (t) => t.clock.advance('24h'))
test('delay', async (t) => { await t.trigger(echo, {}, { delay: '2h' }) })
test('parked', async (t) => (await t.trigger(echo, {})).parked({ sleep: '1s' }))
test('slept', async (t) => { expect(await t.run(echo)).toHaveSlept('1s') })
test('pause', (t) => t.clock.pause())
test('crash', (t) => t.fault.crashWorker({ at: 'every-checkpoint' }))
test('start', { start: '2026-01-31' }, () => {})
`})
	want := map[string]string{
		"runs": "passed", "waits": "passed", "advance": "t.clock.advance: 24h is real time on a server", "delay": "2h is real time on a server",
		"parked": "run.parked: not on a server", "slept": "toHaveSlept and toHaveWaitedFor: not on a server", "pause": "t.clock.pause and t.clock.auto: not on a server",
		"crash": "t.fault.crashWorker: not on a server", "start": "the option start sets a virtual clock",
	}
	err := sdk.WithEngine(t.Context(), sdk.EngineOptions{}, func(_ context.Context, engine *sdk.Engine) error {
		server, err := engine.Server("mine_")
		if err != nil {
			return err
		}
		events, _ := report(t, sdk.TestOptions{Paths: []string{dir}, Server: &server})
		got := outcomes(events)
		for name, words := range want {
			if !strings.Contains(got[name], words) {
				t.Errorf("%s: %q, want %q", name, got[name], words)
			}
		}
		for _, e := range events {
			if e.Failure != nil && !strings.Contains(e.Failure.Rerun, "--target server") {
				t.Errorf("to run it again: %s", e.Failure.Rerun)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestAServerThatIsNotThere ends before any test begins.
func TestAServerThatIsNotThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	var token string
	err = sdk.WithEngine(t.Context(), sdk.EngineOptions{}, func(_ context.Context, engine *sdk.Engine) error {
		token = engine.Token()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"HATCHET_CLIENT_TOKEN": token, "HATCHET_CLIENT_HOST_PORT": address, "HATCHET_CLIENT_TLS_STRATEGY": "none"}
	server, err := sdk.ServerFromEnv(func(name string) (string, bool) { v, ok := environment[name]; return v, ok }, sdk.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, err = sdk.Test(t.Context(), sdk.TestOptions{
		Paths: []string{"testdata/targets"}, Server: &server, Reports: []sdk.TestReport{{Name: "json", Out: &out}},
	})
	if !errors.Is(err, sdk.ErrUnreachable) || !strings.Contains(err.Error(), address) || out.Len() > 0 {
		t.Errorf("%v; reported %s", err, out.String())
	}
}
