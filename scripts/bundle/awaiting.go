package bundle

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
)

var (
	// awaitingModule is how the bundler writes a module that awaits at its top
	// level, and requiredModule how it writes the require of an ECMAScript module.
	awaitingModule = regexp.MustCompile(`(?m)^var (init_\w+) = __esm\(\{\n\s*async `)
	requiredModule = regexp.MustCompile(`\((init_\w+)\(\), __toCommonJS\(`)
)

// awaited finds where a module is required that awaits at its top level. Its
// exports would be undefined, for require cannot wait; Node throws, and the
// bundler tells of it only if the file that requires awaits, too.
func (b *build) awaited(code string, p *positions) []diagnostic.Diagnostic {
	waits := map[string]bool{}
	if !strings.Contains(code, " = __esm({") { // far quicker than the expression
		return nil
	}
	for _, found := range awaitingModule.FindAllStringSubmatch(code, -1) {
		waits[found[1]] = true
	}
	if len(waits) == 0 || p.consumer == nil {
		return nil
	}
	var list []diagnostic.Diagnostic
	for _, at := range requiredModule.FindAllStringSubmatchIndex(code, -1) {
		name := code[at[2]:at[3]]
		if !waits[name] {
			continue
		}
		d := diagnostic.Diagnostic{Text: fmt.Sprintf("this module awaits at its top level (%s), for which require cannot wait: use import", strings.TrimPrefix(name, "init_"))}
		start := strings.LastIndexByte(code[:at[0]], '\n') + 1
		if file, _, line, column, ok := p.consumer.Source(strings.Count(code[:at[0]], "\n")+1, at[2]-start); ok {
			d.Position = workflow.Position{File: file, Line: line, Column: column}
		}
		d.Frame = diagnostic.Frame(p.sources[d.File], d.Line, d.Column, d.Text)
		list = append(list, d)
	}
	return list
}
