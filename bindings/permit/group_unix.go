//go:build unix

package permit

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// programGroup is a program with what it has started: a process group.
type programGroup struct{ pid int }

// newGroup prepares a program to be started in a process group of its own, away
// from the signals that a terminal sends to this one's. It is tied to this
// process where the system can do that.
func newGroup(cmd *exec.Cmd, tied bool) (*programGroup, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if tied {
		tie(cmd.SysProcAttr)
	}
	return &programGroup{}, nil
}

// join is called when the program has started; it is in the group by then.
func (g *programGroup) join(process *os.Process) error {
	g.pid = process.Pid
	return nil
}

// kill sends a signal to all of the group; it reports whether there was
// something to send it to.
func (g *programGroup) kill(signal syscall.Signal) bool { return syscall.Kill(-g.pid, signal) == nil }

func (g *programGroup) exit(state *os.ProcessState) Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return Exit{Code: -1, Signal: unix.SignalName(status.Signal())}
	}
	return Exit{Code: state.ExitCode()}
}

// close has nothing to do: a process group ends with its last process.
func (g *programGroup) close() {}

// SignalNumber returns a signal by its name, "SIGTERM"; 0 if there is none.
func SignalNumber(name string) syscall.Signal { return unix.SignalNum(name) }

// CanSignal reports whether programs can be sent a signal.
func CanSignal(signal syscall.Signal) bool { return signal > 0 && signal <= 64 }
