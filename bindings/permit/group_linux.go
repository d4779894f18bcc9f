package permit

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// tie has a program killed when the thread that started it ends.
func tie(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }

// awaitExit returns true when a child has ended, without reaping it; false if
// it cannot wait so.
func awaitExit(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return err == nil
		}
	}
}
