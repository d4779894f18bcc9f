package glue

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"go.yaml.in/yaml/v3"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

// maxAliased is how many values aliases may repeat in one document: a few lines
// of aliases of aliases would fill any memory.
const maxAliased = 100_000

// yamlReader makes values of one document.
type yamlReader struct {
	h       *native.Host
	open    map[*yaml.Node]bool // aliased nodes being read
	aliased int                 // values read through aliases
	inAlias int
}

func yamlErrorf(node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", node.Line, fmt.Sprintf(format, args...))
}

func (r *yamlReader) value(node *yaml.Node, depth int) (goja.Value, error) {
	if depth > value.MaxDepth {
		return nil, yamlErrorf(node, "nested more than %d deep", value.MaxDepth)
	}
	if r.inAlias > 0 {
		if r.aliased++; r.aliased > maxAliased {
			return nil, yamlErrorf(node, "aliases repeat more than %d values", maxAliased)
		}
	}
	switch node.Kind {
	case yaml.DocumentNode:
		if len(node.Content) == 0 {
			return goja.Null(), nil
		}
		return r.value(node.Content[0], depth)
	case yaml.AliasNode:
		return r.alias(node, depth)
	case yaml.MappingNode:
		return r.mapping(node, depth)
	case yaml.SequenceNode:
		return r.sequence(node, depth)
	case yaml.ScalarNode:
		return r.scalar(node)
	}
	return goja.Null(), nil // an empty document
}

func (r *yamlReader) alias(node *yaml.Node, depth int) (goja.Value, error) {
	if r.open[node.Alias] {
		return nil, yamlErrorf(node, "the anchor %q contains itself", node.Value)
	}
	r.open[node.Alias] = true
	r.inAlias++
	defer func() { delete(r.open, node.Alias); r.inAlias-- }()
	return r.value(node.Alias, depth+1)
}

func (r *yamlReader) sequence(node *yaml.Node, depth int) (goja.Value, error) {
	if tag := node.ShortTag(); tag != "!!seq" {
		return nil, unknownTag(node, tag)
	}
	items := make([]any, len(node.Content))
	for i, item := range node.Content {
		v, err := r.value(item, depth+1)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return r.h.Runtime.NewArray(items...), nil
}

func (r *yamlReader) mapping(node *yaml.Node, depth int) (goja.Value, error) {
	if tag := node.ShortTag(); tag != "!!map" {
		return nil, unknownTag(node, tag)
	}
	pairs, err := r.pairs(node, depth)
	if err != nil {
		return nil, err
	}
	object := r.h.Runtime.NewObject()
	for _, pair := range pairs {
		v, err := r.value(pair.value, depth+1)
		if err != nil {
			return nil, err
		}
		if err := object.DefineDataProperty(pair.key, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
			return nil, err
		}
	}
	return object, nil
}

type yamlPair struct {
	key    string
	value  *yaml.Node
	merged bool
}

// pairs are those of a mapping, with those that << brings in unless the mapping
// has them itself.
func (r *yamlReader) pairs(node *yaml.Node, depth int) ([]yamlPair, error) {
	var pairs []yamlPair
	index := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, content := node.Content[i], node.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merged, err := r.merged(content, depth+1)
			if err != nil {
				return nil, err
			}
			for _, pair := range merged {
				if _, there := index[pair.key]; !there {
					index[pair.key] = len(pairs)
					pairs = append(pairs, yamlPair{pair.key, pair.value, true})
				}
			}
			continue
		}
		name, err := r.key(key)
		if err != nil {
			return nil, err
		}
		at, there := index[name]
		switch {
		case !there:
			index[name] = len(pairs)
			pairs = append(pairs, yamlPair{key: name, value: content})
		case pairs[at].merged:
			pairs[at] = yamlPair{key: name, value: content}
		default:
			return nil, yamlErrorf(key, "the key %q is there twice", name)
		}
	}
	return pairs, nil
}

// merged are the pairs that << brings in, the first mapping's first.
func (r *yamlReader) merged(node *yaml.Node, depth int) ([]yamlPair, error) {
	if node.Kind == yaml.AliasNode {
		if r.open[node.Alias] || depth > value.MaxDepth {
			return nil, yamlErrorf(node, "the anchor %q contains itself", node.Value)
		}
		node = node.Alias
	}
	switch node.Kind {
	case yaml.MappingNode:
		r.open[node] = true
		defer delete(r.open, node)
		if r.aliased += len(node.Content); r.aliased > maxAliased {
			return nil, yamlErrorf(node, "aliases repeat more than %d values", maxAliased)
		}
		return r.pairs(node, depth)
	case yaml.SequenceNode:
		var all []yamlPair
		for _, item := range node.Content {
			pairs, err := r.merged(item, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, pairs...)
		}
		return all, nil
	}
	return nil, yamlErrorf(node, "<< takes a mapping or a list of mappings")
}

// key is the name of a property: keys that are no texts are as they are written.
func (r *yamlReader) key(node *yaml.Node) (string, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.ScalarNode {
		return "", yamlErrorf(node, "a key must be a scalar")
	}
	return node.Value, nil
}

func unknownTag(node *yaml.Node, tag string) error {
	return yamlErrorf(node, "the tag %s is not known", tag)
}

var wholeNumber = regexp.MustCompile(`^[-+]?[0-9_]+$`)

func (r *yamlReader) scalar(node *yaml.Node) (goja.Value, error) {
	rt := r.h.Runtime
	switch tag := node.ShortTag(); tag {
	case "!!str", "!!timestamp", "!!merge":
		return rt.ToValue(node.Value), nil
	case "!!null":
		return goja.Null(), nil
	case "!!float":
		if digits := strings.ReplaceAll(node.Value, "_", ""); wholeNumber.MatchString(node.Value) {
			if n, ok := new(big.Int).SetString(digits, 10); ok {
				return exact(r.h, n), nil
			}
		}
		return r.decoded(node)
	case "!!bool", "!!int", "!!binary":
		return r.decoded(node)
	default:
		return nil, unknownTag(node, tag)
	}
}

func (r *yamlReader) decoded(node *yaml.Node) (goja.Value, error) {
	var v any
	if err := node.Decode(&v); err != nil {
		return nil, err
	}
	switch n := v.(type) {
	case int:
		return exact(r.h, big.NewInt(int64(n))), nil
	case int64:
		return exact(r.h, big.NewInt(n)), nil
	case uint64:
		return exact(r.h, new(big.Int).SetUint64(n)), nil
	case string: // of !!binary
		return r.h.Buffer([]byte(n)), nil
	}
	return r.h.Runtime.ToValue(v), nil
}

// maxSafe is the largest integer up to which JavaScript's numbers are exact.
const maxSafe = 1<<53 - 1

// exact is a number where numbers are exact, and a BigInt beyond.
func exact(h *native.Host, n *big.Int) goja.Value {
	if n.IsInt64() {
		return wholeNumberOf(h, n.Int64())
	}
	return h.Runtime.ToValue(n)
}

func wholeNumberOf(h *native.Host, n int64) goja.Value {
	if n <= maxSafe && n >= -maxSafe {
		return h.Runtime.ToValue(n)
	}
	return h.Runtime.ToValue(big.NewInt(n))
}
