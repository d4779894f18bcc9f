package permit

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// FileError is a failure of the file system, worded as Node words it: "ENOENT:
// no such file or directory, open 'data.json'".
type FileError struct {
	Op, Path string
	// To is the other path of rename, copyfile and link; may be "".
	To  string
	Err error
}

func (e *FileError) Error() string {
	text := e.reason()
	if code := e.ErrorCode(); code != "" {
		text = code + ": " + text
	}
	text += ", " + e.Op
	if e.Path != "" {
		text += fmt.Sprintf(" '%s'", e.Path)
	}
	if e.To != "" {
		text += fmt.Sprintf(" -> '%s'", e.To)
	}
	return text
}

func (e *FileError) Unwrap() error { return e.Err }

// ErrorCode is the property code of the Error that scripts see: ENOENT and so
// on; "" if there is none.
func (e *FileError) ErrorCode() string {
	if number := errno(e.Err); number != 0 {
		return codes[number]
	}
	return ""
}

// Properties are those of the Error that scripts see, beside its code.
func (e *FileError) Properties() map[string]any {
	properties := map[string]any{"syscall": e.Op}
	if e.Path != "" {
		properties["path"] = e.Path
	}
	if e.To != "" {
		properties["dest"] = e.To
	}
	if number := errno(e.Err); number != 0 {
		properties["errno"] = numberOf(number)
	}
	return properties
}

// reason is Node's text for the code, or the system's.
func (e *FileError) reason() string {
	number := errno(e.Err)
	switch number {
	case 0:
		return strings.ToLower(e.Err.Error())
	case syscall.EPERM:
		return "operation not permitted"
	}
	return reasonOf(number)
}

// errno finds the number of the system behind an error.
func errno(err error) syscall.Errno {
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
		return known(number)
	case errors.Is(err, fs.ErrNotExist):
		return syscall.ENOENT
	case errors.Is(err, fs.ErrExist):
		return syscall.EEXIST
	case errors.Is(err, fs.ErrPermission):
		return syscall.EACCES
	case errors.Is(err, fs.ErrClosed):
		return syscall.EBADF
	}
	return 0
}

// codes are the names that scripts know errors by.
var codes = map[syscall.Errno]string{
	syscall.E2BIG: "E2BIG", syscall.EACCES: "EACCES", syscall.EADDRINUSE: "EADDRINUSE", syscall.EADDRNOTAVAIL: "EADDRNOTAVAIL",
	syscall.EAGAIN: "EAGAIN", syscall.EBADF: "EBADF", syscall.EBUSY: "EBUSY", syscall.ECONNABORTED: "ECONNABORTED",
	syscall.ECONNREFUSED: "ECONNREFUSED", syscall.ECONNRESET: "ECONNRESET", syscall.EDQUOT: "EDQUOT", syscall.EEXIST: "EEXIST",
	syscall.EFBIG: "EFBIG", syscall.EHOSTUNREACH: "EHOSTUNREACH", syscall.EINVAL: "EINVAL", syscall.EIO: "EIO",
	syscall.EISDIR: "EISDIR", syscall.ELOOP: "ELOOP", syscall.EMFILE: "EMFILE", syscall.ENAMETOOLONG: "ENAMETOOLONG",
	syscall.ENETUNREACH: "ENETUNREACH", syscall.ENFILE: "ENFILE", syscall.ENOENT: "ENOENT", syscall.ENOEXEC: "ENOEXEC",
	syscall.ENOMEM: "ENOMEM", syscall.ENOSPC: "ENOSPC", errNotFolder: "ENOTDIR", syscall.ENOTEMPTY: "ENOTEMPTY",
	syscall.ENXIO: "ENXIO", syscall.EPERM: "EPERM", syscall.EPIPE: "EPIPE", syscall.EROFS: "EROFS",
	syscall.ETIMEDOUT: "ETIMEDOUT", syscall.EXDEV: "EXDEV",
}

// CodeOf names the system's error behind err as scripts know it; "" if there is
// none.
func CodeOf(err error) string { return codes[errno(err)] }

// ErrorNames are the codes of the system's errors by their numbers.
func ErrorNames() map[int]string {
	names := make(map[int]string, len(codes))
	for number, name := range codes {
		names[-numberOf(number)] = name
	}
	return names
}
