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
	Example: `import os from 'node:os'

console.log(os.EOL.length, os.availableParallelism() > 0) // -> 1 true`,
	Members: []member{
		{Name: "EOL", Type: ": string", Doc: "The end of a line: \\n, on Windows \\r\\n.", Value: func(h *native.Host) goja.Value { return h.Value(lineEnd()) }},
		{Name: "devNull", Type: ": string", Doc: "The file that forgets.", Value: func(h *native.Host) goja.Value { return h.Value(os.DevNull) }},
		{Name: "hostname", Type: "(): string", Doc: "The machine's name. Takes --allow-sys=hostname.", Call: told("hostname", os.Hostname)},
		{Name: "platform", Type: "(): string", Doc: "linux, darwin, win32 and so on.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(platform) }},
		{Name: "type", Type: "(): string", Doc: "Linux, Darwin, Windows_NT and so on.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(systemType()) }},
		{Name: "arch", Type: "(): string", Doc: "x64, arm64 and so on.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(architecture()) }},
		{Name: "endianness", Type: "(): 'LE' | 'BE'", Doc: "The order of bytes.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(endianness()) }},
		{Name: "availableParallelism", Type: "(): number", Doc: "How many processors this program may use.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			return h.Value(runtime.GOMAXPROCS(0))
		}},
		{Name: "cpus", Type: "(): { model: string; speed: number; times: { user: number; nice: number; sys: number; idle: number; irq: number } }[]",
			Doc: "The processors, with their speed in MHz and their times in milliseconds. Takes --allow-sys=cpus.", Call: told("cpus", processors)},
		{Name: "totalmem", Type: "(): number", Doc: "The machine's memory in bytes. Takes --allow-sys=systemMemoryInfo.",
			Call: told("systemMemoryInfo", func() (float64, error) { return memory("MemTotal") })},
		{Name: "freemem", Type: "(): number", Doc: "The memory in bytes that programs could have. Takes --allow-sys=systemMemoryInfo.",
			Call: told("systemMemoryInfo", func() (float64, error) { return memory("MemAvailable") })},
		{Name: "loadavg", Type: "(): [number, number, number]", Doc: "The load of the last minute, five and fifteen. Takes --allow-sys=loadavg.", Call: told("loadavg", loads)},
		{Name: "uptime", Type: "(): number", Doc: "Seconds since the machine was started. Takes --allow-sys=osUptime.", Call: told("osUptime", uptime)},
		{Name: "release", Type: "(): string", Doc: "The release of the system's kernel. Takes --allow-sys=osRelease.",
			Call: told("osRelease", func() (string, error) { return kernel("sys/kernel/osrelease") })},
		{Name: "version", Type: "(): string", Doc: "The version of the system's kernel. Takes --allow-sys=osRelease.",
			Call: told("osRelease", func() (string, error) { return kernel("sys/kernel/version") })},
		{Name: "networkInterfaces",
			Type: "(): Record<string, { address: string; netmask: string; family: 'IPv4' | 'IPv6'; mac: string; internal: boolean; cidr: string | null; scopeid?: number }[]>",
			Doc:  "The machine's addresses. Takes --allow-sys=networkInterfaces.", Call: told("networkInterfaces", interfaces)},
		{Name: "userInfo", Type: "(): { uid: number; gid: number; username: string; homedir: string; shell: string | null }",
			Doc: "Whom the worker runs as. Takes --allow-sys=userInfo.", Call: told("userInfo", userInfo)},
		{Name: "tmpdir", Type: "(): string", Doc: "The folder for temporary files: the variable TMPDIR (on Windows TEMP) if it may be read, else /tmp (C:\\Windows\\Temp). Writing there takes --allow-write.",
			Call: func(h *native.Host, _ goja.FunctionCall) goja.Value { return h.Value(temporary(h)) }},
		{Name: "homedir", Type: "(): string", Doc: "The variable HOME (on Windows USERPROFILE), which takes --allow-env=HOME.", Call: func(h *native.Host, _ goja.FunctionCall) goja.Value {
			ctx, name := h.Context(), "HOME"
			if windows {
				name = "USERPROFILE"
			}
			home, _, err := permit.From(ctx).Getenv(ctx, name)
			if err != nil {
				h.Throw(err)
			}
			return h.Value(home)
		}},
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

func lineEnd() string {
	if windows {
		return "\r\n"
	}
	return "\n"
}

func temporary(h *native.Host) string {
	if windows {
		return variable(h, "TEMP", `C:\Windows\Temp`)
	}
	return variable(h, "TMPDIR", "/tmp")
}

func systemType() string {
	switch platform {
	case "win32":
		return "Windows_NT"
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
