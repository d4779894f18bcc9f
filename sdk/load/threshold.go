package load

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Threshold is a bound that a load must keep, such as p(95)<50ms.
type Threshold struct {
	text     string
	measure  string // a key of values
	percent  float64
	operator string
	bound    float64 // in the measure's unit
}

// Verdict is what became of a threshold.
type Verdict struct {
	Threshold string  `json:"threshold"`
	Value     float64 `json:"value"` // in milliseconds for durations, a fraction for failed, else a number
	Met       bool    `json:"met"`

	measure string
}

// Show is the value with its unit, as a person writes it.
func (v Verdict) Show() string {
	switch unitOf(v.measure) {
	case unitDuration:
		return ShowDuration(v.Value)
	case unitFraction:
		return strconv.FormatFloat(v.Value*100, 'f', 2, 64) + "%"
	}
	return strconv.FormatFloat(v.Value, 'f', -1, 64)
}

// ShowDuration writes milliseconds to three digits or so: 9.62ms, 1.2s.
func ShowDuration(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	for unit := time.Nanosecond; unit <= time.Minute; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Second).String()
}

type unit int

const (
	unitDuration unit = iota
	unitFraction
	unitNumber
)

var thresholdShape = regexp.MustCompile(`^\s*(?:p\(\s*([0-9.]+)\s*\)|([a-z]+))\s*(<=|>=|<|>)\s*(\S+)\s*$`)

// Measures lists what a threshold may bound, for messages.
const Measures = "p(N), min, med, avg, max (durations of completed runs), failed (a share of the runs), rate (runs per second), runs, unfinished, dropped"

// ParseThreshold reads one bound: a measure of [Measures], one of < <= > >=, and
// a duration (50ms; a bare number is milliseconds), a share (1%, 0.01) or a
// number.
func ParseThreshold(text string) (Threshold, error) {
	found := thresholdShape.FindStringSubmatch(text)
	if found == nil {
		return Threshold{}, fmt.Errorf("threshold %q: write it as a measure, < <= > or >=, and a bound, such as p(95)<50ms", text)
	}
	t := Threshold{text: strings.TrimSpace(text), measure: found[2], operator: found[3]}
	if t.measure == "" {
		t.measure = "p()"
		percent, err := strconv.ParseFloat(found[1], 64)
		if err != nil || percent > 100 {
			return Threshold{}, fmt.Errorf("threshold %q: p(%s): a percentile is a number from 0 to 100", text, found[1])
		}
		t.percent = percent
	}
	if _, known := values[t.measure]; !known {
		return Threshold{}, fmt.Errorf("threshold %q: %s cannot be bounded; %s can", text, t.measure, Measures)
	}
	var err error
	if t.bound, err = parseBound(found[4], unitOf(t.measure)); err != nil {
		return Threshold{}, fmt.Errorf("threshold %q: %w", text, err)
	}
	return t, nil
}

func parseBound(text string, u unit) (float64, error) {
	if bound, err := strconv.ParseFloat(text, 64); err == nil && bound >= 0 && bound <= 1e15 {
		return bound, nil
	}
	switch u {
	case unitDuration:
		if d, err := time.ParseDuration(text); err == nil && d >= 0 {
			return milliseconds(d), nil
		}
		return 0, fmt.Errorf("%s is no duration such as 50ms or 1.5s", text)
	case unitFraction:
		if share, is := strings.CutSuffix(text, "%"); is {
			if bound, err := strconv.ParseFloat(share, 64); err == nil && bound >= 0 {
				return bound / 100, nil
			}
		}
		return 0, fmt.Errorf("%s is no share such as 1%% or 0.01", text)
	}
	return 0, fmt.Errorf("%s is no number from 0", text)
}

func unitOf(measure string) unit {
	switch measure {
	case "p()", "min", "med", "avg", "max":
		return unitDuration
	case "failed":
		return unitFraction
	}
	return unitNumber
}

// Bounds says whether the threshold is one of the given measure.
func (t Threshold) Bounds(measure string) bool { return t.measure == measure }

// values are how measures are read off a report.
var values = map[string]func(r *Report, percent float64) float64{
	"p()":        func(r *Report, percent float64) float64 { return percentile(r.durations, percent) },
	"min":        func(r *Report, _ float64) float64 { return r.DurationMs.Min },
	"med":        func(r *Report, _ float64) float64 { return r.DurationMs.Med },
	"avg":        func(r *Report, _ float64) float64 { return r.DurationMs.Avg },
	"max":        func(r *Report, _ float64) float64 { return r.DurationMs.Max },
	"rate":       func(r *Report, _ float64) float64 { return r.Rate },
	"runs":       func(r *Report, _ float64) float64 { return float64(r.Runs) },
	"unfinished": func(r *Report, _ float64) float64 { return float64(r.Unfinished) },
	"dropped":    func(r *Report, _ float64) float64 { return float64(r.Dropped) },
	"failed": func(r *Report, _ float64) float64 {
		if r.Runs == 0 {
			return 0
		}
		return float64(r.Runs-r.Completed) / float64(r.Runs)
	},
}

// judge compares. A bound on durations is missed where no run completed: there is
// nothing that could keep it.
func (t Threshold) judge(r *Report) Verdict {
	value := values[t.measure](r, t.percent)
	v := Verdict{Threshold: t.text, Value: value, measure: t.measure}
	if unitOf(t.measure) == unitDuration && r.Completed == 0 {
		return v
	}
	switch t.operator {
	case "<":
		v.Met = value < t.bound
	case "<=":
		v.Met = value <= t.bound
	case ">":
		v.Met = value > t.bound
	case ">=":
		v.Met = value >= t.bound
	}
	return v
}
