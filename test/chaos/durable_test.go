package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// saga does all that a durable task may do between two moments at which its
// worker may die.
const saga = `
workflow.task('child', (input) => ({ n: input.n * 2 }))
workflow.durableTask('saga', { executionTimeout: '5m', evictionPolicy: { ttl: '300ms' } }, async (input, ctx) => {
  const id = await ctx.memo('id', () => Math.random())
  const one = await hatchet.run('child', { n: input.n })
  await ctx.sleepFor('1s')
  const begun = await ctx.now()
  const refs = await hatchet.runMany('child', [{ n: 1 }, { n: 2 }])
  const [race] = await Promise.all([
    Promise.race([refs[1].result(), ctx.sleepFor('5m')]),
    refs[0].result(),
    ctx.sleepFor('500ms'),
  ])
  const again = await ctx.memo('again', () => id)
  return { sum: one.n + race.n, same: id === again, later: begun <= await ctx.now() }
})
`

const sagas = 60

// checkSagas waits for runs of saga and checks what became of them: each has the
// output that it would have without any harm, and has started each of its three
// children once.
func checkSagas(ctx context.Context, t *testing.T, client *sdk.Client, ids []string) error {
	runs, err := waitAll(ctx, client, ids)
	if err != nil {
		return err
	}
	for i, run := range runs {
		want := fmt.Sprintf(`{"sum":%d,"same":true,"later":true}`, 2*(i%sagas)+4)
		if run.Status != sdk.StatusCompleted || string(run.Output) != want {
			t.Errorf("run %s: %s %s %s, want %s", run.ID, run.Status, run.Output, run.Error, want)
		}
	}
	children, err := client.Runs(ctx, sdk.RunFilter{Workflows: []string{"child"}, Limit: 1000})
	if err != nil {
		return err
	}
	if want := 3 * len(ids); len(children) != want {
		t.Errorf("%d child runs were started, want %d", len(children), want)
	}
	return nil
}

// workerProcess is a worker in a process of its own.
type workerProcess struct {
	binary, dir string
	env         []string
	cmd         *exec.Cmd
	log         *os.File
}

func (w *workerProcess) start() error {
	w.cmd = exec.Command(w.binary, "worker", w.dir, "--no-watch")
	w.cmd.Env = append(os.Environ(), w.env...)
	w.cmd.Stdout, w.cmd.Stderr = w.log, w.log
	return w.cmd.Start()
}

func (w *workerProcess) kill() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
}

// A worker that is killed at any point of its durable runs loses none of them,
// and does nothing twice that the log holds.
func TestKillingTheWorkerLosesNoDurableRun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	const silentAfter = 6 * time.Second // more than the time between two heartbeats
	ctx := background(t)
	dir := t.TempDir()
	write(t, dir, "saga.js", saga)
	log, err := os.Create(filepath.Join(t.TempDir(), "worker.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	options := sdk.EngineOptions{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", SilentAfter: silentAfter}
	err = sdk.WithEngine(ctx, options, func(ctx context.Context, engine *sdk.Engine) error {
		w := &workerProcess{binary: buildCommand(t), dir: dir, log: log, env: []string{
			"HATCHET_CLIENT_TOKEN=" + engine.Token(), "HATCHET_CLIENT_HOST_PORT=" + engine.Address(),
			"HATCHET_CLIENT_TLS_STRATEGY=none", "HATCHET_CLIENT_SERVER_URL=http://" + engine.HTTPAddress()}}
		if err := w.start(); err != nil {
			return err
		}
		defer func() { w.kill() }()
		server, err := engine.Server("")
		if err != nil {
			return err
		}
		return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(client *sdk.Client) error {
			ids, err := triggerAll(ctx, client, "saga", sagas)
			for len(ids) == 0 && ctx.Err() == nil { // the worker has to register first
				time.Sleep(50 * time.Millisecond)
				ids, err = triggerAll(ctx, client, "saga", sagas)
			}
			if err != nil {
				return err
			}
			for i := range 8 { // each at another point of the runs
				time.Sleep(time.Duration(300+170*i) * time.Millisecond)
				w.kill()
				if err := w.start(); err != nil {
					return err
				}
			}
			return checkSagas(ctx, t, client, ids)
		})
	})
	if err != nil {
		t.Error(err)
	}
	if t.Failed() {
		text, _ := os.ReadFile(log.Name())
		t.Logf("workers: %s", tail(string(text)))
	}
}

// A connection that breaks again and again does not either.
func TestCuttingTheConnectionLosesNoDurableRun(t *testing.T) {
	ctx := background(t)
	dir := t.TempDir()
	write(t, dir, "saga.js", saga)
	options := sdk.EngineOptions{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"}
	err := sdk.WithEngine(ctx, options, func(ctx context.Context, engine *sdk.Engine) error {
		p := newProxy(t, engine.Address())
		through := sdk.RunningEngine{GRPC: p.listener.Addr().String(), HTTP: engine.HTTPAddress(), Token: engine.Token()}
		server, err := through.Server("")
		if err != nil {
			return err
		}
		direct, err := engine.Server("")
		if err != nil {
			return err
		}
		return serve(ctx, t, sdk.Options{Server: server, Paths: []string{dir}}, newJournal(), func() error {
			return sdk.WithClient(ctx, direct, sdk.ClientOptions{}, func(client *sdk.Client) error {
				ids, err := triggerAll(ctx, client, "saga", sagas)
				if err != nil {
					return err
				}
				for i := range 12 {
					time.Sleep(time.Duration(50+90*i) * time.Millisecond)
					p.cut()
				}
				return checkSagas(ctx, t, client, ids)
			})
		})
	})
	if err != nil {
		t.Error(err)
	}
}
