package console

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/inspect"
)

// grid is what a table shows: columns by name in order of appearance.
type grid struct {
	columns []string
	rows    []map[string]string
}

func (g *grid) set(row map[string]string, column, text string) {
	if !slices.Contains(g.columns, column) {
		g.columns = append(g.columns, column)
	}
	row[column] = text
}

// Columns that have no name of their own.
const (
	indexColumn     = "(index)"
	iterationColumn = "(iteration index)"
	keyColumn       = "Key"
	valueColumn     = "Values"
)

// table shows rows of objects or arrays as a table, anything else as log does.
func table(c *Console, call goja.FunctionCall) goja.Value {
	object, ok := call.Argument(0).(*goja.Object)
	if !ok {
		c.write(Info, c.Format(call.Arguments...))
		return goja.Undefined()
	}
	var wanted []string
	if filter := call.Argument(1); native.IsArray(filter) {
		for _, name := range native.Elements(c.rt, filter, "console.table: the columns") {
			wanted = append(wanted, name.String())
		}
	}
	c.write(Info, c.grid(object, wanted).String())
	return goja.Undefined()
}

func (c *Console) grid(object *goja.Object, wanted []string) *grid {
	g := &grid{columns: []string{indexColumn}}
	values := false
	add := func(row map[string]string, v goja.Value) {
		if !c.cells(g, row, v, wanted) {
			row[valueColumn] = c.cell(v)
			values = true
		}
		g.rows = append(g.rows, row)
	}
	if items, ok := c.Inspector().Collection(object); ok {
		c.collection(items, g, add)
	} else {
		for _, key := range object.Keys() {
			add(map[string]string{indexColumn: key}, object.Get(key))
		}
	}
	if wanted != nil {
		g.columns = append(g.columns[:1], wanted...)
	}
	if values {
		g.columns = append(g.columns, valueColumn)
	}
	return g
}

func (c *Console) collection(items []inspect.Item, g *grid, add func(map[string]string, goja.Value)) {
	g.columns = []string{iterationColumn}
	for i, item := range items {
		row := map[string]string{iterationColumn: strconv.Itoa(i)}
		if item.Key != nil {
			g.set(row, keyColumn, c.cell(item.Key))
		}
		add(row, item.Value)
	}
}

// cells fills a row from an object's properties; false for a primitive.
func (c *Console) cells(g *grid, row map[string]string, v goja.Value, wanted []string) bool {
	object, ok := v.(*goja.Object)
	if !ok {
		return false
	}
	if _, callable := goja.AssertFunction(object); callable {
		return false
	}
	for _, key := range object.Keys() {
		if wanted == nil || slices.Contains(wanted, key) {
			g.set(row, key, c.cell(object.Get(key)))
		}
	}
	return true
}

func (c *Console) cell(v goja.Value) string {
	return c.Inspector().Inspect(v, inspect.Options{Depth: 0})
}

// String draws the table.
func (g *grid) String() string {
	widths := make([]int, len(g.columns))
	for i, column := range g.columns {
		widths[i] = utf8.RuneCountInString(column)
		for _, row := range g.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[column]))
		}
	}
	rule := func(left, middle, right string) string {
		bars := make([]string, len(widths))
		for i, width := range widths {
			bars[i] = strings.Repeat("─", width+2)
		}
		return left + strings.Join(bars, middle) + right
	}
	line := func(text func(column string) string) string {
		cells := make([]string, len(widths))
		for i, column := range g.columns {
			cell := text(column)
			cells[i] = " " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1)
		}
		return "│" + strings.Join(cells, "│") + "│"
	}
	lines := []string{rule("┌", "┬", "┐"), line(func(column string) string { return column }), rule("├", "┼", "┤")}
	for _, row := range g.rows {
		lines = append(lines, line(func(column string) string { return row[column] }))
	}
	return strings.Join(append(lines, rule("└", "┴", "┘")), "\n")
}
