package workflow

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"500ms":    500 * time.Millisecond,
		"30s":      30 * time.Second,
		"1h30m5s":  time.Hour + 30*time.Minute + 5*time.Second,
		"24h":      24 * time.Hour,
		"1d":       24 * time.Hour,
		"1d12h":    36 * time.Hour,
		"1.5h":     90 * time.Minute,
		".5s":      500 * time.Millisecond,
		"2.s":      2 * time.Second,
		"1m1m":     2 * time.Minute,
		"0h5s":     5 * time.Second,
		"1.2345ms": time.Millisecond,
	} {
		got, err := ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for text, why := range map[string]string{
		"":                   "is empty",
		"0s":                 "shorter than a millisecond",
		"0.1ms":              "shorter than a millisecond",
		"-5s":                "is negative",
		"5":                  "has no unit",
		"s":                  "has no number",
		"5 s":                "unknown unit",
		"5w":                 "unknown unit",
		"1h30":               "has no unit",
		"1..5s":              "has no number in",
		".s":                 "has no number in",
		"5s ":                "has no number before",
		"1e3s":               "unknown unit",
		"+5s":                "has no number",
		"9999999999h":        "longer than 292 years",
		"sometime next week": "has no number",
	} {
		got, err := ParseDuration(text)
		if err == nil {
			t.Errorf("%q was read as %v", text, got)
		} else if !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "write it like") {
			t.Errorf("%q: %v, want it to say %q", text, err, why)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                       {"0s", "0s"},
		-time.Second:            {"0s", "0s"},
		500 * time.Millisecond:  {"500ms", "500ms"},
		1500 * time.Millisecond: {"1s500ms", "1500ms"},
		90 * time.Second:        {"1m30s", "90s"},
		24 * time.Hour:          {"24h", "24h"},
		time.Hour + 30*time.Minute + 5*time.Second: {"1h30m5s", "5405s"},
		1: {"1ms", "1ms"},
	} {
		if got := [2]string{FormatDuration(d), WireDuration(d)}; got != want {
			t.Errorf("%v: got %v, want %v", int64(d), got, want)
		}
	}
	if got := WireDuration(math.MaxInt64); got == "" || strings.Contains(got, "-") {
		t.Errorf("the longest duration is written %q", got)
	}
}

// hatchetDuration is the grammar of hatchet-protocol.md section 3.8.
var hatchetDuration = regexp.MustCompile(`^(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ms|s|m|h))+$`)

func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"30s", "1h30m5s", "1d", ".5h", "0s", "-1s", "1e9s", "9223372036s", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			if hatchetDuration.MatchString(text) && strings.ContainsAny(text, "123456789") && len(text) < 8 && !strings.Contains(text, ".") {
				t.Fatalf("%q is Hatchet's grammar and was refused: %v", text, err)
			}
			return
		}
		if d < time.Millisecond || d%time.Millisecond != 0 {
			t.Fatalf("%q gave %d", text, d)
		}
		for _, written := range []string{FormatDuration(d), WireDuration(d)} {
			if !hatchetDuration.MatchString(written) {
				t.Fatalf("%q was written %q", text, written)
			}
			again, err := ParseDuration(written)
			if err != nil || again != d {
				t.Fatalf("%q → %v → %q → %v, %v", text, d, written, again, err)
			}
		}
	})
}
