package node

import (
	"io/fs"
	"syscall"
	"time"
)

func systemStats(info fs.FileInfo) sysStats {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return sysStats{mode: int64(info.Mode().Perm()), accessed: info.ModTime(), changed: info.ModTime()}
	}
	return sysStats{
		dev: int64(s.Dev), ino: int64(s.Ino), links: int64(s.Nlink), mode: int64(s.Mode), uid: int64(s.Uid), gid: int64(s.Gid),
		accessed: time.Unix(int64(s.Atim.Sec), int64(s.Atim.Nsec)), changed: time.Unix(int64(s.Ctim.Sec), int64(s.Ctim.Nsec)),
	}
}
