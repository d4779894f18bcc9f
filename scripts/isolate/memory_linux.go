package isolate

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"
)

// limitMemory caps what this process may take beyond what it has. The cap is
// RLIMIT_DATA: it counts private writable memory, which is where Go's heap is,
// and not the address space that Go reserves and never touches, as RLIMIT_AS
// would. Unlike a control group it takes no privilege. Go is told to collect
// garbage before the cap is reached.
func limitMemory(most int64) error {
	if most == 0 {
		return nil
	}
	has, err := dataSize()
	if err != nil {
		return fmt.Errorf("cap the memory: %w", err)
	}
	limit := uint64(has + most)
	if err := unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
		return fmt.Errorf("cap the memory: %w", err)
	}
	debug.SetMemoryLimit(most / 4 * 3)
	return nil
}

// dataSize is what the kernel counts now.
func dataSize() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, found := bytes.Cut(status, []byte("\nVmData:"))
	fields := bytes.Fields(after)
	if !found || len(fields) < 2 {
		return 0, fmt.Errorf("/proc/self/status has no VmData")
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kib << 10, err
}

// CapsMemory reports whether this system can cap the memory of a child.
func CapsMemory() bool {
	_, err := dataSize()
	return err == nil
}
