package bundle

import (
	"maps"
	"slices"
	"strings"
)

// nodeModules are the first parts of the names of Node's own modules, which
// may be imported without node: there.
var nodeModules = map[string]bool{
	"assert": true, "async_hooks": true, "buffer": true, "child_process": true, "cluster": true,
	"console": true, "constants": true, "crypto": true, "dgram": true, "diagnostics_channel": true,
	"dns": true, "domain": true, "events": true, "fs": true, "http": true, "http2": true, "https": true,
	"inspector": true, "module": true, "net": true, "os": true, "path": true, "perf_hooks": true,
	"process": true, "punycode": true, "querystring": true, "readline": true, "repl": true, "stream": true,
	"string_decoder": true, "sys": true, "timers": true, "tls": true, "trace_events": true, "tty": true,
	"url": true, "util": true, "v8": true, "vm": true, "wasi": true, "worker_threads": true, "zlib": true,
}

// moduleNames are the built-in modules whose names begin with prefix, sorted.
func (b *build) moduleNames(prefix string) []string {
	var names []string
	all := append(b.opts.Modules.Names(), slices.Sorted(maps.Keys(b.opts.Sources))...)
	slices.Sort(all)
	for _, name := range all {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}
