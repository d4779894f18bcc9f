package isolate

import "testing"

// TestWhatSaysThatMemoryRanOut reads the last words of processes.
func TestWhatSaysThatMemoryRanOut(t *testing.T) {
	for _, c := range []struct {
		words           string
		out, bookkeeper bool
	}{
		{"fatal error: runtime: out of memory\n\nruntime stack:", true, false},
		{"runtime: cannot map pages\nfatal error: cannot allocate memory", true, false},
		{"SIGSEGV: segmentation violation\nPC=0x43829d m=2 sigcode=1 addr=0x0\n\ngoroutine 0 gp=0x1 m=2 [idle]:\nruntime.(*spanQueue).tryDrain(0x1)", false, true},
		{"fatal error: unexpected signal during runtime execution\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x43829d]", false, true},
		{"SIGSEGV: segmentation violation\nPC=0x43829d m=2 sigcode=1 addr=0x7f0012\n", false, false},
		{"panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]", false, false},
		{"panic: SIGSEGV", false, false},
		{"", false, false},
	} {
		if out, bookkeeper := outOfMemory(c.words), collectorFailed(c.words); out != c.out || bookkeeper != c.bookkeeper {
			t.Errorf("%q: %v, %v", c.words, out, bookkeeper)
		}
	}
}
