//go:build unix

package permit

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownGroup puts a program into a process group of its own, away from the
// signals that a terminal sends to this one's.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(pid int, signal syscall.Signal) bool { return syscall.Kill(-pid, signal) == nil }

func exitOf(state *os.ProcessState) Exit {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return Exit{Code: -1, Signal: unix.SignalName(status.Signal())}
	}
	return Exit{Code: state.ExitCode()}
}

// SignalNumber returns a signal by its name, "SIGTERM"; 0 if there is none.
func SignalNumber(name string) syscall.Signal { return unix.SignalNum(name) }
