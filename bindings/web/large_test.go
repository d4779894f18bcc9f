package web_test

import (
	"errors"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// large answers with a body that says it has 3 GB, and gives what the query asks
// for.
type large struct {
	mu   sync.Mutex
	most uint64 // of the heap, while it is written
}

const threeGB = 3_000_000_000

func (l *large) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.Atoi(r.URL.Query().Get("size"))
	if err != nil {
		size = threeGB
	}
	w.Header().Set("Content-Length", strconv.Itoa(size))
	piece := make([]byte, 1<<20)
	for i := 0; size > 0; i++ {
		n, err := w.Write(piece[:min(size, len(piece))])
		if err != nil {
			return // the other side has seen enough
		}
		if size -= n; i%8 == 0 {
			l.look()
		}
	}
}

func (l *large) look() {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = max(l.most, stats.HeapAlloc)
}

// A body of 3 GB that is to be held in memory is an error that names the limit,
// and little of it is read.
func TestBodiesOfThreeGigabytesAreRefused(t *testing.T) {
	l := &large{}
	s := newSite(t, permit.Options{Limits: permit.Limits{FetchBody: 1 << 20}}, l.ServeHTTP)
	for _, way := range []string{"text()", "arrayBuffer()", "bytes()", "json()", "blob()", "clone().text()"} {
		_, err := s.run(t.Context(), `await (await fetch(site)).`+way)
		exceeded := &permit.LimitError{}
		if !errors.As(err, &exceeded) || exceeded.Limit != "fetchBody" || !strings.Contains(exceeded.Error(), "more than 1048576 bytes; read its body in pieces") {
			t.Errorf("%s: %v", way, err)
		}
	}
}

// A body of any size goes through in pieces, which are not kept.
func TestLargeBodiesGoThrough(t *testing.T) {
	const size = 48 << 20
	l := &large{}
	s := newSite(t, permit.Options{Limits: permit.Limits{FetchBody: 1 << 20}}, l.ServeHTTP)
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := s.run(t.Context(), `const reader = (await fetch(site + '?size=`+strconv.Itoa(size)+`')).body.getReader(); let n = 0; for (let r; !(r = await reader.read()).done;) n += r.value.length; return n`)
	if err != nil || got != strconv.Itoa(size) {
		t.Errorf("%s, %v", got, err)
	}
	if before.HeapAlloc+size/2 < l.most {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, l.most)
	}
}
