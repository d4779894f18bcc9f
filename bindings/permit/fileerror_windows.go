package permit

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// known is the error that scripts know an error of Windows by. What is not in
// the list is left as it is, and has no code then.
func known(number syscall.Errno) syscall.Errno {
	if posix, ok := knownErrors[number]; ok {
		return posix
	}
	return number
}

// knownErrors are the errors of Windows by Node's words for them.
var knownErrors = map[syscall.Errno]syscall.Errno{
	windows.ERROR_FILE_NOT_FOUND: syscall.ENOENT, windows.ERROR_PATH_NOT_FOUND: syscall.ENOENT, windows.ERROR_INVALID_NAME: syscall.ENOENT,
	windows.ERROR_BAD_PATHNAME: syscall.ENOENT, windows.ERROR_INVALID_DRIVE: syscall.ENOENT, windows.ERROR_BAD_NETPATH: syscall.ENOENT,
	windows.ERROR_BAD_NET_NAME: syscall.ENOENT, windows.ERROR_MOD_NOT_FOUND: syscall.ENOENT, windows.ERROR_INVALID_REPARSE_DATA: syscall.ENOENT,
	windows.ERROR_ACCESS_DENIED: syscall.EPERM, windows.ERROR_PRIVILEGE_NOT_HELD: syscall.EPERM, windows.ERROR_INVALID_FUNCTION: syscall.EISDIR,
	windows.ERROR_FILE_EXISTS: syscall.EEXIST, windows.ERROR_ALREADY_EXISTS: syscall.EEXIST, windows.ERROR_DIR_NOT_EMPTY: syscall.ENOTEMPTY,
	windows.ERROR_NOT_A_REPARSE_POINT: syscall.EINVAL,
	windows.ERROR_SHARING_VIOLATION:   syscall.EBUSY, windows.ERROR_LOCK_VIOLATION: syscall.EBUSY, windows.ERROR_PIPE_BUSY: syscall.EBUSY,
	windows.ERROR_TOO_MANY_OPEN_FILES: syscall.EMFILE, windows.ERROR_NOT_SAME_DEVICE: syscall.EXDEV, windows.ERROR_WRITE_PROTECT: syscall.EROFS,
	windows.ERROR_DISK_FULL: syscall.ENOSPC, windows.ERROR_HANDLE_DISK_FULL: syscall.ENOSPC, windows.ERROR_FILENAME_EXCED_RANGE: syscall.ENAMETOOLONG,
	windows.ERROR_CANT_RESOLVE_FILENAME: syscall.ELOOP, windows.ERROR_INVALID_PARAMETER: syscall.EINVAL, windows.ERROR_INVALID_HANDLE: syscall.EBADF,
	windows.ERROR_NOT_ENOUGH_MEMORY: syscall.ENOMEM, windows.ERROR_OUTOFMEMORY: syscall.ENOMEM, windows.ERROR_COMMITMENT_LIMIT: syscall.ENOMEM,
	windows.ERROR_BROKEN_PIPE: syscall.EPIPE, windows.ERROR_NO_DATA: syscall.EPIPE, windows.ERROR_BAD_PIPE: syscall.EPIPE,
	windows.ERROR_CRC: syscall.EIO, windows.ERROR_IO_DEVICE: syscall.EIO, windows.ERROR_SEM_TIMEOUT: syscall.ETIMEDOUT,
	windows.ERROR_BAD_EXE_FORMAT: syscall.ENOEXEC,

	windows.WSAEACCES: syscall.EACCES, windows.WSAEADDRINUSE: syscall.EADDRINUSE, windows.WSAEADDRNOTAVAIL: syscall.EADDRNOTAVAIL,
	windows.WSAECONNABORTED: syscall.ECONNABORTED, windows.WSAECONNREFUSED: syscall.ECONNREFUSED, windows.WSAECONNRESET: syscall.ECONNRESET,
	windows.WSAEHOSTUNREACH: syscall.EHOSTUNREACH, windows.WSAENETUNREACH: syscall.ENETUNREACH, windows.WSAETIMEDOUT: syscall.ETIMEDOUT,
	windows.WSAEINVAL: syscall.EINVAL, windows.WSAEMFILE: syscall.EMFILE, windows.WSAESHUTDOWN: syscall.EPIPE,
	windows.ERROR_CONNECTION_REFUSED: syscall.ECONNREFUSED, windows.ERROR_NETNAME_DELETED: syscall.ECONNRESET, windows.ERROR_CONNECTION_ABORTED: syscall.ECONNABORTED,
	windows.ERROR_HOST_UNREACHABLE: syscall.EHOSTUNREACH, windows.ERROR_NETWORK_UNREACHABLE: syscall.ENETUNREACH,
}

// errNotFolder says that a file is where a folder must be. Go's ENOTDIR is here
// the number of a path that is not there.
const errNotFolder = syscall.Errno(windows.ERROR_DIRECTORY)

// reasonOf is the text for an error; those of Windows are in the language of the
// person who uses it.
func reasonOf(number syscall.Errno) string {
	switch number {
	case syscall.ENOENT:
		return "no such file or directory"
	case errNotFolder:
		return "not a directory"
	}
	return number.Error()
}

// numberOf is the error's number, negative, as Node tells it here: Windows has
// no numbers for these errors, so Node has its own.
func numberOf(number syscall.Errno) int {
	if own, ok := numbers[number]; ok {
		return -own
	}
	return -int(number)
}

var numbers = map[syscall.Errno]int{
	syscall.E2BIG: 4093, syscall.EACCES: 4092, syscall.EADDRINUSE: 4091, syscall.EADDRNOTAVAIL: 4090, syscall.EAGAIN: 4088, syscall.EBADF: 4083,
	syscall.EBUSY: 4082, syscall.ECONNABORTED: 4079, syscall.ECONNREFUSED: 4078, syscall.ECONNRESET: 4077, syscall.EEXIST: 4075,
	syscall.EHOSTUNREACH: 4073, syscall.EINVAL: 4071, syscall.EIO: 4070, syscall.EISDIR: 4068, syscall.ELOOP: 4067, syscall.EMFILE: 4066,
	syscall.ENAMETOOLONG: 4064, syscall.ENETUNREACH: 4062, syscall.ENFILE: 4061, syscall.ENOENT: 4058, syscall.ENOMEM: 4057, syscall.ENOSPC: 4055,
	errNotFolder: 4052, syscall.ENOTEMPTY: 4051, syscall.EPERM: 4048, syscall.EPIPE: 4047, syscall.EROFS: 4043, syscall.ETIMEDOUT: 4039,
	syscall.EXDEV: 4037, syscall.EFBIG: 4036, syscall.ENXIO: 4033, syscall.ENOEXEC: 4022,
}
