package workflow

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// durationUnit is one unit of a written duration. Units are tried in order, so
// "ms" stands before "m".
type durationUnit struct {
	name string
	size time.Duration
}

// readUnits are the units ParseDuration reads: Hatchet's own
// (hatchet-protocol.md section 3.8) and d, a day of 24 hours, which is
// registered in hours.
var readUnits = []durationUnit{
	{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour},
}

// writtenUnits are the units FormatDuration writes, largest first.
var writtenUnits = []durationUnit{
	{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// ParseDuration reads a duration as people write it: one or more numbers, each
// with a unit of ms, s, m, h or d, as in "30s", "1h30m" or "1.5h". It must come
// to at least one millisecond and is otherwise rounded to whole ones, the
// finest that Hatchet keeps. The grammar is that of hatchet-protocol.md section
// 3.8 plus d.
func ParseDuration(text string) (time.Duration, error) {
	fail := func(why string) (time.Duration, error) {
		return 0, fmt.Errorf("duration %s: %s; write it like 500ms, 30s, 1h30m or 24h", quoteShort(text), why)
	}
	if text == "" {
		return fail("is empty")
	}
	if strings.HasPrefix(text, "-") {
		return fail("is negative")
	}
	var total time.Duration
	for rest := text; rest != ""; {
		part, after, why := durationPart(rest)
		if why == "" && part > math.MaxInt64-time.Millisecond-total {
			why = tooLong
		}
		if why != "" {
			return fail(why)
		}
		total, rest = total+part, after
	}
	d := total.Round(time.Millisecond)
	if d <= 0 {
		return fail("is shorter than a millisecond")
	}
	return d, nil
}

// tooLong is the complaint about what no time.Duration can hold.
const tooLong = "is longer than 292 years"

// durationPart reads one number with its unit off the front of text. A
// non-empty why says what is wrong instead.
func durationPart(text string) (part time.Duration, rest, why string) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	switch {
	case end < 0:
		return 0, "", fmt.Sprintf("has no unit after %s", quoteShort(text))
	case end == 0:
		return 0, "", fmt.Sprintf("has no number before %s", quoteShort(text))
	}
	for _, unit := range readUnits {
		if rest, ok := strings.CutPrefix(text[end:], unit.name); ok {
			part, why = multiple(text[:end], unit.size)
			return part, rest, why
		}
	}
	return 0, "", fmt.Sprintf("has an unknown unit in %s", quoteShort(text[end:]))
}

// multiple is number times unit. Whole numbers are exact.
func multiple(number string, unit time.Duration) (part time.Duration, why string) {
	whole, fraction, _ := strings.Cut(number, ".")
	if strings.Contains(fraction, ".") || whole+fraction == "" {
		return 0, fmt.Sprintf("has no number in %s", quoteShort(number))
	}
	n, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil || n > int64(math.MaxInt64/unit)-1 {
		return 0, tooLong
	}
	f, _ := strconv.ParseFloat("0."+fraction, 64) // only digits can stand here
	return time.Duration(n)*unit + time.Duration(math.Round(f*float64(unit))), ""
}

// FormatDuration writes d as Hatchet's SDKs do: "1h30m5s", "500ms", "0s".
// Hours are the largest unit; what is finer than a millisecond is rounded up,
// so that nothing wakes early.
func FormatDuration(d time.Duration) string {
	if d <= 0 {
		return "0s"
	}
	d = ceilMillisecond(d)
	var b strings.Builder
	for _, u := range writtenUnits {
		if n := d / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d -= n * u.size
		}
	}
	return b.String()
}

// WireDuration writes d for a field of the contract: one whole number with one
// unit, as in "5405s". Hatchet's grammar admits "1h30m5s" too, but engines
// before the one of hatchet-protocol.md read only its first number and its
// last unit, and would take it for one second.
func WireDuration(d time.Duration) string {
	if d <= 0 {
		return "0s"
	}
	d = ceilMillisecond(d)
	for _, u := range writtenUnits {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return FormatDuration(d)
}

// ceilMillisecond rounds a positive duration up to whole milliseconds.
func ceilMillisecond(d time.Duration) time.Duration {
	if over := d % time.Millisecond; over > 0 {
		if d > math.MaxInt64-time.Millisecond {
			return d - over
		}
		d += time.Millisecond - over
	}
	return d
}

// quoteShort quotes text for a message and cuts what nobody would read.
func quoteShort(text string) string {
	const most = 40
	if len(text) > most {
		return strconv.Quote(strings.ToValidUTF8(text[:most], "")) + "…"
	}
	return strconv.Quote(text)
}
