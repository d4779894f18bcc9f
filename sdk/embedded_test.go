package sdk_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

func newWorker(t *testing.T, options sdk.Options) *sdk.Worker {
	t.Helper()
	w, err := sdk.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Two workers and a client that are given one server use one engine.
func TestAllUsersOfAnEmbeddedServerShareIt(t *testing.T) {
	server := sdk.Embedded()
	ping := newWorker(t, sdk.Options{Server: server, Name: "ping", Files: sdk.Sources{"ping.js": `workflow.task('ping', () => hatchet.run('pong', {}))`}})
	pong := newWorker(t, sdk.Options{Server: server, Name: "pong", Files: sdk.Sources{"pong.js": `workflow.task('pong', () => 'pong')`}})
	err := ping.RunWith(t.Context(), func(ctx context.Context, _ *sdk.Client) error {
		return pong.RunWith(ctx, func(ctx context.Context, _ *sdk.Client) error {
			return sdk.WithClient(ctx, server, sdk.ClientOptions{}, func(c *sdk.Client) error {
				run, err := c.RunAndWait(ctx, "ping", nil, sdk.RunOptions{})
				if err != nil {
					return err
				}
				var said string
				if err := run.Decode(&said); err != nil || said != "pong" {
					t.Errorf("ping gives %q, %v", said, err)
				}
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An engine with a file knows its runs the next time, one without forgets them.
func TestAnEmbeddedServerWithDataKeepsRuns(t *testing.T) {
	files := sdk.Sources{"hello.js": `workflow.task('hello', (input) => 'hello ' + input.name)`}
	for _, data := range []string{"", filepath.Join(t.TempDir(), "runs.db")} {
		server := sdk.Embedded(sdk.EngineOptions{Data: data})
		var first *sdk.Run
		err := newWorker(t, sdk.Options{Server: server, Files: files}).RunWith(t.Context(), func(ctx context.Context, c *sdk.Client) (err error) {
			first, err = c.RunAndWait(ctx, "hello", map[string]string{"name": "eve"}, sdk.RunOptions{})
			return err
		})
		if err != nil || string(first.Output) != `"hello eve"` {
			t.Fatalf("the first time: %+v, %v", first, err)
		}
		err = sdk.WithClient(t.Context(), server, sdk.ClientOptions{}, func(c *sdk.Client) error {
			again, err := c.Run(t.Context(), first.ID)
			if err == nil && string(again.Output) != `"hello eve"` {
				t.Errorf("the second time: %+v", again)
			}
			return err
		})
		if data == "" != errors.Is(err, sdk.ErrNotFound) || data != "" && err != nil {
			t.Errorf("with data %q the second time: %v", data, err)
		}
	}
}

func TestAnEmbeddedServerThatCannotBe(t *testing.T) {
	server := sdk.Embedded(sdk.EngineOptions{GRPCAddress: "nowhere"})
	w := newWorker(t, sdk.Options{Server: server, Files: sdk.Sources{"a.js": `workflow.task('a', () => 1)`}})
	if err := w.Run(t.Context()); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("an address that is none: %v", err)
	}
	if _, err := server.In("no such thing"); !errors.Is(err, sdk.ErrConfig) {
		t.Errorf("a namespace that is none: %v", err)
	}
	if _, err := sdk.New(sdk.Options{Paths: []string{"."}}); !errors.Is(err, sdk.ErrConfig) || !strings.Contains(err.Error(), "no server given") {
		t.Errorf("no server: %v", err)
	}
}

// What f returns ends the worker, and a worker that fails ends f.
func TestRunWithEndsWithEither(t *testing.T) {
	ours := errors.New("ours")
	files := sdk.Sources{"a.js": `workflow.task('a', () => 1)`}
	err := newWorker(t, sdk.Options{Server: sdk.Embedded(), Files: files}).RunWith(t.Context(), func(context.Context, *sdk.Client) error { return ours })
	if !errors.Is(err, ours) {
		t.Errorf("f's error: %v", err)
	}
	broken := newWorker(t, sdk.Options{Server: sdk.Embedded(), Files: sdk.Sources{"a.js": `throw new Error('no')`}})
	if err := broken.RunWith(t.Context(), nil); !errors.Is(err, sdk.ErrScripts) {
		t.Errorf("scripts that do not load: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	err = newWorker(t, sdk.Options{Server: sdk.Embedded(), Files: files}).RunWith(ctx, func(ctx context.Context, _ *sdk.Client) error {
		stop()
		<-ctx.Done()
		return nil
	})
	if err != nil {
		t.Errorf("a context that ends: %v", err)
	}
}

// A function of the program decides what scripts may reach.
func TestAFunctionDecidesAboutPermissions(t *testing.T) {
	var audit strings.Builder
	options := sdk.Options{
		Files: sdk.Sources{"read.js": `import { readFile } from 'node:fs/promises'
workflow.task('read', (input) => readFile(input.path, 'utf8'))`},
		Permissions: sdk.Permissions{
			Rules: sdk.Rules{sdk.PermitRead: sdk.Grant{Deny: []string{"/denied"}}},
			Audit: &audit,
			Ask: func(_ context.Context, q sdk.PermissionQuestion) sdk.PermissionAnswer {
				if q.Kind == sdk.PermitRead && strings.HasSuffix(q.Target, "main.js") && q.Task.Workflow == "read" {
					return sdk.AnswerOnce
				}
				return sdk.AnswerNo
			},
		},
	}
	path := filepath.Join(scriptFolder(t, "// text"), "main.js")
	err := sdk.WithLocal(t.Context(), options, func(c *sdk.Client) error {
		var group errgroup.Group
		for path, want := range map[string]string{path: `"// text"`, "/etc/hostname": "", "/denied/main.js": ""} {
			group.Go(func() error {
				run, err := c.RunAndWait(t.Context(), "read", map[string]string{"path": path}, sdk.RunOptions{})
				if err == nil && (string(run.Output) != want || want == "" && !strings.Contains(run.Error, "NotCapable")) {
					t.Errorf("%s: %s, error %q", path, run.Output, run.Error)
				}
				return err
			})
		}
		return group.Wait()
	})
	if err != nil || !strings.Contains(audit.String(), "main.js") {
		t.Errorf("%v, audit %s", err, audit.String())
	}
}
