package conformance

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/rogpeppe/go-internal/testscript"
)

// arguments reads flags and checks how many arguments follow them.
func arguments(ts *testscript.TestScript, neg bool, args []string, least, most int, define func(*flag.FlagSet)) []string {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	if define != nil {
		define(flags)
	}
	for i := range args { // quotes, which JSON needs, keep it as it is
		args[i] = strings.ReplaceAll(args[i], "$UNIQUE", ts.Getenv("UNIQUE"))
	}
	ts.Check(flags.Parse(args))
	if n := flags.NArg(); neg || n < least || n > most {
		ts.Fatalf("%d arguments, want %d to %d and no negation", n, least, most)
	}
	return flags.Args()
}

// labels collects -label KEY=VALUE.
type labels map[string]any

func (l labels) String() string { return "" }

func (l labels) Set(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("label %q is not KEY=VALUE", text)
	}
	if n, err := strconv.ParseInt(value, 10, 32); err == nil {
		l[key] = int32(n)
	} else {
		l[key] = value
	}
	return nil
}

// units collects -custom-slots TYPE=UNITS.
type units map[string]int

func (u units) String() string { return "" }

func (u units) Set(text string) error {
	kind, value, _ := strings.Cut(text, "=")
	n, err := strconv.Atoi(value)
	u[kind] = n
	return err
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	options := sdk.Options{Labels: labels{}, CustomSlots: units{}}
	args = arguments(ts, neg, args, 0, 1, func(f *flag.FlagSet) {
		f.IntVar(&options.Slots, "slots", 0, "")
		f.IntVar(&options.DurableSlots, "durable-slots", 0, "")
		f.Var(labels(options.Labels), "label", "")
		f.Var(units(options.CustomSlots), "custom-slots", "")
		f.DurationVar(&options.Drain, "drain", -1, "")
	})
	options.Paths = []string{ts.MkAbs(".")}
	if len(args) > 0 {
		options.Paths[0] = ts.MkAbs(args[0])
	}
	ts.Check(of(ts).serve(options))
}

func leave(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, neg, args, 0, 0, nil)
	s := of(ts)
	if s.worker == nil {
		ts.Fatalf("no worker serves")
	}
	ts.Check(s.worker.end())
	s.worker = nil
}

// optionalJSON is a flag whose value is JSON.
func optionalJSON(f *flag.FlagSet, name string, into *json.RawMessage) {
	f.Func(name, "", func(text string) error {
		if !json.Valid([]byte(text)) {
			return fmt.Errorf("%s is not JSON", text)
		}
		*into = json.RawMessage(text)
		return nil
	})
}

// trigger starts a run of args[0] with the input args[1].
func trigger(ts *testscript.TestScript, args []string, options sdk.RunOptions) (string, error) {
	s := of(ts)
	ctx, cancel := s.within()
	defer cancel()
	var input json.RawMessage
	if len(args) > 1 {
		input = json.RawMessage(args[1])
		if name, ok := strings.CutPrefix(args[1], "@"); ok {
			input = json.RawMessage(ts.ReadFile(name))
		}
	}
	return s.client.Trigger(ctx, args[0], input, options)
}

func runFlags(options *sdk.RunOptions) func(*flag.FlagSet) {
	return func(f *flag.FlagSet) {
		f.IntVar(&options.Priority, "priority", 0, "")
		optionalJSON(f, "metadata", &options.AdditionalMetadata)
	}
}

func run(ts *testscript.TestScript, neg bool, args []string) {
	var options sdk.RunOptions
	args = arguments(ts, neg, args, 1, 2, runFlags(&options))
	id, err := trigger(ts, args, options)
	ts.Check(err)
	finish(ts, id)
}

func start(ts *testscript.TestScript, neg bool, args []string) {
	var options sdk.RunOptions
	args = arguments(ts, false, args, 2, 3, runFlags(&options))
	id, err := trigger(ts, args[1:], options)
	if neg {
		if err == nil {
			ts.Fatalf("run %s was started, and should have been refused", id)
		}
		ts.Logf("refused: %v", err)
		return
	}
	ts.Check(err)
	of(ts).runs[args[0]] = id
	ts.Setenv(args[0], id)
}

// named is the id of a run that was started.
func named(ts *testscript.TestScript, name string) string {
	id, known := of(ts).runs[name]
	if !known {
		ts.Fatalf("no run %q was started", name)
	}
	return id
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	finish(ts, named(ts, args[0]))
}

