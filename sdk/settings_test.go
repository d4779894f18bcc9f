package sdk

import (
	"strings"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// asking are files that make workers as programs of the TypeScript SDK do.
func asking(files ...[]*hatchet.WorkerSettings) *scripts.Snapshot {
	s := &scripts.Snapshot{}
	for _, workers := range files {
		s.Files = append(s.Files, scripts.FileStatus{Serving: &generation.Generation{Workers: workers}})
	}
	return s
}

// Who starts two workers in one file hears that they are one here.
func TestSeveralWorkersOfAFileAreTold(t *testing.T) {
	at := func(line int, name string) *hatchet.WorkerSettings {
		return &hatchet.WorkerSettings{Name: name, Position: workflow.Position{File: "worker.ts", Line: line, Column: 3}, Shared: true}
	}
	if told := joined(asking([]*hatchet.WorkerSettings{at(1, "a"), at(2, "a")}, []*hatchet.WorkerSettings{at(9, "b")})); len(told) > 0 {
		t.Errorf("workers of one name, and of two files: %q", told)
	}
	told := joined(asking([]*hatchet.WorkerSettings{at(6, "a"), at(7, "b")}))
	if len(told) != 1 || !strings.HasPrefix(told[0], `worker.ts:7:3: the worker "b" and the worker "a" of worker.ts:6:3 are one here`) {
		t.Errorf("%q", told)
	}
}

func TestWorkersOfProgramsAreOne(t *testing.T) {
	at := func(line, slots int, region string) *hatchet.WorkerSettings {
		return &hatchet.WorkerSettings{
			Name: "w", Slots: slots, Labels: map[string]any{"region": region},
			Position: workflow.Position{File: "worker.ts", Line: line}, Shared: true,
		}
	}
	for name, c := range map[string]struct {
		files   [][]*hatchet.WorkerSettings
		slots   int
		refused bool
	}{
		"two places":                    {[][]*hatchet.WorkerSettings{{at(1, 5, "east"), at(2, 7, "east")}}, 12, false},
		"a loop":                        {[][]*hatchet.WorkerSettings{{at(1, 5, "east"), at(1, 7, "east")}}, 12, false},
		"a file that two others import": {[][]*hatchet.WorkerSettings{{at(1, 5, "east")}, {at(1, 5, "east")}}, 5, false},
		"labels that contradict":        {[][]*hatchet.WorkerSettings{{at(1, 5, "east"), at(1, 5, "west")}}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			options, err := Options{}.settle(asking(c.files...))
			if c.refused {
				if err == nil || !strings.Contains(err.Error(), "region=west") {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || options.Slots != c.slots || options.Labels["region"] != "east" {
				t.Errorf("%d slots, labels %v, %v", options.Slots, options.Labels, err)
			}
		})
	}
}
