package node

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// told is a function that tells about the machine, with a permission of sys.
func told[T any](permission string, look func() (T, error)) func(*native.Host, goja.FunctionCall) goja.Value {
	return func(h *native.Host, _ goja.FunctionCall) goja.Value {
		ctx := h.Context()
		err := permit.From(ctx).System(ctx, permission)
		if err != nil {
			h.Throw(err)
		}
		value, err := look()
		if err != nil {
			h.Throw(fmt.Errorf("node:os: %w", err))
		}
		return h.Value(value)
	}
}

// kernel reads what Linux tells in a file below /proc.
func kernel(file string) (string, error) {
	if runtime.GOOS != "linux" {
		return "", fmt.Errorf("what Linux has in /proc/%s is not known on %s: %w", file, runtime.GOOS, errors.ErrUnsupported)
	}
	text, err := os.ReadFile(filepath.Join("/proc", file))
	return strings.TrimSpace(string(text)), err
}

// figures are the first words of a file below /proc.
func figures(file string, n int) ([]any, error) {
	text, err := kernel(file)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(text)
	if len(words) < n {
		return nil, fmt.Errorf("/proc/%s: unexpected %q", file, text)
	}
	list := make([]any, n)
	for i := range list {
		if list[i], err = strconv.ParseFloat(words[i], 64); err != nil {
			return nil, fmt.Errorf("/proc/%s: %w", file, err)
		}
	}
	return list, nil
}

func loads() ([]any, error) { return figures("loadavg", 3) }

func uptime() (any, error) {
	list, err := figures("uptime", 1)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// memory is an amount of memory, in bytes.
func memory(name string) (float64, error) {
	text, err := kernel("meminfo")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kilobytes, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kilobytes * 1024, err
		}
	}
	return 0, fmt.Errorf("/proc/meminfo has no %s", name)
}

// tick is how many milliseconds the kernel's unit of time has for programs.
const tick = 10

func processors() ([]native.Record, error) {
	info, err := kernel("cpuinfo")
	if err != nil {
		return nil, err
	}
	models, speeds := values(info, "model name"), values(info, "cpu MHz")
	stat, err := kernel("stat")
	if err != nil {
		return nil, err
	}
	var list []native.Record
	for line := range strings.Lines(stat) {
		words := strings.Fields(line)
		if len(words) < 7 || words[0] == "cpu" || !strings.HasPrefix(words[0], "cpu") {
			continue
		}
		model, speed, i := runtime.GOARCH, 0.0, len(list)
		if i < len(models) {
			model = models[i]
		}
		if i < len(speeds) {
			speed, _ = strconv.ParseFloat(speeds[i], 64)
		}
		var times native.Record
		for j, name := range []string{1: "user", 2: "nice", 3: "sys", 4: "idle", 6: "irq"} {
			if name != "" {
				n, _ := strconv.ParseFloat(words[j], 64)
				times = append(times, native.Field{Name: name, Value: n * tick})
			}
		}
		list = append(list, native.Record{{Name: "model", Value: model}, {Name: "speed", Value: int(speed)}, {Name: "times", Value: times}})
	}
	return list, nil
}

// values are those of a key in the list of processors.
func values(info, key string) []string {
	var list []string
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			list = append(list, strings.TrimSpace(value))
		}
	}
	return list
}

// interfaces are the addresses by the name of the interface that has them.
func interfaces() (native.Record, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var found native.Record
	for _, one := range all {
		addresses, err := one.Addrs()
		if err != nil {
			return nil, err
		}
		var list []native.Record
		for _, address := range addresses {
			if prefix, ok := address.(*net.IPNet); ok && one.Flags&net.FlagUp != 0 {
				list = append(list, described(one, prefix))
			}
		}
		if len(list) > 0 {
			found = append(found, native.Field{Name: one.Name, Value: list})
		}
	}
	return found, nil
}

func described(one net.Interface, prefix *net.IPNet) native.Record {
	family, mask, mac := "IPv6", net.IP(prefix.Mask).String(), one.HardwareAddr.String()
	if prefix.IP.To4() != nil {
		family = "IPv4"
	}
	if mac == "" {
		mac = "00:00:00:00:00:00"
	}
	record := native.Record{
		{Name: "address", Value: prefix.IP.String()}, {Name: "netmask", Value: mask}, {Name: "family", Value: family},
		{Name: "mac", Value: mac}, {Name: "internal", Value: one.Flags&net.FlagLoopback != 0}, {Name: "cidr", Value: prefix.String()},
	}
	if family == "IPv6" {
		scope := 0
		if prefix.IP.IsLinkLocalUnicast() {
			scope = one.Index
		}
		record = append(record, native.Field{Name: "scopeid", Value: scope})
	}
	return record
}

func userInfo() (native.Record, error) {
	uid, gid := os.Getuid(), os.Getgid()
	known, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return nil, fmt.Errorf("the user %d: %w", uid, err)
	}
	return native.Record{
		{Name: "uid", Value: uid}, {Name: "gid", Value: gid}, {Name: "username", Value: known.Username}, {Name: "homedir", Value: known.HomeDir}, {Name: "shell", Value: goja.Null()},
	}, nil
}
