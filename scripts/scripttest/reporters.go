package scripttest

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// ReporterNames are the reporters that [NewReporter] makes.
var ReporterNames = []string{"pretty", "dot", "tap", "junit", "json", "github", "agent"}

// NewReporter makes a reporter that writes to out.
func NewReporter(name string, out io.Writer, colours Colours) (Reporter, error) {
	switch name {
	case "pretty":
		return &pretty{out: out, colours: colours}, nil
	case "dot":
		return &pretty{out: out, colours: colours, dots: true}, nil
	case "tap":
		return &tap{out: out}, nil
	case "junit":
		return newJUnit(out), nil
	case "json":
		return &jsonStream{encoder: json.NewEncoder(out)}, nil
	case "github":
		return &github{out: out}, nil
	case "agent":
		return &agent{out: out}, nil
	}
	return nil, fmt.Errorf("no reporter %q; known are %s", name, strings.Join(ReporterNames, ", "))
}

// tap writes the Test Anything Protocol, version 14.
type tap struct {
	out io.Writer
	n   int
}

func (t *tap) Start(int, uint64) { fmt.Fprintln(t.out, "TAP version 14") }

func (t *tap) File(f FileResult) {
	if f.Error != "" {
		t.n++
		fmt.Fprintf(t.out, "not ok %d - %s\n", t.n, tapName(f.File+" does not load"))
		t.yaml(map[string]string{"message": f.Error})
	}
}

func (t *tap) Test(r *Result) {
	t.n++
	name := tapName(r.File + " › " + r.FullName())
	switch r.Outcome {
	case Skipped:
		word := "SKIP"
		if r.Reason == "todo" {
			word = "TODO"
		}
		fmt.Fprintf(t.out, "ok %d - %s # %s %s\n", t.n, name, word, r.Reason)
	case Failed:
		fmt.Fprintf(t.out, "not ok %d - %s\n", t.n, name)
		t.yaml(map[string]string{"message": r.Failure.Message, "at": r.Failure.At.String()})
	default:
		fmt.Fprintf(t.out, "ok %d - %s\n", t.n, name)
	}
}

// yaml writes a diagnostic block; JSON strings are YAML.
func (t *tap) yaml(fields map[string]string) {
	fmt.Fprintln(t.out, "  ---")
	for _, key := range []string{"message", "at"} {
		if text := fields[key]; text != "" {
			quoted, _ := json.Marshal(text) // a string always can be encoded
			fmt.Fprintf(t.out, "  %s: %s\n", key, quoted)
		}
	}
	fmt.Fprintln(t.out, "  ...")
}

func (t *tap) End(Summary) error {
	_, err := fmt.Fprintf(t.out, "1..%d\n", t.n)
	return err
}

// tapName escapes what TAP would read as a directive.
func tapName(name string) string {
	return strings.NewReplacer("\\", "\\\\", "#", "\\#", "\n", " ").Replace(name)
}

// text is all of a failure as plain text.
func (f *Failure) text() string {
	text := f.Message + "\n"
	if f.Frame != "" {
		text += "\n" + f.At.String() + "\n" + f.Frame
	}
	if f.Timeline != "" {
		text += "\n" + f.Timeline
	}
	return text + "\n" + f.Rerun + "\n"
}

// jsonStream writes one JSON object a line: start, file, test, end. Version is
// that of their shape.
type jsonStream struct{ encoder *json.Encoder }

// jsonVersion is the version of the JSON reporter's events.
const jsonVersion = 1

func (j *jsonStream) Start(files int, seed uint64) {
	_ = j.encoder.Encode(struct {
		Event   string `json:"event"`
		Version int    `json:"version"`
		Files   int    `json:"files"`
		Seed    uint64 `json:"seed"`
	}{"start", jsonVersion, files, seed})
}

func (j *jsonStream) File(f FileResult) {
	_ = j.encoder.Encode(struct {
		Event string `json:"event"`
		FileResult
	}{"file", f})
}

func (j *jsonStream) Test(r *Result) {
	_ = j.encoder.Encode(struct {
		Event string `json:"event"`
		*Result
	}{"test", r})
}

func (j *jsonStream) End(s Summary) error {
	return j.encoder.Encode(struct {
		Event string `json:"event"`
		Summary
	}{"end", s})
}

// github writes workflow commands, which GitHub shows beside the lines of a
// change.
type github struct{ out io.Writer }

func (g *github) Start(int, uint64) {}

func (g *github) File(f FileResult) {
	if f.Error != "" {
		fmt.Fprintf(g.out, "::error file=%s::%s\n", property(f.File), data(f.Error))
	}
}

func (g *github) Test(r *Result) {
	if f := r.Failure; f != nil {
		fmt.Fprintf(g.out, "::error file=%s,line=%d,col=%d,title=%s::%s\n",
			property(f.At.File), f.At.Line, f.At.Column, property(r.FullName()), data(f.Message))
	}
}

func (g *github) End(Summary) error { return nil }

func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}
