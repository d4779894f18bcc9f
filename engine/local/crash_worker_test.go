package local_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// crashWorker works for one engine after the other. It reports until a report is
// acknowledged, as workers do.
type crashWorker struct {
	*survivor
	id       string
	attempts sync.WaitGroup

	mu   sync.Mutex
	seen map[string]bool // attempts that it has or had
}

func newCrashWorker(s *survivor) *crashWorker {
	s.t.Helper()
	l := s.current()
	reply, err := l.dispatcher.Register(l.ctx, &contract.WorkerRegisterRequest{
		WorkerName: "survivor", Actions: []string{"job:work", "chain:a", "chain:b", "flaky:work", "remind:wait", "hear:work"},
		SlotConfig: map[string]int32{"default": 20, "durable": 50},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return &crashWorker{survivor: s, id: reply.WorkerId, seen: map[string]bool{}}
}

// serve listens to one life after the other.
func (w *crashWorker) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer w.attempts.Wait()
	defer cancel()
	w.attempts.Go(func() { w.beat(ctx) })
	for ctx.Err() == nil {
		w.until(ctx, func(ctx context.Context, l *life) error {
			stream, err := l.dispatcher.ListenV2(ctx, &contract.WorkerListenRequest{WorkerId: w.id})
			for err == nil {
				var a *contract.AssignedAction
				if a, err = stream.Recv(); err == nil {
					w.receive(ctx, a)
				}
			}
			return err
		})
	}
}

func (w *crashWorker) beat(ctx context.Context) {
	for ctx.Err() == nil {
		_, err := w.current().dispatcher.Heartbeat(ctx, &contract.HeartbeatRequest{WorkerId: w.id})
		if err != nil && !lost(err) && status.Code(err) != codes.FailedPrecondition {
			w.t.Errorf("heartbeat: %v", err)
		}
		wait := time.Second
		if err != nil {
			wait = 5 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// receive starts an attempt that it has not had.
func (w *crashWorker) receive(ctx context.Context, a *contract.AssignedAction) {
	if a.ActionType != contract.ActionType_START_STEP_RUN {
		w.t.Errorf("received %v", a.ActionType)
		return
	}
	key := fmt.Sprint(a.TaskRunExternalId, a.RetryCount, a.GetDurableTaskInvocationCount())
	w.mu.Lock()
	had := w.seen[key]
	w.seen[key] = true
	w.mu.Unlock()
	if had {
		return
	}
	known := w.ledger.copy()
	if output, done := known.done[a.TaskRunExternalId]; done {
		w.t.Errorf("attempt %s is assigned, its completion with %s was acknowledged", key, output)
	}
	if retry, failed := known.failed[a.TaskRunExternalId]; failed && a.RetryCount <= retry {
		w.t.Errorf("attempt %s is assigned, the failure of attempt %d was acknowledged", key, retry)
	}
	w.attempts.Go(func() { w.attempt(ctx, a) })
}

func (w *crashWorker) attempt(ctx context.Context, a *contract.AssignedAction) {
	w.once(ctx, func(ctx context.Context, l *life) error {
		return w.report(ctx, l, a, contract.StepActionEventType_STEP_EVENT_TYPE_STARTED, "")
	})
	kind, payload := contract.StepActionEventType_STEP_EVENT_TYPE_COMPLETED, fmt.Sprintf(`{"by":%q}`, uuid.NewString())
	switch {
	case a.ActionId == "flaky:work" && a.RetryCount == 0:
		kind = contract.StepActionEventType_STEP_EVENT_TYPE_FAILED
	case a.ActionId == "remind:wait":
		memo, done := w.remind(ctx, a)
		if !done {
			return // another invocation follows
		}
		payload = memo
	default:
		time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
	}
	w.until(ctx, func(ctx context.Context, l *life) error {
		err := w.report(ctx, l, a, kind, payload)
		if err == nil {
			w.ledger.note(func(l *ledger) {
				if kind == contract.StepActionEventType_STEP_EVENT_TYPE_FAILED {
					l.failed[a.TaskRunExternalId] = a.RetryCount
				} else {
					l.done[a.TaskRunExternalId] = payload
				}
			})
		}
		return err
	})
}

func (w *crashWorker) report(ctx context.Context, l *life, a *contract.AssignedAction, kind contract.StepActionEventType, payload string) error {
	_, err := l.dispatcher.SendStepActionEvent(ctx, &contract.StepActionEvent{
		WorkerId: w.id, TaskRunExternalId: a.TaskRunExternalId, ActionId: a.ActionId,
		EventType: kind, EventPayload: payload, RetryCount: &a.RetryCount,
	})
	return err
}

// remind is the handler of a durable task: a memo, and a sleep through which it
// is evicted. It gives the memo once it has slept.
func (w *crashWorker) remind(ctx context.Context, a *contract.AssignedAction) (memo string, done bool) {
	c := &conversation{crashWorker: w, about: a}
	err := c.open(ctx, w.current())
	if err == nil {
		memo, done, err = c.handler()
	}
	if err == nil || errors.Is(err, errTaken) || ctx.Err() != nil {
		return memo, done
	}
	if !lost(err) {
		w.t.Errorf("a durable task came to %v", err)
	}
	w.until(ctx, c.giveBack)
	return "", false
}

// conversation is a DurableTask stream about one invocation.
type conversation struct {
	*crashWorker
	about  *contract.AssignedAction
	stream v1.V1Dispatcher_DurableTaskClient
}

func (c *conversation) open(ctx context.Context, l *life) (err error) {
	if c.stream, err = l.durable.DurableTask(ctx); err != nil {
		return err
	}
	return c.ask(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_RegisterWorker{
		RegisterWorker: &v1.DurableTaskRequestRegisterWorker{WorkerId: c.id}}}, func(res *v1.DurableTaskResponse) bool {
		return res.GetRegisterWorker() != nil
	})
}

// errTaken says that another invocation has the task.
var errTaken = errors.New("taken")

// ask sends a request, if there is one, and reads until the answer.
func (c *conversation) ask(req *v1.DurableTaskRequest, answers func(*v1.DurableTaskResponse) bool) error {
	if req != nil {
		if err := c.stream.Send(req); err != nil {
			return err
		}
	}
	for {
		res, err := c.stream.Recv()
		switch {
		case err != nil:
			return err
		case res.GetError() != nil:
			return status.Error(codes.Unknown, res.GetError().ErrorMessage)
		case res.GetServerEvict() != nil:
			return errTaken
		case answers(res):
			return nil
		}
	}
}

func (c *conversation) handler() (memo string, done bool, err error) {
	id, invocation := c.about.TaskRunExternalId, c.about.GetDurableTaskInvocationCount()
	if memo, err = c.memo([]byte("first")); err != nil {
		return "", false, err
	}
	over := false
	err = c.ask(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_WaitFor{WaitFor: &v1.DurableTaskWaitForRequest{
		InvocationCount: invocation, DurableTaskExternalId: id,
		WaitForConditions: &v1.DurableEventListenerConditions{SleepConditions: []*v1.SleepMatchCondition{{
			Base: &v1.BaseMatchCondition{ReadableDataKey: "sleep"}, SleepFor: "150ms"}}},
	}}}, func(res *v1.DurableTaskResponse) bool { return res.GetWaitForAck() != nil })
	if err != nil {
		return "", false, err
	}
	c.ledger.note(func(l *ledger) { l.memos[id] = memo }) // it came before what was acknowledged
	if invocation == 1 {
		return "", false, c.evict()
	}
	err = c.ask(nil, func(res *v1.DurableTaskResponse) bool {
		over = over || res.GetEntryCompleted().GetRef().GetNodeId() == 2
		return over
	})
	return memo, over, err
}

// memo remembers a random value, or gives the one that is remembered.
func (c *conversation) memo(key []byte) (value string, err error) {
	var ack *v1.DurableTaskEventMemoAckResponse
	err = c.ask(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_Memo{Memo: &v1.DurableTaskMemoRequest{
		InvocationCount: c.about.GetDurableTaskInvocationCount(), DurableTaskExternalId: c.about.TaskRunExternalId, Key: key,
	}}}, func(res *v1.DurableTaskResponse) bool { ack = res.GetMemoAck(); return ack != nil })
	if err != nil {
		return "", err
	}
	known, kept := c.ledger.copy().memos[c.about.TaskRunExternalId]
	if kept && string(ack.MemoResultPayload) != known {
		c.t.Errorf("a memo was %s and became %s", known, ack.MemoResultPayload)
	}
	if ack.MemoAlreadyExisted {
		return string(ack.MemoResultPayload), nil
	}
	value = fmt.Sprintf("%q", uuid.NewString())
	return value, c.stream.Send(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_CompleteMemo{
		CompleteMemo: &v1.DurableTaskCompleteMemoRequest{Ref: ack.Ref, MemoKey: key, Payload: []byte(value)}}})
}

// evict forgets the invocation; the engine alone has to wake the task.
func (c *conversation) evict() error {
	id, invocation := c.about.TaskRunExternalId, c.about.GetDurableTaskInvocationCount()
	err := c.ask(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_EvictInvocation{
		EvictInvocation: &v1.DurableTaskEvictInvocationRequest{InvocationCount: invocation, DurableTaskExternalId: id}}},
		func(res *v1.DurableTaskResponse) bool { return res.GetEvictionAck() != nil })
	if err == nil {
		c.ledger.note(func(l *ledger) { l.sleeps[id] = invocation })
	}
	return err
}

// giveBack has another invocation take over from one that broke.
func (c *conversation) giveBack(ctx context.Context, l *life) error {
	if err := c.open(ctx, l); err != nil {
		return err
	}
	if err := c.evict(); err != nil && !errors.Is(err, errTaken) {
		return err
	}
	_, err := l.dispatcher.RestoreEvictedTask(ctx, &contract.RestoreEvictedTaskRequest{TaskRunExternalId: c.about.TaskRunExternalId})
	return err
}
