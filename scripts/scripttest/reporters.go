package scripttest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// ReporterNames are the reporters that [NewReporter] makes.
var ReporterNames = []string{"pretty", "dot", "tap", "junit", "json", "github"}

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
		return &junit{out: out}, nil
	case "json":
		return &jsonStream{encoder: json.NewEncoder(out)}, nil
	case "github":
		return &github{out: out}, nil
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

// junit writes the XML that CI systems read: a suite per file.
type junit struct {
	out    io.Writer
	suites []*junitSuite
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
	took     time.Duration
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitSkipped `xml:"skipped"`
	Failure   *junitText    `xml:"failure"`
	Error     *junitText    `xml:"error"`
	Out       string        `xml:"system-out,omitempty"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func (j *junit) Start(int, uint64) {}

func (j *junit) File(f FileResult) {
	suite := &junitSuite{Name: f.File}
	j.suites = append(j.suites, suite)
	if f.Error != "" {
		suite.Tests, suite.Errors = 1, 1
		suite.Cases = append(suite.Cases, junitCase{
			Name: "loads", ClassName: f.File, Time: seconds(0), Error: &junitText{Message: f.Error, Type: "LoadError", Text: printable(f.Detail)},
		})
	}
}

func (j *junit) Test(r *Result) {
	suite := j.suite(r.File)
	one := junitCase{Name: r.FullName(), ClassName: r.File, Time: seconds(r.Took)}
	switch r.Outcome {
	case Skipped:
		suite.Skipped++
		one.Skipped = &junitSkipped{Message: r.Reason}
	case Failed:
		suite.Failures++
		first, _, _ := strings.Cut(r.Failure.Message, "\n")
		one.Failure = &junitText{Message: printable(first), Type: "AssertionError", Text: printable(r.Failure.text())}
	}
	for _, line := range r.Lines {
		one.Out += printable(line.Text) + "\n"
	}
	suite.Tests++
	suite.took += r.Took
	suite.Cases = append(suite.Cases, one)
}

func (j *junit) suite(file string) *junitSuite {
	for _, suite := range j.suites {
		if suite.Name == file {
			return suite
		}
	}
	suite := &junitSuite{Name: file}
	j.suites = append(j.suites, suite)
	return suite
}

func (j *junit) End(s Summary) error {
	type suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Time     string   `xml:"time,attr"`
		Suites   []*junitSuite
	}
	for _, suite := range j.suites {
		suite.Time = seconds(suite.took)
	}
	all := suites{
		Name: "hatchet-js-worker", Tests: s.Passed + s.Failed + s.Skipped + s.Broken, Failures: s.Failed, Errors: s.Broken,
		Time: seconds(s.Took), Suites: j.suites,
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("junit report: %w", err)
	}
	_, err = fmt.Fprintf(j.out, "%s%s\n", xml.Header, text)
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// printable drops what XML cannot hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= 0x20 && r != 0xFFFE && r != 0xFFFF {
			return r
		}
		return -1
	}, text)
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
