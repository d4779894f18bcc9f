package inspect

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// errorShape is an Error: its stack, then its own properties, its cause among
// them.
func (p *printer) errorShape(object *goja.Object, name, tag string) shape {
	base := p.stack(object, name)
	keys := p.properties(object, func(key string) bool {
		// What the stack says already.
		switch key {
		case "name", "message", "stack":
			own := p.own(object, p.rt.ToValue(key)).value
			return own != nil && strings.Contains(base, own.String())
		}
		return false
	})
	for _, hidden := range []string{"cause", "errors"} {
		key := p.rt.ToValue(hidden)
		if own := p.own(object, key); own.exists && !own.enumerable && !slices.ContainsFunc(keys, key.StrictEquals) {
			keys = append(keys, key)
		}
	}
	if !strings.Contains(base, "\n    at ") {
		base = "[" + base + "]"
	}
	if p.indentation > 0 {
		base = strings.ReplaceAll(base, "\n", "\n"+strings.Repeat(" ", p.indentation))
	}
	return shape{base: base, open: "{", close: "}", whole: true, keys: keys}
}

// stackLine is one frame of goja's stacks: "\tat name (file:1:2(3))" or
// "\tat file:1:2(3)".
var stackLine = regexp.MustCompile(`^\s*at (?:(.*) \()?(.+?):(\d+):(\d+)(?:\(\d+\))?\)?$`)

// stack is name, message and the frames that mean something to the author of a
// script. A class that gave its errors no name is named nevertheless.
func (p *printer) stack(object *goja.Object, class string) string {
	head := p.textOf(p.errorToString, object)
	rest, generic := strings.CutPrefix(head, "Error")
	if generic && class != "" && class != "Error" && class != "GoError" && (rest == "" || rest[0] == ':') {
		head = class + rest
	}
	own := object.Get("stack")
	if own == nil || !goja.IsString(own) {
		return head
	}
	return Stack(head, own.String())
}

// Stack puts the frames of a stack property below a first line, in the notation
// of this package. Native frames and those of internal programs, whose names
// begin with "<", are left out. A text that is no stack follows as it is.
func Stack(head, stack string) string {
	var frames strings.Builder
	for line := range strings.SplitSeq(stack, "\n") {
		match := stackLine.FindStringSubmatch(line)
		switch {
		case match == nil || match[2] == "" || strings.HasPrefix(match[2], "<"):
		case match[1] == "" || strings.ContainsAny(match[1], "/*(") || match[1] == "<anonymous>":
			frames.WriteString("\n    at " + match[2] + ":" + match[3] + ":" + match[4])
		default:
			frames.WriteString("\n    at " + match[1] + " (" + match[2] + ":" + match[3] + ":" + match[4] + ")")
		}
	}
	return head + frames.String()
}
