package permit

import (
	"fmt"
	"math"
	"strconv"
)

// sizeNames are the units of sizes, the largest first.
var sizeNames = []string{"GiB", "GB", "MiB", "MB", "KiB", "KB", "B"}

// ParseSize reads a number of bytes such as "32MB" or "1GiB".
func ParseSize(text string) (int64, error) {
	parts := sizeText.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf(`%q is no size such as "512KB", "32MB" or "1GiB"`, text)
	}
	amount, err := strconv.ParseFloat(parts[1], 64)
	bytes := amount * sizeUnits[parts[2]]
	if err != nil || bytes < 1 || bytes > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is out of range", text)
	}
	return int64(bytes), nil
}

// FormatSize writes a number of bytes in the largest unit of which it is a whole
// number.
func FormatSize(bytes int64) string {
	for _, name := range sizeNames {
		if unit := int64(sizeUnits[name]); bytes >= unit && bytes%unit == 0 {
			return strconv.FormatInt(bytes/unit, 10) + name
		}
	}
	return strconv.FormatInt(bytes, 10) + "B"
}
