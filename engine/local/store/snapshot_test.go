package store_test

import (
	"path/filepath"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/store"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A snapshot that is made in steps takes effect with the last of them, wherever
// the process ends, and what was appended meanwhile stays behind it.
func TestStagedSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.db")
	again := func(s *store.Store, snapshot string, records ...string) *store.Store {
		t.Helper()
		closeStore(t, s)
		s = open(t, path)
		c, _ := replay(t, s)
		expect(t, c, snapshot, records...)
		return s
	}
	s := open(t, path)
	replay(t, s)
	for _, r := range []string{"one", "two", "three"} {
		appendAll(t, s, r)
	}
	at, before := s.Mark(), s.Appended()
	must(t, s.Stage(ctx, 0, []byte("lost ")))
	must(t, s.Stage(ctx, 1, []byte("for ever")))
	s = again(s, "", "one", "two", "three") // it died before the end

	must(t, s.Stage(ctx, 0, []byte("up to ")))
	appendAll(t, s, "four")
	must(t, s.Stage(ctx, 1, []byte("three")))
	must(t, s.Publish(ctx, at))
	if !s.LeftOver() || s.Appended() >= before {
		t.Errorf("after a snapshot: left over %v, appended %d of %d", s.LeftOver(), s.Appended(), before)
	}
	appendAll(t, s, "five")
	s = again(s, "up to three", "four", "five") // nothing is swept yet
	sweep(t, s)
	s = again(s, "up to three", "four", "five")

	must(t, s.Stage(ctx, 0, []byte("given up")))
	must(t, s.Snapshot(ctx, []byte("all at once")))
	s = again(s, "all at once")
	appendAll(t, s, "six")
	at = s.Mark()
	must(t, s.Stage(ctx, 0, []byte("the second")))
	must(t, s.Publish(ctx, at))
	sweep(t, s)
	appendAll(t, s, "seven")
	closeStore(t, again(s, "the second", "seven"))
	if err := s.Stage(ctx, 0, nil); err == nil {
		t.Error("a closed file takes parts of a snapshot")
	}
}

func sweep(t *testing.T, s *store.Store) {
	t.Helper()
	for n := 0; s.LeftOver(); n++ {
		if must(t, s.Sweep(ctx)); n > 10 {
			t.Fatal("there is always something left")
		}
	}
}
