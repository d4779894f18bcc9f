package scripttest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Colours paints words for a terminal; its zero value does not.
type Colours struct{ On bool }

func (c Colours) paint(code, text string) string {
	if !c.On || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// pretty is the reporter for people: a line per test, failures with all there
// is to know at the end.
type pretty struct {
	out     io.Writer
	colours Colours
	dots    bool // a character per test instead
	column  int
	file    string
	failed  []*Result
	broken  []FileResult
}

func (p *pretty) Start(int, uint64) {}

func (p *pretty) File(f FileResult) {
	if f.Error != "" {
		p.broken = append(p.broken, f)
	}
}

func (p *pretty) Test(r *Result) {
	if r.Failure != nil {
		p.failed = append(p.failed, r)
	}
	if p.dots {
		p.dot(r)
		return
	}
	if r.File != p.file {
		p.file = r.File
		fmt.Fprintf(p.out, "\n%s\n", p.colours.paint("1", r.File))
	}
	mark, note := p.mark(r)
	fmt.Fprintf(p.out, "  %s %s%s\n", mark, r.FullName(), p.colours.paint("2", note))
	for _, line := range r.Lines {
		fmt.Fprintf(p.out, "      %s %s\n", p.colours.paint("2", "│"), strings.ReplaceAll(line.Text, "\n", "\n        "))
	}
	for _, mock := range r.Unused {
		fmt.Fprintf(p.out, "      %s\n", p.colours.paint("33", "mock of "+mock+" was never called"))
	}
}

// mark is the sign of a result and what stands behind its name.
func (p *pretty) mark(r *Result) (mark, note string) {
	times := "  " + realTime(r.Took)
	if r.Virtual > 0 {
		times += ", " + shortSpan(r.Virtual) + " virtual"
	}
	switch {
	case r.Outcome == Skipped:
		return p.colours.paint("33", "-"), "  " + r.Reason
	case r.Outcome == Failed:
		return p.colours.paint("31", "✗"), times
	case r.Flaky:
		return p.colours.paint("33", "✓"), fmt.Sprintf("%s  flaky: passed at try %d", times, r.Tries)
	}
	return p.colours.paint("32", "✓"), times
}

// dotsPerLine is the width of the dot reporter.
const dotsPerLine = 80

func (p *pretty) dot(r *Result) {
	mark := map[Outcome]string{Passed: ".", Failed: "F", Skipped: "s"}[r.Outcome]
	if r.Flaky {
		mark = "f"
	}
	fmt.Fprint(p.out, mark)
	if p.column++; p.column%dotsPerLine == 0 {
		fmt.Fprintln(p.out)
	}
}

func (p *pretty) End(s Summary) error {
	if p.dots && p.column > 0 {
		fmt.Fprintln(p.out)
	}
	for _, f := range p.broken {
		fmt.Fprintf(p.out, "\n%s %s\n%s", p.colours.paint("31", "✗ does not load:"), f.File, indented(f.Detail, "  "))
	}
	for _, r := range p.failed {
		p.failure(r)
	}
	_, err := fmt.Fprintf(p.out, "\n%s\n", p.colours.paint("1", s.String()))
	return err
}

// failure prints all there is to know of a failed test.
func (p *pretty) failure(r *Result) {
	f := r.Failure
	fmt.Fprintf(p.out, "\n%s %s › %s\n\n", p.colours.paint("31", "✗"), r.File, p.colours.paint("1", r.FullName()))
	fmt.Fprint(p.out, indented(f.Message, "  "))
	if f.Frame != "" {
		fmt.Fprintf(p.out, "\n  %s\n%s", p.colours.paint("36", f.At.String()), indented(f.Frame, "  "))
	}
	if frames := framesBelow(f.Stack); frames != "" {
		fmt.Fprint(p.out, p.colours.paint("2", indented(frames, "  ")))
	}
	if f.Timeline != "" {
		time := "virtual"
		if r.OnServer {
			time = "real"
		}
		fmt.Fprintf(p.out, "\n  timeline, %s time\n%s", time, indented(f.Timeline, "    "))
	}
	fmt.Fprintf(p.out, "\n  again: hatchet-js-worker %s\n", f.Rerun)
}

// framesBelow is the stack without the message and the place already shown.
func framesBelow(stack string) string {
	var frames []string
	for line := range strings.SplitSeq(stack, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "at ") {
			frames = append(frames, line)
		}
	}
	if len(frames) < 2 {
		return ""
	}
	return strings.Join(frames[1:], "\n")
}

func indented(text, by string) string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return ""
	}
	return by + strings.ReplaceAll(text, "\n", "\n"+by) + "\n"
}

// String is the last line of a report.
func (s Summary) String() string {
	parts := []string{fmt.Sprintf("%d passed", s.Passed), fmt.Sprintf("%d failed", s.Failed)}
	if s.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", s.Skipped))
	}
	if s.Flaky > 0 {
		parts = append(parts, fmt.Sprintf("%d flaky", s.Flaky))
	}
	if s.Broken > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d files not loaded", s.Broken, s.Files))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf("  in %s, seed %d", realTime(s.Took), s.Seed)
}

// realTime is a time on the wall clock for people.
func realTime(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%dms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1fs", d.Seconds())
}
