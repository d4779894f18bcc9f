package isolate

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// connect gives the child its files, which here can only be its standard input
// and output, and keeps the Ctrl-C of a terminal away from it: a run is to end as
// a drain wants it.
func connect(cmd *exec.Cmd, in, out *os.File) {
	cmd.Stdin, cmd.Stdout = in, out
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

// Files are those that a child is given, to read and to write. What is printed
// from then on does not get between.
func Files() (in, out *os.File) {
	in, out = os.Stdin, os.Stdout
	os.Stdout = os.Stderr
	return in, out
}

// endedBy is "": no signal ends a process here.
func endedBy(*os.ProcessState) string { return "" }

// hungUp is the error of writing to a child that is gone.
const hungUp = windows.ERROR_NO_DATA
