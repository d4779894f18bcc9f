package workflow

import (
	"bytes"
	"fmt"
)

// Untold says why a durable task is never told that a child run has completed in
// which a task gave output, JSON text: engines look at it as an object, and pass
// over what is none (hatchet-protocol.md section 9.2). "" = it is told.
func Untold(task string, output []byte) string {
	what := ""
	switch first := bytes.TrimLeft(output, " \t\r\n"); {
	case len(first) == 0 || first[0] == '{' || first[0] == 'n':
		return ""
	case first[0] == '[':
		what = "an array"
	case first[0] == '"':
		what = "a string"
	case first[0] == 't' || first[0] == 'f':
		what = "a boolean"
	default:
		what = "a number"
	}
	return fmt.Sprintf("the output of the child's task %s is %s, and Hatchet tells a durable task only of runs whose tasks give an object or nothing: "+
		"return an object like { value: … }", task, what)
}
