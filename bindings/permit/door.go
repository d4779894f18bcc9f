package permit

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// Resolver finds the addresses of a host; [*net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// DialFunc connects to an address that is no name.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Options of a [Door].
type Options struct {
	// Rules are what is granted to all workflows. The zero value is nothing.
	Rules Rules
	// Workflows narrow the rules for single workflows, by name.
	Workflows map[string]Rules
	// Dir is the absolute folder of relative paths, in rules and in scripts.
	Dir string
	// Environ is the environment of this process as "name=value".
	Environ []string
	// Hidden are variables that no script ever sees. Any other variable whose
	// value contains the value of one of them is hidden as well.
	Hidden []string
	// Limits of each run; the zero value of a field is no limit.
	Limits Limits
	// Secrets are declared secrets. Nil is none.
	Secrets *Secrets
	// Authorities are certificates in PEM that connections trust beside the
	// system's. Nil is none.
	Authorities []byte
	// Audit takes every decision. Nil takes none.
	Audit *Audit
	// Decided is told every decision, from any goroutine. It must be quick. Nil is
	// told none.
	Decided func(kind Kind, allowed bool)
	// Asker is asked when an access is not granted; nil refuses.
	Asker Asker
	// Tied ends the programs of runs when this process is killed, where the
	// system can do that. It is for processes none of whose threads end before
	// the process does.
	Tied bool
	// Resolver finds addresses; nil is the system's.
	Resolver Resolver
	// Dial connects; nil is the system's.
	Dial DialFunc
	// Doubles stand in for what they are asked for, in tests of scripts. Nil is
	// everywhere else.
	Doubles *Doubles
	// Clock is what limits and the audit log go by; nil is the real one.
	Clock clock.Clock
}

// Door checks what the scripts of one worker ask for. Its methods are safe for
// concurrent use.
type Door struct {
	opts        Options
	authorities *Authorities
	env         map[string]string // what may be shown at all
	path        string            // the variable PATH
	asking      sync.Mutex        // one question at a time

	mu       sync.Mutex
	policy   *Policy
	narrowed map[string]*Policy // by workflow; emptied when policy changes
}

// NewDoor makes a door. The error says what is wrong with the rules.
func NewDoor(opts Options) (*Door, error) {
	if opts.Resolver == nil {
		opts.Resolver = net.DefaultResolver
	}
	if opts.Dial == nil {
		opts.Dial = (&net.Dialer{}).DialContext
	}
	if opts.Clock == nil {
		opts.Clock = clock.Real()
	}
	d := &Door{opts: opts, narrowed: map[string]*Policy{}}
	d.env, d.path = visible(opts.Environ, opts.Hidden)
	policy, err := NewPolicy(opts.Rules, Base{Dir: opts.Dir, Path: d.path})
	if err != nil {
		return nil, err
	}
	d.policy = policy
	if d.authorities, err = NewAuthorities(opts.Authorities); err != nil {
		return nil, err
	}
	for name, rules := range opts.Workflows {
		if _, err := policy.Narrowed(rules, "workflow "+name); err != nil {
			return nil, fmt.Errorf("workflow %s: %w", name, err)
		}
	}
	return d, nil
}

// visible leaves out what no script may see.
func visible(environ, hidden []string) (env map[string]string, path string) {
	env = make(map[string]string, len(environ))
	var secret []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[variableName(name)] = value
		if hides(hidden, name) && value != "" {
			secret = append(secret, value)
		}
	}
	for name, value := range env {
		holds := func(s string) bool { return strings.Contains(value, s) }
		if hides(hidden, name) || slices.ContainsFunc(secret, holds) {
			delete(env, name)
		}
	}
	if path = env["PATH"]; path == "" {
		path = defaultPath
	}
	return env, path
}

// hides reports whether a variable is one of those that are hidden.
func hides(hidden []string, name string) bool {
	return slices.ContainsFunc(hidden, func(other string) bool { return variableName(other) == variableName(name) })
}

// policyOf is the policy in force for a workflow.
func (d *Door) policyOf(workflow string) *Policy {
	d.mu.Lock()
	defer d.mu.Unlock()
	rules, narrows := d.opts.Workflows[workflow]
	if !narrows {
		return d.policy
	}
	if p := d.narrowed[workflow]; p != nil {
		return p
	}
	p, err := d.policy.Narrowed(rules, "workflow "+workflow)
	if err != nil { // NewDoor has tried them all
		return closed
	}
	d.narrowed[workflow] = p
	return p
}

// Renew puts other rules in the place of those of the door: also runs that are
// under way have them from now on. The error says what is wrong with them; then
// everything stays as it was.
func (d *Door) Renew(rules Rules, workflows map[string]Rules) error {
	policy, err := NewPolicy(rules, Base{Dir: d.opts.Dir, Path: d.path})
	if err != nil {
		return err
	}
	for name, rules := range workflows {
		if _, err := policy.Narrowed(rules, "workflow "+name); err != nil {
			return fmt.Errorf("workflow %s: %w", name, err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.policy, d.opts.Workflows, d.narrowed = policy, workflows, map[string]*Policy{}
	return nil
}

// Redact replaces declared secrets in a text by their names: ***NAME***.
func (d *Door) Redact(text string) string { return d.secrets().Redact(text) }

// HoldsSecret reports whether a declared secret shows in data.
func (d *Door) HoldsSecret(data []byte) bool {
	return d.secrets().Contains(string(data))
}

// Limits are those of each run.
func (d *Door) Limits() Limits { return d.opts.Limits }

// add grants one entry more, to all workflows.
func (d *Door) add(kind Kind, entry string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, err := d.policy.plus(Rules{kind: {Allow: []string{entry}}})
	if err != nil {
		return err
	}
	d.policy, d.narrowed = p, map[string]*Policy{}
	return nil
}

// closed is the policy that grants nothing.
var closed = &Policy{rules: Rules{}, files: map[Kind]fileGrant{}}

// nobody is the handle of code that belongs to no run.
var nobody = func() *Run {
	d := &Door{opts: Options{Dir: "/", Resolver: net.DefaultResolver, Dial: (&net.Dialer{}).DialContext, Clock: clock.Real()}, policy: closed, env: map[string]string{}}
	r, _ := d.Enter(context.Background(), Task{})
	return r
}()
