package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

const devDrain = 3 * time.Second

// live writes what happens as lines on standard error, one per event, for people.
type live struct {
	app   *app
	trace bool
	color palette

	mu      sync.Mutex
	started time.Time
	ready   bool
	loaded  bool
}

func newLive(a *app, trace bool) *live {
	return &live{app: a, trace: trace, color: a.palette(), started: sdk.Now()}
}

func (l *live) line(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.app.stderr, text)
}

func (l *live) stamped(format string, args ...any) {
	l.line(l.color.dim(sdk.Now().Local().Format("15:04:05")) + " " + fmt.Sprintf(format, args...))
}

func (l *live) banner(engine *sdk.Engine, data string, ephemeral bool) {
	kept := data + "    kept (--ephemeral, --reset)"
	if ephemeral {
		kept = "in memory only"
	}
	l.line(fmt.Sprintf("  %s %s · embedded engine · real clock", l.color.bold("hatchet-js-worker"), version))
	l.line(fmt.Sprintf("  gRPC         %s    any Hatchet SDK: eval \"$(hatchet-js-worker env)\"", engine.Address()))
	l.line(fmt.Sprintf("  REST         http://%s", engine.HTTPAddress()))
	l.line("  Data         " + kept)
}

// portsMoved says which port took the place of one that was taken.
func (l *live) portsMoved(flags *engineFlags, engine *sdk.Engine) {
	for _, port := range []struct {
		flag    string
		wanted  int
		address string
	}{{"gRPC", flags.grpcPort, engine.Address()}, {"REST", flags.port, engine.HTTPAddress()}} {
		if port.wanted != 0 && !strings.HasSuffix(port.address, fmt.Sprintf(":%d", port.wanted)) {
			l.line(fmt.Sprintf("  %s port %d is taken, using %s", port.flag, port.wanted, port.address))
		}
	}
}

// observe prints every event of an embedded engine and its worker.
func (l *live) observe(event sdk.Notice) {
	switch e := event.(type) {
	case sdk.ScriptsLoaded:
		l.scripts(e)
	case sdk.ScriptsRefused:
		l.stamped("%s not registered: %s", l.color.red("✗"), indentLines(e.Err.Error()))
	case sdk.HealthListening:
		l.line(fmt.Sprintf("  Health       http://%s/readyz, /metrics", e.Address))
	case sdk.WorkerState:
		l.worker(e)
	case sdk.RunStarted:
		l.stamped("▶ %s %s      %s %s", l.color.bold(e.Workflow), shortID(e.RunID), trigger(e.Trigger), clip(string(e.Input), 100))
	case sdk.EngineTask:
		l.task(e)
	case sdk.RunFinished:
		l.runFinished(e)
	case sdk.TaskLogged:
		l.log(e)
	}
}

// quietRun is what 'run --local' shows: load errors always, the rest with --trace.
func (l *live) quietRun(event sdk.Notice) {
	switch e := event.(type) {
	case sdk.ScriptsLoaded:
		for _, file := range e.Files {
			if file.Status == sdk.FileFailed {
				l.file(file, false)
			}
		}
	case sdk.TaskLogged:
		l.log(e)
	case sdk.RunStarted, sdk.EngineTask, sdk.RunFinished:
		if l.trace {
			l.observe(e)
		}
	}
}

func (l *live) log(e sdk.TaskLogged) {
	margin := "    " + l.color.dim(e.Task+" │") + " "
	lines := strings.Split(e.Message, "\n")
	for i, line := range lines {
		if e.Level == "ERROR" || e.Level == "WARN" {
			line = l.color.red(line)
		}
		lines[i] = margin + line
	}
	l.line(strings.Join(lines, "\n"))
}

