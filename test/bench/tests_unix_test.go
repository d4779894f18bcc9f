//go:build unix

package bench

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// scriptTests are tests as a file has them: each owns an engine, a worker and VMs.
var scriptTests = []struct{ name, source string }{
	{"nothing", "test(name, async (t) => {})\n"},
	{"run", "test(name, async (t) => { expect(await t.run(single, { n: 1 })).toHaveCompleted({ n: 2 }) })\n"},
	{"sleep 24h", "test(name, async (t) => { expect(await t.run(slow, {})).toHaveCompleted({ woken: true }) })\n"},
}

const testedScript = `
export const single = workflow.task('single', (input) => ({ n: input.n + 1 }))
export const slow = workflow.durableTask('slow', async (input, ctx) => { await ctx.sleepFor('24h'); return { woken: true } })
`

// tested is a folder with a script and a file of one test.
func tested(tb testing.TB, source string) string {
	tb.Helper()
	dir := tb.TempDir()
	text := "import { test, expect } from 'hatchet:test'\nimport { single, slow } from './script'\nconst name = 'one'\n" + source
	for name, text := range map[string]string{"script.js": testedScript, "script.test.js": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// BenchmarkTest is one more test of a file: an engine, a worker and the VMs, with the
// script evaluated in them, but without the load of the file. cpu-ns/op is the
// processor's time of all threads, which a busy machine does not stretch as much as
// the wall's.
func BenchmarkTest(b *testing.B) {
	for _, kind := range scriptTests {
		b.Run(kind.name, func(b *testing.B) {
			dir := tested(b, kind.source)
			base := runTests(b, dir, 1)
			b.ReportAllocs()
			b.ResetTimer()
			took := runTests(b, dir, b.N+1)
			b.StopTimer()
			b.ReportMetric(float64((took-base).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// runTests runs the test of a folder n times, one after the other, and tells the
// processor's time that it took.
func runTests(tb testing.TB, dir string, n int) time.Duration {
	tb.Helper()
	before := processorTime()
	summary, err := sdk.Test(tb.Context(), sdk.TestOptions{Paths: []string{dir}, Base: dir, Jobs: 1, Repeats: n, Timeout: time.Minute})
	if err != nil || summary.Passed != 1 {
		tb.Fatalf("%+v, %v", summary, err)
	}
	return processorTime() - before
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
