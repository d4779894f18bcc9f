package permit_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// enter begins a run at a door with the given options.
func enter(t *testing.T, options permit.Options) (*permit.Run, context.Context) {
	t.Helper()
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	door, err := permit.NewDoor(options)
	if err != nil {
		t.Fatal(err)
	}
	run, ctx := door.Enter(t.Context(), permit.Task{Workflow: "invoice", Task: "charge", Run: "r1"})
	t.Cleanup(run.Leave)
	return run, permit.WithPlace(ctx, permit.Place{File: "billing.ts", Line: 31})
}

// refused demands a refusal with a certain text.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	var not *permit.NotCapableError
	if !errors.As(err, &not) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want a refusal with %s", err, want)
	}
}

// world resolves names from a table and dials nobody: it notes who was called.
type world struct {
	mu     sync.Mutex
	names  map[string][]string // the answers of successive look-ups, one list each: "a,b"
	dialed []string
}

func (w *world) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answers := w.names[host]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		w.names[host] = answers[1:]
	}
	var addrs []netip.Addr
	for text := range strings.SplitSeq(answers[0], ",") {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	return addrs, nil
}

func (w *world) dial(_ context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dialed = append(w.dialed, address)
	near, far := net.Pipe()
	_ = far.Close()
	return near, nil
}

func (w *world) options(allow ...string) permit.Options {
	return permit.Options{Resolver: w, Dial: w.dial, Rules: permit.Rules{permit.Net: {Allow: allow}}}
}

func TestConnections(t *testing.T) {
	names := map[string]string{
		"api.stripe.com": "93.184.216.34", "a.b.example.com": "93.184.216.35", "example.com": "93.184.216.36", "evil.com": "169.254.169.254",
		"rebound.com": "127.0.0.1", "mapped.com": "::ffff:10.0.0.1", "nat64.com": "64:ff9b::a9fe:a9fe", "sixtofour.com": "2002:7f00:1::",
		"compatible.com": "::127.0.0.1", "unspecified.com": "0.0.0.0", "ula.com": "fd00:ec2::254", "link.com": "fe80::1", "cgnat.com": "100.64.0.1",
		"multicast.com": "224.0.0.1", "localhost": "127.0.0.1", "db.internal": "10.1.2.3", "both.com": "10.0.0.9,93.184.216.37",
	}
	all := []string{"*"}
	for _, c := range []struct {
		allow  []string
		deny   []string
		to     string
		dialed string // "" = refused
		text   string
	}{
		{[]string{"api.stripe.com"}, nil, "api.stripe.com:443", "93.184.216.34:443", ""},
		{[]string{"api.stripe.com:443"}, nil, "API.Stripe.com.:443", "93.184.216.34:443", ""},
		{[]string{"api.stripe.com:443"}, nil, "api.stripe.com:80", "", `"api.stripe.com:80", run again with --allow-net=api.stripe.com`},
		{nil, nil, "api.stripe.com:443", "", `Requires net access to "api.stripe.com:443", run again with --allow-net=api.stripe.com`},
		{[]string{"*.example.com"}, nil, "a.b.example.com:1", "93.184.216.35:1", ""},
		{[]string{"*.example.com"}, nil, "example.com:1", "", "example.com"},
		{all, []string{"evil.com", "api.stripe.com"}, "api.stripe.com:443", "", "which is denied (--deny-net)"},
		{all, []string{"93.184.216.0/24"}, "api.stripe.com:443", "", "an address of api.stripe.com"},
		{all, nil, "evil.com:80", "", `"169.254.169.254:80" (an address of evil.com; link-local and metadata addresses need an entry of their own), run again with --allow-net=169.254.169.254`},
		{all, nil, "169.254.169.254:80", "", "link-local and metadata"},
		{all, nil, "rebound.com:80", "", "loopback"},
		{[]string{"rebound.com"}, nil, "rebound.com:80", "", "loopback"},
		{all, nil, "mapped.com:80", "", "private"},
		{all, nil, "[::ffff:127.0.0.1]:80", "", "loopback"},
		{all, nil, "[::1]:80", "", "loopback"},
		{all, nil, "nat64.com:80", "", "link-local and metadata"},
		{all, nil, "sixtofour.com:80", "", "loopback"},
		{all, nil, "compatible.com:80", "", "loopback"},
		{all, nil, "unspecified.com:80", "", "this machine"},
		{all, nil, "ula.com:80", "", "private"},
		{all, nil, "link.com:80", "", "link-local"},
		{all, nil, "[fe80::1%25eth0]:80", "", ""},
		{all, nil, "cgnat.com:80", "", "carriers"},
		{all, nil, "multicast.com:80", "", "multicast"},
		{all, nil, "localhost:80", "", "loopback"},
		{[]string{"localhost"}, nil, "localhost:80", "127.0.0.1:80", ""},
		{[]string{"localhost"}, nil, "127.0.0.1:80", "127.0.0.1:80", ""},
		{[]string{"127.0.0.1:81"}, nil, "127.0.0.1:80", "", "127.0.0.1:80"},
		{[]string{"127.0.0.1"}, nil, "[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", ""},
		{[]string{"db.internal", "10.0.0.0/8"}, nil, "db.internal:5432", "10.1.2.3:5432", ""},
		{[]string{"db.internal"}, nil, "db.internal:5432", "", "--allow-net=10.1.2.3"},
		{[]string{"10.0.0.0/8"}, nil, "db.internal:5432", "", "--allow-net=db.internal"},
		{[]string{"::ffff:10.0.0.0/104", "db.internal"}, nil, "db.internal:5432", "10.1.2.3:5432", ""},
		{[]string{"169.254.0.0/16", "nat64.com"}, []string{"169.254.169.254"}, "nat64.com:80", "", "denied"},
		{all, nil, "both.com:80", "93.184.216.37:80", ""},
	} {
		w := &world{names: map[string][]string{}}
		for name, addr := range names {
			w.names[name] = []string{addr}
			w.names[strings.ToUpper(name)] = []string{addr}
		}
		w.names["API.Stripe.com."] = []string{names["api.stripe.com"]}
		options := w.options()
		grant := permit.Grant{Allow: c.allow, Deny: c.deny}
		if len(c.allow) == 1 && c.allow[0] == "*" {
			grant = permit.Grant{All: true, Deny: c.deny}
		}
		options.Rules = permit.Rules{permit.Net: grant}
		run, ctx := enter(t, options)
		conn, err := run.Dial(ctx, "tcp", c.to)
		if c.dialed == "" {
			refused(t, err, c.text)
			if len(w.dialed) > 0 {
				t.Errorf("%v: %s was dialled", c, w.dialed)
			}
			continue
		}
		if err != nil || fmt.Sprint(w.dialed) != "["+c.dialed+"]" {
			t.Errorf("%v: dialled %v, %v", c, w.dialed, err)
			continue
		}
		_ = conn.Close()
	}
}

