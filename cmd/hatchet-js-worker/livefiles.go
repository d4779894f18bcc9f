package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// scripts prints the table of files after the first load and one line per
// changed file after a reload.
func (l *live) scripts(e sdk.ScriptsLoaded) {
	if !e.Reload {
		l.line("")
	}
	for _, file := range e.Files {
		l.file(file, e.Reload)
	}
	l.mu.Lock()
	l.loaded = true
	l.mu.Unlock()
}

func (l *live) file(file sdk.File, reload bool) {
	switch {
	case file.Status == sdk.FileFailed:
		l.failedFile(file, reload)
	case !reload && file.Status == sdk.FileEmpty:
		l.line(fmt.Sprintf("  %-24s %s", file.Path, emptyFile(file)))
	case !reload:
		l.loadedFile(file)
	case file.Status == sdk.FileRemoved:
		l.stamped("↻ %s        removed, its workflows are withdrawn%s", file.Path, oldRuns(file, 0))
	default:
		changes := ""
		if len(file.Changes) > 0 {
			changes = "   " + strings.Join(file.Changes, "   ")
		}
		l.stamped("↻ %s        gen %d in %s%s%s", file.Path, file.Generation, shortDuration(file.Took), changes, oldRuns(file, file.Generation))
	}
}

func oldRuns(file sdk.File, generation int) string {
	if file.OldRuns == 0 {
		return ""
	}
	where := "older code"
	if generation > 1 {
		where = fmt.Sprintf("gen %d", generation-1)
	}
	verb := "stay"
	if file.OldRuns == 1 {
		verb = "stays"
	}
	return fmt.Sprintf("   %s %s on %s", count(file.OldRuns, "run"), verb, where)
}

func (l *live) failedFile(file sdk.File, reload bool) {
	keeps := ""
	if file.Generation > 0 {
		keeps = fmt.Sprintf(", gen %d keeps serving", file.Generation)
	}
	text := fmt.Sprintf("%s %s        not loaded%s\n             %s", l.color.red("✗"), file.Path, keeps, indentLines(describeFileError(file.Error)))
	if reload {
		l.stamped("%s", text)
	} else {
		l.line("  " + text)
	}
}

// loadedFile prints a row per workflow, the file's name on the first.
func (l *live) loadedFile(file sdk.File) {
	name := file.Path
	for _, w := range file.Workflows {
		l.line(fmt.Sprintf("  %-24s %-18s %s%s", name, w.Name, strings.Join(workflowFacts(w), "    "), nextCron(w)))
		name = ""
	}
}

func nextCron(w sdk.DeclaredWorkflow) string {
	var next time.Time
	for _, cron := range w.Crons {
		if next.IsZero() || cron.Next.Before(next) {
			next = cron.Next
		}
	}
	if next.IsZero() {
		return ""
	}
	return "   next in " + roughly(next.Sub(sdk.Now()))
}

// roughly is a duration in its two largest units: 13h 21m, 3d 4h, 42s.
func roughly(d time.Duration) string {
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm %ds", minutes, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%ds", int(d.Seconds()))
}

// worker prints "ready" once and, later, when the worker's state changes for the
// worse or back.
func (l *live) worker(e sdk.WorkerState) {
	l.mu.Lock()
	first := !l.ready
	if e.State == "connected" {
		l.ready = true
	}
	l.mu.Unlock()
	switch {
	case e.State == "connected" && first:
		l.line(fmt.Sprintf("  ready in %s\n", shortDuration(sdk.Now().Sub(l.started))))
	case first:
	case e.State == "connected":
		l.stamped("worker is connected again")
	case e.State == "draining" && e.Running > 0:
		l.stamped("stopping when %s ended; a second signal stops at once", ended(e.Running))
	case e.State == "draining", e.State == "stopped":
	case e.Detail == "no workflows":
		l.stamped("nothing is left to serve, waiting for a script")
	default:
		l.stamped("%s", strings.TrimSuffix(fmt.Sprintf("worker is %s: %s", e.State, e.Detail), ": "))
	}
}

func ended(tasks int) string {
	if tasks == 1 {
		return "1 task has"
	}
	return fmt.Sprintf("%d tasks have", tasks)
}
