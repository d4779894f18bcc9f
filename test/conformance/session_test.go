package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/rogpeppe/go-internal/testscript"
)

type sessionKey struct{}

// session is one scenario under way: its connections, its worker, its runs.
type session struct {
	ctx       context.Context
	server    sdk.Server
	namespace string
	client    *sdk.Client
	conn      *transport.Conn // for what the client does not do
	worker    *served         // nil = none serves
	seen      *journal
	runs      map[string]string // id by name
	latest    *sdk.Run          // the current run
	listen    *listener
}

// open joins an engine. What it opens is closed at the end of the scenario, in
// the reverse order.
func open(env *testscript.Env, on target, namespace string) (*session, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &session{ctx: ctx, namespace: namespace, seen: newJournal(), runs: map[string]string{}}
	report := func(err error) {
		if err != nil && ctx.Err() == nil {
			env.T().(testing.TB).Errorf("close: %v", err)
		}
	}
	lookup, leave, err := on.join()
	if err != nil {
		stop()
		return nil, err
	}
	env.Defer(func() { report(leave()); stop() })
	if s.server, err = sdk.ServerFromEnv(lookup, sdk.ServerOptions{Namespace: namespace}); err != nil {
		return nil, err
	}
	client, disconnect, err := held(func(use func(*sdk.Client) error) error {
		return sdk.WithClient(ctx, s.server, sdk.ClientOptions{}, use)
	})
	if err != nil {
		return nil, err
	}
	s.client = client
	env.Defer(func() { report(disconnect()) })
	if s.conn, err = dial(lookup); err != nil {
		return nil, err
	}
	env.Defer(func() { report(s.conn.Close()) })
	env.Defer(func() { s.listen.close() })
	env.Defer(func() { report(s.worker.end()) })
	env.Defer(func() {
		if tb := env.T().(testing.TB); tb.Failed() {
			tb.Logf("what the worker told:\n%s", s.seen)
		}
	})
	return s, nil
}

func dial(lookup func(string) (string, bool)) (*transport.Conn, error) {
	config, err := transport.FromEnv(lookup)
	if err != nil {
		return nil, err
	}
	return transport.Dial(config, transport.Options{})
}

func of(ts *testscript.TestScript) *session { return ts.Value(sessionKey{}).(*session) }

// within bounds one command.
func (s *session) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(s.ctx, patience)
}

// rest asks the engine's REST face; answer may be nil.
func (s *session) rest(ctx context.Context, method, path string, answer any) error {
	address, err := s.conn.URL(path)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return err
	}
	response, err := s.conn.HTTP().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// served is a worker under way.
type served struct {
	stop  context.CancelFunc
	ended chan error
}

// serve joins a worker and waits until it serves all files.
func (s *session) serve(options sdk.Options) error {
	options.Server, options.Name = s.server, "conformance"
	outcome := make(chan error, 1) // what the worker says first
	options.Observer = func(n sdk.Notice) {
		s.seen.add(n)
		if said, err := readiness(n); said {
			select {
			case outcome <- err:
			default:
			}
		}
	}
	worker, err := sdk.New(options)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(s.ctx)
	s.worker = &served{stop: stop, ended: make(chan error, 1)}
	go func() { s.worker.ended <- worker.Run(ctx) }()
	limit, cancel := s.within()
	defer cancel()
	select {
	case err := <-outcome:
		return err
	case err := <-s.worker.ended:
		s.worker.ended <- err
		return fmt.Errorf("the worker ended: %w", err)
	case <-limit.Done():
		return errors.New("the worker does not connect")
	}
}

// readiness reads whether a worker serves from what it tells.
func readiness(n sdk.Notice) (said bool, err error) {
	switch n := n.(type) {
	case sdk.ScriptsLoaded:
		for _, file := range n.Files {
			if file.Error != nil {
				return true, fmt.Errorf("%s:%d: %s", file.Path, file.Error.Line, file.Error.Message)
			}
		}
	case sdk.ScriptsRefused:
		return true, n.Err
	case sdk.WorkerState:
		return n.State == "connected", nil
	}
	return false, nil
}

// end stops the worker and waits for it. What it abandons dies with the
// scenario.
func (w *served) end() error {
	if w == nil {
		return nil
	}
	w.stop()
	if err := <-w.ended; !errors.Is(err, sdk.ErrDrainDeadline) {
		return err
	}
	return nil
}
