package permit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// house is a folder with what may be read and written, and what may not.
func house(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"secret.txt": "secret", "data/a.txt": "a", "data/sub/b.txt": "b", "data/closed/c.txt": "c", "dataset/d.txt": "d", "environ": "e",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		"data/inside": "sub/b.txt", "data/out": "../secret.txt", "data/absolute": filepath.Join(dir, "secret.txt"), "data/up": "..",
		"data/toclosed": "closed/c.txt", "data/proc": "/proc/self", "data/none": "nowhere", "data/loop": "loop", "alias": "data",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func fileRules(dir string) permit.Options {
	return permit.Options{Dir: dir, Rules: permit.Rules{
		permit.Read:  {Allow: []string{"./data", "alias"}, Deny: []string{"data/closed"}},
		permit.Write: {Allow: []string{"data", "new"}, Deny: []string{"data/closed"}},
	}}
}

func TestReadingFiles(t *testing.T) {
	dir := house(t)
	run, ctx := enter(t, fileRules(dir))
	for _, c := range []struct{ path, text, code, refusal string }{
		{"data/a.txt", "a", "", ""},
		{dir + "/data/./sub/../a.txt", "a", "", ""},
		{"data/inside", "b", "", ""},
		{"alias/a.txt", "a", "", ""},
		{"secret.txt", "", "", `Requires read access to "` + dir + `/secret.txt", run again with --allow-read=` + dir + `/secret.txt`},
		{"data/../secret.txt", "", "", "secret.txt"},
		{"data/out", "", "", dir + "/secret.txt"},
		{"data/absolute", "", "", "where a link on the way to data/absolute leads"},
		{"data/up/secret.txt", "", "", "secret.txt"},
		{"data/closed/c.txt", "", "", "which is denied (--deny-read)"},
		{"data/toclosed", "", "", "which is denied (--deny-read)"},
		{"dataset/d.txt", "", "", "dataset"},
		{"data/proc/environ", "", "", "open to no script"},
		{"/proc/self/environ", "", "", "open to no script"},
		{"data/none", "", "ENOENT", ""},
		{"data/nothing/x", "", "ENOENT", ""},
		{"data/loop", "", "ELOOP", ""},
		{"data/a.txt/x", "", "ENOTDIR", ""},
		{"data", "", "EISDIR", ""},
		{"", "", "ENOENT", ""},
		{"data/\x00", "", "ENOENT", ""},
	} {
		data, err := run.ReadFile(ctx, c.path)
		switch {
		case c.refusal != "":
			refused(t, err, c.refusal)
		case c.code != "":
			var failed *permit.FileError
			if !errors.As(err, &failed) || failed.ErrorCode() != c.code {
				t.Errorf("%s: %v, want %s", c.path, err, c.code)
			}
		case err != nil || string(data) != c.text:
			t.Errorf("%s: %q, %v", c.path, data, err)
		}
	}
}

// Even a permission for all files opens neither what processes hold nor what is
// denied, however it is reached.
func TestReadingEverything(t *testing.T) {
	dir := house(t)
	run, ctx := enter(t, permit.Options{Dir: dir, Rules: permit.Rules{permit.Read: {All: true, Deny: []string{"secret.txt"}}}})
	for _, path := range []string{"dataset/d.txt", "data/inside", "alias/sub/b.txt", "data/up/data/a.txt"} {
		if _, err := run.ReadFile(ctx, path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{
		"secret.txt", "data/out", "data/absolute", "/proc/self/environ", "/proc/1/environ", "/proc/thread-self/environ", "/dev/fd/0", "/dev/stdin",
		"data/proc/environ", "/proc/../proc/self/mem", "/usr/../proc/self/fd",
	} {
		_, err := run.ReadFile(ctx, path)
		refused(t, err, "read access")
	}
	if _, err := run.ReadDir(ctx, "/proc/self"); err == nil {
		t.Error("/proc/self was listed")
	}
	if _, err := run.Stat(ctx, "/proc/self/environ", true); err == nil {
		t.Error("/proc/self was looked at")
	}
}

// A file that is swapped for a link between the check and the open is caught
// by what was opened.
func TestSwappedLinks(t *testing.T) {
	dir := house(t)
	run, ctx := enter(t, permit.Options{Dir: dir, Rules: permit.Rules{permit.Read: {All: true, Deny: []string{"secret.txt"}}}})
	path, spare := filepath.Join(dir, "data", "flip"), filepath.Join(dir, "data", "spare")
	done := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			_ = os.Remove(spare)
			if i%2 == 0 {
				_ = os.Symlink("../secret.txt", spare)
			} else {
				_ = os.WriteFile(spare, []byte("open"), 0o644)
			}
			_ = os.Rename(spare, path)
		}
	}()
	for range 2000 {
		if data, err := run.ReadFile(ctx, "data/flip"); err == nil && string(data) == "secret" {
			t.Fatal("the denied file was read")
		}
	}
	close(stop)
	<-done
}

func TestWritingFiles(t *testing.T) {
	dir := house(t)
	run, ctx := enter(t, fileRules(dir))
	write := func(path string) error { return run.WriteFile(ctx, path, []byte("w"), os.O_TRUNC, 0o644) }
	for _, path := range []string{"data/new.txt", "data/inside", "new"} {
		if err := write(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"secret.txt", "data/out", "data/absolute", "data/closed/x", "data/toclosed", "data/up/x", "alias2"} {
		refused(t, write(path), "write access")
	}
	for path, want := range map[string]string{"secret.txt": "secret", "data/closed/c.txt": "c", "data/sub/b.txt": "w"} {
		if got, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "data/closed/x")); err == nil {
		t.Error("a file was made in a denied folder")
	}
}

func TestFolders(t *testing.T) {
	dir := house(t)
	options := fileRules(dir)
	options.Rules[permit.Write] = permit.Grant{Allow: []string{"data", "made"}, Deny: []string{"data/closed"}}
	options.Rules[permit.Read] = permit.Grant{Allow: []string{"data", "made"}}
	run, ctx := enter(t, options)
	if first, err := run.Mkdir(ctx, "made/a/b", true, 0o755); err != nil || first != filepath.Join(dir, "made") {
		t.Errorf("%q, %v", first, err)
	}
	if first, err := run.Mkdir(ctx, "made/a/b", true, 0o755); err != nil || first != "" {
		t.Errorf("again: %q, %v", first, err)
	}
	_, err := run.Mkdir(ctx, "other/x", true, 0o755)
	refused(t, err, "write access")
	_, err = run.Mkdir(ctx, "data/up/other", false, 0o755)
	refused(t, err, "write access")
	all := permit.RemoveOptions{Op: "rm", Files: true, Folders: true, Contents: true}
	refused(t, run.Remove(ctx, "data", all), "which is denied (--deny-write)")
	refused(t, run.Rename(ctx, "data/closed/c.txt", "made/c"), "denied")
	refused(t, run.Rename(ctx, "data/a.txt", "dataset/a"), "write access")
	refused(t, run.Rename(ctx, "data", "made/data"), "denied")
	if err := run.Rename(ctx, "data/a.txt", "made/a.txt"); err != nil {
		t.Error(err)
	}
	if err := run.Copy(ctx, "made/a.txt", "made/copy", true); err != nil {
		t.Error(err)
	}
	if err := run.Copy(ctx, "made/a.txt", "made/copy", true); permit.CodeOf(err) != "EEXIST" {
		t.Error(err)
	}
	if err := run.Remove(ctx, "data/out", permit.RemoveOptions{Op: "unlink", Files: true}); err != nil {
		t.Errorf("a link itself: %v", err)
	}
	if err := run.Remove(ctx, "made", all); err != nil {
		t.Error(err)
	}
	for path, there := range map[string]bool{"secret.txt": true, "data/closed/c.txt": true, "made": false} {
		if _, err := os.Stat(filepath.Join(dir, path)); (err == nil) != there {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestPrograms(t *testing.T) {
	dir := house(t)
	run, ctx := enter(t, permit.Options{
		Dir: dir, Environ: []string{"PATH=/usr/bin:/bin", "A=1", "B=2", "LD_PRELOAD=/x.so", "TOKEN=eyJ"}, Hidden: []string{"TOKEN"},
		Rules: permit.Rules{permit.Command: {Allow: []string{"env", "sh"}}, permit.Env: {Allow: []string{"A", "LD_*", "TOKEN"}}},
	})
	output := func(program permit.Program) string {
		t.Helper()
		program.Stdout = true
		process, err := run.Start(ctx, program)
		if err != nil {
			t.Fatal(err)
		}
		data, err := run.ReadAll(ctx, process.Stdout, "output")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := process.Wait(ctx); err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if got := output(permit.Program{Name: "env"}); got != "A=1\n" {
		t.Errorf("the environment is %q", got)
	}
	given := []string{"X=1", "LD_PRELOAD=/x.so", "NODE_OPTIONS=-r x", "DYLD_INSERT_LIBRARIES=x", "TOKEN=x"}
	if got := output(permit.Program{Name: "/usr/bin/env", Env: given}); got != "X=1\n" {
		t.Errorf("the environment is %q", got)
	}
	_, err := run.Start(ctx, permit.Program{Name: "cat"})
	refused(t, err, `Requires run access to "cat", run again with --allow-run=cat`)
	_, err = run.Start(ctx, permit.Program{Name: "./env"})
	refused(t, err, "run access")
	_, err = run.Start(ctx, permit.Program{Name: "env", Dir: "/"})
	refused(t, err, "read access")
	process, err := run.Start(ctx, permit.Program{Name: "sh", Args: []string{"-c", "exit 3"}})
	if err != nil {
		t.Fatal(err)
	}
	if exit, err := process.Wait(ctx); exit.Code != 3 || err != nil {
		t.Errorf("%+v, %v", exit, err)
	}
	// What a program has started ends with it.
	pid := strings.TrimSpace(output(permit.Program{Name: "sh", Args: []string{"-c", "/bin/sleep 600 >/dev/null & echo $!"}}))
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		status, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(status), ") Z ") {
			break
		}
		if time.Since(begun) > time.Minute {
			t.Fatalf("the program's child %s goes on: %s", pid, status)
		}
	}
	if pid == "" {
		t.Error("nothing was started")
	}
}

func TestLimits(t *testing.T) {
	dir := house(t)
	run, ctx := enter(t, permit.Options{Dir: dir, Rules: permit.AllowAll(), Environ: []string{"PATH=/usr/bin:/bin"}, Limits: permit.Limits{Fetches: 2, Commands: 1, FileBytes: 3}})
	for range 2 {
		if err := run.Count(ctx, permit.Fetches, 1); err != nil {
			t.Error(err)
		}
	}
	limited := func(err error, want string) {
		t.Helper()
		var limit *permit.LimitError
		if !errors.As(err, &limit) || limit.Name+": "+err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	limited(run.Count(ctx, permit.Fetches, 1), "FetchLimitExceeded: charge: more than the 2 requests that a run may have at billing.ts:31; limits.fetches in hatchet-js.json sets it")
	_, err := run.ReadFile(ctx, "secret.txt")
	limited(err, "FileLimitExceeded: secret.txt has more than 3 bytes at billing.ts:31; limits.fileBytes in hatchet-js.json sets it")
	if _, err := run.ReadFile(ctx, "data/a.txt"); err != nil {
		t.Error(err)
	}
	process, err := run.Start(ctx, permit.Program{Name: "true"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := process.Wait(ctx); err != nil {
		t.Error(err)
	}
	_, err = run.Start(ctx, permit.Program{Name: "true"})
	limited(err, "CommandLimitExceeded: charge: more than the 1 commands that a run may have at billing.ts:31; limits.commands in hatchet-js.json sets it")
}

// someone answers questions from a list.
type someone struct {
	answers []permit.Answer
	asked   []string
}

func (s *someone) Ask(_ context.Context, q permit.Question) permit.Answer {
	s.asked = append(s.asked, string(q.Kind)+" "+q.Target+" "+q.Entry+" "+q.Place.String())
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return answer
}

func TestAskingAndAudit(t *testing.T) {
	dir := house(t)
	var log strings.Builder
	person := &someone{answers: []permit.Answer{permit.No, permit.Once, permit.Always}}
	run, ctx := enter(t, permit.Options{Dir: dir, Asker: person, Audit: permit.NewAudit(&log), Rules: permit.Rules{permit.Env: {Deny: []string{"A"}}}})
	path := filepath.Join(dir, "secret.txt")
	_, err := run.ReadFile(ctx, "secret.txt")
	refused(t, err, "run again")
	for range 3 {
		if data, err := run.ReadFile(ctx, "secret.txt"); err != nil || string(data) != "secret" {
			t.Errorf("%q, %v", data, err)
		}
	}
	if _, err := run.ReadFile(ctx, "environ"); err != nil {
		t.Error(err)
	}
	_, _, err = run.Getenv(ctx, "A") // nobody is asked about what is denied
	refused(t, err, "denied")
	if len(person.asked) != 3 || person.asked[0] != "read "+path+" "+path+" billing.ts:31" {
		t.Errorf("asked %q", person.asked)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 6 || !strings.Contains(lines[0], `"decision":"denied","kind":"read","target":"`+path+`","reason":"Requires read access`) ||
		!strings.Contains(lines[1], `"decision":"allowed","kind":"read","target":"`+path+`","workflow":"invoice","task":"charge","run":"r1","at":"billing.ts:31"}`) {
		t.Errorf("the log is\n%s", log.String())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWhatCannotBeAuditedDoesNotHappen(t *testing.T) {
	run, ctx := enter(t, permit.Options{Dir: house(t), Audit: permit.NewAudit(full{}), Rules: permit.AllowAll()})
	if _, err := run.ReadFile(ctx, "secret.txt"); err == nil || !strings.Contains(err.Error(), "write the audit log: no space left") {
		t.Error(err)
	}
}
