package declare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/bindings/builtin"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/node"
)

// reserved words cannot name a function, though an export may be named so.
var reserved = map[string]bool{
	"await": true, "break": true, "case": true, "catch": true, "class": true, "const": true, "continue": true, "debugger": true,
	"default": true, "delete": true, "do": true, "else": true, "enum": true, "export": true, "extends": true, "false": true,
	"finally": true, "for": true, "function": true, "if": true, "implements": true, "import": true, "in": true,
	"instanceof": true, "interface": true, "let": true, "new": true, "null": true, "package": true, "private": true,
	"protected": true, "public": true, "return": true, "static": true, "super": true, "switch": true, "this": true,
	"throw": true, "true": true, "try": true, "typeof": true, "var": true, "void": true, "while": true, "with": true,
	"yield": true,
}

// ModuleDeclarations are the TypeScript declarations of the built-in modules.
func ModuleDeclarations() (string, error) {
	registry, err := builtin.Registry()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("// The built-in modules of hatchet-js-worker.\n// Written by `go generate` from the tables of the program.\n")
	for _, module := range registry.Modules() {
		out.WriteString("\n" + Module(module))
	}
	out.WriteString("\n")
	globals := node.Globals()
	for _, name := range slices.Sorted(maps.Keys(globals)) {
		from, member, one := strings.Cut(globals[name], " ")
		if !one {
			member = "default"
		}
		fmt.Fprintf(&out, "declare var %s: typeof import('%s').%s;\n", name, from, member)
		if module, known := registry.Lookup(from); known && strings.Contains(module.Types, "interface "+name+" ") {
			fmt.Fprintf(&out, "type %s = import('%s').%s;\n", name, from, member)
		}
	}
	return out.String(), nil
}

// Module is the TypeScript declaration of one module.
func Module(module *native.Module) string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "/** %s */\ndeclare module '%s' {\n", module.Doc, module.Name)
	if module.Types != "" {
		fmt.Fprintf(out, "  %s\n", strings.ReplaceAll(module.Types, "\n", "\n  "))
	}
	for _, m := range module.Members {
		fmt.Fprintf(out, "  /** %s */\n  %s\n", m.Doc, exported(m.Name, m.Type))
	}
	if module.Default != "" {
		fmt.Fprintf(out, "  export { %s as default };\n", local(module.Default))
	} else {
		out.WriteString("  const all: {\n")
		for _, m := range module.Members {
			fmt.Fprintf(out, "    %s: typeof %s;\n", m.Name, local(m.Name))
		}
		out.WriteString("  };\n  export default all;\n")
	}
	out.WriteString("}\n")
	if bare, ok := strings.CutPrefix(module.Name, "node:"); ok {
		fmt.Fprintf(out, "declare module '%[1]s' {\n  export * from '%[2]s';\n  export { default } from '%[2]s';\n}\n", bare, module.Name)
	}
	return out.String()
}

func local(name string) string {
	if reserved[name] {
		return "$" + name
	}
	return name
}

// exported is the declaration of an export: a function, or a constant. A member
// with several signatures has them one a line.
func exported(name, typ string) string {
	var lines []string
	for signature := range strings.SplitSeq(typ, "\n") {
		switch {
		case strings.HasPrefix(signature, ":"):
			lines = append(lines, fmt.Sprintf("const %s%s;", local(name), signature))
		default:
			lines = append(lines, fmt.Sprintf("function %s%s;", local(name), signature))
		}
	}
	if reserved[name] {
		return strings.Join(lines, "\n  ") + fmt.Sprintf("\n  export { %s as %s };", local(name), name)
	}
	return "export " + strings.Join(lines, "\n  export ")
}

// ModuleReference is the reference of the built-in modules, as Markdown.
func ModuleReference() (string, error) {
	registry, err := builtin.Registry()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("# Built-in modules\n\nWritten by `go generate` from the tables of the program. Everything can be imported by name, as a whole\n" +
		"(`import fs from 'node:fs'`) and with `require`; modules of Node also without `node:`. What touches the world needs a\n" +
		"permission, see the README of the repository.\n")
	for _, module := range registry.Modules() {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n", module.Name, module.Doc)
		out.WriteString(table(native.DescribeMembers(module.Name, module.Members)))
		if module.Example != "" {
			fmt.Fprintf(&out, "```js\n%s\n```\n\n", strings.TrimSpace(module.Example))
		}
		if len(module.Missing) > 0 {
			out.WriteString("Not there:\n\n")
			for _, name := range slices.Sorted(maps.Keys(module.Missing)) {
				fmt.Fprintf(&out, "* `%s`: %s\n", name, module.Missing[name])
			}
		}
	}
	out.WriteString("\n## Not there\n\nImporting one of these fails when the script loads, and says what to use instead.\n\n")
	for _, name := range registry.AbsentNames() {
		if strings.HasPrefix(name, "node:") {
			fmt.Fprintf(&out, "* `%s`: %s\n", name, registry.Absent(name))
		}
	}
	return out.String(), nil
}
