//go:build unix

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

func TestAProcessThatIsKilledFailsItsRunOnly(t *testing.T) {
	g := (&rig{t: t, rules: programs}).mustLoad(`
` + whoAmI + `
workflow.task('ok', () => pid())
workflow.task('wait', async (_, ctx) => { await ctx.putStream(await pid()); await hatchet.result('never') })
`)
	h := &killer{}
	_, err := run(context.Background(), g, "wait", h)
	var failed *hatchet.TaskError
	if !errors.As(err, &failed) || failed.NonRetryable || !strings.Contains(failed.Message, "the process of wait was ended by SIGKILL") {
		t.Errorf("got %v", err)
	}
	first, err := run(context.Background(), g, "ok", nil)
	if err != nil {
		t.Fatal(err)
	}
	kill(t, strings.Trim(first, `"`)) // while nothing runs in it
	if second, err := run(context.Background(), g, "ok", nil); err != nil || second == first {
		t.Errorf("got %s after %s, %v", second, first, err)
	}
}

// killer kills the process that streams its number.
type killer struct{ host }

func (k *killer) PutStream(_ context.Context, _ int64, chunk []byte) error {
	var pid int
	if _, err := fmt.Sscan(string(chunk), &pid); err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

func kill(t *testing.T, text string) {
	t.Helper()
	var pid int
	if _, err := fmt.Sscan(text, &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for syscall.Kill(pid, 0) == nil { // until it was waited for
	}
}
