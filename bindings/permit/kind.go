package permit

import (
	"context"
	"fmt"
)

// Kind is what an access is to. The names are Deno's.
type Kind string

const (
	// Net is connecting to a host and port.
	Net Kind = "net"
	// Read is reading files and folders.
	Read Kind = "read"
	// Write is making, changing and removing files and folders.
	Write Kind = "write"
	// Env is reading variables of the environment.
	Env Kind = "env"
	// Command is starting another program.
	Command Kind = "run"
	// Sys is being told about the machine.
	Sys Kind = "sys"
)

// Kinds are all kinds in the order of the reference.
var Kinds = []Kind{Net, Read, Write, Env, Command, Sys}

// SysNames are what may be told about the machine: the entries of a grant of
// [Sys]. The names are Deno's.
var SysNames = []string{
	"hostname", "osRelease", "osUptime", "loadavg", "networkInterfaces", "systemMemoryInfo", "cpus", "userInfo",
}

// Place is where in a script an access began. The zero value is unknown.
type Place struct {
	File string
	Line int
}

// String renders file:line; "" if it is unknown.
func (p Place) String() string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

type contextKey int

const (
	runKey contextKey = iota
	placeKey
)

// WithPlace says at which place of the script the work of ctx was asked for.
func WithPlace(ctx context.Context, at Place) context.Context {
	return context.WithValue(ctx, placeKey, at)
}

// PlaceOf returns what [WithPlace] put into ctx.
func PlaceOf(ctx context.Context) Place {
	at, _ := ctx.Value(placeKey).(Place)
	return at
}

// From returns the handle of the run that ctx belongs to. It is never nil:
// outside of any run it is one that refuses everything.
func From(ctx context.Context) *Run {
	if r, ok := ctx.Value(runKey).(*Run); ok {
		return r
	}
	return nobody
}

// NotCapableError says that an access is not permitted. Scripts see an Error
// with the name NotCapable, or NetworkNotMocked in a test that reaches for the
// network; a task that fails with it is not tried again, for nothing would change.
type NotCapableError struct {
	Kind Kind
	// Target is what was to be accessed: "api.stripe.com:443", an absolute path.
	Target string
	// Entry is the narrowest entry of a grant that would allow it; "" if no
	// grant would.
	Entry string
	// Detail says more about the target, such as the name behind an address;
	// may be "".
	Detail string
	// Refusal says why no grant helps: a denial, or the limits of a workflow.
	// "" if a grant would.
	Refusal string
	Place   Place
	// Mock is what a test could have used instead: "t.mock.exec". "" where nobody
	// tests.
	Mock string
	// Request is what was to be sent to Target, if that is known: a method and a
	// URL.
	Request string
}

// unmocked reports whether a test reached for the network without a mock.
func (e *NotCapableError) unmocked() bool { return e.Kind == Net && e.Mock != "" && e.Refusal == "" }

// ErrorName is the name of the Error that scripts see.
func (e *NotCapableError) ErrorName() string {
	if e.unmocked() {
		return "NetworkNotMocked"
	}
	return "NotCapable"
}

// NonRetryable says that trying again is of no use.
func (e *NotCapableError) NonRetryable() bool { return true }

// ErrorCode is the property code of the Error that scripts see.
func (e *NotCapableError) ErrorCode() string { return "EACCES" }

func (e *NotCapableError) Error() string {
	if e.unmocked() {
		return e.explainUnmocked()
	}
	text := fmt.Sprintf("Requires %s access to %q", e.Kind, e.Target)
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	if e.Refusal != "" {
		return text + ", " + e.Refusal
	}
	text += ", run again with --allow-" + string(e.Kind) + "=" + e.Entry
	if e.Mock != "" {
		text += ", or stand in for it with " + e.Mock
	}
	return text
}

func (e *NotCapableError) explainUnmocked() string {
	detail := ""
	if e.Detail != "" {
		detail = " (" + e.Detail + ")"
	}
	if e.Request == "" {
		return fmt.Sprintf("a connection to %s%s is not mocked: run again with --allow-net=%s", e.Target, detail, e.Entry)
	}
	return fmt.Sprintf("%s%s is not mocked: add %s('%s', …), or run again with --allow-net=%s", e.Request, detail, e.Mock, e.Request, e.Entry)
}
