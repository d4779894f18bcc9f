package bundle

import (
	"fmt"
	"strings"
)

const vlqDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// readVLQ reads one number of a source map's mappings: base 64 digits of five
// bits with a bit for more, least significant first, the sign in the lowest bit.
func readVLQ(s string) (value int, rest string, err error) {
	shift := 0
	for i := 0; i < len(s) && shift < 60; i++ {
		digit := strings.IndexByte(vlqDigits, s[i])
		if digit < 0 {
			return 0, "", fmt.Errorf("%q is no base 64 digit", s[i])
		}
		value |= (digit & 31) << shift
		shift += 5
		if digit&32 != 0 {
			continue
		}
		if value&1 != 0 {
			return -(value >> 1), s[i+1:], nil
		}
		return value >> 1, s[i+1:], nil
	}
	return 0, "", fmt.Errorf("%q ends within a number", s)
}

func writeVLQ(out *strings.Builder, value int) {
	rest := value << 1
	if value < 0 {
		rest = -value<<1 | 1
	}
	for {
		digit := rest & 31
		rest >>= 5
		if rest > 0 {
			digit |= 32
		}
		out.WriteByte(vlqDigits[digit])
		if rest == 0 {
			return
		}
	}
}
