package database

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const (
	heldVFS    = "held"
	descriptor = "/proc/self/fd/"
)

// heldPath is a path by which SQLite reaches a file in an open folder. The
// folder was checked when it was opened, and the path leads to it through its
// descriptor: SQLite follows no link in the place of the file, so nothing that
// happens to the folders above can lead it elsewhere.
func heldPath(held *permit.Held) (path, vfs string, err error) {
	if err := registerHeld(); err != nil {
		return "", "", err
	}
	return fmt.Sprintf("%s%d/%s", descriptor, held.Dir.Fd(), held.Name), heldVFS, nil
}

// registerHeld makes SQLite's view of the file system once more, with one
// difference: it takes paths as they are given, where the other resolves links
// first and goes on by the path that comes of it.
var registerHeld = sync.OnceValue(func() error {
	tls := libc.NewTLS()
	defer tls.Close()
	standard := sqlite3.Xsqlite3_vfs_find(tls, 0)
	if standard == 0 {
		return fmt.Errorf("sqlite has no file system")
	}
	name, err := libc.CString(heldVFS)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	own := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	if own == 0 {
		return fmt.Errorf("sqlite: no memory")
	}
	vfs := (*sqlite3.Tsqlite3_vfs)(pointer(own))
	*vfs = *(*sqlite3.Tsqlite3_vfs)(pointer(standard))
	vfs.FpNext, vfs.FzName = 0, name
	vfs.FxFullPathname = functionPointer
	if code := sqlite3.Xsqlite3_vfs_register(tls, own, 0); code != sqlite3.SQLITE_OK {
		return fmt.Errorf("sqlite: registering a file system gives %d", code)
	}
	return nil
})

// functionPointer is fullPathname as SQLite's tables hold functions.
var functionPointer = *(*uintptr)(unsafe.Pointer(&struct {
	f func(*libc.TLS, uintptr, uintptr, int32, uintptr) int32
}{fullPathname}))

// fullPathname gives paths through descriptors as they are, and refuses others.
func fullPathname(_ *libc.TLS, _, path uintptr, size int32, out uintptr) int32 {
	text := libc.GoString(path)
	if !strings.HasPrefix(text, descriptor) || len(text) >= int(size) {
		return sqlite3.SQLITE_CANTOPEN
	}
	copy(unsafe.Slice((*byte)(pointer(out)), size), text+"\x00")
	return sqlite3.SQLITE_OK
}

// pointer is an address of memory that the C library of the driver manages,
// which Go's collector does not move.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// systemID tells a folder from all others.
func systemID(info fs.FileInfo) [2]uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return [2]uint64{uint64(stat.Dev), stat.Ino}
	}
	return [2]uint64{}
}
