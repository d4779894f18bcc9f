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
		fresh := scripts.New([]string{w.at("w")}, scripts.Options{Bundle: bundle.Options{Base: w.dir}})
		want := map[string]string{}
		if s, err := fresh.Load(t.Context()); err == nil {
			want = outcome(s)
		}
		eventually(t, "the state of a fresh load", func() bool { return maps.Equal(outcome(w.set.Snapshot()), want) })
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
}

func (c *chaos) step() {
	switch c.rand.IntN(10) {
	case 0, 1, 2:
		c.write(c.anyPath(), c.script())
	case 3:
		tmp := fmt.Sprintf("w/.tmp%d", c.rand.IntN(3))
		c.write(tmp, c.script())
		c.do(os.Rename(c.at(tmp), c.existing()))
	case 4:
		c.do(os.WriteFile(c.existing(), []byte("const broken = {\n"), 0o644))
	case 5:
		c.do(os.Remove(c.existing()))
		c.write("w/start.js", c.script()) // never empty
	case 6:
		to := c.at(c.anyPath())
		c.do(os.MkdirAll(filepath.Dir(to), 0o755))
		c.do(os.Rename(c.existing(), to))
	case 7:
		c.write("lib/shared.js", fmt.Sprintf("export const shared = %d\n", c.next()))
	case 8:
		if _, err := os.Stat(c.at("w/x")); err == nil {
			c.do(os.RemoveAll(c.at("w/y")))
			c.do(os.Rename(c.at("w/x"), c.at("w/y")))
		}
	case 9:
		path := c.existing()
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
	if c.rand.IntN(3) == 0 {
		return fmt.Sprintf("import { shared } from %q\nworkflow.task('t%d', () => 'shared' + shared)\n", c.at("lib/shared.js"), n)
	}
	return fmt.Sprintf("workflow.task('t%d', () => %d)\n", n, n)
}

func (c *chaos) anyPath() string {
	folders := []string{"w/", "w/x/", "w/x/deep/", "w/y/"}
	return folders[c.rand.IntN(len(folders))] + string(rune('a'+c.rand.IntN(4))) + ".js"
}

// existing is the path of some script in the folder.
func (c *chaos) existing() string {
	var list []string
	c.do(filepath.WalkDir(c.at("w"), func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".js") {
			list = append(list, path)
		}
		return err
	}))
	if len(list) == 0 {
		c.write("w/start.js", c.script())
		return c.at("w/start.js")
	}
	slices.Sort(list)
	return list[c.rand.IntN(len(list))]
}
