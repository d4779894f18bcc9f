package glue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

// templateModule is hatchet:template.
var templateModule = native.Module{
	Name: "hatchet:template",
	Doc: "Texts from templates, in the language of Go's text/template: {{.name}}, {{if}}, {{range}}, {{with}}, {{define}}, and the functions printf, len, index, " +
		"eq, lt, and, or, not, html, urlquery and so on; besides them json, upper, lower, trim, join and default. Keys that are not there are errors, " +
		"those that may be missing are taken with index. Nothing is escaped by itself: use html where it must be. Errors have the name TemplateError, the code " +
		"TEMPLATE_PARSE or TEMPLATE_EXEC and a line.",
	Members: []member{
		{Name: "render", Type: "(text: string, data?: any): string", Doc: "Gives the text of a template for data.", Length: 1,
			Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
				text := native.String(h.Runtime, call.Argument(0), "template.render: the template")
				data := (&plainReader{h: h, open: map[*goja.Object]bool{}}).value(call.Argument(1), "data")
				result, err := render(h.Context(), text, data)
				if err != nil {
					h.Throw(err)
				}
				return h.Runtime.ToValue(result)
			}},
	},
	Example: `import template from 'hatchet:template'

const text = template.render('{{range .hosts}}{{.name | upper}} {{printf "%.1f" .load}}; {{end}}', { hosts: [{ name: 'db1', load: 0.25 }, { name: 'db2', load: 3 }] })
console.log(text) // -> DB1 0.2; DB2 3.0; `,
}

// Bounds of one rendering: it holds the task's VM, and nothing else stops it.
const (
	maxRendered = 64 << 20
	maxSteps    = 1_000_000
)

const stepName = "_step"

func render(ctx context.Context, text string, data any) (string, error) {
	steps := 0
	step := func() (string, error) {
		if steps++; steps > maxSteps {
			return "", fmt.Errorf("more than %d steps", maxSteps)
		}
		return "", ctx.Err()
	}
	t, err := template.New("template").Option("missingkey=error").Funcs(templateFunctions).Funcs(template.FuncMap{stepName: step}).Parse(text)
	if err != nil {
		return "", templateFailure("TEMPLATE_PARSE", err)
	}
	for _, defined := range t.Templates() {
		watch(defined.Root, defined.Tree)
	}
	out := &boundedText{most: maxRendered}
	if err := t.Execute(out, data); err != nil {
		return "", templateFailure("TEMPLATE_EXEC", err)
	}
	return out.String(), nil
}

// watch makes each turn of a loop and each template count a step.
func watch(list *parse.ListNode, tree *parse.Tree) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.RangeNode:
			watch(n.List, tree)
			watch(n.ElseList, tree)
		case *parse.IfNode:
			watch(n.List, tree)
			watch(n.ElseList, tree)
		case *parse.WithNode:
			watch(n.List, tree)
			watch(n.ElseList, tree)
		}
	}
	call := &parse.CommandNode{NodeType: parse.NodeCommand, Args: []parse.Node{parse.NewIdentifier(stepName).SetTree(tree)}}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Cmds: []*parse.CommandNode{call}}
	list.Nodes = append([]parse.Node{&parse.ActionNode{NodeType: parse.NodeAction, Pipe: pipe}}, list.Nodes...)
}

// templateFunctions are those that text/template has not.
var templateFunctions = template.FuncMap{
	"json": func(v any) (string, error) {
		data, err := json.Marshal(v)
		return string(data), err
	},
	"printf": func(format string, values ...any) string {
		for i, v := range values {
			if n, ok := v.(int64); ok {
				values[i] = whole(n)
			}
		}
		return fmt.Sprintf(format, values...)
	},
	"upper": strings.ToUpper,
	"lower": strings.ToLower,
	"trim":  strings.TrimSpace,
	"join": func(separator string, list []any) string {
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = fmt.Sprint(item)
		}
		return strings.Join(texts, separator)
	},
	"default": func(standard, v any) any {
		if truth, ok := template.IsTrue(v); !ok || !truth {
			return standard
		}
		return v
	},
}

// whole is a whole number, which JavaScript does not tell from others: it can be
// written with %d and with %.2f.
type whole int64

// Format writes the number as the verb says.
func (n whole) Format(state fmt.State, verb rune) {
	format := fmt.FormatString(state, verb)
	if strings.ContainsRune("eEfFgG", verb) {
		fmt.Fprintf(state, format, float64(n))
		return
	}
	fmt.Fprintf(state, format, int64(n))
}

// templatePlace is how text/template begins its errors.
var templatePlace = regexp.MustCompile(`^template: template:(\d+)(?::\d+)?: (?:executing "template" )?`)

func templateFailure(code string, err error) error {
	text := err.Error()
	f := &failure{name: "TemplateError", code: code, err: err}
	if found := templatePlace.FindStringSubmatch(text); found != nil {
		line, _ := strconv.Atoi(found[1])
		f.details = map[string]any{"line": line}
		f.err = fmt.Errorf("line %d: %s", line, text[len(found[0]):])
	}
	return f
}

var errTooLong = errors.New("the text is longer than 64 MiB")

// boundedText is a text that does not grow beyond a length.
type boundedText struct {
	strings.Builder
	most int
}

func (b *boundedText) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, errTooLong
	}
	return b.Builder.Write(p)
}

// plainReader makes Go values of JavaScript's: maps, slices, texts, numbers and
// booleans, as JSON would.
type plainReader struct {
	h    *native.Host
	open map[*goja.Object]bool
}

func (r *plainReader) value(v goja.Value, what string) any {
	switch {
	case native.Missing(v):
		return nil
	case goja.IsString(v), goja.IsBigInt(v):
		return v.String()
	case goja.IsNumber(v):
		if f := v.ToFloat(); f != float64(int64(f)) || f > maxSafe || f < -maxSafe {
			return f
		}
		return v.ToInteger()
	}
	object, ok := v.(*goja.Object)
	if !ok {
		return v.ToBoolean()
	}
	if toJSON, ok := goja.AssertFunction(object.Get("toJSON")); ok {
		result, err := toJSON(object, r.h.Runtime.ToValue(""))
		if err != nil {
			panic(err)
		}
		if result != v {
			return r.value(result, what)
		}
	}
	return r.object(object, what)
}

func (r *plainReader) object(object *goja.Object, what string) any {
	if r.open[object] || len(r.open) > value.MaxDepth {
		native.Throw(r.h.Runtime, "%s contains itself, or is nested too deeply", what)
	}
	r.open[object] = true
	defer delete(r.open, object)
	if native.IsArray(object) {
		list := []any{}
		for _, item := range native.Elements(r.h.Runtime, object, what) {
			list = append(list, r.value(item, what))
		}
		return list
	}
	if !native.IsPlain(object) {
		native.Throw(r.h.Runtime, "%s must be made of objects, arrays, texts, numbers and booleans, got %s", what, native.Describe(object))
	}
	fields := map[string]any{}
	for _, key := range object.Keys() {
		fields[key] = r.value(object.Get(key), what)
	}
	return fields
}
