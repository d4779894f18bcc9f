package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// contents is what a replay delivers.
type contents struct {
	snapshot string
	records  []string
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(ctx, path, store.Options{Format: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func replay(t *testing.T, s *store.Store) (contents, store.Recovery) {
	t.Helper()
	var c contents
	r, err := s.Replay(ctx,
		func(data []byte) error { c.snapshot = string(data); return nil },
		func(data []byte) error { c.records = append(c.records, string(data)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

func appendAll(t *testing.T, s *store.Store, records ...string) {
	t.Helper()
	var batch [][]byte
	for _, r := range records {
		batch = append(batch, []byte(r))
	}
	if err := s.Append(ctx, batch); err != nil {
		t.Fatal(err)
	}
}

func closeStore(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, got contents, snapshot string, records ...string) {
	t.Helper()
	if got.snapshot != snapshot || !slices.Equal(got.records, records) {
		t.Errorf("replayed %q %q, want %q %q", got.snapshot, got.records, snapshot, records)
	}
}

func TestRecordsComeBackInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder", "50%?#.db")
	s := open(t, path)
	if c, r := replay(t, s); len(c.records) != 0 || r.Snapshot {
		t.Errorf("a new file replays %v %v", c, r)
	}
	appendAll(t, s, "one", "", "three")
	appendAll(t, s)
	appendAll(t, s, "four")
	closeStore(t, s)
	s = open(t, path)
	c, r := replay(t, s)
	expect(t, c, "", "one", "", "three", "four")
	if r.Records != 4 || r.Cut != "" {
		t.Errorf("recovery %+v", r)
	}
	appendAll(t, s, "five")
	closeStore(t, s)
	c, _ = replay(t, open(t, path))
	expect(t, c, "", "one", "", "three", "four", "five")
}

func TestSnapshotTakesTheJournalsPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.db")
	s := open(t, path)
	replay(t, s)
	appendAll(t, s, "one", "two")
	if s.Appended() == 0 {
		t.Error("nothing counted as appended")
	}
	big := strings.Repeat("snapshot ", 3<<20) // more than one row
	if err := s.Snapshot(ctx, []byte(big)); err != nil {
		t.Fatal(err)
	}
	if s.Appended() != 0 {
		t.Error("a snapshot starts the count anew")
	}
	appendAll(t, s, "three")
	closeStore(t, s)
	s = open(t, path)
	c, r := replay(t, s)
	expect(t, c, big, "three")
	if !r.Snapshot || r.Records != 1 {
		t.Errorf("recovery %+v", r)
	}
	if err := s.Snapshot(ctx, nil); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	c, r = replay(t, open(t, path))
	expect(t, c, "")
	if !r.Snapshot {
		t.Error("an empty snapshot is a snapshot")
	}
}

func TestAppendNeedsAReplayFirst(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "dev.db"))
	if err := s.Append(ctx, [][]byte{{1}}); err == nil {
		t.Error("appended to an unread journal")
	}
}

func TestErrorsOfTheCallerEndTheReplay(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "dev.db"))
	replay(t, s)
	appendAll(t, s, "one")
	boom := errors.New("unknown command")
	if _, err := s.Replay(ctx, nil, func([]byte) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}

func TestTwoEnginesNeverShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.db")
	first := open(t, path)
	_, err := store.Open(ctx, path, store.Options{Format: 3})
	var inUse *store.InUseError
	if !errors.As(err, &inUse) || inUse.PID != os.Getpid() || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if err := store.Reset(ctx, path); !errors.As(err, &inUse) {
		t.Errorf("reset of a file in use: %v", err)
	}
	closeStore(t, first)
	closeStore(t, open(t, path))
}

func TestOtherFormatsAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.db")
	closeStore(t, open(t, path))
	for format, age := range map[int]string{2: "newer", 4: "older"} {
		_, err := store.Open(ctx, path, store.Options{Format: format})
		var wrong *store.FormatError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), age) || !strings.Contains(err.Error(), "--reset") {
			t.Errorf("format %d: %v", format, err)
		}
	}
	if err := store.Reset(ctx, path); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
		t.Errorf("reset left %v", left)
	}
	if err := store.Reset(ctx, path); err != nil {
		t.Errorf("reset of nothing: %v", err)
	}
}

func TestForeignFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	text, database := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "other.db")
	if err := os.WriteFile(text, bytes.Repeat([]byte("my notes\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, database, `CREATE TABLE mine (x)`)
	for _, path := range []string{text, database} {
		var foreign *store.FormatError
		if _, err := store.Open(ctx, path, store.Options{}); !errors.As(err, &foreign) || !foreign.Foreign {
			t.Errorf("open %s: %v", path, err)
		}
		if err := store.Reset(ctx, path); !errors.As(err, &foreign) {
			t.Errorf("reset %s: %v", path, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// edit changes a closed file behind the store's back.
func edit(t *testing.T, path, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedEndIsCutOff(t *testing.T) {
	for name, damage := range map[string]string{
		"checksum": `UPDATE journal SET records = CAST(substr(records, 1, length(records) - 1) || 'X' AS BLOB) WHERE batch = 2`,
		"length":   `UPDATE journal SET records = CAST(substr(records, 1, length(records) - 1) AS BLOB) WHERE batch = 2`,
		"header":   `UPDATE journal SET records = CAST(substr(records, 1, length(records) - 9) AS BLOB) WHERE batch = 2`,
	} {
		t.Run(name, func(t *testing.T) {
			path := damaged(t, damage)
			var log bytes.Buffer
			s, err := store.Open(ctx, path, store.Options{Format: 3, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			c, r := replay(t, s)
			expect(t, c, "", "one", "two")
			if !strings.Contains(r.Cut, "batch 2") || !strings.Contains(log.String(), path) {
				t.Errorf("recovery %+v, log %s", r, log.String())
			}
			appendAll(t, s, "after")
			closeStore(t, s)
			c, r = replay(t, open(t, path))
			expect(t, c, "", "one", "two", "after")
			if r.Cut != "" {
				t.Errorf("cut again: %s", r.Cut)
			}
		})
	}
}

// damaged is a file of three batches on which statement was run.
func damaged(t *testing.T, statement string, args ...any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dev.db")
	s := open(t, path)
	replay(t, s)
	appendAll(t, s, "one")
	appendAll(t, s, "two", "three")
	appendAll(t, s, "four")
	closeStore(t, s)
	edit(t, path, statement, args...)
	return path
}

func TestAGapCutsTheJournal(t *testing.T) {
	c, r := replay(t, open(t, damaged(t, `DELETE FROM journal WHERE batch = 2`)))
	expect(t, c, "", "one")
	if r.Cut == "" {
		t.Error("not noticed")
	}
}

func TestADamagedSnapshotIsRefused(t *testing.T) {
	path := damaged(t, `INSERT INTO snapshot VALUES (0, ?)`, []byte("nonsense"))
	s := open(t, path)
	_, err := s.Replay(ctx, nil, nil)
	var wrong *store.FormatError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "--reset") {
		t.Errorf("got %v", err)
	}
}

func TestDamagedPagesMoveTheFileAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.db")
	s := open(t, path)
	replay(t, s)
	for i := range 200 {
		appendAll(t, s, fmt.Sprint(i), strings.Repeat("x", 2000))
	}
	closeStore(t, s)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for page := len(data)/4096 - 8; page < len(data)/4096; page++ {
		copy(data[page*4096:], bytes.Repeat([]byte{0xff}, 64))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	c, r := replay(t, s)
	if r.Moved == "" || len(c.records) < 100 || c.records[198] != "99" {
		t.Fatalf("recovered %d records, %+v", len(c.records), r)
	}
	if err := s.Snapshot(ctx, []byte("rescued")); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, "after")
	closeStore(t, s)
	c, _ = replay(t, open(t, path))
	expect(t, c, "rescued", "after")
	if _, err := os.Stat(r.Moved); err != nil {
		t.Error(err)
	}
}

// A process that dies leaves the file and its write-ahead log as they are at
// that moment.
func TestWhatWasAppendedSurvivesTheProcess(t *testing.T) {
	path, copied := filepath.Join(t.TempDir(), "dev.db"), filepath.Join(t.TempDir(), "dev.db")
	s := open(t, path)
	replay(t, s)
	appendAll(t, s, "one", "two")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, _ := replay(t, open(t, copied))
	expect(t, c, "", "one", "two")
}

func BenchmarkAppend(b *testing.B) {
	for _, records := range []int{1, 64} {
		b.Run(fmt.Sprintf("batch-%d", records), func(b *testing.B) {
			s, err := store.Open(ctx, filepath.Join(b.TempDir(), "dev.db"), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Replay(ctx, nil, nil); err != nil {
				b.Fatal(err)
			}
			batch := slices.Repeat([][]byte{bytes.Repeat([]byte("x"), 400)}, records)
			for b.Loop() {
				if err := s.Append(ctx, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
