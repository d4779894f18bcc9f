package local_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "modernc.org/sqlite"
)

func TestARestartKeepsEverything(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dev.db")
	first := start(t, local.Options{Data: data})
	first.put("order", "a", "b<a")
	block := make(chan struct{})
	w, leave := first.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		if a.TaskName == "b" {
			select {
			case <-block:
			case <-ctx.Done():
			}
		}
		return echo(ctx, a)
	}, "order:a", "order:b")
	var ids []string
	for range 20 {
		ids = append(ids, first.trigger("order", "{}"))
	}
	first.eventually("b runs", func() bool { return len(w.actions()) == 40 })
	token := first.engine.Token()
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	leave()

	second := start(t, local.Options{Data: data})
	if second.engine.Token() != token {
		t.Error("the token changed")
	}
	if r := second.engine.Recovery(); !r.Snapshot || r.Records != 0 {
		t.Errorf("a clean end leaves a snapshot alone: %+v", r)
	}
	close(block)
	w.connect(second)
	// The worker was told of b before and confirmed it; it reports now.
	for _, a := range w.actions() {
		if a.TaskName == "b" {
			w.report(second.ctx, a, contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED, `{"late":true}`, false)
		}
	}
	results, err := second.results(second.ctx, append(ids, second.trigger("order", "{}"))...)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got := results[id]; got["a"] != `{"task":"a"}` || got["b"] != `{"late":true}` {
			t.Errorf("results %v", got)
		}
	}
}

func TestTwoEnginesNeverShareAFile(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dev.db")
	start(t, local.Options{Data: data})
	err := local.New(local.Options{Data: data}).Run(context.Background())
	var inUse *store.InUseError
	if !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Errorf("got %v", err)
	}
}

// engineProcess is the environment variable that makes this test binary an
// engine on the data file that it names, until it is killed.
const engineProcess = "LOCAL_TEST_ENGINE_DATA"

func TestMainEngineProcess(t *testing.T) {
	data := os.Getenv(engineProcess)
	if data == "" {
		t.Skip("runs only as a child of TestKillLosesNothingAcknowledged")
	}
	engine := local.New(local.Options{Data: data, GRPCAddr: "127.0.0.1:0"})
	go func() {
		<-engine.Started()
		fmt.Printf("listening %s\n", engine.Addr())
	}()
	if err := engine.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// spawn starts an engine in a process of its own and returns its address.
func spawn(t *testing.T, data string) (addr string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestMainEngineProcess$", "-test.v")
	cmd.Env = append(os.Environ(), engineProcess+"="+data)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			return at, kill
		}
	}
	kill()
	t.Fatal("the engine's process did not start")
	return "", nil
}

// attach makes a rig of an engine in another process.
func attach(t *testing.T, addr string) *rig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r := &rig{t: t, ctx: ctx}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(bearer(local.New(local.Options{}).Token())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r.use(conn)
	return r
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dev.db")
	finished := map[string]bool{}
	var ids []string
	addr, kill := spawn(t, data)
	r := attach(t, addr)
	r.put("order", "a", "b<a")
	w, leave := r.work(echo, "order:a", "order:b")
	for round := range 5 {
		for range 100 {
			ids = append(ids, r.trigger("order", "{}"))
		}
		for _, id := range ids[:round*100+10] { // a few of each round, then the axe
			if !finished[id] {
				finished[id] = r.result(id)["b"] != ""
			}
		}
		kill()
		leave()
		addr, kill = spawn(t, data)
		r = attach(t, addr)
		leave = w.connect(r)
	}
	results, err := r.results(r.ctx, ids...)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got := results[id]; got["a"] != `{"task":"a"}` || got["b"] != `{"task":"b"}` {
			t.Errorf("run %s came to %v", id, got)
		}
	}
	leave()
	kill()
}

// killedWith leaves a data file as a killed engine leaves it, changed by a
// statement of SQL.
func killedWith(t *testing.T, statement string, runs int) (data string, ids []string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "dev.db")
	addr, kill := spawn(t, data)
	r := attach(t, addr)
	r.put("job", "work")
	for range runs {
		ids = append(ids, r.trigger("job", "{}"))
	}
	kill()
	db, err := sql.Open("sqlite", data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return data, ids
}

func TestACorruptTailIsCutAndTheRestServed(t *testing.T) {
	data, ids := killedWith(t, `UPDATE journal SET records = CAST(substr(records, 1, length(records) - 1) || 'X' AS BLOB)
		WHERE batch = (SELECT max(batch) FROM journal)`, 10)
	var log strings.Builder
	r := start(t, local.Options{Data: data, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if cut := r.engine.Recovery().Cut; cut == "" || !strings.Contains(log.String(), "cut off") {
		t.Errorf("recovery %+v, log %s", r.engine.Recovery(), log.String())
	}
	r.work(echo, "job:work")
	if _, err := r.results(r.ctx, ids[:9]...); err != nil {
		t.Error(err)
	}
	_, err := r.admin.GetRunDetails(r.ctx, &v1.GetRunDetailsRequest{ExternalId: ids[9]})
	expectCode(t, err, codes.NotFound, "")
}

func TestCommandsOfAnotherVersionAreRefused(t *testing.T) {
	data, _ := killedWith(t, `UPDATE about SET value = 1 WHERE key = 'format'`, 1)
	file, err := store.Open(t.Context(), data, store.Options{Format: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Replay(t.Context(), func([]byte) error { return nil }, func([]byte) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := file.Append(t.Context(), [][]byte{[]byte(`12345678{"k":"of the future","v":1,"b":{}}`)}); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	err = local.New(local.Options{Data: data}).Run(t.Context())
	var format *store.FormatError
	if !errors.As(err, &format) || !strings.Contains(err.Error(), "of the future") || !strings.Contains(err.Error(), "--reset") {
		t.Errorf("got %v", err)
	}
}
