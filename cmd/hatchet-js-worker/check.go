package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/cobra"
)

func (a *app) checkCommand() *cobra.Command {
	output, permits, types := &outputFlag{}, &permissionFlags{}, false
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Load and validate scripts and permissions, draw the graph, start nothing",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check("text", "json"); err != nil {
				return err
			}
			permissions, closeAudit, err := a.permissions(permits, false)
			if err != nil {
				return err
			}
			report, err := sdk.Check(cmd.Context(), pathsOr(args, "."), sdk.LoadOptions{Permissions: permissions})
			if err = errors.Join(err, closeAudit()); err != nil {
				return err
			}
			if output.format == "json" {
				err = a.printJSON(report)
			} else {
				a.printReport(report)
			}
			if err != nil {
				return err
			}
			return a.verdict(cmd.Context(), report, types)
		},
	}
	output.register(cmd.Flags(), "text or json")
	permits.register(cmd.Flags())
	cmd.Flags().BoolVar(&types, "types", false, "check the types with tsc, of node_modules or the PATH")
	return cmd
}

// verdict is the error for scripts that do not load or, if types are to be
// checked, whose types are wrong. What the compiler says goes to stderr.
func (a *app) verdict(ctx context.Context, report *sdk.Report, types bool) error {
	right := true
	if types {
		var err error
		if right, err = a.checkTypes(ctx, report, a.stderr); err != nil {
			return err
		}
	}
	if report.Failed > 0 || !right {
		return &exitError{code: exitScripts}
	}
	return nil
}

func pathsOr(args []string, standard string) []string {
	if len(args) == 0 {
		return []string{standard}
	}
	return args
}

// printReport draws each workflow's tasks below what they wait for.
func (a *app) printReport(report *sdk.Report) {
	for _, file := range report.Files {
		switch file.Status {
		case sdk.FileFailed:
			fmt.Fprintf(a.stdout, "%s\n  does not load: %s\n", file.Path, indent(describeFileError(file.Error)))
		case sdk.FileEmpty:
			fmt.Fprintf(a.stdout, "%s\n  %s\n", file.Path, emptyFile(file))
		default:
			fmt.Fprintln(a.stdout, file.Path)
			for _, workflow := range file.Workflows {
				a.printWorkflow(workflow)
			}
		}
	}
	for _, warning := range report.Warnings {
		fmt.Fprintln(a.stderr, "warning:", warning)
	}
	fmt.Fprintf(a.stdout, "\n%s, %s, %d not loaded\n", count(len(report.Files), "file"), count(report.Workflows, "workflow"), report.Failed)
}

// emptyFile says of a file without workflows of its own where they are.
func emptyFile(file sdk.File) string {
	if len(file.ServedBy) == 0 {
		return "no workflow declared"
	}
	return "its workflows are served by " + strings.Join(file.ServedBy, ", ")
}

func (a *app) printWorkflow(w sdk.DeclaredWorkflow) {
	fmt.Fprintf(a.stdout, "  %s  %s\n", w.Name, strings.Join(workflowFacts(w), "  "))
	for _, task := range w.Tasks {
		line := "    " + task.Name
		if len(task.Parents) > 0 {
			line += "  ← " + strings.Join(task.Parents, ", ")
		}
		fmt.Fprintln(a.stdout, line+taskFacts(task))
	}
	if w.OnFailure != "" {
		fmt.Fprintln(a.stdout, "    on failure")
	}
}

func taskFacts(task sdk.DeclaredTask) string {
	facts := ""
	if task.Durable {
		facts += "  durable"
	}
	if task.Retries > 0 {
		facts += fmt.Sprintf("  retries %d", task.Retries)
	}
	return facts + "  timeout " + task.Timeout
}

// workflowFacts say in words what a workflow is and what starts it.
func workflowFacts(w sdk.DeclaredWorkflow) []string {
	var facts []string
	switch w.Kind {
	case "dag":
		facts = append(facts, "dag, "+count(len(w.Tasks), "task"))
	default:
		facts = append(facts, w.Kind)
	}
	if len(w.Events) > 0 {
		facts = append(facts, "on "+strings.Join(w.Events, ", "))
	}
	for _, cron := range w.Crons {
		facts = append(facts, "cron "+cron.Expression)
	}
	return facts
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// describeFileError is the place and the message and, below them, the source
// around the place, what else is to say, and further reasons.
func describeFileError(e *sdk.FileError) string {
	text := e.Message
	if e.Line > 0 {
		text = fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	}
	if e.Frame != "" {
		frame := strings.TrimRight(e.Frame, "\n")
		text += "\n" + strings.TrimSuffix(frame, " "+e.Message)
	}
	for _, more := range append(e.Notes, e.More...) {
		text += "\n" + more
	}
	return text
}

func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }
