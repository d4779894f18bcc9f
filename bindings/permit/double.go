package permit

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Doubles stand in for what scripts reach outside of their VM, in tests of
// scripts. Each says by ok whether it stands in for what is asked for; if not,
// the policy decides as ever. A function that is nil stands in for nothing.
type Doubles struct {
	// Exchange answers an HTTP request, as far as it is read here, instead of a
	// server. The request of the response is filled in.
	Exchange func(ctx context.Context, request *http.Request) (response *http.Response, ok bool, err error)
	// Program runs instead of a program.
	Program func(ctx context.Context, program Program) (ended Ended, ok bool, err error)
	// Variables are variables of the environment.
	Variables func() map[string]string
	// Secrets are in force instead of those of [Options].
	Secrets func() *Secrets
	// Folder gives the folder in which an absolute path lies instead: what is at
	// /a/b is then at FOLDER/a/b.
	Folder func(path string) (folder string, ok bool)
	// Exchanged is told of an exchange with a real server and gives the response
	// that the script gets.
	Exchanged func(ctx context.Context, request *http.Request, response *http.Response) (*http.Response, error)
	// Used is told each variable and each secret of the doubles that a script reads.
	Used func(name string)
}

// DoubleError is a double's own refusal. It reaches scripts as it is, and not as
// a failure of the network.
type DoubleError struct{ Name, Text string }

func (e *DoubleError) Error() string { return e.Text }

// ErrorName is the name of the Error that scripts see.
func (e *DoubleError) ErrorName() string { return e.Name }

// NonRetryable says that trying again is of no use.
func (e *DoubleError) NonRetryable() bool { return true }

// Ended is what a program that was stood in for has written, and how it ended.
type Ended struct {
	Stdout, Stderr string
	Exit           Exit
}

// mocks are how a test stands in for each kind of access, for refusals.
var mocks = map[Kind]string{Net: "t.mock.fetch", Read: "t.mock.fs", Write: "t.mock.fs", Env: "t.mock.env", Command: "t.mock.exec"}

// mockOf is the double that a test could have used; "" where nobody tests.
func (d *Door) mockOf(kind Kind) string {
	if d.opts.Doubles == nil {
		return ""
	}
	return mocks[kind]
}

// Exchange answers an HTTP request in place of the network, if a double does.
func (r *Run) Exchange(ctx context.Context, request *http.Request) (response *http.Response, ok bool, err error) {
	d := r.door.opts.Doubles
	if d == nil || d.Exchange == nil {
		return nil, false, nil
	}
	response, ok, err = d.Exchange(ctx, request)
	if response != nil {
		response.Request = request
	}
	return response, ok, err
}

// Exchanged passes the response of a real server on to the doubles of a test, if
// there are any that listen.
func (r *Run) Exchanged(ctx context.Context, request *http.Request, response *http.Response) (*http.Response, error) {
	if d := r.door.opts.Doubles; d != nil && d.Exchanged != nil {
		return d.Exchanged(ctx, request, response)
	}
	return response, nil
}

// used tells a test that one of its doubles was read.
func (d *Door) used(name string) {
	if d.opts.Doubles != nil && d.opts.Doubles.Used != nil {
		d.opts.Doubles.Used(name)
	}
}

// Tested reports whether the run is one of a test that has doubles, so that
// nothing of it may be shared with others.
func (r *Run) Tested() bool { return r.door.opts.Doubles != nil }

// variables are the doubles of variables, without what is hidden.
func (d *Door) variables() map[string]string {
	if d.opts.Doubles == nil || d.opts.Doubles.Variables == nil {
		return nil
	}
	given := d.opts.Doubles.Variables()
	known := make(map[string]string, len(given))
	for name, value := range given {
		if !hides(d.opts.Hidden, name) {
			known[variableName(name)] = value
		}
	}
	return known
}

// value is a variable, whether it may be read or not.
func (d *Door) value(name string) (string, bool) {
	name = variableName(name)
	if value, ok := d.variables()[name]; ok {
		return value, true
	}
	value, set := d.env[name]
	return value, set
}

// secrets are those in force.
func (d *Door) secrets() *Secrets {
	if d.opts.Doubles != nil && d.opts.Doubles.Secrets != nil {
		return d.opts.Doubles.Secrets()
	}
	return d.opts.Secrets
}

// hasDouble reports whether an absolute path lies where a double is.
func (r *Run) hasDouble(path string) bool {
	d := r.door.opts.Doubles
	if d == nil || d.Folder == nil {
		return false
	}
	_, ok := d.Folder(path)
	return ok
}

// standIn leads a way to where a double of its path is.
func (r *Run) standIn(w *way) (ok bool, err error) {
	d := r.door.opts.Doubles
	if d == nil || d.Folder == nil {
		return false, nil
	}
	folder, ok := d.Folder(w.path)
	if !ok {
		return false, nil
	}
	if w.root, err = os.OpenRoot(folder); err != nil {
		return true, pathError(w.op, w.given, err)
	}
	w.rel = strings.TrimPrefix(w.path[len(filepath.VolumeName(w.path)):], string(filepath.Separator))
	if w.rel == "" {
		w.rel = "."
	}
	w.stands, w.path = w.path, filepath.Join(folder, w.rel)
	return true, nil
}

// startDouble starts what stands in for a program.
func (r *Run) startDouble(ctx context.Context, program Program) (p *Process, ok bool, err error) {
	d := r.door.opts.Doubles
	if d == nil || d.Program == nil {
		return nil, false, nil
	}
	ended, ok, err := d.Program(ctx, program)
	if err != nil || !ok {
		return nil, ok, err
	}
	p = &Process{done: make(chan struct{}), ended: true, double: &ended.Exit}
	close(p.done)
	if program.Stdin {
		p.Stdin = discarding{}
	}
	if program.Stdout {
		p.Stdout = io.NopCloser(bytes.NewBufferString(ended.Stdout))
	}
	if program.Stderr {
		p.Stderr = io.NopCloser(bytes.NewBufferString(ended.Stderr))
	}
	return p, true, nil
}

// discarding takes the input of a program that does not read.
type discarding struct{}

func (discarding) Write(p []byte) (int, error) { return len(p), nil }
func (discarding) Close() error                { return nil }
