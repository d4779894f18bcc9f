package bundle

import (
	"encoding/json"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/hatchet-js/hatchet-js-worker/scripts/discover"
)

// The bundle is a function expression around an async one, so that await works
// at the top level of a script and nothing of it is global. Its parameters are
// the name by which built-in modules reach their host, and what becomes of a
// require that the bundler could not resolve; a script may have names of its own
// that are the same.
const (
	opening = "(($native, require) => (async () => {"
	closing = "})())"
)

// unsupportedRegExp is what the bundler calls syntax of regular expressions that
// it has to leave to the RegExp constructor.
const unsupportedRegExp = "unsupported-regexp"

// messageLimit is how many errors, or warnings, of one build are reported.
const messageLimit = 20

// lowered is the syntax that goja does not have. All else it runs natively,
// and much faster than rewritten (private fields by a factor of 19).
var lowered = []string{
	"async-generator", "for-await", "using", "decorators",
	"import-attributes", "import-assertions", "dynamic-import", "import-meta",
	// These become new RegExp(…), which answers for what it cannot do.
	"regexp-unicode-property-escapes", "regexp-set-notation", "regexp-match-indices",
}

// importOf is the module that imports the script for its effects. A package.json
// may claim that its files have none; used says that the script is needed all
// the same, at the price of a wrapper around scripts without import and export.
func (b *build) importOf(used bool) string {
	if used {
		return "import * as $entry from " + quote(b.names.real) + ";\n$native.entry = $entry;\n"
	}
	return "import " + quote(b.names.real) + ";\n"
}

func (b *build) settings(importer string) api.BuildOptions {
	return api.BuildOptions{
		// A module of our own that imports the script: the output then has
		// neither exports nor imports, which goja could not read.
		Stdin: &api.StdinOptions{
			Contents:   importer,
			ResolveDir: filepath.Dir(b.names.real),
			Sourcefile: entrySource,
			Loader:     api.LoaderJS,
		},
		Bundle:        true,
		Format:        api.FormatESModule, // the others refuse top-level await
		Target:        api.ESNext,
		Supported:     Supported(),
		Platform:      api.PlatformBrowser, // with node, packages choose builds that need all of Node
		MainFields:    []string{"module", "main"},
		Conditions:    conditions,
		Define:        b.defines(),
		Loader:        loaders(),
		Banner:        map[string]string{"js": opening},
		Footer:        map[string]string{"js": closing},
		Sourcemap:     api.SourceMapExternal,
		AbsPaths:      api.LogAbsPath,
		AbsWorkingDir: filepath.Dir(b.names.real),
		Outfile:       filepath.Join(filepath.Dir(b.names.real), "bundle.js"), // never written
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,
		LogLevel:      api.LogLevelSilent,
		LogOverride:   map[string]api.LogLevel{unsupportedRegExp: api.LogLevelWarning},
		LogLimit:      messageLimit,
		Plugins:       b.plugins(),
	}
}

// Supported names the syntax that goja does not have and that bundles are
// therefore lowered from, each as false, as the bundler's options take it.
func Supported() map[string]bool {
	features := map[string]bool{}
	for _, name := range lowered {
		features[name] = false
	}
	return features
}

func loaders() map[string]api.Loader {
	byExtension := map[string]api.Loader{}
	for _, ext := range discover.TextExtensions() {
		byExtension[ext] = api.LoaderText
	}
	return byExtension
}

// defines replaces what only a module system or Node would know. A bundle is
// one module, so import.meta and __filename speak of its entry.
func (b *build) defines() map[string]string {
	entry := quote(filepath.ToSlash(b.entry))
	dir := quote(filepath.ToSlash(filepath.Dir(b.entry)))
	return map[string]string{
		"process.env.NODE_ENV": `"production"`,
		"global":               "globalThis",
		"import.meta.url":      quote(fileURL(b.entry)),
		"import.meta.filename": entry,
		"import.meta.dirname":  dir,
		"__filename":           entry,
		"__dirname":            dir,
	}
}

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil { // a string always can be encoded
		return `""`
	}
	return string(quoted)
}
