// Package builtin lists the built-in modules: what scripts can import without
// a file or a package. A new module is one line here.
package builtin

import (
	"slices"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/bindings/glue"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/node"
)

// Registry returns all built-in modules. Its error says that two of them
// contradict each other, which a test rules out.
func Registry() (*native.Registry, error) { return registry() }

var registry = sync.OnceValues(func() (*native.Registry, error) {
	return native.NewRegistry(node.Globals(), slices.Concat(
		glue.Modules(),
		node.Modules(),
	)...)
})
