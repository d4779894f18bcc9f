package load

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Report is what a load showed.
type Report struct {
	Workflow   string  `json:"workflow"`
	Users      int     `json:"vus"`
	ElapsedMs  float64 `json:"elapsedMs"`  // from the first run's begin to the last one's end
	Runs       int     `json:"runs"`       // that ended, however they did
	Rate       float64 `json:"rate"`       // runs per second that ended
	Completed  int     `json:"completed"`  // of the runs
	Failed     int     `json:"failed"`     // of the runs; not started ones are among them
	Unfinished int     `json:"unfinished"` // of the runs, those that were given up
	Dropped    int     `json:"dropped"`    // runs due at the rate for which no user was free

	DurationMs Spread `json:"durationMs"` // from the trigger to the end, of completed runs
	TriggerMs  Spread `json:"triggerMs"`  // of the request that starts a run

	Errors     []ErrorCount `json:"errors,omitempty"` // the most frequent ones
	Thresholds []Verdict    `json:"thresholds,omitempty"`

	durations []time.Duration // sorted
}

// Spread describes durations, in milliseconds; all 0 if there are none.
type Spread struct {
	Avg float64 `json:"avg"`
	Min float64 `json:"min"`
	Med float64 `json:"med"`
	P90 float64 `json:"p90"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// ErrorCount is how many runs failed with one message.
type ErrorCount struct {
	Message string `json:"message"`
	Count   int    `json:"count"`
}

// Missed returns the thresholds that were not met.
func (r *Report) Missed() []Verdict {
	return slices.DeleteFunc(slices.Clone(r.Thresholds), func(v Verdict) bool { return v.Met })
}

// mostErrors is how many messages a report has room for.
const mostErrors = 5

func (l *load) report(elapsed time.Duration) *Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.durations)
	slices.Sort(l.triggers)
	r := &Report{
		Workflow: l.plan.Workflow, Users: l.plan.Users, ElapsedMs: milliseconds(elapsed),
		Runs: len(l.durations) + l.failed + l.unfinished, Completed: len(l.durations),
		Failed: l.failed, Unfinished: l.unfinished, Dropped: l.dropped,
		DurationMs: spread(l.durations), TriggerMs: spread(l.triggers),
		Errors: mostFrequent(l.messages), durations: l.durations,
	}
	if elapsed > 0 {
		r.Rate = float64(r.Runs) / elapsed.Seconds()
	}
	for _, threshold := range l.plan.Thresholds {
		r.Thresholds = append(r.Thresholds, threshold.judge(r))
	}
	return r
}

func mostFrequent(messages map[string]int) []ErrorCount {
	counts := make([]ErrorCount, 0, len(messages))
	for _, message := range slices.Sorted(maps.Keys(messages)) {
		counts = append(counts, ErrorCount{message, messages[message]})
	}
	slices.SortStableFunc(counts, func(a, b ErrorCount) int { return cmp.Compare(b.Count, a.Count) })
	return counts[:min(len(counts), mostErrors)]
}

func spread(sorted []time.Duration) Spread {
	if len(sorted) == 0 {
		return Spread{}
	}
	return Spread{
		Avg: average(sorted), Min: milliseconds(sorted[0]), Med: percentile(sorted, 50), P90: percentile(sorted, 90),
		P95: percentile(sorted, 95), P99: percentile(sorted, 99), Max: milliseconds(sorted[len(sorted)-1]),
	}
}

func average(list []time.Duration) float64 {
	sum := 0.0
	for _, d := range list {
		sum += milliseconds(d)
	}
	return sum / float64(len(list))
}

// percentile is the value below which p of 100 lie, between its two neighbours
// in proportion; 0 if there are none.
func percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := p / 100 * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return milliseconds(sorted[low]) + (at-float64(low))*(milliseconds(sorted[high])-milliseconds(sorted[low]))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
