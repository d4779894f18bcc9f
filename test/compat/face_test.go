package compat

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dop251/goja"
	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// leastByFace is how many declarations in the official SDK's words there are at
// least.
const leastByFace = 200

// TestRegistrationsByTheFaceAreThoseOfTheOfficialSDK compares, for each
// declaration that the corpora have in the SDK's own words, the registration
// that our face of the SDK leads to with the one that the official SDK encodes
// for the same source: byte for byte, but for the ids of or-groups, which are
// random there.
func TestRegistrationsByTheFaceAreThoseOfTheOfficialSDK(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	built, err := bundle.Build(filepath.Join(s.dir, "oracle", "face.mjs"), bundle.Options{Packages: []*bundle.Package{typescript.Face()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, namespace := range []string{"", "team_"} {
		t.Run("namespace "+namespace, func(t *testing.T) {
			corpus := s.corpus(t, namespace)
			for i, d := range corpus {
				t.Run(d.Name, func(t *testing.T) {
					ours, err := declareByFace(built, i, namespace)
					if err != nil {
						t.Fatal(err)
					}
					compareBytes(t, ours, d.Request)
				})
			}
			if len(corpus) < leastByFace {
				t.Errorf("the corpora have %d declarations", len(corpus))
			}
		})
	}
}

// declareByFace evaluates one declaration and returns the registration of the
// workflow declared last.
func declareByFace(built *bundle.Bundle, which int, namespace string) (*v1.CreateWorkflowVersionRequest, error) {
	v := vm.New(vm.Options{})
	if err := v.Runtime().Set("which", which); err != nil {
		return nil, err
	}
	declared, err := evaluateFace(v, built)
	if err != nil {
		return nil, err
	}
	if len(declared) == 0 {
		return nil, fmt.Errorf("no workflow")
	}
	ns, err := workflow.ParseNamespace(namespace)
	if err != nil {
		return nil, err
	}
	return declared[len(declared)-1].Request(ns), nil
}

// evaluateFace evaluates a bundle that imports the face and returns what it
// declares, which must be valid.
func evaluateFace(v *vm.VM, built *bundle.Bundle) ([]*workflow.Workflow, error) {
	realm := hatchet.Install(v)
	err := v.Run(context.Background(), vm.Call{Start: func() (goja.Value, error) {
		return built.Evaluate(v.Runtime(), func(string, string) goja.Value { return realm.Face() })
	}})
	if err != nil {
		return nil, err
	}
	realm.Freeze()
	if problems := workflow.Validate(realm.Workflows()); len(problems) > 0 {
		return nil, fmt.Errorf("%v", problems)
	}
	return realm.Workflows(), nil
}

// compareBytes compares a registration of ours with the official one.
func compareBytes(t *testing.T, ours *v1.CreateWorkflowVersionRequest, official []byte) {
	t.Helper()
	theirs := &v1.CreateWorkflowVersionRequest{}
	if err := proto.Unmarshal(official, theirs); err != nil {
		t.Fatal(err)
	}
	if numbered(t, ours) != numbered(t, theirs) {
		t.Errorf("ours:\n%s\ntheirs:\n%s", prototext.Format(ours), prototext.Format(theirs))
	}
}

// numbered is the registration as bytes, with the ids of or-groups numbered as
// they come and the entries of maps in order.
func numbered(t *testing.T, request *v1.CreateWorkflowVersionRequest) string {
	t.Helper()
	for _, task := range append(request.Tasks[:len(request.Tasks):len(request.Tasks)], request.OnFailureTask) {
		numberGroups(task.GetConditions())
	}
	out, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
