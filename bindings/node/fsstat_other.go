//go:build !linux

package node

import "io/fs"

// systemStats is what Go knows on every system.
func systemStats(info fs.FileInfo) sysStats {
	return sysStats{mode: int64(info.Mode().Perm()), accessed: info.ModTime(), changed: info.ModTime()}
}