func (l *live) task(e sdk.EngineTask) {
	attempt := ""
	if e.MaxAttempts > 1 && (e.Attempt > 1 || e.Status == sdk.StatusFailed) {
		attempt = fmt.Sprintf("  %d/%d", e.Attempt, e.MaxAttempts)
	}
	switch e.Status {
	case sdk.StatusFailed:
		retry := ""
		if e.RetryIn >= 0 {
			retry = "  retry in " + shortDuration(e.RetryIn)
			if e.RetryIn == 0 {
				retry = "  retry"
			}
		}
		l.stamped("  %s %-14s %s%s  %s%s%s", l.color.red("✗"), e.Task, shortDuration(e.Took), attempt, firstLine(e.Error), place(e.Place), retry)
	case sdk.StatusCompleted:
		l.stamped("  %s %-14s %s%s", l.color.green("✓"), e.Task, shortDuration(e.Took), attempt)
	case "PARKED":
		l.stamped("  ⏸ %-14s waits", e.Task)
	case "SKIPPED":
		if e.Task == sdk.OnFailureTask {
			return // nothing failed: not worth a line
		}
		l.stamped("  - %-14s skipped", e.Task)
	default:
		l.stamped("  ∅ %-14s %s", e.Task, strings.ToLower(e.Status))
	}
}

func (l *live) runFinished(e sdk.RunFinished) {
	status := e.Status
	switch e.Status {
	case sdk.StatusCompleted:
		status = l.color.green(status)
	case sdk.StatusFailed:
		status = l.color.red(status)
	}
	l.stamped("■ %s %s      %s %s", l.color.bold(e.Workflow), shortID(e.RunID), status, shortDuration(e.Took))
}

func place(at string) string {
	if at == "" {
		return ""
	}
	return "  " + at
}

// trigger shortens the parent's id in what started a run.
func trigger(text string) string {
	if parent, ok := strings.CutPrefix(text, "child of "); ok {
		return "child of " + shortID(parent)
	}
	return text
}

func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func indentLines(text string) string { return strings.ReplaceAll(text, "\n", "\n             ") }

// logEvents turns events into log records, for a worker in production.
func logEvents(logger *slog.Logger) sdk.Observer {
	var calm calm
	return func(event sdk.Notice) {
		switch e := event.(type) {
		case sdk.ScriptsLoaded:
			for _, file := range e.Files {
				logFile(logger, file)
			}
		case sdk.ScriptsRefused:
			logger.Error("a workflow was not registered", "error", e.Err)
		case sdk.HealthListening:
			logger.Info("health port open", "address", e.Address)
		case sdk.WorkerState:
			if !calm.worth(e, sdk.Now()) {
				return
			}
			level := slog.LevelInfo
			if e.Detail != "" {
				level = slog.LevelWarn // why it is not connected
			}
			logger.Log(context.Background(), level, "worker "+e.State, "detail", e.Detail, "worker", e.WorkerID)
		case sdk.TaskFinished:
			level := slog.LevelInfo
			if e.Error != "" {
				level = slog.LevelWarn
			}
			logger.Log(context.Background(), level, "task "+e.Outcome, "workflow", e.Workflow, "task", e.Task, "run", e.RunID,
				"attempt", e.Number, "took", e.Took.String(), "error", e.Error)
		case sdk.TaskLogged:
			logger.Info(e.Message, "workflow", e.Workflow, "task", e.Task, "run", e.RunID, "attempt", e.Number, "task_level", e.Level)
		}
	}
}

func logFile(logger *slog.Logger, file sdk.File) {
	switch file.Status {
	case sdk.FileFailed:
		logger.Error("script does not load", "file", file.Path, "error", describeFileError(file.Error), "serving_generation", file.Generation)
	case sdk.FileEmpty:
		logger.Info("script declares no workflow", "file", file.Path)
	case sdk.FileRemoved:
		logger.Info("script removed, its workflows are withdrawn", "file", file.Path)
	default:
		names := make([]string, len(file.Workflows))
		for i, w := range file.Workflows {
			names[i] = w.Name
		}
		logger.Info("script loaded", "file", file.Path, "generation", file.Generation, "workflows", names, "changes", file.Changes)
	}
}
