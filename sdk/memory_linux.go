package sdk

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// availableMemory is how many bytes this process may take: those of the machine,
// or fewer if a control group says so; 0 if that is not known.
func availableMemory() int64 {
	least := machineMemory()
	for _, file := range []string{
		filepath.Join("/sys/fs/cgroup", ownGroup(), "memory.max"), "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
		if err == nil && limit > 0 && (least == 0 || limit < least) { // it may be "max"
			least = limit
		}
	}
	return least
}

// ownGroup is the path of this process in the one hierarchy of cgroup v2.
func ownGroup() string {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return ""
	}
	_, after, _ := bytes.Cut(text, []byte("0::"))
	path, _, _ := bytes.Cut(after, []byte("\n"))
	return string(path)
}

func machineMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(text, []byte("MemTotal:"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}
