package bundle

import (
	"errors"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// programFolder begins the name of a bundle's program, which only positions
// without a source show: the bundler's own helpers. The "<" hides those frames
// from stacks. The "%>" is no URL, and that matters: goja resolves the sources of
// a map against the program's name as URLs, which would turn a space in a
// file's name into %20, but leaves them alone when that fails.
const programFolder = "<bundle%>/"

// compile parses and compiles the bundle as strict code, with its positions.
func compile(code, name string, positions *positions) (*goja.Program, error) {
	tree, err := parser.ParseFile(nil, programFolder+name, code, 0, parser.WithDisableSourceMaps)
	if err != nil {
		var list parser.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			return nil, &syntaxError{text: list[0].Message, line: list[0].Position.Line, column: list[0].Position.Column, positions: positions}
		}
		return nil, err
	}
	if positions.consumer != nil {
		tree.File.SetSourceMap(positions.consumer)
	}
	boundAmounts(tree, code)
	return goja.CompileAST(tree, true)
}

// syntaxError is what goja's parser found at a place of the generated code.
type syntaxError struct {
	text         string
	line, column int
	positions    *positions
}

func (e *syntaxError) Error() string { return e.text }
