package scripts_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/scripts"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
)

// Whatever is done to the files in whatever order and haste, what is followed
// ends as what is loaded afresh.
func TestFollowingEndsLikeLoadingAfresh(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := newWorld(t, "-- w/start.js --\n"+task("start", "0")+"-- lib/shared.js --\nexport const shared = 0\n")
	snapshots := w.follow()
	until(t, snapshots, "the first load", func(*scripts.Snapshot) bool { return true })
	c := &chaos{world: w, rand: rand.New(rand.NewPCG(seed, 1))}
	for range 8 {
		for range 1 + c.rand.IntN(12) {
			c.step()
			if c.rand.IntN(4) == 0 {
				time.Sleep(time.Duration(c.rand.IntN(40)) * time.Millisecond) // sometimes between two batches
			}
		}
		c.repair()
		fresh := scripts.New([]string{w.at("w")}, scripts.Options{Bundle: bundle.Options{Base: w.dir}})
		want := map[string]string{}
		if s, err := fresh.Load(t.Context()); err == nil {
			want = outcome(s)
		}
		deadline := time.Now().Add(limit)
		for got := outcome(w.set.Snapshot()); !maps.Equal(got, want); got = outcome(w.set.Snapshot()) {
			if time.Now().After(deadline) {
				t.Fatalf("followed:\n%v\nafresh:\n%v\nafter:\n%s", got, want, strings.Join(c.log, "\n"))
			}
			time.Sleep(time.Millisecond)
		}
		c.log = nil
	}
}

// outcome is what each file serves, by name.
func outcome(s *scripts.Snapshot) map[string]string {
	files := map[string]string{}
	for _, f := range s.Files {
		text := string(f.State)
		if f.State == scripts.Serving {
			for _, wf := range f.Workflows() {
				text += " " + wf.Name + "=" + run(s, wf.Name+":"+wf.Tasks[0].Name)
			}
		}
		files[f.Name] = text
	}
	return files
}

// chaos does things to the files of a world.
type chaos struct {
	*world
	rand   *rand.Rand
	serial int
	log    []string
}

func (c *chaos) note(format string, args ...any) {
	c.log = append(c.log, strings.ReplaceAll(fmt.Sprintf(format, args...), c.dir+"/", ""))
}

func (c *chaos) step() {
	switch path := c.existing(); c.rand.IntN(13) {
	case 0, 1, 2:
		name, text := c.anyPath(), c.script()
		c.note("write %s: %s", name, text)
		c.write(name, text)
	case 3:
		text := c.script()
		c.note("swap %s: %s", path, text)
		c.write("w/.tmp", text)
		c.do(os.Rename(c.at("w/.tmp"), path))
	case 4:
		c.note("break %s", path)
		c.do(os.WriteFile(path, []byte("const broken = {\n"), 0o644))
	case 5:
		c.note("remove %s, write start.js", path)
		c.do(os.Remove(path))
		c.write("w/start.js", c.script()) // never empty
	case 6:
		to := c.at(c.anyPath())
		c.note("rename %s to %s", path, to)
		c.do(os.MkdirAll(filepath.Dir(to), 0o755))
		c.do(os.Rename(path, to))
	case 7:
		c.note("write lib/shared.js")
		c.write("lib/shared.js", fmt.Sprintf("export const shared = %d\n", c.next()))
	case 8:
		if _, err := os.Stat(c.at("w/x")); err == nil {
			c.note("rename w/x to w/y")
			c.do(os.RemoveAll(c.at("w/y")))
			c.do(os.Rename(c.at("w/x"), c.at("w/y")))
		}
	case 10:
		c.note("write w/help/v.ts")
		c.write("w/help/v.ts", fmt.Sprintf("export const v = %d\n", c.next()))
	case 11:
		c.note("remove w/help")
		c.do(os.RemoveAll(c.at("w/help")))
	case 12:
		if os.Rename(c.at("w/help"), c.at("w/.help")) == nil {
			c.note("move w/help away and back")
			c.do(os.Rename(c.at("w/.help"), c.at("w/help")))
		}
	case 9:
		c.note("write %s twice", path)
		text, err := os.ReadFile(path)
		c.do(err)
		c.do(os.WriteFile(path, nil, 0o644))
		c.do(os.WriteFile(path, text, 0o644))
	}
}

func (c *chaos) next() int { c.serial++; return c.serial }

// script declares a workflow of a name that no other has.
func (c *chaos) script() string {
	n := c.next()
	switch c.rand.IntN(4) {
	case 0:
		return fmt.Sprintf("import { shared } from %q\nworkflow.task('t%d', () => 'shared' + shared)\n", c.at("lib/shared.js"), n)
	case 1: // may be missing
		return fmt.Sprintf("import { v } from %q\nworkflow.task('t%d', () => 'v' + v)\n", c.at("w/help/v"), n)
	}
	return fmt.Sprintf("workflow.task('t%d', () => %d)\n", n, n)
}

func (c *chaos) anyPath() string {
	folders := []string{"w/", "w/x/", "w/x/deep/", "w/y/"}
	return folders[c.rand.IntN(len(folders))] + string(rune('a'+c.rand.IntN(4))) + ".js"
}

// repair makes broken scripts load: what serves in their place depends on what
// happened before.
func (c *chaos) repair() {
	c.write("w/help/v.ts", fmt.Sprintf("export const v = %d\n", c.next()))
	for _, path := range c.scripts() {
		text, err := os.ReadFile(path)
		c.do(err)
		if strings.Contains(string(text), "broken") {
			c.note("repair %s", path)
			c.do(os.WriteFile(path, []byte(c.script()), 0o644))
		}
	}
}

// existing is the path of some script in the folder.
func (c *chaos) existing() string {
	list := c.scripts()
	if len(list) == 0 {
		c.write("w/start.js", c.script())
		return c.at("w/start.js")
	}
	return list[c.rand.IntN(len(list))]
}

// scripts are the paths of all scripts in the folder, sorted.
func (c *chaos) scripts() []string {
	var list []string
	c.do(filepath.WalkDir(c.at("w"), func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".js") && !strings.Contains(path, "/help/") {
			list = append(list, path)
		}
		return err
	}))
	slices.Sort(list)
	return list
}
