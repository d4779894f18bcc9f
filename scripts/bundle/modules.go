package bundle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	// builtin is the namespace of built-in modules inside the bundler, required
	// that of the same ones when they are required.
	builtin  = "builtin"
	required = "required"
	// entrySource names the generated module that imports the script.
	entrySource = "<entry>"
	// addons is the namespace of packages that look for native code. Like all
	// names in angle brackets it is left out of stacks: what counts is who asks.
	addons = "<addons>"
	// typeScriptSDK is the package whose face is a built-in module or none: the
	// package itself could not work here.
	typeScriptSDK = "@hatchet-dev/typescript-sdk"
)

// contents are the texts of the files read, by path as the bundler has it.
type contents map[string]string

func (b *build) plugins() []api.Plugin {
	return []api.Plugin{
		{Name: "builtin", Setup: b.resolveBuiltins},
		{Name: "read", Setup: b.readFiles},
	}
}

// resolveBuiltins answers imports of built-in modules from the registry.
func (b *build) resolveBuiltins(setup api.PluginBuild) {
	b.resolveStandIns(setup)
	if names := b.moduleNames(""); len(names) > 0 {
		setup.OnResolve(api.OnResolveOptions{Filter: anyOf(names)}, b.resolveBuiltin)
	}
	b.resolvePackages(setup)
	if b.builtinPackage(typeScriptSDK) == nil {
		setup.OnResolve(api.OnResolveOptions{Filter: "^" + regexp.QuoteMeta(typeScriptSDK) + "(/|$)"}, b.refuseSDK)
	}
	setup.OnResolve(api.OnResolveOptions{Filter: "^(https?:)?//"}, refuseURL)
	refuseAddons(setup)
	b.resolveAbsent(setup)
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: builtin}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		if p := b.builtinPackage(args.Path); p != nil {
			source := p.Sources[args.Path]
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
		}
		source := b.importable(args.Path)
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
	})
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: required}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		if p := b.builtinPackage(args.Path); p != nil {
			source := p.lent(args.Path)
			return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
		}
		source := "module.exports = $native(" + quote(args.Path) + ");\n"
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
	})
}

// resolveBuiltin sends an import to a module with named exports, and require to
// what it gives in Node, the default export.
func (b *build) resolveBuiltin(args api.OnResolveArgs) (api.OnResolveResult, error) {
	module, known := b.opts.Modules.Lookup(args.Path)
	if !known {
		return api.OnResolveResult{Path: args.Path, Namespace: builtin}, nil
	}
	namespace := builtin
	if args.Kind == api.ResolveJSRequireCall || args.Kind == api.ResolveJSRequireResolve {
		namespace = required
	}
	return api.OnResolveResult{Path: module.Name, Namespace: namespace, SideEffects: api.SideEffectsFalse}, nil
}

// importable is the source of a built-in module: each export asks for its
// member, and only if the script uses it.
func (b *build) importable(name string) string {
	module, known := b.opts.Modules.Lookup(name)
	if !known {
		return b.opts.Sources[name]
	}
	var source strings.Builder
	fmt.Fprintf(&source, "export default /* @__PURE__ */ $native(%s);\n", quote(name))
	for _, export := range module.Exports() {
		if export != "default" {
			fmt.Fprintf(&source, "const $%[1]s = /* @__PURE__ */ $native(%[2]s, %[3]s);\nexport { $%[1]s as %[1]s };\n", export, quote(name), quote(export))
		}
	}
	return source.String()
}

func (b *build) refuseSDK(args api.OnResolveArgs) (api.OnResolveResult, error) {
	if slices.Contains(b.moduleNames(typeScriptSDK), args.Path) {
		return api.OnResolveResult{}, nil
	}
	return api.OnResolveResult{Errors: []api.Message{{Text: fmt.Sprintf(
		"%q is not available here yet: declare with the builder that is simply there, as in workflow('name').task('step', fn)", args.Path)}}}, nil
}

// refuseURL stands against the bundler's leaving such imports for a browser.
func refuseURL(args api.OnResolveArgs) (api.OnResolveResult, error) {
	return api.OnResolveResult{Errors: []api.Message{{Text: fmt.Sprintf(
		"cannot import %q: only files, npm packages and built-in modules can be imported", args.Path)}}}, nil
}

// addonLoaders are packages that find the native code of others.
var addonLoaders = []string{"bindings", "node-gyp-build", "node-pre-gyp", "@mapbox/node-pre-gyp"}

// refuseAddons stands for the packages that find native code: they throw, so that
// those who can do without it do so.
func refuseAddons(setup api.PluginBuild) {
	setup.OnResolve(api.OnResolveOptions{Filter: anyOf(addonLoaders)}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		return api.OnResolveResult{Path: args.Path, Namespace: addons, PluginData: packageAt(args.Importer)}, nil
	})
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: addons}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		user, _ := args.PluginData.(string)
		source := "throw new Error(" + quote(strings.TrimSpace(user+" needs a native addon (.node), which is code for Node itself: use a package without native code")) + ")\n"
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
	})
}

func anyOf(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	return "^(" + strings.Join(quoted, "|") + ")$"
}

// readFiles reads source files in the bundler's stead: to refuse what would
// overflow the stack of a parser, which ends the whole process, and to keep
// the exact texts that were built, even when the build fails.
func (b *build) readFiles(setup api.PluginBuild) {
	var mu sync.Mutex // files are loaded concurrently
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "file"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		data, err := os.ReadFile(args.Path)
		text := string(data)
		mu.Lock()
		if err == nil {
			b.contents[args.Path] = text
		} else if errors.Is(err, fs.ErrNotExist) {
			b.absent[args.Path] = true
		}
		mu.Unlock()
		if errors.Is(err, fs.ErrNotExist) && inPackage(args.Path) {
			return api.OnLoadResult{}, nil // it may be a file that the package switched off, see below
		}
		if err != nil {
			return api.OnLoadResult{}, fmt.Errorf("cannot be read: %s", reason(err))
		}
		if refusal := b.refuse(args.Path, text); refusal != nil {
			return api.OnLoadResult{Errors: []api.Message{*refusal}}, nil
		}
		// The bundler knows what import … with { type } means, and which files
		// a package's "browser" table switches off: those are empty, and it
		// does not tell.
		if len(args.With) > 0 || inPackage(args.Path) {
			return api.OnLoadResult{}, nil
		}
		answered := b.answerGuard(args.Path, text)
		return api.OnLoadResult{Contents: &answered, Loader: b.loader(args.Path)}, nil
	})
}

// loader is the default one, except for an entry whose link has another
// extension than what it leads to.
func (b *build) loader(path string) api.Loader {
	if path != b.names.real || filepath.Ext(path) == filepath.Ext(b.entry) {
		return api.LoaderDefault
	}
	if strings.HasSuffix(b.entry, "ts") {
		return api.LoaderTS
	}
	return api.LoaderJS
}

// inputs lists the files read so far, whether or not the build succeeded.
func (b *build) inputs() []Input {
	list := make([]Input, 0, len(b.contents)+len(b.absent))
	for path, text := range b.contents {
		list = append(list, Input{Path: b.names.input(path), Sum: sha256.Sum256([]byte(text))})
	}
	for path, really := range b.absent {
		if really {
			list = append(list, Input{Path: b.names.restore(path), Absent: true})
		}
	}
	slices.SortFunc(list, func(x, y Input) int { return strings.Compare(x.Path, y.Path) })
	return list
}

func fileURL(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
