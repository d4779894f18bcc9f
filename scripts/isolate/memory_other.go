//go:build !linux && !windows

package isolate

import "errors"

// limitMemory cannot cap memory here: other systems do not count the memory
// that Go takes against a limit of a process.
func limitMemory(most int64) error {
	if most == 0 {
		return nil
	}
	return errors.New("the memory of a process cannot be capped on this system; that takes Linux or Windows")
}

// CapsMemory reports whether this system can cap the memory of a child.
func CapsMemory() bool { return false }
