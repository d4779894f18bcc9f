package node

import (
	"os"
	"runtime"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// osModule is node:os: what a script may know of the machine.
var osModule = native.Module{
	Name: "node:os",
	Doc:  "The machine, as far as scripts may know it.",
	Members: []member{
		{Name: "EOL", Type: ": string", Doc: "The end of a line.", Value: func(h *native.Host) goja.Value { return h.Value("\n") }},
		{Name: "devNull", Type: ": string", Doc: "The file that forgets.", Value: func(h *native.Host) goja.Value { return h.Value(os.DevNull) }},
		{Name: "hostname", Type: "(): string", Doc: "The machine's name.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			name, err := os.Hostname()
			if err != nil {
				h.Throw(err)
			}
			return h.Value(name)
		}},
		{Name: "platform", Type: "(): string", Doc: "linux, darwin and so on.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(platform) }},
		{Name: "type", Type: "(): string", Doc: "Linux, Darwin and so on.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(systemType()) }},
		{Name: "arch", Type: "(): string", Doc: "x64, arm64 and so on.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(architecture()) }},
		{Name: "endianness", Type: "(): 'LE' | 'BE'", Doc: "The order of bytes.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(endianness()) }},
		{Name: "availableParallelism", Type: "(): number", Doc: "How many processors this program may use.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			return h.Value(runtime.GOMAXPROCS(0))
		}},
		{Name: "cpus", Type: "(): { model: string; speed: number }[]", Doc: "The processors, of which no more is told than how many there are.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			list := make([]native.Record, runtime.NumCPU())
			for i := range list {
				list[i] = native.Record{{Name: "model", Value: runtime.GOARCH}, {Name: "speed", Value: 0}}
			}
			return h.Value(list)
		}},
		{Name: "tmpdir", Type: "(): string", Doc: "The folder for temporary files: the variable TMPDIR if it may be read, else /tmp. Writing there takes --allow-write.",
			Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(variable(h, "TMPDIR", "/tmp")) }},
		{Name: "homedir", Type: "(): string", Doc: "The variable HOME, which takes --allow-env=HOME.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			ctx := h.Context()
			home, _, err := permit.From(ctx).Getenv(ctx, "HOME")
			if err != nil {
				h.Throw(err)
			}
			return h.Value(home)
		}},
	},
	Missing: map[string]string{
		"userInfo": "the process is the worker's, not the script's", "networkInterfaces": "the worker's addresses are not told",
		"totalmem": "memory is measured for the whole worker, see its /metrics", "freemem": "memory is measured for the whole worker, see its /metrics",
		"loadavg": "load is measured outside", "uptime": "use process.uptime()", "release": "use type and platform", "version": "use type and platform",
	},
}

// variable reads a variable that a script can do without: nobody is asked.
func variable(h *native.Host, name, standard string) string {
	ctx := h.Context()
	run := permit.From(ctx)
	for _, readable := range run.Environ() {
		if readable == name {
			if value, set, err := run.Getenv(ctx, name); err == nil && set && value != "" {
				return value
			}
		}
	}
	return standard
}

func systemType() string {
	switch platform {
	case "linux":
		return "Linux"
	case "darwin":
		return "Darwin"
	}
	return platform
}

func endianness() string {
	switch runtime.GOARCH {
	case "ppc64", "s390x", "mips", "mips64":
		return "BE"
	}
	return "LE"
}
