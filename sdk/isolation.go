package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
	"github.com/hatchet-js/hatchet-js-worker/scripts/isolate"
)

// What runs share, see [Isolation].
const (
	IsolateVM      = permit.IsolateVM
	IsolateRun     = permit.IsolateRun
	IsolateProcess = permit.IsolateProcess
)

// ParseSize reads a number of bytes such as "256MB".
func ParseSize(text string) (int64, error) {
	size, err := permit.ParseSize(text)
	return size, withKind(err, ErrConfig)
}

// Isolation says what the runs of scripts share with each other. Fields that are
// not given are those of hatchet-js.json.
type Isolation struct {
	// Mode is IsolateVM, the default: a VM serves one run after the other, so
	// that what a file keeps in its variables is still there; IsolateRun: each
	// run has a fresh VM; or IsolateProcess: VMs are in processes of their own,
	// one each, that end with what they do to themselves. The mode process is
	// not for scripts that import modules of Go functions, nor for a clock that is
	// not the real one.
	Mode string
	// Memory bounds, in bytes, the memory that scripts take. With IsolateProcess
	// it is a hard cap on each process, which takes Linux or Windows. Otherwise it is the
	// size of this process's heap beyond which the run is stopped that seems to
	// have made it grow: a help and no guarantee. 0 is no cap, and three quarters
	// of the memory that there is; NoMemoryLimit has nothing watched.
	Memory int64
	// Command starts a program that calls [ServeIsolated] with its
	// [IsolatedFiles]. IsolateProcess needs it.
	Command []string
}

// NoMemoryLimit has the heap of this process not watched.
const NoMemoryLimit = -1

func (i Isolation) check() error {
	switch {
	case i.Mode != "" && !slices.Contains(permit.Isolations, i.Mode):
		return withKind(fmt.Errorf("isolate %q: it is one of %s", i.Mode, strings.Join(permit.Isolations, ", ")), ErrConfig)
	case i.Memory < NoMemoryLimit:
		return withKind(fmt.Errorf("memory %d: it is a number of bytes", i.Memory), ErrConfig)
	}
	return nil
}

// settle fills in what the file of permissions says.
func (i Isolation) settle(limits permit.Limits) Isolation {
	if i.Mode == "" {
		i.Mode = limits.Isolate
	}
	if i.Mode == "" {
		i.Mode = IsolateVM
	}
	if i.Memory == 0 {
		i.Memory = limits.Memory
	}
	return i
}

// isolate has runs share what they are to share.
func (s *loadedScripts) isolate(l loading, options *generation.Options) error {
	i := l.isolation.settle(s.door.Limits())
	options.Isolate = i.Mode == IsolateRun
	if i.Mode != IsolateProcess {
		s.watchHeap(i.Memory, l.clock)
		options.VM.Heap = s.heap
		return nil
	}
	if err := i.possible(l); err != nil {
		return withKind(fmt.Errorf("isolate process: %w", err), ErrConfig)
	}
	l.spawning.Command, l.spawning.Memory = i.Command, max(i.Memory, 0)
	l.spawning.Environ = childEnviron(l.permissions.Environ)
	s.spawner = isolate.NewSpawner(l.spawning)
	options.Spawner = s.spawner
	return nil
}

// watchHeap makes the watcher of this process's heap. Like the limit of CPU time
// it goes by real time: what scripts believe the time to be has no part in it.
func (s *loadedScripts) watchHeap(limit int64, c clock.Clock) {
	if limit == 0 {
		limit = availableMemory() / 4 * 3
	}
	if limit > 0 && c == clock.Real() {
		s.heap = vm.NewHeap(limit, c, func(name string) error { return permit.MemoryError(name, limit, true) })
	}
}

// possible says why runs cannot have processes of their own.
func (i Isolation) possible(l loading) error {
	switch {
	case len(l.modules) > 0:
		return errors.New("modules of Go functions are of this process; use vm or run, or leave them out")
	case l.clock != clock.Real():
		return errors.New("processes have the real clock; use vm or run")
	case i.Memory > 0 && !isolate.CapsMemory():
		return errors.New("the memory of a process cannot be capped on this system, that takes Linux or Windows; leave the limit out")
	case len(i.Command) == 0:
		return errors.New("there is no command that starts a process, see Isolation.Command")
	}
	return nil
}

// childVariables are those variables of the environment that Go's own library
// reads. A process needs them; what scripts may read comes another way.
var childVariables = []string{
	"TZ", "ZONEINFO", "SSL_CERT_FILE", "SSL_CERT_DIR", "GODEBUG", "LOCALDOMAIN", "RES_OPTIONS",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
}

func childEnviron(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return !slices.Contains(childVariables, name)
	})
}

// IsolatedFiles are those by which a worker speaks to a program that it started
// with Isolation.Command: 3 to read and 4 to write; on Windows standard input and
// output, and what the program prints goes to standard error from then on.
func IsolatedFiles() (in, out *os.File) { return isolate.Files() }

// ServeIsolated is what the program that Isolation.Command starts does, and all
// it does: it runs what a worker sends through in and answers through out, until
// in ends.
func ServeIsolated(ctx context.Context, in io.Reader, out io.Writer) error {
	return isolate.Serve(ctx, in, out)
}
