package scripttest

import (
	"fmt"
	"io"
)

// agent writes for programs that read text and pay for each word: what is wrong,
// where, what happened and what to run, and nothing of what passed.
type agent struct{ out io.Writer }

func (*agent) Start(int, uint64) {}

func (a *agent) File(f FileResult) {
	if f.Error != "" {
		fmt.Fprintf(a.out, "NOT LOADED %s\n%s\n", f.File, indented(f.Detail, "  "))
	}
}

func (a *agent) Test(r *Result) {
	f := r.Failure
	if f == nil {
		return
	}
	fmt.Fprintf(a.out, "FAILED %s %s\n%s", f.At, r.FullName(), indented(f.Message, "  "))
	if f.Timeline != "" {
		fmt.Fprintf(a.out, "timeline\n%s", indented(f.Timeline, "  "))
	}
	for _, mock := range r.Unused {
		fmt.Fprintf(a.out, "never called: mock of %s\n", mock)
	}
	fmt.Fprintf(a.out, "again: hatchet-js-worker %s\n\n", f.Rerun)
}

// End also tells the exit code of the command.
func (a *agent) End(s Summary) error {
	code := 0
	switch {
	case s.Failed > 0:
		code = 1
	case s.Passed+s.Skipped+s.Broken == 0:
		code = 2
	case s.Broken > 0:
		code = 4
	}
	_, err := fmt.Fprintf(a.out, "%s, exit code %d\n", s, code)
	return err
}
