package scratch

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/client"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
)

type eng struct {
	e    *local.Engine
	stop func()
}

func up(t testing.TB, data, addr string) *eng {
	e := local.New(local.Options{Data: data, GRPCAddr: addr})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	select {
	case <-e.Started():
	case err := <-done:
		t.Fatal(err)
	}
	return &eng{e, func() { cancel(); <-done }}
}

func conn(t testing.TB, e *local.Engine) *transport.Conn {
	c, err := transport.Dial(transport.Config{Token: e.Token(), HostPort: e.Addr(), TLS: transport.TLSConfig{Strategy: "none"}}, transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func gen(handlers map[string]worker.RunnerFunc) worker.Generation {
	g := worker.Generation{Runners: map[string]worker.Runner{}}
	for n, h := range handlers {
		tk := &workflow.Task{Name: n, Retries: 3}
		k := workflow.KindTask
		if n == "dream" {
			tk.Durable = true
			k = workflow.KindDurable
		}
		g.Workflows = append(g.Workflows, &workflow.Workflow{Name: n, Kind: k, Tasks: []*workflow.Task{tk}})
		g.Runners[workflow.ActionID(n, n)] = h
	}
	return g
}

func TestChaos(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dev.db")
	en := up(t, data, "127.0.0.1:0")
	addr := en.e.Addr()
	c := conn(t, en.e)
	defer c.Close()
	var runs, dreams atomic.Int64
	w := worker.New(c.Grpc(), worker.Options{Slots: 50, EvictAfter: 500 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	err := w.Serve(ctx, gen(map[string]worker.RunnerFunc{
		"hello": func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
			runs.Add(1)
			a.Log("INFO", "hi", nil, time.Now())
			time.Sleep(20 * time.Millisecond)
			return []byte(`{"ok":true}`), nil
		},
		"dream": func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
			dreams.Add(1)
			p := a.Durable.Begin()
			type ans struct {
				b []byte
				e error
			}
			ch := make(chan ans, 1)
			p.Memo([]byte("k"), func(ex bool, b []byte, complete func([]byte), err error) {
				if err == nil && !ex {
					b = []byte(`1`)
					complete(b)
				}
				ch <- ans{b, err}
			})
			var m ans
			select {
			case m = <-ch:
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
			if m.e != nil {
				return nil, m.e
			}
			for range 3 {
				ch := make(chan ans, 1)
				p.WaitFor([]workflow.Condition{{Kind: workflow.ConditionSleep, SleepFor: 800 * time.Millisecond}}, "", "sleepFor", func(b []byte, err error) { ch <- ans{b, err} })
				select {
				case m := <-ch:
					if m.e != nil {
						return nil, m.e
					}
				case <-time.After(2 * time.Millisecond):
					return nil, worker.ErrParked
				}
			}
			return []byte(`{"d":1}`), nil
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	cl := client.New(c, client.Options{})
	cctx, cstop := context.WithCancel(context.Background())
	cdone := make(chan error, 1)
	go func() { cdone <- cl.Run(cctx) }()
	var ids sync.Map
	var trig sync.WaitGroup
	var n atomic.Int64
	for k := range 4 {
		trig.Go(func() {
			for i := range 250 {
				name := "hello"
				if i%10 == 0 {
					name = "dream"
				}
				for {
					id, err := cl.Trigger(ctx, name, []byte(fmt.Sprintf(`{"i":%d}`, i)), client.RunOptions{})
					if err == nil {
						ids.Store(id, name)
						n.Add(1)
						break
					}
					time.Sleep(50 * time.Millisecond)
				}
				time.Sleep(15 * time.Millisecond)
			}
			_ = k
		})
	}
	for i := range 20 {
		time.Sleep(300 * time.Millisecond)
		en.stop()
		if i%5 == 0 {
			time.Sleep(300 * time.Millisecond)
		}
		en = up(t, data, addr)
	}
	trig.Wait()
	t.Log("triggered", n.Load(), "runs", runs.Load(), "dreams", dreams.Load(), w.Status())
	var wg sync.WaitGroup
	bad := atomic.Int64{}
	start := time.Now()
	ids.Range(func(id, name any) bool {
		wg.Go(func() {
			x, cc := context.WithTimeout(ctx, 90*time.Second)
			defer cc()
			res, err := cl.Result(x, id.(string))
			if err != nil {
				d, _ := cl.Details(ctx, id.(string))
				t.Log(name, id, err, d)
				bad.Add(1)
			} else if res.Status != "COMPLETED" {
				t.Log(name, id, res)
				bad.Add(1)
			}
		})
		return true
	})
	wg.Wait()
	t.Log("waited", time.Since(start), "bad", bad.Load(), "runs", runs.Load(), "dreams", dreams.Load())
	if bad.Load() > 0 {
		t.Fail()
	}
	cancel()
	t.Log(<-done)
	cstop()
	<-cdone
	en.stop()
}

func BenchmarkRun(b *testing.B) {
	en := up(b, "", "127.0.0.1:0")
	defer en.stop()
	c := conn(b, en.e)
	defer c.Close()
	w := worker.New(c.Grpc(), worker.Options{Slots: 100})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	var left atomic.Int64
	fin := make(chan struct{})
	if err := w.Serve(ctx, gen(map[string]worker.RunnerFunc{"hello": func(ctx context.Context, a *worker.Assignment) ([]byte, error) {
		if left.Add(-1) == 0 {
			close(fin)
		}
		return []byte(`{"ok":true}`), nil
	}})); err != nil {
		b.Fatal(err)
	}
	cl := client.New(c, client.Options{})
	b.ReportAllocs()
	b.ResetTimer()
	left.Store(int64(b.N))
	for i := 0; i < b.N; i += 500 {
		items := make([]client.TriggerItem, min(500, b.N-i))
		for j := range items {
			items[j] = client.TriggerItem{Workflow: "hello", Input: []byte(`{}`)}
		}
		if _, err := cl.TriggerMany(ctx, items); err != nil {
			b.Fatal(err)
		}
	}
	<-fin
	b.StopTimer()
	cancel()
	<-done
}
