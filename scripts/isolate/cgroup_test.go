package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

// delegated is a folder with what the kernel shows of a control group. What it
// would make in new groups is made by whoever writes there.
func delegated(t *testing.T, controllers string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"cgroup.controllers": controllers, "cgroup.subtree_control": "", "cgroup.procs": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const waits = whoAmI + `
workflow.task('ok', () => pid())
workflow.task('wait', async (_, ctx) => { await ctx.putStream(await pid()); await hatchet.result('never') })
`

func TestAProcessIsInAControlGroupWithItsCap(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes more memory than the cap allows")
	}
	dir := delegated(t, "cpuset cpu memory pids\n")
	var log bytes.Buffer
	g := (&rig{t: t, rules: programs, memory: 48 << 20, cgroup: dir, log: &log}).mustLoad(waits)
	for file, want := range map[string]string{
		"cgroup.subtree_control": "+memory", "hatchet-js-worker/cgroup.procs": fmt.Sprint(os.Getpid()),
	} {
		if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v", file, got, err)
		}
	}
	kernel := &outOfMemory{dir: dir}
	_, err := run(context.Background(), g, "wait", kernel)
	var failed *hatchet.TaskError
	if !errors.As(err, &failed) || !failed.NonRetryable || !strings.HasPrefix(failed.Message, "MemoryLimitExceeded: wait used more than 48MiB") {
		t.Errorf("got %v", err)
	}
	if kernel.limit != fmt.Sprint((48+64)<<20) || log.Len() > 0 {
		t.Errorf("the limit is %q; said %s", kernel.limit, &log)
	}
	if _, err := run(context.Background(), g, "ok", nil); err != nil {
		t.Error(err)
	}
}

// outOfMemory does to the process that streams its number what the kernel does
// to one beyond the limit of its group.
type outOfMemory struct {
	host
	dir, limit string
}

func (k *outOfMemory) PutStream(_ context.Context, _ int64, chunk []byte) error {
	groups, err := filepath.Glob(filepath.Join(k.dir, "hatchet-js-*-*", "cgroup.procs"))
	for _, file := range groups {
		if text, _ := os.ReadFile(file); string(text) != string(chunk) {
			continue
		}
		group := filepath.Dir(file)
		limit, _ := os.ReadFile(filepath.Join(group, "memory.max"))
		k.limit = string(limit)
		var pid int
		_, _ = fmt.Sscan(string(chunk), &pid)
		process, err := os.FindProcess(pid)
		if err != nil {
			return err
		}
		return errors.Join(
			os.WriteFile(filepath.Join(group, "memory.events"), []byte("low 0\nmax 12\noom 1\noom_kill 1\n"), 0o644),
			process.Kill(),
		)
	}
	return errors.Join(fmt.Errorf("process %s is in no group of %v", chunk, groups), err)
}

func TestWithoutControlGroupsTheCapIsThatOfTheProcess(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes more memory than the cap allows")
	}
	var log bytes.Buffer
	g := (&rig{t: t, rules: programs, memory: 48 << 20, cgroup: delegated(t, "cpu\n"), log: &log}).mustLoad(waits +
		`workflow.task('grow', () => { const all = []; for (let i = 0; ; i++) all.push('x'.repeat(1000) + i) })`)
	_, err := run(context.Background(), g, "grow", nil)
	if err == nil || !strings.Contains(err.Error(), "MemoryLimitExceeded: task \"grow\" used more than 48MiB") {
		t.Errorf("got %v", err)
	}
	if _, err := run(context.Background(), g, "ok", nil); err != nil {
		t.Error(err)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "capped without control groups") || !strings.Contains(text, "has no controller of memory") {
		t.Errorf("said %q", text)
	}
}

func (r *rig) logger() *slog.Logger {
	if r.log == nil {
		return nil
	}
	return slog.New(slog.NewTextHandler(r.log, nil))
}
