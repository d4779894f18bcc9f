package builtin_test

import (
	"regexp"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin/moduletest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// Every module gives every member that its table names, and says of each what
// it is.
func TestEveryMemberIsThere(t *testing.T) {
	registry, err := builtin.Registry()
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^(node|hatchet):[a-z0-9_]+(/[a-z_]+)?$`)
	for _, module := range registry.Modules() {
		if !name.MatchString(module.Name) || module.Doc == "" {
			t.Errorf("%s: the name or the text is wrong", module.Name)
		}
		m := moduletest.New(t, permit.Options{})
		for _, member := range module.Members {
			if member.Type == "" || member.Doc == "" {
				t.Errorf("%s.%s has no type or no text", module.Name, member.Name)
			}
			if got, err := m.Run(t.Context(), "return typeof require('"+module.Name+"')."+member.Name); err != nil || got == `"undefined"` {
				t.Errorf("%s.%s: %s, %v", module.Name, member.Name, got, err)
			}
		}
		if module.Script != "" {
			if _, err := goja.Compile(module.Name, module.Script, true); err != nil {
				t.Error(err)
			}
		}
	}
}
