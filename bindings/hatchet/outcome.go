package hatchet

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// MaxOutput is the largest output of a task in bytes: what fits a message of
// 4 MiB beside the ids (hatchet-protocol.md section 3.7).
const MaxOutput = 4<<20 - 16<<10

// settle encodes what the handler gave.
func (u *run) settle(result goja.Value) error {
	if u.output != nil { // remembered under the checkpoint key
		return nil
	}
	if u.inv.Batch != nil {
		return u.settleBatch(result)
	}
	output, err := u.encode(result)
	if err != nil {
		return err
	}
	u.output = output
	if u.complete != nil {
		u.complete(output)
	}
	return nil
}

// encode writes an output as JSON that Hatchet takes. Falsy values become null,
// as Hatchet's TypeScript SDK reports them (hatchet-protocol.md section 3.7).
func (u *run) encode(result goja.Value) ([]byte, error) {
	if native.Missing(result) || !goja.IsBigInt(result) && !result.ToBoolean() {
		result = goja.Null()
	}
	output, err := u.realm.encoder.Encode(result)
	if err != nil {
		return nil, u.badOutput(err)
	}
	if output == nil {
		output = []byte("null")
	}
	return output, u.checkOutput(output, result)
}

// checkOutput refuses what Hatchet would not take, or misunderstand.
func (u *run) checkOutput(output []byte, result goja.Value) error {
	switch {
	case len(output) > MaxOutput:
		return u.outputError(&TaskError{NonRetryable: true, Message: fmt.Sprintf(
			"the output has %d bytes (%s), and Hatchet takes at most %d (4 MiB with the envelope): return less, or store it elsewhere and return where",
			len(output), mebibytes(len(output)), MaxOutput)})
	case output[0] != '{' && string(output) != "null" && u.task.followed():
		return u.outputError(&TaskError{NonRetryable: true, Message: fmt.Sprintf(
			"the output is %s, and other tasks come after this one: Hatchet starts those only after an object or nothing; return an object like { value: … }",
			native.Describe(result))})
	case hasNUL(output):
		return u.outputError(&TaskError{NonRetryable: true, Message: "the output contains the character U+0000, which Hatchet cannot store: take it out of the text"})
	}
	return nil
}

// followed reports whether the engine decides by this task's end what happens
// to others. It can do so only when the output is an object or null: after
// anything else those would wait for ever (hatchet-protocol.md section 9.2).
func (t *task) followed() bool {
	d := t.workflow
	if d.onFailure != nil && t != d.onFailure {
		return true
	}
	return slices.ContainsFunc(d.tasks, func(other *task) bool { return slices.Contains(other.Parents, t.Name) })
}

// badOutput explains why an output is no JSON.
func (u *run) badOutput(err error) error {
	var part *value.NotJSONError
	if !errors.As(err, &part) {
		return err // what a toJSON method threw
	}
	return u.outputError(&TaskError{Message: "the output cannot be reported: " + part.Error(), Cause: part})
}

// outputError adds where the task was declared, for lack of a better place.
func (u *run) outputError(err *TaskError) error {
	err.Stack = "Error: " + err.Message
	if at := u.task.Position.String(); at != "" {
		err.Stack += fmt.Sprintf("\n    at %s (%s)", u.task.label(), at)
	}
	return err
}

func mebibytes(n int) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// hasNUL reports whether JSON text contains an escaped NUL.
func hasNUL(text []byte) bool {
	escape := []byte(`\u0000`)
	for at := 0; ; {
		i := bytes.Index(text[at:], escape)
		if i < 0 {
			return false
		}
		i += at
		before := i
		for before > 0 && text[before-1] == '\\' {
			before--
		}
		if (i-before)%2 == 0 {
			return true
		}
		at = i + len(escape)
	}
}

// failure is what Invoke returns for an error of the VM.
func (u *run) failure(err error) error {
	var (
		script  *vm.ScriptError
		stalled *vm.StalledError
		stopped *vm.InterruptError
		held    *vm.AbandonedError
		failed  *TaskError
	)
	switch {
	case errors.As(err, &stopped) && isFinal(stopped.Cause):
		return u.stopped(err, stopped.Cause, stopped.Position)
	case errors.As(err, &held) && isFinal(held.Cause):
		return u.stopped(err, held.Cause, vm.Position{})
	case errors.As(err, &failed):
		return failed
	case errors.As(err, &script):
		return u.scriptFailure(script)
	case errors.As(err, &stalled):
		return u.outputError(&TaskError{Message: stalled.Error(), Cause: stalled})
	}
	return err
}

// stopped is the failure of a run that was stopped for what it did itself, such
// as using up a limit.
func (u *run) stopped(err, cause error, at vm.Position) error {
	message := cause.Error()
	var named vm.Named
	if errors.As(cause, &named) {
		message = named.ErrorName() + ": " + message
	}
	failed := &TaskError{Message: message, NonRetryable: true, Cause: err}
	if at == (vm.Position{}) {
		return u.outputError(failed)
	}
	failed.Stack = fmt.Sprintf("Error: %s\n    at %s", message, at)
	return failed
}

func (u *run) scriptFailure(script *vm.ScriptError) error {
	message := script.Message
	if isFinal(script.Cause) {
		message = script.Name + ": " + message // NotCapable, FetchLimitExceeded: the name says what to look for
	}
	if script.Unhandled {
		message = "unhandled rejection: " + message
	}
	if message == "" {
		message = script.Error()
	}
	if message == "" {
		message = "the task threw an error without a message"
	}
	return &TaskError{
		Message: message, Stack: script.Stack, Cause: script,
		NonRetryable: script.Name == nonRetryableName || u.realm.isNonRetryable(script.Value) || isFinal(script.Cause),
	}
}

// isFinal reports whether a Go error says of itself that trying again is of no
// use, as a missing permission does.
func isFinal(err error) bool {
	var final interface{ NonRetryable() bool }
	return errors.As(err, &final) && final.NonRetryable()
}

var proxyType = reflect.TypeFor[goja.Proxy]()

// isNonRetryable reports whether a thrown value is a NonRetryableError under
// another name. The run is over and nothing would stop a script's code, so a
// proxy, whose traps are such code, is not asked.
func (r *Realm) isNonRetryable(thrown goja.Value) bool {
	object, ok := thrown.(*goja.Object)
	if !ok || r.nonRetryable == nil || r.vm.Dead() {
		return false
	}
	for object != nil && object != r.nonRetryable && object.ExportType() != proxyType {
		object = object.Prototype()
	}
	return object == r.nonRetryable
}
