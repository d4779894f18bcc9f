//go:build unix

package isolate

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// connect gives the child its files, and puts it into a process group of its own,
// away from the signals that a terminal sends to the worker's: a run is to end as
// a drain wants it.
func connect(cmd *exec.Cmd, in, out *os.File) {
	cmd.ExtraFiles = []*os.File{in, out} // 3 and 4
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// Files are those that a child is given, to read and to write.
func Files() (in, out *os.File) {
	return os.NewFile(3, "from the worker"), os.NewFile(4, "to the worker")
}

// endedBy is the signal that has ended a child; "" if it ended by itself.
func endedBy(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return unix.SignalName(status.Signal())
	}
	return ""
}

// hungUp is the error of writing to a child that is gone.
const hungUp = syscall.EPIPE
