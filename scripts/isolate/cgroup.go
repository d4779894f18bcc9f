package isolate

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// groups makes control groups of version 2, one for each child, below the one
// that this process is in. A group counts what the limit of a process does not:
// the programs that a run starts, and files in memory.
type groups struct {
	dir string // of the group that the children's are made in

	mu     sync.Mutex
	serial int
	left   []string // groups that could not be removed yet
}

const (
	groupRoot = "/sys/fs/cgroup"
	// ownLeaf is the group that this process goes into: one that has groups with
	// limits below it may have no processes itself.
	ownLeaf = "hatchet-js-worker"
	// startRoom is for what a child holds when it has started, which the limit of
	// a run does not count.
	startRoom = 64 << 20
)

// ownGroup is the folder of the group that this process is in.
func ownGroup() (string, error) {
	if _, err := os.Stat(filepath.Join(groupRoot, "cgroup.controllers")); err != nil {
		return "", fmt.Errorf("no control groups of version 2: %w", err)
	}
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	_, after, found := bytes.Cut(text, []byte("0::"))
	path, _, _ := bytes.Cut(after, []byte("\n"))
	if !found {
		return "", errors.New("this process is in no control group of version 2")
	}
	return filepath.Join(groupRoot, string(path)), nil
}

// openGroups has groups with a limit of memory below the one of a folder. It
// fails where that was not delegated to this process.
func openGroups(dir string) (*groups, error) {
	if filepath.Base(dir) == ownLeaf { // where an earlier call has put this process
		dir = filepath.Dir(dir)
	}
	g := &groups{dir: dir}
	if has, err := g.lists("cgroup.subtree_control"); err != nil || has {
		return g, err
	}
	if has, err := g.lists("cgroup.controllers"); err != nil || !has {
		return nil, errors.Join(fmt.Errorf("the control group %s has no controller of memory", dir), err)
	}
	leaf := filepath.Join(dir, ownLeaf)
	if err := os.Mkdir(leaf, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	self := strconv.Itoa(os.Getpid())
	if err := set(leaf, "cgroup.procs", self); err != nil {
		return nil, errors.Join(err, os.Remove(leaf))
	}
	if err := set(dir, "cgroup.subtree_control", "+memory"); err != nil { // another process is in it
		return nil, errors.Join(err, set(dir, "cgroup.procs", self), os.Remove(leaf))
	}
	return g, nil
}

// lists reports whether a file of the group lists memory among the controllers.
func (g *groups) lists(name string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(g.dir, name))
	return slices.Contains(strings.Fields(string(text)), "memory"), err
}

// put makes a group with a limit for a process that has just started.
func (g *groups) put(pid int, most int64) (*group, error) {
	g.mu.Lock()
	g.serial++
	dir := filepath.Join(g.dir, fmt.Sprintf("hatchet-js-%d-%d", os.Getpid(), g.serial))
	g.mu.Unlock()
	g.sweep()
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	made := &group{of: g, dir: dir}
	err := set(dir, "memory.max", strconv.FormatInt(most+startRoom, 10))
	if err == nil {
		// Kernels without swap, or before 5.0, lack these; the limit holds all the same.
		_, _ = set(dir, "memory.swap.max", "0"), set(dir, "memory.oom.group", "1")
		err = set(dir, "cgroup.procs", strconv.Itoa(pid))
	}
	if err != nil {
		made.remove()
		return nil, err
	}
	return made, nil
}

// sweep removes what could not be removed before: a process that was killed
// takes a moment to be gone.
func (g *groups) sweep() {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left = slices.DeleteFunc(g.left, func(dir string) bool { return os.Remove(dir) == nil })
}

// group is that of one child. Nil is none.
type group struct {
	of  *groups
	dir string
}

// outgrown reports whether the kernel has ended processes for the limit.
func (c *group) outgrown() bool {
	if c == nil {
		return false
	}
	text, _ := os.ReadFile(filepath.Join(c.dir, "memory.events"))
	for line := range strings.Lines(string(text)) {
		if count, found := strings.CutPrefix(line, "oom_kill "); found {
			return strings.TrimSpace(count) != "0"
		}
	}
	return false
}

// remove ends what is left in the group and removes it.
func (c *group) remove() {
	if c == nil {
		return
	}
	_ = set(c.dir, "cgroup.kill", "1") // or nothing is left, or the kernel is before 5.14
	if os.Remove(c.dir) != nil {
		c.of.mu.Lock()
		c.of.left = append(c.of.left, c.dir)
		c.of.mu.Unlock()
	}
}

// set writes to a file of a group, which the kernel makes with it: others cannot
// be created.
func set(dir, name, value string) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}
