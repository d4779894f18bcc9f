package main

import (
	"log/slog"
	"strings"
)

// logger builds the process's logger: text on a terminal, JSON elsewhere,
// unless --log-format says otherwise.
func (a *app) logger() (*slog.Logger, error) { return a.loggerFrom(slog.LevelInfo) }

// quietLogger is for verbs that tell people what happens in lines of their own:
// without --log-level it keeps to warnings.
func (a *app) quietLogger() (*slog.Logger, error) { return a.loggerFrom(slog.LevelWarn) }

func (a *app) loggerFrom(level slog.Level) (*slog.Logger, error) {
	if a.logLevel != "" {
		if err := level.UnmarshalText([]byte(strings.ToUpper(a.logLevel))); err != nil {
			return nil, usagef("--log-level %s: known levels are debug, info, warn and error", a.logLevel)
		}
	}
	format := a.logFormat
	if format == "" {
		format = "json"
		if isTerminal(a.stderr) {
			format = "text"
		}
	}
	options := &slog.HandlerOptions{Level: level}
	switch format {
	case "json":
		return slog.New(slog.NewJSONHandler(a.stderr, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(a.stderr, options)), nil
	}
	return nil, usagef("--log-format %s: known formats are text and json", format)
}
