package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web"
)

func heap() uint64 {
	var stats runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func TestWhatAScriptDoesNotUseCostsLittle(t *testing.T) {
	const (
		n    = 50
		most = 10 << 10
	)
	cost := func(install bool) uint64 {
		kept := make([]*vm.VM, n)
		before := heap()
		for i := range kept {
			kept[i] = vm.New(vm.Options{})
			if install {
				if _, err := web.Install(kept[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		after := heap()
		runtime.KeepAlive(kept)
		return (after - min(before, after)) / n
	}
	cost(true) // what is shared by all
	bare, installed := cost(false), cost(true)
	t.Logf("%d bytes for the web's globals of a VM", int64(installed)-int64(bare))
	if installed > bare+most {
		t.Errorf("a VM keeps %d bytes with the web's globals, %d without", installed, bare)
	}
}

// BenchmarkFetch does 1,000 requests of a small JSON one after the other, in a
// script, in Go and, where it is installed, in Node.
func BenchmarkFetch(b *testing.B) {
	const requests = 1000
	s := newSite(b, permit.Options{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"a":1}`) })
	source := fmt.Sprintf(`let sum = 0; for (let i = 0; i < %d; i++) sum += (await (await fetch(site)).json()).a; return sum`, requests)
	b.Run("script", func(b *testing.B) {
		for b.Loop() {
			if got, err := s.run(b.Context(), source); err != nil || got != strconv.Itoa(requests) {
				b.Fatal(got, err)
			}
		}
	})
	b.Run("go", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		for b.Loop() {
			for range requests {
				response, err := client.Get(s.URL)
				if err != nil {
					b.Fatal(err)
				}
				var value struct{ A int }
				if err := json.NewDecoder(response.Body).Decode(&value); err != nil || value.A != 1 {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		}
	})
	b.Run("node", func(b *testing.B) {
		node, err := exec.LookPath("node")
		if err != nil {
			b.Skip("Node is not installed")
		}
		script := fmt.Sprintf(`const site = %q, once = async () => { %s }; (async () => { await once(); const begin = process.hrtime.bigint(); await once(); console.log(Number(process.hrtime.bigint() - begin)) })()`, s.URL, source)
		spent := 0.0
		for b.Loop() {
			out, err := exec.CommandContext(b.Context(), node, "-e", script).Output()
			if err != nil {
				b.Fatal(err)
			}
			ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				b.Fatal(err)
			}
			spent += ns
		}
		b.ReportMetric(spent/float64(b.N), "ns-inside/op")
	})
}
