package worker

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"github.com/hatchet-js/hatchet-js-worker/engine/worker/internal/reconnect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// maxLogMessage is the longest line the engine takes, in characters
	// (hatchet-protocol.md section 7.3).
	maxLogMessage = 10_000
	// maxQueuedLines bounds the lines of one attempt that wait to be sent.
	maxQueuedLines = 10_000
	// refusalPatience is how long an engine that answers may refuse the lines of
	// an attempt before the rest is given up.
	refusalPatience = 10 * time.Second
)

// outbox sends what an attempt has to say before its end, one thing after the
// other: that it started, then its log lines. It has a goroutine only while
// something waits to be sent.
type outbox struct {
	attempt *attempt

	mu      sync.Mutex
	started *contract.StepActionEvent // to be sent
	issued  chan struct{}             // closed when the start is on its way; nil before announce
	lines   []*contract.PutLogRequest
	taken   int // lines taken up for sending
	sending bool
	logged  bool // at least one line was ever queued
	dropped int  // lines lost since the last one that was queued
	closed  bool
	drained chan struct{} // closed when nothing is left; nil if nobody waits
}

// announce reports that the handler begins, without waiting for the engine
// (hatchet-protocol.md section 3.7).
func (o *outbox) announce() {
	event := o.attempt.event(contract.StepActionEventType_STEP_EVENT_TYPE_STARTED, `""`)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.started, o.issued = event, make(chan struct{})
	o.work()
}

// log queues one line, or its pieces if it is too long.
func (o *outbox) log(level, message string, fields []byte, at time.Time) {
	message = wireText(message)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	for _, piece := range splitLine(message, maxLogMessage) {
		o.queue(level, piece, fields, at)
	}
	o.work()
}

func (o *outbox) queue(level, message string, fields []byte, at time.Time) {
	if len(o.lines) >= o.attempt.worker.mostLines {
		o.dropped++
		return
	}
	o.markDropped(at)
	o.logged = true
	o.lines = append(o.lines, o.attempt.logRequest(level, message, fields, at))
}

// markDropped leaves a line in the place of those that were dropped.
func (o *outbox) markDropped(at time.Time) {
	if o.dropped == 0 {
		return
	}
	message := fmt.Sprintf("… %d log lines dropped: they came faster than the engine takes them", o.dropped)
	o.lines = append(o.lines, o.attempt.logRequest("WARN", message, nil, at))
	o.dropped = 0
}

// work starts the sender unless it is at work. The attempt is held meanwhile.
func (o *outbox) work() {
	if o.sending || !o.attempt.worker.attempts.hold(o.attempt) {
		return
	}
	o.sending = true
	go o.send()
}

func (o *outbox) send() {
	defer o.attempt.worker.attempts.release(o.attempt)
	if event, issued := o.takeStart(); event != nil {
		close(issued)
		ctx, cancel := context.WithTimeout(o.attempt.life, callTimeout)
		err := o.attempt.sendStart(ctx, event)
		cancel()
		if err != nil {
			o.attempt.worker.logger.Debug("the start of a task was not reported", keyTask, event.TaskRunExternalId, keyError, reconnect.Reason(err))
		}
	}
	for line := o.next(); line != nil; line = o.next() {
		if !o.deliver(line) {
			o.abandon()
		}
	}
}

func (o *outbox) takeStart() (*contract.StepActionEvent, chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	event := o.started
	o.started = nil
	return event, o.issued
}

// next takes the next line; without one the sender's work is done.
func (o *outbox) next() *contract.PutLogRequest {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.lines) > 0 {
		line := o.lines[0]
		o.lines[0] = nil
		o.lines = o.lines[1:]
		o.taken++
		return line
	}
	o.sending, o.lines = false, nil
	if o.drained != nil {
		close(o.drained)
		o.drained = nil
	}
	return nil
}

// deliver sends one line until the engine has it. It reports false when the
// lines of this attempt are not wanted.
func (o *outbox) deliver(line *contract.PutLogRequest) bool {
	w := o.attempt.worker
	backoff := w.pacing
	var refusedSince time.Time
	for {
		pulse := w.pulse.Next()
		ctx, cancel := context.WithTimeout(w.life, callTimeout)
		_, err := w.rpc.events.PutLog(ctx, line)
		cancel()
		if err == nil {
			return true
		}
		now := w.clock.Now()
		if refusedSince.IsZero() || reconnect.Unreachable(err) {
			refusedSince = now
		}
		if reconnect.Refused(err) || now.Sub(refusedSince) >= refusalPatience {
			w.logger.Warn("the engine does not take a task's log lines", keyTask, line.TaskRunExternalId, keyError, reconnect.Reason(err))
			return reconnect.Code(err) == invalidArgument // this line only
		}
		if reconnect.Wait(w.life, w.clock, backoff.Next(), pulse) != nil {
			return false
		}
	}
}

// abandon drops what waits and all that comes later.
func (o *outbox) abandon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.lines = true, nil
}

// flush returns when the start is on its way and every line was delivered, or
// when none was for the length of stall.
func (o *outbox) flush(ctx context.Context, stall time.Duration) {
	issued, drained := o.awaited()
	if issued != nil {
		<-issued
	}
	for sent := -1; drained != nil && ctx.Err() == nil; {
		now := o.progress()
		if now == sent {
			return
		}
		sent = now
		if o.waitDrained(ctx, stall, drained) {
			return
		}
	}
}

// awaited are the channels that are closed when the start is on its way and
// when the lines are; nil for what there is none of.
func (o *outbox) awaited() (issued, drained chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.logged && o.sending && o.drained == nil {
		o.drained = make(chan struct{})
	}
	return o.issued, o.drained
}

// progress counts the lines taken up for sending so far.
func (o *outbox) progress() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken
}

func (o *outbox) waitDrained(ctx context.Context, stall time.Duration, drained chan struct{}) bool {
	_ = reconnect.Wait(ctx, o.attempt.worker.clock, stall, drained)
	select {
	case <-drained:
		return true
	default:
		return false
	}
}

// close refuses further lines: the handler is over.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.markDropped(o.attempt.worker.clock.Now())
	}
	o.closed = true
}

func (t *attempt) logRequest(level, message string, fields []byte, at time.Time) *contract.PutLogRequest {
	level = logLevel(level)
	return &contract.PutLogRequest{
		TaskRunExternalId: t.logTask(), CreatedAt: timestamppb.New(at), Message: message,
		Level: &level, Metadata: string(fields), TaskRetryCount: t.retry(),
	}
}

func logLevel(level string) string {
	switch level {
	case "DEBUG", "WARN", "ERROR":
		return level
	}
	return "INFO"
}

// wireText makes text that the contract can carry and the engine can store:
// valid UTF-8 without NUL. An empty line becomes a blank, for the engine wants
// at least one character.
func wireText(text string) string {
	if text == "" {
		return " "
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// splitLine cuts text into pieces of at most most characters.
func splitLine(text string, most int) []string {
	if len(text) <= most {
		return []string{text}
	}
	var pieces []string
	for utf8.RuneCountInString(text) > most {
		end := 0
		for range most {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		pieces, text = append(pieces, text[:end]), text[end:]
	}
	return append(pieces, text)
}
