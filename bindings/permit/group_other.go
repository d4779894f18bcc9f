//go:build unix && !linux

package permit

import "syscall"

// tie cannot be done on this system.
func tie(*syscall.SysProcAttr) {}

// awaitExit cannot wait for a child without reaping it on this system.
func awaitExit(int) bool { return false }
