package bundle

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// absent is the namespace of modules that cannot be found and that a script may
// do without: it asks for them in the middle of its code, by require or import(),
// perhaps only if a variable of the environment is set, and perhaps ready to do
// without them. They throw when they are asked for, as in Node. At the top level
// of a script that is when it loads.
const absent = "absent"

// looking marks the bundler's own attempt to find a module.
type looking struct{}

func (b *build) resolveAbsent(setup api.PluginBuild) {
	setup.OnResolve(api.OnResolveOptions{Filter: "^[^./]"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		_, ours := args.PluginData.(looking)
		if ours || args.Kind != api.ResolveJSRequireCall && args.Kind != api.ResolveJSDynamicImport || filepath.IsAbs(args.Path) {
			return api.OnResolveResult{}, nil
		}
		found := setup.Resolve(args.Path, api.ResolveOptions{
			Importer: args.Importer, Namespace: args.Namespace, ResolveDir: args.ResolveDir, Kind: args.Kind, PluginData: looking{},
		})
		if len(found.Errors) == 0 || !unresolvedText.MatchString(found.Errors[0].Text) {
			return api.OnResolveResult{}, nil
		}
		text, told := unexported(found.Errors[0])
		if !told {
			text = b.notFound(args.Path)
		}
		return api.OnResolveResult{Path: args.Path, Namespace: absent, PluginData: text}, nil
	})
	setup.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: absent}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		text, _ := args.PluginData.(string)
		source := fmt.Sprintf("throw Object.assign(new Error(%s), { code: 'MODULE_NOT_FOUND' });\n", quote(text))
		return api.OnLoadResult{Contents: &source, Loader: api.LoaderJS}, nil
	})
}

// notFound says what is missing when a module cannot be found.
func (b *build) notFound(name string) string {
	bare := strings.TrimPrefix(name, "node:")
	switch {
	case b.opts.Modules.Absent(name) != "":
		return fmt.Sprintf("node:%s is not available here; %s", bare, b.opts.Modules.Absent(name))
	case strings.HasPrefix(name, "node:") || nodeModules[strings.Split(bare, "/")[0]]:
		return fmt.Sprintf("node:%s is not available here; %s", bare, b.available("node:"))
	case strings.HasPrefix(name, "hatchet:"):
		return fmt.Sprintf("there is no built-in module %q; %s", name, b.available("hatchet:"))
	case strings.HasPrefix(name, "."), filepath.IsAbs(name):
		return fmt.Sprintf("cannot find %q", name)
	case strings.HasPrefix(name, "~"), strings.HasPrefix(name, "@/"), strings.HasPrefix(name, "#"):
		return fmt.Sprintf("cannot find %q: it is no package, and neither paths of a tsconfig.json nor imports of a package.json lead to a file", name)
	case strings.Contains(name, ":"):
		return fmt.Sprintf("cannot import %q: only files, npm packages and built-in modules can be imported", name)
	}
	return fmt.Sprintf("cannot find the package %q: there is no node_modules/%s in this folder or above; install it with npm", name, packageOf(name))
}
