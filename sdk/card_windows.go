package sdk

import (
	"errors"
	"io/fs"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// createCard makes the file of a card, which is not there. Others may rename and
// remove it while it is open.
func createCard(path string) (*os.File, error) {
	return shared(path, windows.GENERIC_WRITE, windows.CREATE_NEW)
}

// openCard opens a card to read.
func openCard(path string) (*os.File, error) {
	return shared(path, windows.GENERIC_READ, windows.OPEN_EXISTING)
}

func shared(path string, access, disposition uint32) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	const all = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, access, all, nil, disposition, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// A lock keeps others from reading what it covers, so it covers one byte where no
// card is that long.
func place() *windows.Overlapped { return &windows.Overlapped{OffsetHigh: math.MaxInt32} }

// lockCard takes the lock of the process that announces itself. Where there are
// no locks, the process is looked for.
func lockCard(card *os.File) {
	_ = windows.LockFileEx(windows.Handle(card.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, place())
}

// held reports whether the process that wrote a card still holds the lock on it.
// Readers share the lock, so they do not mistake each other for the holder.
func held(card *os.File, pid int) bool {
	err := windows.LockFileEx(windows.Handle(card.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, place())
	switch {
	case err == nil:
		return false
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return true
	}
	return alive(pid) // a file system without locks
}

// alive asks the operating system whether the process exists; one that may not
// be opened does and is somebody else's.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	process, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return errors.Is(err, windows.ERROR_ACCESS_DENIED)
	}
	defer windows.CloseHandle(process)
	state, err := windows.WaitForSingleObject(process, 0)
	return err == nil && state == uint32(windows.WAIT_TIMEOUT)
}
