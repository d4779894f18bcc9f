package health

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/prometheus/client_golang/prometheus"
)

// updatePage is the variable that has METRICS.md written anew.
const updatePage = "UPDATE_METRICS"

var (
	described = regexp.MustCompile(`fqName: "([^"]*)", help: "((?:[^"\\]|\\.)*)",.* variableLabels: \{([^}]*)\}`)
	table     = regexp.MustCompile(`(?s)\| metric .*?\n\n`)
)

// METRICS.md lists every metric with its labels, and none that is not there.
func TestThePageListsTheMetrics(t *testing.T) {
	s := &Server{clock: clock.Real(), options: Options{Look: func() Report { return Report{} }}}
	s.registry()
	rows := []string{}
	for _, part := range []prometheus.Collector{gauges{s}, s.tasks, s.scripts.reloads, s.scripts.denied, s.calls.duration} {
		found := make(chan *prometheus.Desc, 100)
		part.Describe(found)
		close(found)
		for desc := range found {
			m := described.FindStringSubmatch(desc.String())
			if m == nil {
				t.Fatalf("cannot read %s", desc)
			}
			labels := ""
			if m[3] != "" {
				labels = "`" + strings.ReplaceAll(m[3], ",", "`, `") + "`"
			}
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", m[1], labels, m[2]))
		}
	}
	slices.Sort(rows)
	want := "| metric | labels | what it is |\n|---|---|---|\n" + strings.Join(rows, "") + "\n"
	page, err := os.ReadFile("METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv(updatePage) != "" {
		page = table.ReplaceAllLiteral(page, []byte(want))
		if err := os.WriteFile("METRICS.md", page, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := table.FindString(string(page)); got != want {
		t.Errorf("METRICS.md does not have\n%s\nbut\n%s\n%s=1 writes it", want, got, updatePage)
	}
}
