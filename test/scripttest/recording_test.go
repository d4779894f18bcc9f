package scripttest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

const recorded = `import { test, expect } from 'hatchet:test'
const get = workflow.task('get', { retries: 2 }, async (input) => {
  const reply = await fetch(input.url, { method: 'POST', headers: { Authorization: 'Bearer ' + input.token }, body: JSON.stringify(input.body) })
  if (!reply.ok) throw new Error('HTTP ' + reply.status)
  return { said: await reply.text(), type: reply.headers.get('content-type') }
})
test('records', async (t) => {
  t.mock.secret({ TOKEN: 'very-secret-value' })
  const server = t.record('./recordings/server.json')
  const run = await t.run(get, { url: 'URL/a', token: 'very-secret-value', body: { n: BODY, token: 'very-secret-value' } })
  expect(run).toHaveCompleted({ said: 'answer to 1', type: 'text/x-test' })
  expect(run).toHaveAttempts(get, 2)
  expect(server.calls).toHaveLength(2)
})
test('records, too', async (t) => {
  t.record('./recordings/server.json')
  expect(await t.run(get, { url: 'URL/b', body: { n: 1 } })).toHaveCompleted()
})
`

// TestRecordings records what a server says, and replays it without the server.
func TestRecordings(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Set-Cookie", "session=private")
		w.Header().Set("Content-Type", "text/x-test")
		if r.URL.Path == "/a" && calls.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fmt.Fprintf(w, "answer to %d", strings.Count(string(body), `"n":`))
	}))
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "recordings", "server.json")
	outcome := func(body string, o sdk.TestOptions) map[string]string {
		text := strings.NewReplacer("URL", server.URL, "BODY", body).Replace(recorded)
		if err := os.WriteFile(filepath.Join(dir, "a.test.js"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		o.Paths = []string{dir}
		events, _ := report(t, o)
		return outcomes(events)
	}
	open := sdk.TestOptions{Permissions: sdk.Permissions{Rules: sdk.Rules{sdk.PermitNet: {Allow: []string{"127.0.0.1"}}}}}

	if got := outcome("1", sdk.TestOptions{CI: true})["records"]; !strings.Contains(got, "nothing is recorded for this test") {
		t.Errorf("on CI without a recording: %q", got)
	}
	if got := outcome("1", sdk.TestOptions{})["records"]; !strings.Contains(got, "NetworkNotMocked") {
		t.Errorf("to record without a permission: %q", got)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a test that failed has recorded")
	}
	if got := outcome("1", open); got["records"] != "passed" || got["records, too"] != "passed" {
		t.Fatalf("recording: %v", got)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"very-secret-value", "session=private", "Bearer"} {
		if strings.Contains(string(text), private) {
			t.Errorf("the recording holds %q:\n%s", private, text)
		}
	}
	server.Close()
	if got := outcome("1", sdk.TestOptions{CI: true}); got["records"] != "passed" || got["records, too"] != "passed" {
		t.Errorf("replaying: %v", got)
	}
	if got := outcome("1", sdk.TestOptions{Chaos: true}); got["records, too"] != "passed" {
		t.Errorf("replaying with crashes: %v", got)
	}
	if got := outcome("2", sdk.TestOptions{})["records"]; !strings.Contains(got, "POST "+server.URL+"/a is not in ./recordings/server.json") {
		t.Errorf("another request: %q", got)
	}
}

func TestSilentMocksAreNamed(t *testing.T) {
	events, _ := report(t, sdk.TestOptions{Paths: []string{write(t, map[string]string{"a.test.js": `import { test, expect } from 'hatchet:test'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import secrets from 'hatchet:secrets'
const read = workflow.task('read', () => {
  writeFileSync('out/c.txt', 'written')
  return { name: process.env.NAME, key: secrets.get('KEY'), file: readFileSync('in/a.txt', 'utf8'), list: readdirSync('data') }
})
test('some', async (t) => {
  t.mock.env({ NAME: 'n', OTHER: 'o' })
  t.mock.secret({ KEY: 'k', SPARE: 's' })
  t.mock.fs({ 'in/a.txt': 'a', 'in/b.txt': 'b', 'out/': '', 'data/d.csv': '', 'never/': '' })
  expect(await t.run(read)).toHaveCompleted({ name: 'n', key: 'k', file: 'a', list: ['d.csv'] })
})`})}})
	want := []string{"env OTHER", "secret SPARE", "fs in/b.txt", "fs never/"}
	for _, e := range events {
		if e.Event == "test" && (e.Outcome != "passed" || !slices.Equal(e.UnusedMocks, want)) {
			t.Errorf("%s %+v, unused: %v, want %v", e.Outcome, e.Failure, e.UnusedMocks, want)
		}
	}
}
