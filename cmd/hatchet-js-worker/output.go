package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// outputFlag is -o: how the answer on standard output looks.
type outputFlag struct{ format string }

func (o *outputFlag) register(flags *pflag.FlagSet, usage string) {
	flags.StringVarP(&o.format, "output", "o", "", usage)
}

func (o *outputFlag) check(allowed ...string) error {
	if o.format == "" {
		return nil
	}
	for _, format := range allowed {
		if o.format == format {
			return nil
		}
	}
	return usagef("-o %s: known formats here are %s", o.format, strings.Join(allowed, ", "))
}

func (a *app) printJSON(value any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// printRows writes one JSON document per row.
func printRows[T any](a *app, rows []T) error {
	for _, row := range rows {
		if err := a.printJSON(row); err != nil {
			return err
		}
	}
	return nil
}

// printTable writes aligned columns; plain text, whatever the terminal.
func (a *app) printTable(header []string, rows [][]string) error {
	table := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(header, "\t"))
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// runRows is the table of 'runs list'.
func runRows(runs []sdk.RunSummary) [][]string {
	rows := make([][]string, len(runs))
	for i, run := range runs {
		rows[i] = []string{run.ID, run.Workflow, run.Status, stamp(run.Created), took(run.Started, run.Finished), firstLine(run.Error)}
	}
	return rows
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

func took(started, finished time.Time) string {
	if started.IsZero() || finished.IsZero() {
		return "-"
	}
	return shortDuration(finished.Sub(started))
}

// shortDuration is a duration for people: 41ms, 2.1s, 3m12s.
func shortDuration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// isTerminal says whether w is a terminal that people look at.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// palette colours words on a terminal, unless NO_COLOR is set.
type palette struct{ on bool }

func (a *app) palette() palette {
	noColor, set := a.lookup("NO_COLOR")
	return palette{on: isTerminal(a.stderr) && !(set && noColor != "")}
}

func (p palette) paint(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) red(text string) string   { return p.paint("31", text) }
func (p palette) green(text string) string { return p.paint("32", text) }
func (p palette) dim(text string) string   { return p.paint("2", text) }
func (p palette) bold(text string) string  { return p.paint("1", text) }
