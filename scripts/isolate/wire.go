package isolate

import (
	"bufio"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts/bundle"
	"github.com/hatchet-js/hatchet-js-worker/scripts/diagnostic"
	"github.com/hatchet-js/hatchet-js-worker/scripts/generation"
)

// frame is one message between the two processes.
type frame struct {
	Run  uint64 // the run that it is about; 0 = none
	ID   uint64 // of a call and its answer, or of an operation of the event log
	Body any    // one of bodies, or nil
}

// From the parent to the child.
type (
	// setup comes first.
	setup struct {
		Bundle      bundle.Portable
		Number      int
		Plan        permit.Plan
		LoadTimeout time.Duration
		Memory      int64 // bytes beyond what the child has at its start; 0 = no cap
	}
	begin struct {
		Invocation hatchet.Invocation // without what is no data
		Index      int32              // of Invocation.ChildIndex
		HasIndex   bool
		Durable    *durableState // nil unless the task is durable
	}
	durableState struct {
		Replaying, Unsure, CatchingUp, KeepsRuns bool
		Behind                                   time.Duration
	}
	// beginDeferred has a call made that the script made while it loaded.
	beginDeferred struct{ Index int }
	stop          struct{ Cause string } // the context of the run is done
	answer        struct {
		Value any
		Err   *failure
	}
	// told is an answer of the event log.
	told struct {
		Exists, Completes bool // of a memo
		Payload           []byte
		RunIDs            []string // of child runs that were started
		Err               *failure
	}
	renew struct{ Plan permit.Plan }
)

// From the child to the parent.
type (
	loaded struct {
		Workflows []workflow.Workflow
		Labels    []byte // see labelsOf
		Workers   []*hatchet.WorkerSettings
		Deferred  []generation.Deferred
		Failed    *loadFailure
	}
	loadFailure struct {
		File        string
		Diagnostics []diagnostic.Diagnostic
	}
	console struct {
		Level   hatchet.Level
		Message string
	}
	logged struct { // for the logger of the parent
		Level   int
		Message string
		Pairs   []string
	}
	finished struct {
		Output            []byte
		Failed            *taskFailure
		Members           map[string]taskFailure // of a batch
		Parked            bool
		Dead, Interrupted bool // the VM
	}
	cancelCall struct{}
	completed  struct{ Value []byte }
	released   struct{}
	follow     struct { // asks for the end of a child run
		Of    uint64 // the operation that started it
		Index int
	}
)

// Calls that are answered.
type (
	callTrigger     struct{ Request request }
	callTriggerMany struct{ Requests []request }
	callResult      struct{ RunID string }
	callStatus      struct{ RunID string }
	callCancel      struct{ IDs []string }
	callPush        struct{ Event hatchet.Event }
	callBulkPush    struct{ Events []hatchet.Event }
	callRefresh     struct{ By time.Duration }
	callRelease     struct{}
	callStream      struct {
		Index int64
		Chunk []byte
	}
	callWorker    struct{}
	callLabels    struct{ Labels map[string]any }
	callREST      struct{ Request hatchet.APIRequest }
	callFind      struct{ Name string }
	callWireName  struct{ Workflow string }
	callDetails   struct{ RunID string }
	callRateLimit struct {
		Key    string
		Limit  int
		Window string
	}
	callFollow struct{ RunID string } // answered when the run is final, after each hatchet.RunEvent
	callLinger struct{}
	callAsking struct{}
	callTook   struct{ Of uint64 } // the script runs on with an answer; gives a durableState
	callRecord struct{ Line []byte }
	callAsk    struct{ Question permit.Question }
)

// Operations of the event log, which are answered when they have begun and told
// of when they end, and log lines. They take effect in order.
type (
	memo struct{ Key []byte }
	wait struct {
		Conditions      []workflow.Condition
		Label, Describe string
	}
	spawn struct{ Requests []request }
	line  struct {
		Level   hatchet.Level
		Message string
		Fields  []byte
	}
)

// request is a RunRequest; its labels travel apart, for gob takes a pointer to
// a zero for none.
type request struct {
	hatchet.RunRequest
	Labels []byte
}

