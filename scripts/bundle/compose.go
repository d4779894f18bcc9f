package bundle

import (
	"errors"
	"fmt"
	"slices"

	"github.com/evanw/esbuild/pkg/api"
)

// modulesOfCore is the namespace of the modules that a core is composed of.
const modulesOfCore = "core"

// ComposeCore makes the source of a core of modules: entry is one that imports
// others and assigns the function from members to values to $members. read gives
// the text of a module by its specifier, in TypeScript, JavaScript or JSON.
func ComposeCore(entry string, read func(specifier string) (string, api.Loader, error)) (string, error) {
	result := api.Build(api.BuildOptions{
		Stdin:         &api.StdinOptions{Contents: entry, Sourcefile: entrySource},
		Bundle:        true,
		Format:        api.FormatESModule,
		Target:        api.ESNext,
		Supported:     Supported(),
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,
		LogLevel:      api.LogLevelSilent,
		Banner:        map[string]string{"js": "(($native) => {\nlet $members;"},
		Footer:        map[string]string{"js": "return $members;\n})"},
		Plugins: []api.Plugin{{Name: modulesOfCore, Setup: func(setup api.PluginBuild) {
			setup.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
				return api.OnResolveResult{Path: args.Path, Namespace: modulesOfCore}, nil
			})
			setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: modulesOfCore}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
				text, loader, err := read(args.Path)
				return api.OnLoadResult{Contents: &text, Loader: loader}, err
			})
		}}},
	})
	var errs []error
	for _, message := range slices.Concat(result.Errors, result.Warnings) {
		text := message.Text
		if at := message.Location; at != nil {
			text = fmt.Sprintf("%s:%d:%d: %s", at.File, at.Line, at.Column+1, text)
		}
		errs = append(errs, errors.New(text))
	}
	if len(errs) > 0 {
		return "", fmt.Errorf("compose a core: %w", errors.Join(errs...))
	}
	return string(result.OutputFiles[0].Contents), nil
}
