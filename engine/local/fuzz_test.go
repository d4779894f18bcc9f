package local_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Requests made of what the engine knows and of nonsense are answered or refused
// with a code that says so; none makes a face or the core fail.
func FuzzRequests(f *testing.F) {
	for seed := range uint64(12) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		log := &errorLog{}
		r := start(t, local.Options{GRPCAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))})
		x := &fuzzer{rig: r, t: t, rand: rand.New(rand.NewPCG(seed, 7))}
		x.prepare()
		for range 150 {
			switch x.rand.IntN(32) {
			case 0:
				x.stranger()
			case 1:
				x.foreign()
			case 2, 3, 4, 5:
				x.rest()
			case 6, 7, 8, 9:
				x.durably()
			default:
				x.unary()
			}
			x.checkState("a request")
		}
		x.oversized()
		x.checkState("a request that is too large")
		if _, err := r.dispatcher.GetVersion(r.ctx, &contract.GetVersionRequest{}); err != nil {
			t.Errorf("the engine ended with %v", err)
		}
		if text := log.String(); text != "" {
			t.Error(text)
		}
	})
}

type errorLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *errorLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *errorLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// fuzzer makes requests.
type fuzzer struct {
	*rig
	t     *testing.T
	rand  *rand.Rand
	words []string // of which texts are made
	ids   []string // of runs, tasks and workers
	calls []protoreflect.MethodDescriptor
}

// prepare gives the engine something to talk about.
func (x *fuzzer) prepare() {
	x.put("job", "work")
	x.put("chain", "a", "b<a")
	x.register(durableWorkflow())
	x.register(bulk())
	w, _ := x.work(func(ctx context.Context, a *contract.AssignedAction) (string, error) {
		if a.TaskName == "a" {
			return `{"a":1}`, nil
		}
		<-ctx.Done()
		return "", nil
	}, "job:work", "chain:a", "chain:b", "remind:wait")
	x.ids = []string{w.id, x.trigger("job", "{}"), x.trigger("chain", "{}"), x.trigger("remind", "{}"), uuid.NewString()}
	x.words = []string{"", "job", "chain", "remind", "nobody", "job:work", "chain:b", "a", "b", "work", "{}", `{"a":1}`, "[]", "{", "null", `"\u0000"`,
		"5s", "1h30m", "-1s", "9999999h", "soon", "true", "1 == 1", "input.a", "(", "* * * * *", "@daily", "TZ=Nowhere * * * * *", "RUNNING", "key:value",
		strings.Repeat("x", 20_000), "\xff", "ä\x00"}
	for _, file := range []protoreflect.FileDescriptor{
		contract.File_engine_contract_dispatcher_proto, contract.File_engine_contract_events_proto,
		contract.File_engine_contract_workflows_proto, v1.File_engine_contract_v1_admin_proto, v1.File_engine_contract_v1_durable_proto,
	} {
		for i := range file.Services().Len() {
			for methods, n := file.Services().Get(i).Methods(), 0; n < methods.Len(); n++ {
				if m := methods.Get(n); !m.IsStreamingClient() && !m.IsStreamingServer() {
					x.calls = append(x.calls, m)
				}
			}
		}
	}
}

func (x *fuzzer) oneOf(list []string) string { return list[x.rand.IntN(len(list))] }

// unary makes one random call.
func (x *fuzzer) unary() {
	m := x.calls[x.rand.IntN(len(x.calls))]
	in, out := dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output())
	x.fill(in, 0)
	method := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
	ctx, cancel := context.WithTimeout(x.ctx, patience)
	defer cancel()
	x.judge(method, in, x.conn.Invoke(ctx, method, in, out))
}

// judge fails the test for codes that tell of a failure of the engine.
func (x *fuzzer) judge(method string, in proto.Message, err error) {
	switch code := status.Code(err); {
	case code == codes.Internal && strings.Contains(err.Error(), "UTF-8"): // the client's own library refused it
	case code == codes.Unknown, code == codes.Internal, code == codes.Unavailable, code == codes.DeadlineExceeded:
		x.t.Errorf("%s %v: %v", method, in, err)
	}
}

// fill sets most of the fields of a message that must be set, and some of those
// that may.
func (x *fuzzer) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if depth > 4 || x.rand.IntN(20) < skipped(f) {
			continue
		}
		switch {
		case f.IsList():
			for range x.rand.IntN(4) {
				list := m.Mutable(f).List()
				list.Append(x.value(f, list.NewElement(), depth))
			}
		case f.IsMap():
			for range x.rand.IntN(3) {
				values := m.Mutable(f).Map()
				key := x.value(f.MapKey(), protoreflect.Value{}, depth).MapKey()
				values.Set(key, x.value(f.MapValue(), values.NewValue(), depth))
			}
		default:
			m.Set(f, x.value(f, m.NewField(f), depth))
		}
	}
}

// skipped says how often, of 20 times, a field is left out.
func skipped(f protoreflect.FieldDescriptor) int {
	switch name := f.Name(); {
	case name == "parents", strings.HasSuffix(string(name), "labels"):
		return 18
	case name == "base" || !f.HasPresence():
		return 1
	}
	return 14
}

func (x *fuzzer) value(f protoreflect.FieldDescriptor, empty protoreflect.Value, depth int) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.MessageKind:
		x.fill(empty.Message(), depth+1)
		return empty
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(strings.ToValidUTF8(x.text(f), "?"))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(x.text(f)))
	case protoreflect.EnumKind:
		if x.rand.IntN(20) == 0 {
			return protoreflect.ValueOfEnum(99)
		}
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(x.rand.IntN(f.Enum().Values().Len())))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(x.rand.IntN(2) == 0)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(x.number()))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(x.number()))
	}
	return protoreflect.ValueOfInt32(int32(x.number()))
}

