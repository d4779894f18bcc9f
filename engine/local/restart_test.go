package local_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
	"google.golang.org/grpc/codes"
	_ "modernc.org/sqlite"
)

func TestARestartKeepsEverything(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dev.db")
	first := start(t, local.Options{Data: data})
	first.put("order", "a", "b<a")
	block := make(chan struct{})
	var begun atomic.Int32 // attempts of b whose start was acknowledged
	w, leave := first.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		if a.TaskName == "b" {
			begun.Add(1)
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
	first.eventually("b runs", func() bool { return begun.Load() == 20 })
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

// killedWith leaves a data file as a killed engine leaves it, changed by a
// statement of SQL.
func killedWith(t *testing.T, statement string, runs int) (data string, ids []string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "dev.db")
	child := spawn(t, data)
	r := attach(t, child)
	r.put("job", "work")
	for range runs {
		ids = append(ids, r.trigger("job", "{}"))
	}
	child.kill()
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

// An engine with a worker that has nothing to do writes nothing.
func TestIdlenessIsNotJournaled(t *testing.T) {
	virtual := clock.NewVirtual(epoch)
	r := start(t, local.Options{Clock: virtual, Data: filepath.Join(t.TempDir(), "dev.db")})
	stream, err := r.engine.Actions(r.ctx, r.worker("job:work"))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var id string
	if err := r.engine.View(r.ctx, func(c *core.Core) { id = c.Workers()[0].WorkerID }); err != nil {
		t.Fatal(err)
	}
	beat := func() {
		if _, err := r.dispatcher.Heartbeat(r.ctx, &contract.HeartbeatRequest{WorkerId: id}); err != nil {
			t.Fatal(err)
		}
	}
	beat()
	before := r.engine.JournalBytes()
	for range 500 {
		virtual.Advance(4 * time.Second)
		beat()
	}
	if after := r.engine.JournalBytes(); after != before {
		t.Errorf("the journal grew from %d to %d bytes", before, after)
	}
}

// Snapshots are made while the engine goes on, many of them, and nothing of what
// it was told meanwhile is missing after its end.
func TestSnapshotsWhileRunsGoOn(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dev.db")
	first := start(t, local.Options{Data: data}.SnapshotAfter(8<<10))
	first.put("order", "a", "b<a")
	_, leave := first.work(echo, "order:a", "order:b")
	var ids []string
	for range 300 {
		ids = append(ids, first.trigger("order", `{"n":1}`))
	}
	if _, err := first.results(first.ctx, ids...); err != nil {
		t.Fatal(err)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	leave()
	second := start(t, local.Options{Data: data})
	results, err := second.results(second.ctx, ids...)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got := results[id]; got["a"] != `{"task":"a"}` || got["b"] != `{"task":"b"}` {
			t.Errorf("results %v", got)
		}
	}
}
