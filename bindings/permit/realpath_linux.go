package permit

import (
	"fmt"
	"os"
)

// realPath is the path of an open file, whatever led to it.
func realPath(file *os.File, _ string) string {
	var path string
	control, err := file.SyscallConn()
	if err == nil {
		err = control.Control(func(fd uintptr) { path, _ = os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)) })
	}
	if err != nil || path == "" {
		return realOf(file.Name())
	}
	return path
}