func requestOf(q hatchet.RunRequest) request {
	out := request{RunRequest: q}
	if q.WorkerLabels != nil {
		out.Labels, _ = json.Marshal(q.WorkerLabels) // strings and numbers always can be encoded
		out.WorkerLabels = nil
	}
	return out
}

func requestsOf(list []hatchet.RunRequest) []request {
	out := make([]request, len(list))
	for i, q := range list {
		out[i] = requestOf(q)
	}
	return out
}

func (q request) restore() (hatchet.RunRequest, error) {
	out := q.RunRequest
	if len(q.Labels) > 0 {
		if err := json.Unmarshal(q.Labels, &out.WorkerLabels); err != nil {
			return out, fmt.Errorf("read the labels of a request: %w", err)
		}
	}
	return out, nil
}

func restoreRequests(list []request) ([]hatchet.RunRequest, error) {
	out := make([]hatchet.RunRequest, len(list))
	for i, q := range list {
		var err error
		if out[i], err = q.restore(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// declare takes down workflows, with the labels of their tasks apart as in
// request.
func (l *loaded) declare(workflows []*workflow.Workflow) error {
	var labels []map[string]workflow.DesiredLabel
	for _, w := range workflows {
		copied := *w
		copied.Tasks = nil
		for _, t := range w.Tasks {
			labels = append(labels, t.WorkerLabels)
			copied.Tasks = append(copied.Tasks, unlabelled(t))
		}
		if w.OnFailure != nil {
			labels = append(labels, w.OnFailure.WorkerLabels)
			copied.OnFailure = unlabelled(w.OnFailure)
		}
		l.Workflows = append(l.Workflows, copied)
	}
	text, err := json.Marshal(labels)
	l.Labels = text
	return err
}

func unlabelled(t *workflow.Task) *workflow.Task {
	copied := *t
	copied.WorkerLabels = nil
	return &copied
}

// declared gives back what declare took down.
func (l *loaded) declared() ([]*workflow.Workflow, error) {
	var labels []map[string]workflow.DesiredLabel
	if err := json.Unmarshal(l.Labels, &labels); err != nil {
		return nil, err
	}
	next := func(t *workflow.Task) {
		if len(labels) > 0 {
			t.WorkerLabels, labels = labels[0], labels[1:]
		}
	}
	out := make([]*workflow.Workflow, len(l.Workflows))
	for i := range l.Workflows {
		out[i] = &l.Workflows[i]
		for _, t := range out[i].Tasks {
			next(t)
		}
		if out[i].OnFailure != nil {
			next(out[i].OnFailure)
		}
	}
	return out, nil
}

func init() {
	for _, body := range []any{
		setup{}, begin{}, beginDeferred{}, durableState{}, stop{}, answer{}, told{}, hatchet.RunEvent{}, renew{},
		loaded{}, console{}, logged{}, finished{}, cancelCall{}, completed{}, released{}, follow{},
		callTrigger{}, callTriggerMany{}, callResult{}, callStatus{}, callCancel{}, callPush{}, callBulkPush{}, callRefresh{},
		callRelease{}, callStream{}, callWorker{}, callLabels{}, callREST{}, callFind{}, callWireName{}, callDetails{},
		callRateLimit{}, callFollow{}, callLinger{}, callAsking{}, callTook{}, callRecord{}, callAsk{}, memo{}, wait{}, spawn{}, line{},
		hatchet.Result{}, hatchet.Worker{}, hatchet.APIAnswer{}, hatchet.Details{}, permit.Answer(0), []string(nil), []byte(nil),
	} {
		gob.Register(body)
	}
}

// link is one end of the connection. Frames may be sent from any goroutine;
// one goroutine receives.
type link struct {
	decoder *gob.Decoder

	mu      sync.Mutex
	buffer  *bufio.Writer
	encoder *gob.Encoder
}

func newLink(in io.Reader, out io.Writer) *link {
	l := &link{decoder: gob.NewDecoder(bufio.NewReaderSize(in, 64<<10)), buffer: bufio.NewWriterSize(out, 64<<10)}
	l.encoder = gob.NewEncoder(l.buffer)
	return l
}

func (l *link) send(f frame) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.encoder.Encode(f); err != nil {
		return err
	}
	return l.buffer.Flush()
}

func (l *link) receive() (f frame, err error) {
	err = l.decoder.Decode(&f)
	return f, err
}
