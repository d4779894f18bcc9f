package core

import "time"

// Core is the state of an engine. It belongs to one goroutine.
type Core struct {
	config  Config
	now     time.Time
	seq     uint64 // orders everything that must be in order
	effects []Effect
	timers  timerHeap
	present time.Time // of the last command, in the journal or not
	alarms  timerHeap // of workers' lives

	workflows    map[string]*workflow
	workflowList []*workflow
	triggers     triggerIndex

	runs  map[string]*run
	tasks map[string]*task
	all   list[*run] // by creation
	done  list[*run] // by end
	ended []*task    // their end is not yet told to other tasks

	workers map[string]*worker
	known   list[*worker] // by registration
	actions map[string]*action
	blocked list[*action] // with queued tasks that no worker could take
	turns   uint64        // orders blocked
	fresh   []*class      // with queued tasks not yet offered to workers
	freed   []*worker     // with room that was not yet offered to tasks

	batchGroups map[string]*batchGroup // by step and key
	batches     map[string]*batch      // with members under way

	groups  map[string]*group // of concurrency, by scope and key
	touched []*group          // that somebody joined or left
	rates   map[string]*rate
	claims  map[string]*claim // of idempotency keys

	listeners map[string]*list[*waiter] // event conditions by event key
	history   []pastEvent               // events with a scope, for lookback
	sessions  map[string]string         // worker id by durable session

	scheduled map[string]*scheduledRun
	toCome    list[*scheduledRun] // by creation
	crons     map[string]*cronTrigger
	filters   map[string]*eventFilter
	webhooks  map[string]*Webhook // by name
	deletions map[string]int      // of workflows, by name
	events    []*eventRecord      // the newest, oldest first
}

// New makes an empty engine.
func New(config Config) *Core {
	config = config.withDefaults()
	return &Core{
		config:      config,
		workflows:   map[string]*workflow{},
		triggers:    triggerIndex{exact: map[string][]eventTrigger{}, of: map[*workflow][]string{}},
		runs:        map[string]*run{},
		tasks:       map[string]*task{},
		workers:     map[string]*worker{},
		actions:     map[string]*action{},
		batchGroups: map[string]*batchGroup{},
		batches:     map[string]*batch{},
		groups:      map[string]*group{},
		rates:       map[string]*rate{},
		claims:      map[string]*claim{},
		listeners:   map[string]*list[*waiter]{},
		sessions:    map[string]string{},
		scheduled:   map[string]*scheduledRun{},
		crons:       map[string]*cronTrigger{},
		filters:     map[string]*eventFilter{},
		webhooks:    map[string]*Webhook{},
		deletions:   map[string]int{},
	}
}

// Apply carries out cmd at the time now and returns what must be done because
// of it. A time before that of an earlier call counts as that earlier time, except
// for the liveness of workers, which goes by the monotonic clock if now has a
// reading of it. The
// caller owns the returned slice; byte slices in it are shared and not to be
// changed.
func (c *Core) Apply(now time.Time, cmd Command) []Effect {
	c.present = now
	if now = now.Round(0).UTC(); now.After(c.now) && c.Journals(cmd) {
		c.now = now // what is not in the journal must leave no trace
	}
	c.effects = nil
	value, err := c.do(cmd)
	c.emit(Reply{Value: value, Err: err})
	c.settle()
	c.schedule()
	effects := c.effects
	c.effects = nil
	return effects
}

func (c *Core) emit(e Effect) { c.effects = append(c.effects, e) }

// next counts up the number that orders things.
func (c *Core) next() uint64 {
	c.seq++
	return c.seq
}

