// Package typescript is the face of Hatchet's TypeScript SDK: what a script gets
// that imports @hatchet-dev/typescript-sdk. The face is written in TypeScript,
// over the natives of bindings/hatchet, and is bundled with the scripts that
// import it; surface.go says what each import path exports, what does not exist
// here, and what to use instead.
package typescript

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// Package is the name of the SDK's npm package.
const Package = "@hatchet-dev/typescript-sdk"

// Version is the release whose surface the face has.
const Version = "1.33.2"

// inner begins the names of the face's own modules.
const inner = Package + "/.face/"

//go:embed face/*.ts
var files embed.FS

// whole is the SDK for the bundler: every import path and what it exports.
var whole = sync.OnceValue(func() *bundle.Package {
	p := &bundle.Package{Name: Package, Sources: map[string]string{}, Missing: map[string]map[string]string{}, Unknown: unknownText}
	entries, err := files.ReadDir("face")
	if err != nil {
		panic(err) // embedded
	}
	for _, entry := range entries {
		text, err := files.ReadFile("face/" + entry.Name())
		if err != nil {
			panic(err)
		}
		p.Sources[inner+strings.TrimSuffix(entry.Name(), ".ts")] = string(text)
	}
	refusals, err := json.Marshal(refusedMembers())
	if err != nil {
		panic(err)
	}
	p.Sources[inner+"contracts"] = "export * as APIContracts from '" + Package + "/clients/rest/generated/data-contracts';\n"
	p.Sources[inner+"refused"] = "export default " + string(refusals) + " as any;\n"
	for _, path := range paths {
		p.Sources[path.specifier()] = path.source()
		p.Missing[path.specifier()] = path.missing()
	}
	return p
})

// Face is the SDK for the bundler. It must not be changed.
func Face() *bundle.Package { return whole() }

// specifier is what scripts import.
func (p path) specifier() string {
	if p.name == "" {
		return Package
	}
	return Package + "/" + p.name
}

// source is the module of a path: it hands on what the face's own modules have.
func (p path) source() string {
	var source strings.Builder
	source.WriteString("export {};\n") // a module of its kind, even if nothing follows
	for _, g := range p.exports {
		fmt.Fprintf(&source, "export { %s } from %q;\n", strings.ReplaceAll(strings.Join(strings.Fields(g.names), ", "), ":", " as "), inner+g.from)
	}
	if p.standard != "" {
		from, name, _ := strings.Cut(p.standard, " ")
		fmt.Fprintf(&source, "export { %s as default } from %q;\n", name, inner+from)
	} else { // as Node gives a CommonJS module
		fmt.Fprintf(&source, "import * as all from %q;\nexport default all;\n", p.specifier())
	}
	return source.String()
}

func (p path) missing() map[string]string {
	missing := map[string]string{}
	for _, r := range p.refused {
		for name := range strings.FieldsSeq(r.names) {
			missing[name] = r.instead
		}
	}
	return missing
}

// names are the exports of a path, sorted.
func (p path) names() []string {
	var names []string
	for _, g := range p.exports {
		for name := range strings.FieldsSeq(g.names) {
			_, exported, renamed := strings.Cut(name, ":")
			if !renamed {
				exported = name
			}
			names = append(names, exported)
		}
	}
	slices.Sort(names)
	return names
}

// refusedMembers are the members of classes that are not there, by class.
func refusedMembers() map[string]map[string]string {
	byClass := map[string]map[string]string{}
	for _, c := range classes {
		members := map[string]string{}
		for _, r := range c.refused {
			for name := range strings.FieldsSeq(r.names) {
				members[name] = r.instead
			}
		}
		byClass[c.name] = members
	}
	return byClass
}

// unknownText is what is said of a member that no table has.
func unknownText(module, member string) string {
	if strings.HasPrefix(module, Package+"/protoc/") {
		return fmt.Sprintf("%s of %s is not available here; %s", member, module, protobuf)
	}
	return fmt.Sprintf("%s has no %s; it is misspelled, or newer than the SDK %s that is known here", module, member, Version)
}

// Paths are the import paths that scripts may use, sorted.
func Paths() []string {
	byName := map[string]bool{}
	for _, p := range paths {
		byName[p.specifier()] = true
	}
	return slices.Sorted(maps.Keys(byName))
}

// Exports are the named exports of an import path, sorted.
func Exports(specifier string) []string {
	for _, p := range paths {
		if p.specifier() == specifier {
			return p.names()
		}
	}
	return nil
}
