//go:build unix

package permit

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// folderOnly is the flag to open nothing but a folder.
const folderOnly = syscall.O_DIRECTORY

// renameAt renames an entry of one open folder to one of another.
func renameAt(from *os.File, old string, to *os.File, name string) error {
	return unix.Renameat(int(from.Fd()), old, int(to.Fd()), name)
}