// A name is resolved once per connection, and what was checked is dialled; the
// next connection asks and checks again.
func TestAnAnswerThatChanges(t *testing.T) {
	w := &world{names: map[string][]string{"api.com": {"93.184.216.34", "127.0.0.1", "93.184.216.34,127.0.0.1"}}}
	run, ctx := enter(t, w.options("api.com"))
	if _, err := run.Dial(ctx, "tcp", "api.com:80"); err != nil {
		t.Error(err)
	}
	_, err := run.Dial(ctx, "tcp", "api.com:80")
	refused(t, err, "loopback")
	if _, err := run.Dial(ctx, "tcp", "api.com:80"); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(w.dialed); got != "[93.184.216.34:80 93.184.216.34:80]" {
		t.Error(got)
	}
}

func TestWorkflowsNarrow(t *testing.T) {
	w := &world{names: map[string][]string{"a.com": {"93.184.216.34"}, "b.com": {"93.184.216.35"}}}
	options := w.options("a.com", "b.com")
	options.Rules[permit.Env] = permit.Grant{All: true}
	options.Environ = []string{"X=1"}
	options.Workflows = map[string]permit.Rules{"invoice": {permit.Net: {Allow: []string{"a.com", "c.com"}}}}
	run, ctx := enter(t, options)
	if _, err := run.Dial(ctx, "tcp", "a.com:80"); err != nil {
		t.Error(err)
	}
	_, err := run.Dial(ctx, "tcp", "b.com:80")
	refused(t, err, `Requires net access to "b.com:80", which the permissions of workflow invoice in hatchet-js.json leave out`)
	_, err = run.Dial(ctx, "tcp", "c.com:80")
	refused(t, err, "run again with --allow-net=c.com")
	if value, _, err := run.Getenv(ctx, "X"); value != "1" || err != nil {
		t.Errorf("what is not mentioned: %q, %v", value, err)
	}
}

func TestWithoutARunNothingIsAllowed(t *testing.T) {
	run := permit.From(context.Background())
	_, err := run.ReadFile(t.Context(), "/etc/hostname")
	refused(t, err, "read access")
	_, err = run.Dial(t.Context(), "tcp", "127.0.0.1:1")
	refused(t, err, "net access")
}

// Work comes one after the other, all at once, and from work itself.
func TestAllWorkOfARunIsDone(t *testing.T) {
	door, err := permit.NewDoor(permit.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	run, _ := door.Enter(t.Context(), permit.Task{})
	done := make(chan int, 200)
	for i := range 100 {
		if !run.Go(func() { done <- i }) || <-done != i {
			t.Fatalf("work %d was not done", i)
		}
	}
	gate := make(chan struct{})
	for i := range 100 {
		run.Go(func() {
			<-gate
			run.Go(func() { done <- i })
		})
	}
	close(gate)
	seen := map[int]bool{}
	for range 100 {
		seen[<-done] = true
	}
	if run.Leave(); len(seen) != 100 || run.Go(func() {}) {
		t.Errorf("%d of 100 were done, or the run goes on", len(seen))
	}
}

func TestWhatARunOpensEndsWithIt(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	door, err := permit.NewDoor(permit.Options{Dir: dir, Rules: permit.AllowAll()})
	if err != nil {
		t.Fatal(err)
	}
	run, ctx := door.Enter(t.Context(), permit.Task{})
	file, err := run.Open(ctx, "a", os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	process, err := run.Start(ctx, permit.Program{Name: "sleep", Args: []string{"600"}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	run.Go(func() { <-ctx.Done(); ended <- ctx.Err() })
	run.Leave()
	if _, err := file.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file: %v", err)
	}
	if exit, err := process.Wait(t.Context()); exit.Signal != "SIGKILL" || err != nil {
		t.Errorf("the program: %+v, %v", exit, err)
	}
	if <-ended == nil || run.Go(func() {}) {
		t.Error("the run goes on")
	}
	if _, err := run.Open(ctx, "a", os.O_RDONLY, 0); !errors.Is(err, permit.ErrOver) {
		t.Errorf("opened after the end: %v", err)
	}
}