func (x *fuzzer) number() int {
	if x.rand.IntN(10) > 0 {
		return 1 + x.rand.IntN(3)
	}
	return []int{0, -1, 100, 100_000, 1 << 40, -1 << 40}[x.rand.IntN(6)]
}

// suits says what makes sense in fields whose names contain a text; the first
// that matches counts.
var suits = []struct {
	part  string
	words []string
}{
	{"or_group_id", []string{"", "11111111-2222-3333-4444-555555555555"}},
	{"readable_id", []string{"a", "b", "work", "wait"}},
	{"data_key", []string{"k", "l"}},
	{"event_key", []string{"e", "f:g"}},
	{"event_triggers", []string{"e", "f:*", "*"}},
	{"cron_triggers", []string{"* * * * *", "0 0 1 1 *"}},
	{"cron_input", []string{"{}", ""}},
	{"parents", []string{"a"}},
	{"action", []string{"job:work", "chain:a", "chain:b", "remind:wait"}},
	{"timeout", []string{"5s", "1h30m", ""}},
	{"sleep_for", []string{"5s", "1ms"}},
	{"expr", []string{"'k'", "input.a == 1", "true", "1", ""}},
	{"metadata", []string{`{"a":1}`, "{}", ""}},
	{"input", []string{`{"a":1}`, "{}", ""}},
	{"Payload", []string{`{"a":1}`, "{}", ""}},
	{"payload", []string{`{"a":1}`, "{}", ""}},
	{"level", []string{"INFO", ""}},
	{"name", []string{"job", "chain", "remind", "other"}},
	{"key", []string{"e", "f:g", "k"}},
	{"Id", nil}, // one of the ids
	{"id", nil},
}

// text suits the name of its field more often than not.
func (x *fuzzer) text(f protoreflect.FieldDescriptor) string {
	if x.rand.IntN(20) == 0 {
		return x.oneOf(x.words)
	}
	for _, s := range suits {
		if !strings.Contains(string(f.Name()), s.part) {
			continue
		}
		if s.words == nil {
			return x.oneOf(x.ids)
		}
		return x.oneOf(s.words)
	}
	return x.oneOf(x.words)
}

// durably says a few random things on a DurableTask stream.
func (x *fuzzer) durably() {
	ctx, cancel := context.WithTimeout(x.ctx, patience)
	defer cancel()
	stream, err := x.durable.DurableTask(ctx)
	if err != nil {
		x.t.Fatal(err)
	}
	if x.rand.IntN(8) > 0 {
		_ = stream.Send(&v1.DurableTaskRequest{Message: &v1.DurableTaskRequest_RegisterWorker{
			RegisterWorker: &v1.DurableTaskRequestRegisterWorker{WorkerId: x.ids[0]}}})
	}
	for range x.rand.IntN(6) {
		req := &v1.DurableTaskRequest{}
		kinds := req.ProtoReflect().Descriptor().Oneofs().Get(0).Fields()
		kind := kinds.Get(x.rand.IntN(kinds.Len()))
		x.fill(req.ProtoReflect().Mutable(kind).Message(), 1)
		_ = stream.Send(req)
	}
	_ = stream.CloseSend()
	for err == nil {
		_, err = stream.Recv()
	}
	if err != io.EOF {
		x.judge("DurableTask", nil, err)
	}
}

// rest makes one random REST request.
func (x *fuzzer) rest() {
	paths := []string{
		"/api/v1/stable/tenants/{tenant}/workflow-runs", "/api/v1/stable/tenants/{tenant}/workflow-runs/trigger", "/api/v1/stable/workflow-runs/{id}",
		"/api/v1/stable/workflow-runs/{id}/status", "/api/v1/tenants/{tenant}/workflow-runs/{id}/shape", "/api/v1/stable/tenants/{tenant}/tasks/cancel",
		"/api/v1/stable/tenants/{tenant}/tasks/replay", "/api/v1/stable/tasks/{id}", "/api/v1/stable/tasks/{id}/logs", "/api/v1/stable/tasks/{id}/restore",
		"/api/v1/tenants/{tenant}/workflows", "/api/v1/workflows/{id}", "/api/v1/tenants/{tenant}/worker", "/api/v1/workers/{id}", "/livez", "/nowhere",
	}
	path := x.tenant(strings.ReplaceAll(x.oneOf(paths), "{id}", x.oneOf(x.ids)))
	query := []string{"", "?since=2026-01-01T00:00:00Z&only_tasks=true&limit=3&offset=1&statuses=FAILED", "?since=x", "?limit=-1&since=2026-01-01T00:00:00Z"}
	body := []string{"", "{}", `{"externalIds":["` + x.ids[1] + `"]}`, `{"workflowName":"job","input":{"a":1},"priority":9}`, `{"isPaused":true}`,
		`{"filter":{"since":"2026-01-01T00:00:00Z","statuses":["RUNNING"]}}`, `{"workflowName":"job","input":[]}`, "[", `{"filter":{}}`}
	method := x.oneOf([]string{"GET", "POST", "PATCH", "DELETE"})
	req, err := http.NewRequestWithContext(x.ctx, method, "http://"+x.engine.HTTPAddr()+path+x.oneOf(query), strings.NewReader(x.oneOf(body)))
	if err != nil {
		x.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+x.engine.Token())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	res, err := client.Do(req)
	if err != nil {
		x.t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented {
		x.t.Errorf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
	}
}
