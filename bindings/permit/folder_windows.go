package permit

import (
	"os"
	"path/filepath"
	"syscall"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// folderOnly is 0: there is no flag for it here, so what was opened is looked at.
const folderOnly = 0

// renameAt renames an entry of one open folder to one of another. Files that
// others have open are replaced if the file system can do that.
func renameAt(from *os.File, old string, to *os.File, name string) error {
	if !filepath.IsLocal(old) || !filepath.IsLocal(name) {
		return syscall.ENOENT
	}
	entry, err := openAt(from, old)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(entry)
	const (
		replace, posix = 1, 2
		extended       = 65 // FileRenameInformationEx
	)
	if setName(entry, extended, replace|posix, to, name) == nil {
		return nil
	}
	return setName(entry, windows.FileRenameInformation, replace, to, name)
}

// openAt opens an entry of a folder, a link itself, to rename it.
func openAt(folder *os.File, name string) (windows.Handle, error) {
	text, err := windows.NewNTUnicodeString(name)
	if err != nil {
		return 0, err
	}
	about := windows.OBJECT_ATTRIBUTES{RootDirectory: windows.Handle(folder.Fd()), ObjectName: text, Attributes: windows.OBJ_CASE_INSENSITIVE}
	about.Length = uint32(unsafe.Sizeof(about))
	var entry windows.Handle
	err = windows.NtCreateFile(&entry, windows.DELETE|windows.SYNCHRONIZE, &about, &windows.IO_STATUS_BLOCK{}, nil, 0,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, windows.FILE_OPEN,
		windows.FILE_OPEN_REPARSE_POINT|windows.FILE_OPEN_FOR_BACKUP_INTENT|windows.FILE_SYNCHRONOUS_IO_NONALERT, 0, 0)
	return entry, statusError(err)
}

// renaming is FILE_RENAME_INFORMATION: a name without its end in a folder.
type renaming struct {
	flags  uint32
	folder windows.Handle
	size   uint32 // of the name, in bytes
	name   [windows.MAX_PATH]uint16
}

// setName gives an open entry a name in a folder.
func setName(entry windows.Handle, class, flags uint32, folder *os.File, name string) error {
	units := utf16.Encode([]rune(name))
	info := renaming{flags: flags, folder: windows.Handle(folder.Fd()), size: uint32(2 * len(units))}
	if copy(info.name[:], units) < len(units) {
		return syscall.ENAMETOOLONG
	}
	return statusError(windows.NtSetInformationFile(entry, &windows.IO_STATUS_BLOCK{}, (*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)), class))
}

// statusError is an error of the kernel as other functions give it.
func statusError(err error) error {
	if status, ok := err.(windows.NTStatus); ok {
		return status.Errno()
	}
	return err
}
