package hatchet

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/web/console"
)

// consoleSink takes what scripts write to the console.
type consoleSink struct{ realm *Realm }

var consoleLevels = map[console.Level]Level{
	console.Debug: LevelDebug, console.Info: LevelInfo, console.Warn: LevelWarn, console.Error: LevelError,
}

func (s consoleSink) Write(level console.Level, text string) {
	if u := s.realm.current; u != nil {
		u.log(consoleLevels[level], text, nil)
		return
	}
	s.realm.loadLog(consoleLevels[level], text)
}

var slogLevels = map[Level]slog.Level{
	LevelDebug: slog.LevelDebug, LevelInfo: slog.LevelInfo, LevelWarn: slog.LevelWarn, LevelError: slog.LevelError,
}

// loadLog takes what is written while no task runs.
func (r *Realm) loadLog(level Level, text string) {
	if r.options.Redact != nil {
		text = r.options.Redact(text)
	}
	if r.options.Console != nil {
		r.options.Console(level, text)
		return
	}
	r.vm.Options().Logger.Log(context.Background(), slogLevels[level], text)
}

// log writes to the task's log, unless the handler repeats what it has logged
// before.
func (u *run) log(level Level, text string, fields []byte) {
	if u.repeating() {
		return
	}
	if check := u.realm.options.Log; check != nil {
		var err error
		if text, err = check(u.realm.vm.RunContext(), u.realm.position(), text); err != nil {
			u.realm.throw(err)
		}
	}
	if u.replaying() {
		u.held.hold(heldLine{write: func() { u.write(level, text, fields) }})
		return
	}
	u.held.release()
	u.write(level, text, fields)
}

// write hands text to the host in pieces that Hatchet takes. The fields go with
// the first of them.
func (u *run) write(level Level, text string, fields []byte) {
	if u.inv.Host == nil {
		u.realm.loadLog(level, text)
		return
	}
	for piece := range pieces(text) {
		u.inv.Host.Log(level, piece, fields)
		fields = nil
	}
}

// pieces parts text into messages of 1 to [MaxLogMessage] characters, at the end
// of a line where one is near. NUL, which Hatchet cannot store, is replaced.
func pieces(text string) func(yield func(string) bool) {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\u2400"), "\uFFFD")
	if text == "" {
		text = " " // an empty line is a line; Hatchet takes no empty message
	}
	return func(yield func(string) bool) {
		for len(text) > MaxLogMessage && utf8.RuneCountInString(text) > MaxLogMessage {
			cut := byteOfRune(text, MaxLogMessage)
			skip := 0
			if line := strings.LastIndexByte(text[:cut], '\n'); line > cut/2 {
				cut, skip = line, 1
			}
			if !yield(text[:cut]) {
				return
			}
			text = text[cut+skip:]
		}
		if text != "" {
			yield(text)
		}
	}
}

// byteOfRune is where the n-th character of text begins.
func byteOfRune(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

var levelNames = map[string]Level{
	"DEBUG": LevelDebug, "INFO": LevelInfo, "LOG": LevelInfo, "WARN": LevelWarn, "WARNING": LevelWarn, "ERROR": LevelError,
}

// contextLog is ctx.log(message, level?, extra?).
func contextLog(r *Realm, call goja.FunctionCall) goja.Value {
	u := r.self(call, "ctx.log")
	level := LevelInfo
	if given := call.Argument(1); !native.Missing(given) {
		name := native.String(r.rt, given, "ctx.log: the level")
		known := false
		if level, known = levelNames[strings.ToUpper(name)]; !known {
			r.fail("ctx.log: the level must be DEBUG, INFO, WARN or ERROR, got %q", name)
		}
	}
	r.logMessage(u, level, call.Argument(0), call.Argument(2))
	return goja.Undefined()
}

// loggerMethod is ctx.logger.info(message, extra?) and the like.
func loggerMethod(level Level) func(*Realm, goja.FunctionCall) goja.Value {
	return func(r *Realm, call goja.FunctionCall) goja.Value {
		u := r.running("ctx.logger")
		r.logMessage(u, level, call.Argument(0), call.Argument(1))
		return goja.Undefined()
	}
}

var loggerMembers = []native.Member[*Realm]{
	{Name: "debug", Type: "(message: unknown, extra?: unknown): void",
		Doc:    "Writes a message of level DEBUG.",
		Length: 1, Call: loggerMethod(LevelDebug)},
	{Name: "info", Type: "(message: unknown, extra?: unknown): void",
		Doc:    "Writes a message of level INFO.",
		Length: 1, Call: loggerMethod(LevelInfo)},
	{Name: "warn", Type: "(message: unknown, extra?: unknown): void",
		Doc:    "Writes a message of level WARN.",
		Length: 1, Call: loggerMethod(LevelWarn)},
	{Name: "error", Type: "(message: unknown, extra?: unknown): void",
		Doc:    "Writes a message of level ERROR.",
		Length: 1, Call: loggerMethod(LevelError)},
}

func (r *Realm) logMessage(u *run, level Level, message, extra goja.Value) {
	u.log(level, r.console.Format(message), r.logFields(extra))
}

// logFields is the JSON object of what goes with a message; nil if nothing
// does. What JSON cannot express goes as the console shows it: a task does not
// fail for what it logs.
func (r *Realm) logFields(extra goja.Value) []byte {
	if native.Missing(extra) {
		return nil
	}
	text, err := r.encoder.Encode(r.fieldsOf(extra, r.logField))
	if part := (*value.NotJSONError)(nil); errors.As(err, &part) {
		text, err = r.encoder.Encode(r.fieldsOf(extra, r.expressible))
	}
	if err != nil {
		r.throw(err)
	}
	return text
}

// fieldsOf is an object of the properties of extra, each as field gives it.
func (r *Realm) fieldsOf(extra goja.Value, field func(goja.Value) goja.Value) *goja.Object {
	fields := r.rt.NewObject()
	if !native.IsPlain(extra) {
		_ = fields.Set("extra", field(extra))
		return fields
	}
	source := extra.(*goja.Object)
	for _, key := range source.Keys() {
		_ = fields.DefineDataProperty(key, field(source.Get(key)), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	}
	return fields
}

// logField gives the text of what JSON would refuse, or leave out or empty.
func (r *Realm) logField(v goja.Value) goja.Value {
	refused := goja.IsBigInt(v)
	switch v := v.(type) {
	case *goja.Symbol:
		refused = true
	case *goja.Object:
		class := v.ClassName()
		refused = class == "Error" || class == "Function" || class == "Object" && !native.IsPlain(v)
	}
	if refused {
		return r.rt.ToValue(r.console.Format(v))
	}
	return v
}

// expressible is logField for what may be refused because of a part of it.
func (r *Realm) expressible(v goja.Value) goja.Value {
	v = r.logField(v)
	if _, err := r.encoder.Encode(v); err != nil {
		return r.rt.ToValue(r.console.Format(v))
	}
	return v
}
