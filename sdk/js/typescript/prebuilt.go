package typescript

import (
	_ "embed"
	"encoding/json"
	"errors"
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

// program makes one expression of JavaScript of the modules of the face that a
// core has.
func program(core string) (string, error) {
	result := api.Build(api.BuildOptions{
		Stdin:         &api.StdinOptions{Contents: membersOf(core), Sourcefile: "members.js"},
		Bundle:        true,
		Format:        api.FormatESModule,
		Target:        api.ESNext,
		Supported:     bundle.Supported(),
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,
		LogLevel:      api.LogLevelSilent,
		Banner:        map[string]string{"js": "// Made of face/*.ts by go generate in sdk/js; do not edit.\n(($native) => {\nlet $members;"},
		Footer:        map[string]string{"js": "return $members;\n})"},
		Plugins:       []api.Plugin{{Name: "face", Setup: readFace}},
	})
	var errs []error
	for _, message := range slices.Concat(result.Errors, result.Warnings) {
		errs = append(errs, fmt.Errorf("prebuild the face: %s %v", message.Text, message.Location))
	}
	if len(errs) > 0 {
		return "", errors.Join(errs...)
	}
	return string(result.OutputFiles[0].Contents), nil
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

// readFace gives the bundler the face's modules.
func readFace(setup api.PluginBuild) {
	setup.OnResolve(api.OnResolveOptions{Filter: "^" + Package + "/"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		return api.OnResolveResult{Path: strings.TrimPrefix(args.Path, inner), Namespace: "face"}, nil
	})
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "face"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		if args.Path == "refused" {
			refusals, err := json.Marshal(refusedMembers())
			source := string(refusals)
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderJSON}, err
		}
		text, err := files.ReadFile("face/" + args.Path + ".ts")
		source := string(text)
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderTS}, err
	})
}
