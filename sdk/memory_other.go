//go:build !linux

package sdk

// availableMemory is not known on this system: without a limit that somebody
// sets, the heap is not watched.
func availableMemory() int64 { return 0 }
