// Package typescript is the face of Hatchet's TypeScript SDK: what a script gets
// that imports @hatchet-dev/typescript-sdk. The face is written in TypeScript,
// over the natives of bindings/hatchet, and made into one program beforehand, see
// prebuilt.go; what is bundled with the scripts that import it hands that on.
// surface.go says what each import path exports, what does not exist here, and
// what to use instead.
package typescript

import (
	"embed"
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

// The enumerations of the REST API are a path of their own and a member of others.
const (
	contracts     = "contracts"
	contractsPath = Package + "/clients/rest/generated/data-contracts"
)

//go:embed face/*.ts
var files embed.FS

// whole is the SDK for the bundler: every import path and what it exports.
var whole = sync.OnceValue(func() *bundle.Package {
	p := &bundle.Package{
		Name: Package, Cores: cores(),
		Sources: map[string]string{}, Missing: map[string]map[string]string{}, Unknown: unknownText,
	}
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

// export is an export of a path: what a module of the face has by a name.
type export struct{ as, module, name string }

// members are the exports of a path, the default among them if the face has it.
func (p path) members() []export {
	var list []export
	for _, g := range p.exports {
		for names := range strings.FieldsSeq(g.names) {
			name, as, renamed := strings.Cut(names, ":")
			if !renamed {
				as = name
			}
			list = append(list, export{as, g.from, name})
		}
	}
	if p.standard != "" {
		from, name, _ := strings.Cut(p.standard, " ")
		list = append(list, export{"default", from, name})
	}
	return list
}

// source is the module of a path: each export asks the face for its member, and
// only if the script uses it.
func (p path) source() string {
	var source strings.Builder
	source.WriteString("export {};\n") // a module of its kind, even if nothing follows
	for i, e := range p.members() {
		if e.module == contracts {
			fmt.Fprintf(&source, "export * as %s from %q;\n", e.as, contractsPath)
			continue
		}
		fmt.Fprintf(&source, "const $%[1]d = /* @__PURE__ */ $native(%[2]q, %[3]q);\nexport { $%[1]d as %[4]s };\n", i, coreOf(e.module), e.module+"."+e.name, e.as)
	}
	if p.standard == "" { // as Node gives a CommonJS module
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
	for _, e := range p.members() {
		if e.as != "default" {
			names = append(names, e.as)
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
