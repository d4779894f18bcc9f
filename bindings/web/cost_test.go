//go:build !windows

package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
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

// cpu has a benchmark report what the process used of its processors for each of
// so many things per iteration: on a machine with other work that says more than
// the time. The server of BenchmarkFetch is in it.
func cpu(b *testing.B, each int) (stop func()) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64((used()-before).Microseconds())/float64(b.N*each), "µs-of-CPU/call") }
}

// BenchmarkPromise is the floor of whatever a script waits for: 1,000 native calls
// one after the other that go to a goroutine and come back with nothing.
func BenchmarkPromise(b *testing.B) {
	const calls = 1000
	s := newSite(b, permit.Options{}, func(http.ResponseWriter, *http.Request) {})
	host := &native.Host{VM: s.vm, Runtime: s.vm.Runtime()}
	nothing := func(goja.FunctionCall) goja.Value {
		return host.Promise(func(context.Context) (any, error) { return nil, nil })
	}
	if err := s.vm.Runtime().Set("nothing", nothing); err != nil {
		b.Fatal(err)
	}
	defer cpu(b, calls)()
	for b.Loop() {
		if got, err := s.run(b.Context(), fmt.Sprintf(`for (let i = 0; i < %d; i++) await nothing(); return 1`, calls)); err != nil || got != "1" {
			b.Fatal(got, err)
		}
	}
}

// bareFetch is the least that a script can have of a request: net/http on a
// goroutine, whose promise gives an object with a method json, whose promise gives
// the value. It asks for no permission, has no headers and cannot be aborted.
func bareFetch(s *site, client *http.Client) func(goja.FunctionCall) goja.Value {
	rt := s.vm.Runtime()
	host := &native.Host{VM: s.vm, Runtime: rt}
	parse, _ := goja.AssertFunction(rt.Get("JSON").(*goja.Object).Get("parse"))
	return func(call goja.FunctionCall) goja.Value {
		url := call.Argument(0).String()
		return host.Promise(func(context.Context) (any, error) {
			response, err := client.Get(url)
			if err != nil {
				return nil, err
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			return func() goja.Value {
				made := rt.NewObject()
				_ = made.Set("json", func(goja.FunctionCall) goja.Value {
					promise, resolve, _ := rt.NewPromise()
					value, err := parse(goja.Undefined(), rt.ToValue(string(body)))
					if err == nil {
						err = resolve(value)
					}
					if err != nil {
						panic(err)
					}
					return rt.ToValue(promise)
				})
				return made
			}, err
		})
	}
}

// BenchmarkFetch does 1,000 requests of a small JSON one after the other, in a
// script, in Go and, where it is installed, in Node.
func BenchmarkFetch(b *testing.B) {
	const requests = 1000
	s := newSite(b, permit.Options{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"a":1}`) })
	source := fmt.Sprintf(`let sum = 0; for (let i = 0; i < %d; i++) sum += (await (await fetch(site)).json()).a; return sum`, requests)
	b.Run("script", func(b *testing.B) {
		defer cpu(b, requests)()
		for b.Loop() {
			if got, err := s.run(b.Context(), source); err != nil || got != strconv.Itoa(requests) {
				b.Fatal(got, err)
			}
		}
	})
	b.Run("go", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		defer cpu(b, requests)()
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
	b.Run("floor", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		if err := s.vm.Runtime().Set("bare", bareFetch(s, client)); err != nil {
			b.Fatal(err)
		}
		source := strings.Replace(source, "fetch(site)", "bare(site)", 1)
		defer cpu(b, requests)()
		for b.Loop() {
			if got, err := s.run(b.Context(), source); err != nil || got != strconv.Itoa(requests) {
				b.Fatal(got, err)
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
