package bundle

import (
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// maxBits is how many bits a BigInt may be shifted by, and the largest exponent:
// the size at which Node refuses, too. One shift by more takes all memory, where
// no interrupt reaches it.
const maxBits = 1 << 30

// boundName is the function that checks amounts. No script can write this name.
const boundName = "%bound"

var bigIntType = reflect.TypeFor[*big.Int]()

var (
	// bigInts shows in code where a BigInt may come from, and growing where one
	// may grow by as much as another number says.
	bigInts = regexp.MustCompile(`\dn\b|BigInt|bigint`)
	growing = []string{"<<", ">>", "**"}
)

// boundAmounts has a bundle check by how much it shifts, and its exponents: goja
// would take whatever comes. Only the right side is looked at, since the left one
// is there already; where one side can be no BigInt nothing is changed. Numbers
// of code that has no BigInts are not slowed down.
func boundAmounts(tree *ast.Program, code string) {
	grows := func() bool {
		for _, operator := range growing {
			if strings.Contains(code, operator) {
				return true
			}
		}
		return false
	}
	if !bigInts.MatchString(code) || !grows() {
		return
	}
	outer, ok := outermost(tree)
	if !ok {
		return
	}
	w := amounts{}
	w.walk(reflect.ValueOf(tree.Body))
	if w.found {
		outer.ParameterList.List = append(outer.ParameterList.List, &ast.Binding{Target: &ast.Identifier{Name: boundName, Idx: outer.Start}})
	}
}

// outermost is the function that the bundle is.
func outermost(tree *ast.Program) (*ast.ArrowFunctionLiteral, bool) {
	if len(tree.Body) != 1 {
		return nil, false
	}
	statement, ok := tree.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return nil, false
	}
	outer, ok := statement.Expression.(*ast.ArrowFunctionLiteral)
	return outer, ok
}

// amounts goes through a tree. Its package offers no walk, and there are 70 kinds
// of nodes of which two matter.
type amounts struct{ found bool }

var nodes = reflect.TypeFor[ast.Node]().PkgPath()

func (w *amounts) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			w.walk(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Struct:
		if v.Type().PkgPath() != nodes {
			return
		}
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
		if v.CanAddr() {
			w.visit(v.Addr().Interface())
		}
	}
}

func (w *amounts) visit(node any) {
	switch n := node.(type) {
	case *ast.BinaryExpression:
		if amounted(n.Operator) && !isNumber(n.Left) {
			n.Right = w.bound(n.Right)
		}
	case *ast.AssignExpression:
		if amounted(n.Operator) {
			n.Right = w.bound(n.Right)
		}
	}
}

func amounted(operator token.Token) bool {
	return operator == token.SHIFT_LEFT || operator == token.SHIFT_RIGHT || operator == token.EXPONENT
}

// bound puts the check around an amount. Declarations are in the tree twice.
func (w *amounts) bound(amount ast.Expression) ast.Expression {
	if isNumber(amount) {
		return amount
	}
	if call, ok := amount.(*ast.CallExpression); ok {
		if callee, ok := call.Callee.(*ast.Identifier); ok && callee.Name == boundName {
			return amount
		}
	}
	w.found = true
	return &ast.CallExpression{
		Callee: &ast.Identifier{Name: boundName, Idx: amount.Idx0()}, LeftParenthesis: amount.Idx0(),
		ArgumentList: []ast.Expression{amount}, RightParenthesis: amount.Idx1(),
	}
}

// isNumber reports whether an expression is no BigInt, whatever its parts are.
func isNumber(e ast.Expression) bool {
	switch n := e.(type) {
	case *ast.NumberLiteral:
		switch n.Value.(type) {
		case int64, float64:
			return true
		}
	case *ast.BinaryExpression:
		switch n.Operator {
		case token.UNSIGNED_SHIFT_RIGHT:
			return true
		case token.MINUS, token.MULTIPLY, token.SLASH, token.REMAINDER, token.AND, token.OR, token.EXCLUSIVE_OR,
			token.SHIFT_LEFT, token.SHIFT_RIGHT, token.EXPONENT:
			return isNumber(n.Left) || isNumber(n.Right) // the two are of one kind
		}
	case *ast.UnaryExpression:
		return n.Operator == token.PLUS || (n.Operator == token.MINUS || n.Operator == token.BITWISE_NOT) && isNumber(n.Operand)
	}
	return false
}

// amountBound is the function of the name boundName: it returns its argument.
func amountBound(rt *goja.Runtime) goja.Value {
	return native.Function(rt, boundName, 1, func(call goja.FunctionCall) goja.Value {
		amount := call.Argument(0)
		if amount.ExportType() != bigIntType {
			return amount
		}
		if n := amount.Export().(*big.Int); n.BitLen() > 62 || n.Int64() > maxBits || n.Int64() < -maxBits {
			panic(rangeError(rt, fmt.Sprintf("Maximum BigInt size exceeded: a shift or an exponent of %s; the limit is %d", amount, maxBits)))
		}
		return amount
	})
}

func rangeError(rt *goja.Runtime, message string) goja.Value {
	object, err := rt.New(rt.Get("RangeError"), rt.ToValue(message))
	if err != nil { // the script has replaced it
		return rt.NewTypeError(message)
	}
	return object
}
