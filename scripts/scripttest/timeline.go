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
	defer s.mu.Unlock()
	var own []Event
	for _, e := range s.events {
		if e.RunID == runID {
			own = append(own, e)
		}
	}
	return own
}

// timelineOf draws one run: relative times, no ids, so that it is the same each
// time.
func (s *session) timelineOf(runID string) string { return s.draw(s.happened(runID)) }

// timeline draws everything that happened in the world.
func (s *session) timeline() string {
	s.mu.Lock()
	all := slices.Clone(s.events)
	s.mu.Unlock()
	return s.draw(all)
}

// draw renders events, one a line, in the order of their times.
func (s *session) draw(events []Event) string {
	type line struct {
		at   int64
		text string
	}
	var lines []line
	for _, e := range events {
		if text := e.line(); text != "" {
			lines = append(lines, line{e.At.Sub(s.drive.start).Milliseconds(), fmt.Sprintf("+%-8s %s", shortSpan(e.At.Sub(s.drive.start)), text)})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	var out strings.Builder
	for i, l := range lines {
		if i == timelineLines {
			fmt.Fprintf(&out, "… and %d more\n", len(lines)-i)
			break
		}
		out.WriteString(l.text)
		out.WriteByte('\n')
	}
	return out.String()
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