// finish waits for the end of a run and makes it the current one.
func finish(ts *testscript.TestScript, id string) {
	s := of(ts)
	ctx, cancel := s.within()
	defer cancel()
	ended, err := s.client.Wait(ctx, id)
	ts.Check(err)
	s.latest = ended
	ts.Logf("run %s: %s %s %s", id, ended.Status, ended.Output, ended.Error)
}

func cancel(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	s := of(ts)
	ctx, stop := s.within()
	defer stop()
	ts.Check(s.client.Cancel(ctx, named(ts, args[0])))
}

func list(ts *testscript.TestScript, neg bool, args []string) {
	want := sdk.StatusCompleted
	args = arguments(ts, neg, args, 2, 2, func(f *flag.FlagSet) { f.StringVar(&want, "status", want, "") })
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	s := of(ts)
	var found []sdk.RunSummary
	eventually(ts, func() error {
		ctx, stop := s.within()
		defer stop()
		if found, err = s.client.Runs(ctx, sdk.RunFilter{Workflows: []string{args[0]}, Limit: 1000}); err != nil {
			return err
		}
		if len(found) != n {
			return fmt.Errorf("%d runs of %s, want %d", len(found), args[0], n)
		}
		for _, one := range found {
			if !slices.Contains(strings.Split(want, "|"), one.Status) {
				return fmt.Errorf("run %s is %s, want %s", one.ID, one.Status, want)
			}
		}
		return nil
	})
	if n > 0 {
		finish(ts, found[0].ID)
	}
}

// eventually tries until it succeeds.
func eventually(ts *testscript.TestScript, try func() error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v", err)
		}
	}
}

func event(ts *testscript.TestScript, neg bool, args []string) {
	var pushed, before sdk.Event
	var until string
	args = arguments(ts, neg, args, 1, 2, func(f *flag.FlagSet) {
		f.IntVar(&pushed.Priority, "priority", 0, "")
		f.StringVar(&pushed.Scope, "scope", "", "")
		f.StringVar(&until, "until", "", "")
		optionalJSON(f, "metadata", &pushed.AdditionalMetadata)
		optionalJSON(f, "before", &before.Payload)
	})
	pushed.Key, before.Key = args[0], args[0]
	if len(args) > 1 {
		pushed.Payload = json.RawMessage(args[1])
	}
	push := func() {
		if before.Payload != nil {
			ts.Check(of(ts).push(before))
		}
		ts.Check(of(ts).push(pushed))
	}
	if push(); until == "" {
		return
	}
	eventually(ts, func() error { // no engine tells that it listens
		details, err := of(ts).details(named(ts, until))
		if err != nil || details.Done {
			return err
		}
		time.Sleep(250 * time.Millisecond)
		push()
		return fmt.Errorf("run %s is %s", until, details.Status)
	})
}

func (s *session) push(e sdk.Event) error {
	ctx, cancel := s.within()
	defer cancel()
	_, err := s.client.PushEvent(ctx, e)
	return err
}

// forget has a workflow deleted when the scenario is over: its crons would go
// on for ever on an engine that others use.
func forget(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 1, 1, nil)
	s := of(ts)
	ts.Defer(func() {
		if err := s.remove(s.namespace + "_" + args[0]); err != nil {
			ts.Logf("delete workflow %s: %v", args[0], err)
		}
	})
}

// remove deletes a workflow by its full name (hatchet-protocol.md section 6.10).
func (s *session) remove(name string) error {
	ctx, cancel := s.within()
	defer cancel()
	var found struct {
		Rows []struct {
			Name     string
			Metadata struct{ ID string }
		}
	}
	query := url.Values{"name": {name}}
	path := "/api/v1/tenants/" + s.conn.Config().TenantID + "/workflows?" + query.Encode()
	if err := s.rest(ctx, http.MethodGet, path, &found); err != nil {
		return err
	}
	for _, row := range found.Rows {
		if row.Name == name {
			return s.rest(ctx, http.MethodDelete, "/api/v1/workflows/"+row.Metadata.ID, nil)
		}
	}
	return errors.New("not found")
}

func limit(ts *testscript.TestScript, neg bool, args []string) {
	args = arguments(ts, neg, args, 3, 3, nil)
	units, err := strconv.Atoi(args[1])
	ts.Check(err)
	window, known := contract.RateLimitDuration_value[strings.ToUpper(args[2])]
	if !known {
		ts.Fatalf("unknown window %q", args[2])
	}
	s := of(ts)
	ctx, cancel := s.within()
	defer cancel()
	_, err = contract.NewWorkflowServiceClient(s.conn.Grpc()).PutRateLimit(ctx, &contract.PutRateLimitRequest{
		Key: args[0], Limit: int32(units), Duration: contract.RateLimitDuration(window),
	})
	ts.Check(err)
}
