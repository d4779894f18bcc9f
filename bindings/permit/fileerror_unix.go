//go:build !windows

package permit

import "syscall"

// known is the error that scripts know an error of the system by: itself.
func known(number syscall.Errno) syscall.Errno { return number }

// errNotFolder says that a file is where a folder must be.
const errNotFolder = syscall.ENOTDIR

// reasonOf is the system's text for an error.
func reasonOf(number syscall.Errno) string { return number.Error() }

// numberOf is the error's number, negative, as scripts are told it.
func numberOf(number syscall.Errno) int { return -int(number) }
