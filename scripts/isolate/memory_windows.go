package isolate

import (
	"errors"
	"fmt"
	"runtime/debug"
	"unsafe"

	"golang.org/x/sys/windows"
)

// limitMemory caps what this process may take beyond what it has: it puts itself
// into a job object that counts the memory it is promised, which is where Go's
// heap is, and not the address space that Go reserves. Go is told to collect
// garbage before the cap is reached. The handle stays open as long as the process
// lives.
func limitMemory(most int64) error {
	if most == 0 {
		return nil
	}
	has, err := promised()
	if err == nil {
		err = capProcess(uintptr(has + most))
	}
	if err == nil {
		err = tryCap(uintptr(most))
	}
	if err != nil {
		return fmt.Errorf("cap the memory: %w", err)
	}
	debug.SetMemoryLimit(most / 4 * 3)
	return nil
}

// capProcess has this process promised no more than so many bytes.
func capProcess(most uintptr) error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return err
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY
	limits.ProcessMemoryLimit = most
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err == nil {
		err = windows.AssignProcessToJobObject(job, windows.CurrentProcess())
	}
	if err != nil {
		return errors.Join(err, windows.CloseHandle(job))
	}
	return nil
}

// tryCap asks for more than the cap leaves, and is to get nothing.
func tryCap(most uintptr) error {
	const more = 64 << 20 // than the process can have given back meanwhile
	address, err := windows.VirtualAlloc(0, most+more, windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return nil
	}
	return errors.Join(errors.New("this system takes the limit of a job object and does not hold to it; leave the cap out"),
		windows.VirtualFree(address, 0, windows.MEM_RELEASE))
}

// memoryCounters is PROCESS_MEMORY_COUNTERS.
type memoryCounters struct {
	size, faults                                         uint32
	peakSet, set, peakPaged, paged, peakUnpaged, unpaged uintptr
	promised, peakPromised                               uintptr
}

var processMemory = windows.NewLazySystemDLL("psapi.dll").NewProc("GetProcessMemoryInfo")

// promised is how much memory this process is promised now.
func promised() (int64, error) {
	counters := memoryCounters{}
	counters.size = uint32(unsafe.Sizeof(counters))
	done, _, err := processMemory.Call(uintptr(windows.CurrentProcess()), uintptr(unsafe.Pointer(&counters)), uintptr(counters.size))
	if done == 0 {
		return 0, err
	}
	return int64(counters.promised), nil
}

// CapsMemory reports whether this system can cap the memory of a child. Whether
// it holds to the cap shows when the child tries.
func CapsMemory() bool { return true }
