package core

import "time"

// workflow is everything registered under one name.
type workflow struct {
	id        string
	name      string
	order     int // of first registration
	createdAt time.Time
	updatedAt time.Time
	versions  int // made so far
	newest    *version
	crons     []*cronTrigger
	filters   []*eventFilter
	pause     *Pause // nil = not paused
	held      list[*task]
	deleted   bool
}

// version is one definition of a workflow, made ready for running.
type version struct {
	id       string
	workflow *workflow
	number   int
	checksum string
	def      Definition // validated, defaults filled in
	steps    []*step    // as in the definition, on-failure last
	priority int32      // of runs that give none
}

// dag says whether runs have a record of their own beside that of their one
// task (hatchet-protocol.md section 6.2).
func (v *version) dag() bool { return len(v.steps) > 1 }

// step is one task of a version.
type step struct {
	id              string
	index           int
	def             *TaskDefinition
	version         *version
	action          string // action id
	timeout         time.Duration
	timeoutText     string
	scheduleTimeout time.Duration
	slots           []slotUnits
	class           string // of queue: tasks of one class can run on the same workers
	parents         []*step
	onFailure       bool
	first           *template // nil: the task is created with the run
	second          *template // after first fired actionCreateMatch
	strategies      []*strategy
	batch           *batching // nil: no batch task
	watches         []watch   // what others want to know of this step's end
}

// slotUnits is a demand for, or a use of, one slot type.
type slotUnits struct {
	Type  string `json:"t"`
	Units int32  `json:"n"`
}

// watch says which conditions of another step look at the end of this one.
type watch struct {
	step       *step
	conditions []int
}

// run is one run of a workflow.
type run struct {
	id            string
	seq           uint64
	version       *version
	input         []byte // JSON text; nil = none
	metadata      []byte
	filterPayload []byte
	priority      int32
	createdAt     time.Time
	startedAt     time.Time
	finishedAt    time.Time
	parentTask    string // task id; "" = none
	parentRun     string // as the wire's parent_workflow_run_id
	childIndex    *int32
	childKey      *string
	eventID       string
	eventKey      string
	desiredWorker string
	desiredLabels map[string]DesiredLabel
	claim         string // idempotency key
	steps         []runStep
	open          int // steps whose task is not final
	status        Status
	doneSeq       uint64
	waiting       []*entry  // durable log entries that wait for this run
	members       []*member // of concurrency groups, by strategy of the workflow
	all           link[*run]
	done          link[*run]
}

// runStep is one step of a run: first a match that decides what becomes of it,
// then its task. Both while a replayed task waits for its parents again.
type runStep struct {
	task  *task
	match *match
}

// phase is where a task is in its life.
type phase uint8

const (
	// phaseQueued: in the queue for a worker.
	phaseQueued phase = iota + 1
	// phaseDelayed: waits out the backoff before a retry.
	phaseDelayed
	// phaseRunning: assigned to a worker.
	phaseRunning
	// phaseEvicted: a durable task taken off its worker while it waits.
	phaseEvicted
	// phasePending: replayed, waits for its parents again.
	phasePending
	// phaseFinal: the end.
	phaseFinal
	// phaseWaiting: waits for a place in a concurrency group.
	phaseWaiting
	// phaseParked: waits for a rate limit to be filled again.
	phaseParked
	// phaseGathered: waits for the other members of its batch, and with them for
	// a worker.
	phaseGathered
	// phaseHeld: would be queued if its workflow were not paused.
	phaseHeld
)

// task is one task of a run, over all its attempts.
type task struct {
	id              string
	seq             uint64 // of creation
	run             *run
	step            *step
	phase           phase
	status          Status // only in phaseFinal
	retryCount      int32  // all re-executions
	appRetries      int32  // those for failures of the task
	internalRetries int32  // those for failures of something else
	attempts        int32  // assignments
	handouts        int32  // of assignments, with repetitions
	worker          *worker
	ranOn           string // the worker of the last assignment
	holds           bool   // slots of worker
	confirmed       bool   // the attempt was reported started
	restored        bool   // queued again after an eviction, in the same attempt
	assignSeq       uint64
	attemptAt       time.Time // first assignment of the attempt; zero = none yet
	deadline        time.Time // of execution
	timer           timer
	output          []byte
	errorText       string
	withFilter      bool // gets the run's filter payload
	triggers        []datum
	stepErrors      []datum
	children        map[string]string // run id by child key
	durable         *durableLog
	signals         map[string]*signal // by key
	logs            []LogLine
	notes           []note
	createdAt       time.Time
	startedAt       time.Time
	finishedAt      time.Time
	keys            []placeKey // of the step's strategies
	rates           []rateUnits
	parkedOn        *rate
	stage           int       // the strategy whose place comes next
	members         []*member // of concurrency groups, by stage; nil for those of the run
	batchKey        string    // of the step's batches
	weight          int       // in a batchGroup
	gathered        *batchGroup
	member          link[*task] // of gathered
	batch           *batch
	place           int // in batch
	queue           *class
	queuePriority   int32
	queueSeq        uint64
	queued          link[*task]
	onWorker        link[*task]
}

// datum is what a condition was met with, by readable data key.
type datum struct {
	Key  string `json:"k"`
	Data []byte `json:"d"`
}

func (t *task) final() bool { return t.phase == phaseFinal }

// shown is the status that people see.
func (t *task) shown() Status {
	switch t.phase {
	case phaseFinal:
		return t.status
	case phaseRunning, phaseEvicted:
		return Running
	}
	return Queued
}

// invocation is the durable invocation count for the wire; nil for tasks that
// are not durable.
func (t *task) invocation() *int32 {
	if t.durable == nil {
		return nil
	}
	n := t.durable.invocation
	return &n
}
