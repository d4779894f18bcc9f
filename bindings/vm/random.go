package vm

import (
	crypto "crypto/rand"
	"encoding/binary"
)

// Random fills data with random bytes: those of [Options.Rand], which can be
// repeated, or ones that nobody can guess. It may only be called on the VM's
// goroutine.
func (v *VM) Random(data []byte) {
	if v.opts.Rand == nil {
		_, _ = crypto.Read(data) // never fails
		return
	}
	source := v.opts.Rand(v.RunContext())
	for len(data) > 0 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], source.Uint64())
		data = data[copy(data, word[:]):]
	}
}
