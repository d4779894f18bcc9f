package scripttest

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
)

// junit writes the XML that CI systems read, by the schema of Ant's JUnit task
// with its later element for skipped tests: a suite per file. What tests print is
// their suite's, for a case has no place for it there.
type junit struct {
	out    io.Writer
	begun  string // in UTC, without saying so: the schema wants no zone
	host   string
	seed   uint64
	suites []*junitSuite
}

type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Package    string          `xml:"package,attr"`
	ID         int             `xml:"id,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        string          `xml:"system-out"`
	Err        string          `xml:"system-err"`
	took       time.Duration
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitSkipped `xml:"skipped"`
	Failure   *junitText    `xml:"failure"` // an expectation that did not hold
	Error     *junitText    `xml:"error"`   // all else
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func newJUnit(out io.Writer) *junit {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	return &junit{out: out, begun: clock.Real().Now().UTC().Format("2006-01-02T15:04:05"), host: host}
}

func (j *junit) Start(_ int, seed uint64) { j.seed = seed }

func (j *junit) File(f FileResult) {
	suite := j.suite(f.File)
	if f.Error != "" {
		suite.Tests, suite.Errors = 1, 1
		suite.Cases = append(suite.Cases, junitCase{
			Name: "loads", ClassName: suite.Name, Time: seconds(0),
			Error: &junitText{Message: firstLine(f.Error), Type: "LoadError", Text: printable(f.Detail)},
		})
	}
}

func (j *junit) Test(r *Result) {
	suite := j.suite(r.File)
	one := junitCase{Name: printable(r.FullName()), ClassName: suite.Name, Time: seconds(r.Took)}
	switch {
	case r.Outcome == Skipped:
		suite.Skipped++
		one.Skipped = &junitSkipped{Message: r.Reason}
	case r.Outcome == Failed && r.Failure.Type == assertion:
		suite.Failures++
		one.Failure = j.text(r.Failure)
	case r.Outcome == Failed:
		suite.Errors++
		one.Error = j.text(r.Failure)
	}
	for i, line := range r.Lines {
		if i == 0 {
			suite.Out += one.Name + "\n"
		}
		suite.Out += "  " + strings.ReplaceAll(printable(line.Text), "\n", "\n  ") + "\n"
	}
	suite.Tests++
	suite.took += r.Took
	suite.Cases = append(suite.Cases, one)
}

func (*junit) text(f *Failure) *junitText {
	return &junitText{Message: firstLine(f.Message), Type: f.Type, Text: printable(f.text())}
}

func (j *junit) suite(file string) *junitSuite {
	name := printable(file)
	for _, suite := range j.suites {
		if suite.Name == name {
			return suite
		}
	}
	suite := &junitSuite{
		Name: name, Package: name, ID: len(j.suites), Timestamp: j.begun, Hostname: j.host,
		Properties: []junitProperty{{"seed", strconv.FormatUint(j.seed, 10)}},
	}
	j.suites = append(j.suites, suite)
	return suite
}

func (j *junit) End(Summary) error {
	for _, suite := range j.suites {
		suite.Time = seconds(suite.took)
	}
	text, err := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []*junitSuite
	}{Suites: j.suites}, "", "  ")
	if err != nil {
		return fmt.Errorf("junit report: %w", err)
	}
	_, err = fmt.Fprintf(j.out, "%s%s\n", xml.Header, text)
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return printable(line)
}

// printable drops what XML cannot hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= 0x20 && r != 0xFFFE && r != 0xFFFF {
			return r
		}
		return -1
	}, text)
}
