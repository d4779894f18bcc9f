package typescript

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// enumerations is the module of the face that is a program of its own: it has more
// objects than all else, and few scripts use one.
const enumerations = "enumerations"

// The face is compiled once in a process and evaluated in the VMs whose scripts
// import it: to bundle and compile it with each of them took most of the time in
// which a file loads.
var (
	//go:embed face.js
	faceProgram string
	//go:embed enumerations.js
	enumerationsProgram string
)

// coreOf names the program that has a module of the face.
func coreOf(module string) string {
	if module == enumerations {
		return Package + "/." + enumerations
	}
	return Package + "/.face"
}

func cores() []*bundle.Core {
	return []*bundle.Core{
		bundle.NewCore(coreOf(""), faceProgram),
		bundle.NewCore(coreOf(enumerations), enumerationsProgram),
	}
}

// Prebuilt is what face.js has to be, the face as the source of a [bundle.Core].
func Prebuilt() (string, error) { return program(coreOf("")) }

// PrebuiltEnumerations is what enumerations.js has to be.
func PrebuiltEnumerations() (string, error) { return program(coreOf(enumerations)) }

// program makes the source of a core of the modules of the face that it has.
func program(core string) (string, error) {
	text, err := bundle.ComposeCore(membersOf(core), readModule)
	return "// Made of face/*.ts by go generate in sdk/js; do not edit.\n" + text, err
}

// membersOf is the source of a module that finds what paths export of a core.
func membersOf(core string) string {
	exported := map[string]bool{}
	for _, p := range paths {
		for _, e := range p.members() {
			exported[e.module+"."+e.name] = e.module != contracts && coreOf(e.module) == core
		}
	}
	var imports, cases strings.Builder
	imported := map[string]bool{}
	for _, member := range slices.Sorted(maps.Keys(exported)) {
		if !exported[member] {
			continue
		}
		module, _, _ := strings.Cut(member, ".")
		if !imported[module] {
			imported[module] = true
			fmt.Fprintf(&imports, "import * as %s from %q;\n", module, inner+module)
		}
		fmt.Fprintf(&cases, "case %q: return %s;\n", member, member)
	}
	return imports.String() + "$members = (member) => {\nswitch (member) {\n" + cases.String() + "}\n};\n"
}

// readModule gives a module of the face.
func readModule(specifier string) (string, api.Loader, error) {
	if specifier == inner+"refused" {
		refusals, err := json.Marshal(refusedMembers())
		return string(refusals), api.LoaderJSON, err
	}
	text, err := files.ReadFile("face/" + strings.TrimPrefix(specifier, inner) + ".ts")
	return string(text), api.LoaderTS, err
}
