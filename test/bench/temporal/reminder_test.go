//go:build unix

// Package temporal compares script tests on virtual time with the test suite of
// Temporal's Go SDK: the same durable scenario in both, measured in one process.
//
//	cd test/bench/temporal && go test -run - -bench . -benchtime 200x -count 5
//
// It is a module of its own, which ./... of the worker does not include.
package temporal

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// The scenario: a customer is reminded each day, for at most 30 days, until the
// invoice is paid. A reminder is a task of its own, an activity there.
type (
	invoice struct{ Invoice string }
	outcome struct {
		Paid      bool
		Reminders int
	}
)

func dunning(ctx workflow.Context, in invoice) (outcome, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	paid := workflow.GetSignalChannel(ctx, "invoice:paid")
	for day := 1; day <= 30; day++ {
		timing, cancel := workflow.WithCancel(ctx)
		ended := false
		selector := workflow.NewSelector(ctx).
			AddFuture(workflow.NewTimer(timing, 24*time.Hour), func(workflow.Future) {}).
			AddReceive(paid, func(c workflow.ReceiveChannel, _ bool) {
				c.Receive(ctx, nil)
				ended = true
			})
		selector.Select(ctx)
		cancel()
		if ended {
			return outcome{Paid: true, Reminders: day - 1}, nil
		}
		if err := workflow.ExecuteActivity(ctx, remind, in, day).Get(ctx, nil); err != nil {
			return outcome{}, err
		}
	}
	return outcome{Reminders: 30}, nil
}

func remind(_ context.Context, in invoice, day int) (map[string]any, error) {
	return map[string]any{"sent": in.Invoice, "day": day}, nil
}

const script = `
import { test, expect } from 'hatchet:test'

const remind = workflow.task('remind', ({ invoice, day }) => ({ sent: invoice, day }))

const dunning = workflow.durableTask('dunning', async (input, ctx) => {
  for (let day = 1; day <= 30; day++) {
    const woken = await ctx.waitFor({ or: [{ sleepFor: '24h' }, { eventKey: 'invoice:paid' }] })
    if ('invoice:paid' in woken.CREATE) return { paid: true, reminders: day - 1 }
    await remind.run({ invoice: input.invoice, day })
  }
  return { paid: false, reminders: 30 }
})
`

// scenarios are the ends that it may come to. paidAfter is when the event comes;
// 0 = never.
var scenarios = []struct {
	name      string
	paidAfter time.Duration
	want      outcome
	test      string
}{
	{"30 days", 0, outcome{Reminders: 30}, `
test('reminds for 30 days', async (t) => {
  expect(await t.run(dunning, { invoice: 'A-17' })).toHaveCompleted({ paid: false, reminders: 30 })
})`},
	{"paid after 36 hours", 36 * time.Hour, outcome{Paid: true, Reminders: 1}, `
test('stops when the invoice is paid', async (t) => {
  const run = await t.trigger(dunning, { invoice: 'A-17' })
  await t.clock.advance('36h')
  await t.push('invoice:paid', {})
  expect(await run.result()).toEqual({ paid: true, reminders: 1 })
})`},
}

// BenchmarkReminder runs each scenario b.N times there and b.N times here. It
// reports milliseconds of the processor for one test, which a busy machine stretches
// less than those of the wall, and the ratio of the two.
//
// What is in a test there: an environment of the test suite, in which workflow and
// activities are Go functions that run in the test's process. What is in a test
// here: an engine and a worker that speak gRPC to each other in the process, and
// JavaScript VMs in which the script has been evaluated anew. The script is bundled
// and compiled once before, as Go is compiled before, and that is left out.
func BenchmarkReminder(b *testing.B) {
	for _, s := range scenarios {
		b.Run(s.name, func(b *testing.B) {
			dir := b.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "dunning.test.js"), []byte(script+s.test), 0o644); err != nil {
				b.Fatal(err)
			}
			there(b, s.paidAfter, s.want) // the first one reads the whole test binary for its checksum
			first := here(b, dir, 1)
			ours := here(b, dir, b.N+1) - first
			theirs := measured(func() {
				for range b.N {
					there(b, s.paidAfter, s.want)
				}
			})
			each := func(took time.Duration) float64 { return took.Seconds() * 1000 / float64(b.N) }
			b.ReportMetric(0, "ns/op") // of both together: it says nothing
			b.ReportMetric(each(ours), "ours-ms")
			b.ReportMetric(each(theirs), "temporal-ms")
			b.ReportMetric(float64(ours)/float64(theirs), "ratio")
		})
	}
}

// there runs the scenario in an environment of Temporal's test suite.
func there(tb testing.TB, paidAfter time.Duration, want outcome) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute}) // a busy machine is no deadlock
	env.RegisterActivity(remind)
	if paidAfter > 0 {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow("invoice:paid", nil) }, paidAfter)
	}
	env.ExecuteWorkflow(dunning, invoice{"A-17"})
	var got outcome
	if err := env.GetWorkflowResult(&got); err != nil || got != want {
		tb.Fatalf("got %+v, %v", got, err)
	}
}

// here runs the test of a folder n times, one after the other.
func here(tb testing.TB, dir string, n int) time.Duration {
	return measured(func() {
		summary, err := sdk.Test(tb.Context(), sdk.TestOptions{Paths: []string{dir}, Base: dir, Jobs: 1, Repeats: n, Timeout: time.Minute})
		if err != nil || summary.Passed != 1 {
			tb.Fatalf("%+v, %v", summary, err)
		}
	})
}

// measured is the processor's time that f takes, in all threads.
func measured(f func()) time.Duration {
	before := processorTime()
	f()
	return processorTime() - before
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
