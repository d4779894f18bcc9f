package compat

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// leastDeclarations guards against a corpus that got lost.
const leastDeclarations = 60

// declared is one declaration of the corpus: our source, and the registration
// that the official SDK makes of its own.
type declared struct {
	Name    string
	Source  string
	Request []byte
}

// TestRegistrationsAreThoseOfTheOfficialSDK compares, for each declaration of
// testdata/oracle/corpus.mjs, the registration that our builder leads to with
// the one that the official SDK encodes. Ids of or-groups are random there, and
// durations are sent as they are written; we send one number with one unit, for
// older engines.
func TestRegistrationsAreThoseOfTheOfficialSDK(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, namespace := range []string{"", "team_"} {
		t.Run("namespace "+namespace, func(t *testing.T) {
			corpus := s.corpus(t, namespace)
			for _, d := range corpus {
				if d.Source == "" { // in the official SDK's words alone
					continue
				}
				t.Run(d.Name, func(t *testing.T) { compareRegistration(t, d, namespace) })
			}
			if len(corpus) < leastDeclarations {
				t.Errorf("the corpus has %d declarations", len(corpus))
			}
		})
	}
}

func (s *stage) corpus(t *testing.T, namespace string) []declared {
	t.Helper()
	cmd := exec.Command("node", "oracle/encode.mjs", namespace)
	s.furnish(cmd, nil)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	var corpus []declared
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var d declared
		if err := decoder.Decode(&d); err != nil {
			t.Fatal(err)
		}
		corpus = append(corpus, d)
	}
	return corpus
}

func compareRegistration(t *testing.T, d declared, namespace string) {
	t.Helper()
	ours, err := register(d.Source, namespace)
	if err != nil {
		t.Fatal(err)
	}
	theirs := &v1.CreateWorkflowVersionRequest{}
	if err := proto.Unmarshal(d.Request, theirs); err != nil {
		t.Fatal(err)
	}
	got, want := canonical(t, ours), canonical(t, theirs)
	if got != want {
		t.Errorf("%s\nours:\n%s\ntheirs:\n%s", d.Source, prototext.Format(ours), prototext.Format(theirs))
	}
}

// register declares what the source says in a VM as files have it, and returns
// the registration of the one workflow.
func register(source, namespace string) (*v1.CreateWorkflowVersionRequest, error) {
	v := vm.New(vm.Options{})
	realm := hatchet.Install(v)
	err := v.Run(context.Background(), vm.Call{Start: func() (goja.Value, error) { return v.Runtime().RunScript("corpus.js", source) }})
	if err != nil {
		return nil, err
	}
	realm.Freeze()
	if problems := workflow.Validate(realm.Workflows()); len(problems) > 0 || len(realm.Workflows()) != 1 {
		return nil, fmt.Errorf("%d workflows, %v", len(realm.Workflows()), problems)
	}
	ns, err := workflow.ParseNamespace(namespace)
	if err != nil {
		return nil, err
	}
	return realm.Workflows()[0].Request(ns), nil
}

// canonical is the registration as bytes, with the ids of or-groups numbered as
// they come, durations written our way and the entries of maps in order.
func canonical(t *testing.T, request *v1.CreateWorkflowVersionRequest) string {
	t.Helper()
	tasks := request.Tasks
	if request.OnFailureTask != nil {
		tasks = append(tasks[:len(tasks):len(tasks)], request.OnFailureTask)
	}
	for _, task := range tasks {
		numberGroups(task.GetConditions())
		task.Timeout = rewritten(t, task.Timeout)
		if task.ScheduleTimeout != nil {
			task.ScheduleTimeout = proto.String(rewritten(t, *task.ScheduleTimeout))
		}
		for _, sleep := range task.GetConditions().GetSleepConditions() {
			sleep.SleepFor = rewritten(t, sleep.SleepFor)
		}
	}
	out, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func rewritten(t *testing.T, text string) string {
	t.Helper()
	d, err := workflow.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return workflow.WireDuration(d)
}

func numberGroups(conditions *v1.TaskConditions) {
	numbers := map[string]string{}
	number := func(base *v1.BaseMatchCondition) {
		if numbers[base.OrGroupId] == "" {
			numbers[base.OrGroupId] = fmt.Sprint(len(numbers) + 1)
		}
		base.OrGroupId = numbers[base.OrGroupId]
	}
	for _, c := range conditions.GetSleepConditions() {
		number(c.Base)
	}
	for _, c := range conditions.GetUserEventConditions() {
		number(c.Base)
	}
	for _, c := range conditions.GetParentOverrideConditions() {
		number(c.Base)
	}
}
