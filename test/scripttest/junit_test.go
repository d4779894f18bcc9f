package scripttest

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/hatchet-js/hatchet-js-worker/test/compat/nodejs"
)

// oddTests are of all kinds, with characters that are trouble in XML.
const oddTests = `import { test, describe, expect } from 'hatchet:test'
const wrong = workflow.task('wrong', () => { throw new TypeError('of a task \u0007 ]]> <a>') })
test('passes', (t) => { t.log('a line\u001b[31m with ]]> & <tags>\u0000\n\nand \ud800 more') })
test('fails', () => { expect('a\u0001 ]]> "b"').toBe('<c> \ufffe') })
test('is in error', () => { throw new RangeError('out of \u0002 range ]]>\r\nsecond line') })
test('ends with a task', async (t) => { await (await t.trigger(wrong)).result() })
test('waits for ever', () => new Promise(() => {}))
test.skip('left out', () => {})
test.todo('to be written')
test('\u0001\u000b ]]> <b attr="1"> & \' 名前 🙂 \ud83d \u202e', () => {})
test(' leading,\n\ttrailing ', () => {})
describe('outer', () => describe('inner < outer', () => test.each([['<é>', 1], [']]>', 2]])('row %s of %d', (t, s, n) => expect(n).toBe(1))))
`

// junitReport is what the tests below look at.
type junitReport struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Out      string `xml:"system-out"`
	Cases    []struct {
		Name    string     `xml:"name,attr"`
		Failure *junitText `xml:"failure"`
		Error   *junitText `xml:"error"`
		Skipped *junitText `xml:"skipped"`
	} `xml:"testcase"`
}

type junitText struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// oddReport runs tests of all kinds and gives their JUnit report.
func oddReport(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	dir := write(t, map[string]string{
		"odd & <.test.js": oddTests, "broken.test.js": "import { test } from 'hatchet:test'\ntest('x', ]]> \x01\n",
	})
	report(t, sdk.TestOptions{Paths: []string{dir}, Base: dir, Reports: []sdk.TestReport{{Name: "junit", Out: &out}}})
	return out.Bytes()
}

func TestJUnitCountsWhatItLists(t *testing.T) {
	var all junitReport
	if err := xml.Unmarshal(oddReport(t), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Suites) != 2 || all.Suites[0].Name != "broken.test.js" || all.Suites[1].Name != "odd & <.test.js" {
		t.Fatalf("suites: %+v", all.Suites)
	}
	if broken := all.Suites[0]; broken.Errors != 1 || broken.Cases[0].Error == nil || broken.Cases[0].Error.Type != "LoadError" {
		t.Errorf("a file that does not load: %+v", broken)
	}
	odd := all.Suites[1]
	types := map[string]string{}
	for _, c := range odd.Cases {
		switch {
		case c.Failure != nil:
			odd.Failures--
			types[c.Name] = "failure " + c.Failure.Type
		case c.Error != nil:
			odd.Errors--
			types[c.Name] = "error " + c.Error.Type
		case c.Skipped != nil:
			odd.Skipped--
		}
	}
	if odd.Tests != len(odd.Cases) || odd.Tests != 11 || odd.Failures != 0 || odd.Errors != 0 || odd.Skipped != 0 {
		t.Errorf("%d cases; left of the counts: %+v", len(odd.Cases), odd)
	}
	for name, want := range map[string]string{
		"fails": "failure AssertionError", "is in error": "error RangeError", "ends with a task": "error RunFailedError", "waits for ever": "error Error",
		"outer › inner < outer › row <é> of 1": "", "outer › inner < outer › row ]]> of 2": "failure AssertionError",
	} {
		if types[name] != want {
			t.Errorf("%s: %q, want %q", name, types[name], want)
		}
	}
	if !strings.Contains(odd.Out, "passes\n  a line[31m with ]]> & <tags>\n") {
		t.Errorf("what tests print: %q", odd.Out)
	}
}

// TestJUnitHoldsItsSchema validates a report with xmllint.
func TestJUnitHoldsItsSchema(t *testing.T) {
	modules := nodejs.Modules(t, "npm")
	path := filepath.Join(t.TempDir(), "report.xml")
	validate := func(text []byte) string {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("node", "validate.cjs", path)
		cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	text := oddReport(t)
	if errs := validate(text); errs != "" {
		t.Errorf("%s\nin\n%s", errs, text)
	}
	if errs := validate(bytes.Replace(text, []byte(`classname=`), []byte(`class=`), 1)); !strings.Contains(errs, "classname") {
		t.Errorf("a report without a name is found valid: %s", errs)
	}
}
