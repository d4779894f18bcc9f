package permit

import (
	"os"
	"strings"

	"golang.org/x/sys/windows"
)

// realPath is the path of an open file, whatever led to it.
func realPath(file *os.File, path string) string {
	buffer := make([]uint16, windows.MAX_LONG_PATH)
	n, err := windows.GetFinalPathNameByHandle(windows.Handle(file.Fd()), &buffer[0], uint32(len(buffer)), 0)
	if err != nil || n == 0 || int(n) > len(buffer) {
		return realOf(path)
	}
	found := windows.UTF16ToString(buffer[:n])
	if share, ok := strings.CutPrefix(found, `\\?\UNC\`); ok {
		return `\\` + share
	}
	return strings.TrimPrefix(found, `\\?\`)
}
