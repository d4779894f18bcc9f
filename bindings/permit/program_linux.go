package permit

import "golang.org/x/sys/unix"

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
