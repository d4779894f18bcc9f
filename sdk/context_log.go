package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

// taskLog is the handler of a task's logger. Its JSON handlers write what goes
// along with a message.
type taskLog struct {
	context *Context
	with    func(slog.Handler) slog.Handler // attributes and groups; nil = none
}

// Enabled implements [slog.Handler]: the engine shows all levels.
func (l *taskLog) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements [slog.Handler].
func (l *taskLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return l.adding(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

// WithGroup implements [slog.Handler].
func (l *taskLog) WithGroup(name string) slog.Handler {
	return l.adding(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (l *taskLog) adding(more func(slog.Handler) slog.Handler) slog.Handler {
	before := l.with
	if before == nil {
		return &taskLog{l.context, more}
	}
	return &taskLog{l.context, func(h slog.Handler) slog.Handler { return more(before(h)) }}
}

// Handle implements [slog.Handler].
func (l *taskLog) Handle(ctx context.Context, record slog.Record) error {
	fields, err := l.fields(ctx, record)
	if err != nil {
		return err
	}
	level := hatchet.LevelError
	switch {
	case record.Level < slog.LevelInfo:
		level = hatchet.LevelDebug
	case record.Level < slog.LevelWarn:
		level = hatchet.LevelInfo
	case record.Level < slog.LevelError:
		level = hatchet.LevelWarn
	}
	message := record.Message
	if message == "" {
		message = " " // a line has at least one character
	}
	l.context.log.write(func() { l.context.host.Log(level, message, fields) })
	return nil
}

// fields are the attributes of a record as a JSON object; nil if there are none.
func (l *taskLog) fields(ctx context.Context, record slog.Record) ([]byte, error) {
	var out bytes.Buffer
	own := false // what the handler writes of a record by itself is next
	inner := slog.Handler(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug - 100, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if own && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
			own = a.Key != slog.MessageKey
			return slog.Attr{}
		}
		return a
	}}))
	if l.with != nil {
		inner = l.with(inner)
	}
	own = true
	if err := inner.Handle(ctx, record); err != nil {
		return nil, err
	}
	if fields := bytes.TrimSpace(out.Bytes()); !bytes.Equal(fields, []byte("{}")) {
		return json.RawMessage(fields), nil
	}
	return nil, nil
}

// heldLines keeps the lines of a durable task while it may be repeating what it
// wrote before: it is if the next operation is answered from the event log.
type heldLines struct {
	log hatchet.Durable // nil = no durable task

	mu    sync.Mutex
	lines []func()
}

// write writes a line, or holds it, or drops one that was written before.
func (h *heldLines) write(line func()) {
	switch {
	case h.log == nil || !h.log.Replaying():
		line()
	case h.log.Unsure():
		h.mu.Lock()
		defer h.mu.Unlock()
		h.lines = append(h.lines, line)
	}
}

// answered decides about what is held: the handler goes on with an answer.
func (h *heldLines) answered() {
	if !h.log.Replaying() {
		h.release()
	}
	h.take()
}

// release writes what is held.
func (h *heldLines) release() {
	for _, line := range h.take() {
		line()
	}
}

func (h *heldLines) take() []func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := h.lines
	h.lines = nil
	return lines
}
