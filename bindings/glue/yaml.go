package glue

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/dop251/goja"
	"go.yaml.in/yaml/v3"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// yamlModule is hatchet:yaml.
var yamlModule = native.Module{
	Name: "hatchet:yaml",
	Doc: "YAML 1.2 texts. Keys keep their order. Integers beyond 2^53 become BigInts, dates stay texts, !!binary is a Buffer; anchors, aliases and << are " +
		"resolved. Errors have the name YamlError, the code YAML_PARSE and a line.",
	Members: []member{
		{Name: "parse", Type: "(text: string | Uint8Array): any", Doc: "Reads the one document of a text; null if the text is empty.", Length: 1,
			Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
				documents := parseYAML(h, call.Argument(0), "yaml.parse")
				switch len(documents) {
				case 0:
					return goja.Null()
				case 1:
					return documents[0]
				}
				native.Throw(h.Runtime, "yaml.parse: the text has %d documents; use parseAll", len(documents))
				return nil
			}},
		{Name: "parseAll", Type: "(text: string | Uint8Array): any[]", Doc: "Reads all documents of a text.", Length: 1,
			Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
				list := []any{}
				for _, document := range parseYAML(h, call.Argument(0), "yaml.parseAll") {
					list = append(list, document)
				}
				return h.Value(list)
			}},
		{Name: "stringify", Type: "(value: any, options?: { indent?: number }): string",
			Doc: "Writes a value. undefined in objects is left out; what has toJSON, such as a Date, is what that gives; bytes become !!binary.", Length: 1, Call: stringifyYAML},
	},
	Example: `import yaml from 'hatchet:yaml'

const config = yaml.parse('name: billing\nports: [80, 443]\n')
console.log(config.ports[1]) // -> 443
config.ports.push(8080)
console.log(JSON.stringify(yaml.stringify(config))) // -> "name: billing\nports:\n  - 80\n  - 443\n  - 8080\n"`,
}

// yamlLine finds the line in an error of the parser.
var yamlLine = regexp.MustCompile(`^line (\d+): `)

func yamlFailure(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	f := &failure{name: "YamlError", code: "YAML_PARSE", err: errors.New(text)}
	if found := yamlLine.FindStringSubmatch(text); found != nil {
		line, _ := strconv.Atoi(found[1])
		f.details = map[string]any{"line": line}
	}
	return f
}

func parseYAML(h *native.Host, v goja.Value, what string) []goja.Value {
	decoder := yaml.NewDecoder(strings.NewReader(textOf(h, v, what+": the text")))
	var documents []goja.Value
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return documents
		}
		if err != nil {
			h.Throw(yamlFailure(err))
		}
		reader := &yamlReader{h: h, open: map[*yaml.Node]bool{}}
		document, err := reader.value(&node, 0)
		if err != nil {
			h.Throw(yamlFailure(err))
		}
		documents = append(documents, document)
	}
}

func stringifyYAML(h *native.Host, call goja.FunctionCall) goja.Value {
	options := bagOf(h, call.Argument(1), "yaml.stringify", "indent")
	writer := &yamlWriter{h: h, open: map[*goja.Object]bool{}}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(options.integer("indent", 2, 1, 9))
	err := encoder.Encode(writer.node(call.Argument(0), "the value"))
	if err == nil {
		err = encoder.Close()
	}
	if err != nil {
		h.Throw(fmt.Errorf("yaml.stringify: %w", err))
	}
	return h.Runtime.ToValue(out.String())
}