// do is the table of commands. A nil value with a nil error is an empty answer.
func (c *Core) do(cmd Command) (any, *Error) {
	switch cmd := cmd.(type) {
	case PutWorkflow:
		return answer(c.putWorkflow(&cmd))
	case RegisterWorker:
		return answer(c.registerWorker(&cmd))
	case WorkerConnected:
		return nil, c.workerConnected(&cmd)
	case WorkerDisconnected:
		return nil, c.workerDisconnected(&cmd)
	case Heartbeat:
		return nil, c.heartbeat(&cmd)
	case WorkerSilent:
		return nil, c.workerSilent(&cmd)
	case Unsubscribe:
		return nil, c.unsubscribe(&cmd)
	case UpsertLabels:
		return nil, c.upsertLabels(&cmd)
	case PauseWorker:
		return nil, c.pauseWorker(&cmd)
	case Trigger:
		return answer(c.trigger(&cmd))
	case PushEvent:
		return answer(c.pushEvent(&cmd))
	case TaskStarted:
		return nil, c.taskStarted(&cmd)
	case TaskCompleted:
		return nil, c.taskCompleted(&cmd)
	case TaskFailed:
		return nil, c.taskFailed(&cmd)
	case TaskCancelled:
		return nil, c.taskCancelled(&cmd)
	case SendFailed:
		return nil, c.sendFailed(&cmd)
	case BatchSendFailed:
		return nil, c.batchSendFailed(&cmd)
	case BatchReport:
		return nil, c.batchReport(&cmd)
	case RefreshTimeout:
		return answer(c.refreshTimeout(&cmd))
	case ReleaseSlot:
		return nil, c.releaseSlot(&cmd)
	case Cancel:
		return answer(c.cancel(&cmd))
	case Replay:
		return answer(c.replay(&cmd))
	case PutLog:
		return nil, c.putLog(&cmd)
	case StreamEvent:
		return nil, c.streamEvent(&cmd)
	case PutRateLimit:
		return nil, c.putRateLimit(&cmd)
	case EngineStarted:
		c.engineStarted()
	case Tick:
		c.tick()
	default:
		return c.doDurable(cmd)
	}
	return nil, nil
}

// doDurable is the table of the commands for durable tasks.
func (c *Core) doDurable(cmd Command) (any, *Error) {
	switch cmd := cmd.(type) {
	case RestoreTask:
		return answer(c.restoreTask(&cmd))
	case DurableConnected:
		return nil, c.durableConnected(&cmd)
	case DurableDisconnected:
		delete(c.sessions, cmd.SessionID)
	case DurableMemo:
		c.durableMemo(&cmd)
	case DurableCompleteMemo:
		c.durableCompleteMemo(&cmd)
	case DurableTriggerRuns:
		c.durableTriggerRuns(&cmd)
	case DurableWaitFor:
		c.durableWaitFor(&cmd)
	case DurableEvict:
		c.durableEvict(&cmd)
	case DurableWorkerStatus:
		c.durableWorkerStatus(&cmd)
	case DurableBranch:
		return answer(c.durableBranch(&cmd))
	default:
		return c.doManage(cmd)
	}
	return nil, nil
}

// answer keeps a typed nil from becoming a value.
func answer[T any](value *T, err *Error) (any, *Error) {
	if err != nil || value == nil {
		return nil, err
	}
	return *value, nil
}

// settle tells the ends of tasks to what waits for them, and gives the places
// of concurrency groups away, until nothing changes any more.
func (c *Core) settle() {
	for len(c.ended)+len(c.touched) > 0 {
		if len(c.ended) > 0 {
			t := c.ended[0]
			c.ended = c.ended[1:]
			c.tellEnd(t)
			continue
		}
		g := c.touched[0]
		c.touched = c.touched[1:]
		c.decideGroup(g)
	}
	c.ended, c.touched = nil, nil
}

// engineStarted drops every stream and gives everybody time to come back.
func (c *Core) engineStarted() {
	clear(c.sessions)
	for w := range c.eachWorker {
		w.sessions, w.fresh = nil, false
		c.heardOf(w)
		c.watchWorker(w)
	}
	grace := c.now.Add(c.config.grace())
	for k := c.all.head; k != nil; k = k.next {
		for i := range k.item.steps {
			if t := k.item.steps[i].task; t != nil {
				c.extendGrace(t, grace)
			}
		}
	}
	for _, w := range c.workflowList {
		for _, trigger := range w.crons {
			c.armCron(trigger)
		}
	}
}

// extendGrace puts off what the engine's own absence may have caused.
func (c *Core) extendGrace(t *task, until time.Time) {
	if t.phase == phaseDelayed || !t.timer.set() || !t.timer.at.Before(until) {
		return
	}
	if t.phase == phaseRunning {
		t.deadline = until
	}
	c.arm(&t.timer, until, t)
}
