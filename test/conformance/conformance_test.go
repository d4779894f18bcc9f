// Package conformance proves that scripts behave the same on every engine. Each
// file below testdata is one scenario: workflow files, what a client does, and
// what must be observed. TestEmbedded runs them all against the embedded engine
// in this process; TestServer runs the same files against a real Hatchet server
// when HATCHET_CLIENT_TOKEN is set:
//
//	go test ./test/conformance
//	HATCHET_CLIENT_TOKEN=… go test ./test/conformance -run TestServer -v
//
// Known servers give tasks whose failures they handle in one batch the most
// retries that any of them has, across runs. A task that fails for good in one
// scenario may therefore run again because another scenario's retries; with
// -parallel 1 it cannot.
//
// A scenario is a testscript in the txtar format. Its first comment says what it
// shows and which section of the protocol it proves. Scenarios do not depend on
// how fast an engine is: they wait for what must come, for at most [patience].
// Timeouts that they set leave a server some seconds to hand out what it has
// assigned.
// In script files and in arguments $UNIQUE is a name that no other scenario
// uses, for what engines share between namespaces. [server] and [embedded] are
// conditions, as in "[server] skip 'takes a minute there'".
//
// The folder refusals has tables of bad requests, and the codes that they get, for
// TestRefusalsEmbedded and TestRefusalsServer.
//
// What the client does:
//
//	serve [-slots N] [-durable-slots N] [-custom-slots TYPE=N] [-label KEY=VALUE] [-drain TIME] [DIR]
//		joins a worker that serves DIR (default: the scenario's folder)
//	leave
//		ends the worker; without -drain it abandons what runs on it
//	run [-metadata JSON] [-priority N] WORKFLOW [JSON|@FILE]
//		starts a run and waits for its end; it is the current run then
//	start [-metadata JSON] [-priority N] NAME WORKFLOW [JSON|@FILE]
//		starts a run and calls it NAME; its id is $NAME. "! start" says that the
//		engine refuses it
//	await NAME
//		waits for the end of a run, which is the current one then
//	list [-status STATUS] WORKFLOW N
//		waits until the engine lists exactly N runs of the workflow, all of
//		them in STATUS (default COMPLETED; A|B is either); the newest is the
//		current one
//	cancel NAME
//	event [-metadata JSON] [-priority N] [-scope SCOPE] [-until NAME] [-before JSON] KEY [JSON]
//		pushes an event; with -until again and again until the run has ended,
//		for nothing tells since when an engine listens; with -before another
//		event with this payload each time before it
//	limit KEY UNITS WINDOW
//		sets a rate limit
//	forget WORKFLOW
//		deletes the workflow when the scenario is over
//	listen NAME
//		subscribes to the stream of a run and waits for its first chunk, which
//		the script repeats until somebody listens: "."
//
// What must be observed of the current run:
//
//	status STATUS
//	output JSON
//	task TASK STATUS [JSON]
//		one task's status and output
//	error [TASK] REGEXP
//		the message of the first task that failed, or of TASK
//	attempts TASK N
//	tasks N
//		how many tasks it has
//	logs TASK LINE…
//		the log that the engine keeps of the task
//	streamed CHUNK…
//		what listen has received in the end, "." aside
//
// Expected JSON is compared by value. A string that begins with ~ in it is a
// regular expression for a string.
//
// What must be observed on the worker:
//
//	running WORKFLOW [N]
//		waits until N (default 1) attempts of the workflow's tasks have begun
//	parked WORKFLOW [N]
//		waits until attempts have let go of their VM N times
//	evicted WORKFLOW [N]
//		waits until N (default 1) attempts were given back while they waited
//	saw [-count N | -least N] TEXT
//		waits until tasks have logged the line N (default 1) times, and not more
//		unless that is the least; "! saw TEXT" says that none has so far
//	lines LINE…
//		all lines logged so far, in order
//	gaps MS…
//		the lines logged so far are times in milliseconds, each at least so
//		much later than the one before
package conformance

import (
	"crypto/rand"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// patience bounds every wait; it is far above what a slow engine needs.
const patience = 90 * time.Second

// scenariosAtOnce is how many scenarios run at a time: they mostly wait.
const scenariosAtOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if given := flag.Lookup("test.parallel"); given.Value.String() == given.DefValue {
		_ = given.Value.Set(scenariosAtOnce)
	}
	goleak.VerifyTestMain(m)
}

func TestEmbedded(t *testing.T) { scenarios(t, embedded{}) }

func TestServer(t *testing.T) {
	if os.Getenv("HATCHET_CLIENT_TOKEN") == "" {
		t.Skip("HATCHET_CLIENT_TOKEN is not set")
	}
	scenarios(t, server{})
}

// scenarios runs every scenario against an engine.
func scenarios(t *testing.T, on target) {
	for _, group := range groups(t) {
		t.Run(filepath.Base(group), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir:                 group,
				Setup:               func(env *testscript.Env) error { return setup(env, on) },
				Condition:           func(name string) (bool, error) { return name == on.name(), nil },
				Cmds:                commands,
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
			})
		})
	}
}

// groups are the folders of scenarios.
func groups(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("testdata holds no scenario")
	}
	return found
}

var commands = map[string]func(*testscript.TestScript, bool, []string){
	"serve": serve, "leave": leave,
	"run": run, "start": start, "await": await, "list": list, "cancel": cancel,
	"event": event, "limit": limit, "forget": forget, "listen": listen,
	"status": status, "output": output, "task": task, "error": failure, "attempts": attempts,
	"tasks": tasks, "logs": logs, "streamed": streamed,
	"running": running, "parked": parked, "evicted": evicted, "saw": saw, "lines": lines, "gaps": gaps, "spread": spread,
}

// setup gives a scenario an engine and the names that only it uses.
func setup(env *testscript.Env, on target) error {
	unique := "c" + strings.ToLower(rand.Text())[:10]
	env.Setenv("UNIQUE", unique)
	if err := fill(env.WorkDir, unique); err != nil {
		return err
	}
	s, err := open(env, on, unique)
	if err != nil {
		return err
	}
	env.Values[sessionKey{}] = s
	return nil
}

// fill writes the unique name into the script files.
func fill(dir, unique string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "$UNIQUE") {
			return err
		}
		return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "$UNIQUE", unique)), 0o600)
	})
}

var proves = regexp.MustCompile(`(?m)^# Proves: hatchet-protocol\.md sections? \d+\.\d+`)

func TestScenariosSayWhatTheyProve(t *testing.T) {
	for _, group := range groups(t) {
		files, err := filepath.Glob(filepath.Join(group, "*.txtar"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s holds no scenario (%v)", group, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			script, _, _ := strings.Cut(string(text), "\n-- ")
			if !proves.MatchString(script) {
				t.Errorf("%s does not say which section of the protocol it proves", file)
			}
		}
	}
}
