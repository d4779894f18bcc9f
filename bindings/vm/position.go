package vm

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// Position is a place in a source file, through source maps. Line and Column
// count from 1; the zero value is an unknown place.
type Position struct {
	File         string
	Line, Column int
}

// String renders file:line:column.
func (p Position) String() string {
	if p == (Position{}) {
		return "an unknown place"
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// frame is one line of a stack.
type frame struct {
	function string // "" at the top level of a file
	Position
}

// maxFrames bounds the frames kept of a stack.
const maxFrames = 30

// framesOf keeps the frames that mean something to the author of a script:
// neither Go symbols nor code of this program.
func framesOf(stack []goja.StackFrame) []frame {
	var frames []frame
	for i := range stack {
		f := &stack[i]
		at := f.Position()
		function := f.FuncName()
		if function == "<anonymous>" || function == "<native>" {
			function = ""
		}
		if kept, ok := ownFrame(frame{function, Position{at.Filename, at.Line, at.Column}}); ok {
			frames = append(frames, kept)
		}
		if len(frames) == maxFrames {
			break
		}
	}
	return frames
}

// ownFrame drops native frames and those of internal programs, whose names
// or their folders', begin with "<".
func ownFrame(f frame) (frame, bool) {
	if f.File == "" || strings.HasPrefix(f.File, "<") || strings.Contains(f.File, "/<") {
		return frame{}, false
	}
	if strings.ContainsAny(f.function, "/*(") {
		f.function = ""
	}
	return f, true
}

func (f frame) String() string {
	if f.function == "" {
		return "    at " + f.Position.String()
	}
	return "    at " + f.function + " (" + f.Position.String() + ")"
}

func stackText(frames []frame) string {
	var text strings.Builder
	for _, f := range frames {
		text.WriteByte('\n')
		text.WriteString(f.String())
	}
	return text.String()
}

func firstPosition(frames []frame) Position {
	if len(frames) == 0 {
		return Position{}
	}
	return frames[0].Position
}

// callerDepth is how many frames are searched for the script's own code.
const callerDepth = 16

// Caller returns the place in the script that called the native function that
// runs now; skip passes over that many of the script's own frames.
func (v *VM) Caller(skip int) Position {
	frames := framesOf(v.rt.CaptureCallStack(callerDepth+skip, nil))
	if skip >= len(frames) {
		return Position{}
	}
	return frames[skip].Position
}

// goja's own stack lines: "\tat name (file:1:2(3))" or "\tat file:1:2(3)".
var stackLine = regexp.MustCompile(`^\s*at (?:(.*) \()?(.+?):(\d+):(\d+)(?:\(\d+\))?\)?$`)

// parseStack reads the frames out of the stack property of an Error.
func parseStack(stack string) []frame {
	var frames []frame
	for line := range strings.SplitSeq(stack, "\n") {
		match := stackLine.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		row, _ := strconv.Atoi(match[3])
		column, _ := strconv.Atoi(match[4])
		if kept, ok := ownFrame(frame{match[1], Position{match[2], row, column}}); ok {
			frames = append(frames, kept)
		}
		if len(frames) == maxFrames {
			break
		}
	}
	return frames
}
