//go:build unix

package sdk

import (
	"errors"
	"os"
	"syscall"
)

// createCard makes the file of a card, which is not there.
func createCard(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
}

// openCard opens a card to read.
func openCard(path string) (*os.File, error) { return os.Open(path) }

// lockCard takes the lock of the process that announces itself. Where there are
// no locks, the process is looked for.
func lockCard(card *os.File) { _ = syscall.Flock(int(card.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// held reports whether the process that wrote a card still holds the lock on it.
// Readers share the lock, so they do not mistake each other for the holder.
func held(card *os.File, pid int) bool {
	err := syscall.Flock(int(card.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	switch {
	case err == nil:
		return false
	case errors.Is(err, syscall.EWOULDBLOCK):
		return true
	}
	return alive(pid) // a file system without locks
}

// alive asks the operating system whether the process exists; EPERM means that
// it does and is somebody else's.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
