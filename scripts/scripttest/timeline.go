package scripttest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// timelineLines bounds the timeline of a failed test.
const timelineLines = 60

// happened lists the events of one run in order.
func (s *session) happened(runID string) []Event {
	s.mu.Lock()
	var own []Event
	for _, e := range s.events {
		if e.RunID == runID {
			own = append(own, e)
		}
	}
	s.mu.Unlock()
	return s.arranged(own)
}

// timelineOf draws one run: relative times, no ids, so that it is the same each
// time.
func (s *session) timelineOf(runID string) string { return s.draw(s.happened(runID)) }

// timeline draws everything that happened in the world.
func (s *session) timeline() string {
	s.mu.Lock()
	all := slices.Clone(s.events)
	s.mu.Unlock()
	return s.draw(s.arranged(all))
}

// draw renders events, one a line.
func (s *session) draw(events []Event) string {
	var lines []string
	for _, e := range events {
		if text := e.line(); text != "" {
			lines = append(lines, fmt.Sprintf("+%-8s %s\n", shortSpan(e.At.Sub(s.drive.start)), text))
		}
	}
	if more := len(lines) - timelineLines; more > 0 {
		lines = append(lines[:timelineLines], fmt.Sprintf("… and %d more\n", more))
	}
	return strings.Join(lines, "")
}

// line is an event in words; "" is not shown.
func (e Event) line() string {
	switch e.Kind {
	case RunStarted:
		return fmt.Sprintf("▶ %s  %s %s", e.Workflow, e.Text, clip(string(e.Input)))
	case TaskParked:
		return fmt.Sprintf("  ⏸ %s  waits", e.Task)
	case TaskFinished:
		return "  " + e.finished()
	case TaskLogged:
		return fmt.Sprintf("    %s: %s", e.Task, clip(e.Text))
	case RunFinished:
		return fmt.Sprintf("■ %s  %s", e.Workflow, e.Status)
	case EventPushed:
		return fmt.Sprintf("⚡ event %s %s", e.Text, clip(string(e.Input)))
	case WorkerGone:
		if e.Task != "" {
			return fmt.Sprintf("☠ worker %s in %s", e.Text, e.Task)
		}
		return "☠ worker " + e.Text
	}
	return ""
}

func (e Event) finished() string {
	switch {
	case e.Skipped:
		return fmt.Sprintf("↷ %s  skipped", e.Task)
	case e.Status == "COMPLETED":
		return fmt.Sprintf("✓ %s", e.Task)
	case e.Status == "FAILED" && e.RetryIn >= 0:
		return fmt.Sprintf("✗ %s  attempt %d: %s, again in %s", e.Task, e.Attempt, clip(e.Text), shortSpan(e.RetryIn))
	case e.Status == "FAILED":
		return fmt.Sprintf("✗ %s  attempt %d: %s", e.Task, e.Attempt, clip(e.Text))
	}
	return fmt.Sprintf("✗ %s  %s", e.Task, e.Status)
}

// clip shortens a text to one line of a timeline.
func clip(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// top names the n most frequent of counts.
func top(counts map[string]int, n int) string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	if len(names) == 0 {
		return "timers of the scripts"
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%s ×%d", name, counts[name])
	}
	return strings.Join(names[:min(n, len(names))], ", ")
}
