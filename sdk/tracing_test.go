package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

const traced = `
import { execFile } from 'node:child_process'
workflow.task('outside', async (input) => {
  const answers = []
  for (const path of ['/moved', '/missing']) answers.push((await fetch(input.url + path + '?key=' + input.secret)).status)
  return { answers, code: await new Promise((done) => execFile('sh', ['-c', 'exit 3'], (error) => done(error.code))) }
})
workflow.task('child', (input, ctx) => ({ metadata: Object.keys(ctx.additionalMetadata()), trace: ctx.additionalMetadata().traceparent }))
workflow.task('parent', async (input, ctx) => {
  const one = await hatchet.run('child', { n: 1 }, { additionalMetadata: { b: '1', traceparent: 'mine', a: '2' } })
  const [two] = await hatchet.run('child', [{ n: 2 }, { n: 3 }])
  await hatchet.events.push('told', { secret: input.secret })
  await hatchet.events.bulkPush('told', [{ payload: {} }])
  await hatchet.schedules.create('child', { triggerAt: new Date('2100-01-01T00:00:00Z'), input: {} })
  return { one, two }
})
workflow.task('bad', (input) => { throw new NonRetryableError('no ' + input.secret) })
workflow.durableTask('sleeper', async (input, ctx) => {
  await ctx.sleepFor('10ms')
  await hatchet.run('child', {})
  await ctx.sleepFor('10ms')
  return {}
})
`

// collecting is a collector in this process that keeps what it is sent.
type collecting struct {
	collector.UnimplementedTraceServiceServer
	t *testing.T

	mu       sync.Mutex
	spans    []*otlp.Span
	service  string
	received []string // values of the header "tenant"
}

func (c *collecting) Export(ctx context.Context, request *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	c.take(request, headers.Get("tenant"))
	return &collector.ExportTraceServiceResponse{}, nil
}

func (c *collecting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	request := &collector.ExportTraceServiceRequest{}
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, request) != nil {
		c.t.Errorf("a request to %s that is none of OTLP: %v", r.URL, err)
	}
	c.take(request, r.Header.Values("Tenant"))
}

func (c *collecting) take(request *collector.ExportTraceServiceRequest, headers []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received = append(c.received, headers...)
	for _, resource := range request.ResourceSpans {
		for _, a := range resource.Resource.Attributes {
			if a.Key == "service.name" {
				c.service = a.Value.GetStringValue()
			}
		}
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
}

func attributeOf(s *otlp.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			if number, is := a.Value.Value.(*common.AnyValue_IntValue); is {
				return fmt.Sprint(number.IntValue)
			}
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// named are the spans with a name, and the workflow if one is given.
func (c *collecting) named(name, workflow string) (found []*otlp.Span) {
	for _, s := range c.spans {
		if s.Name == name && (workflow == "" || attributeOf(s, "hatchet.workflow_name") == workflow) {
			found = append(found, s)
		}
	}
	return found
}

// only is the one span with a name.
func (c *collecting) only(name, workflow string) *otlp.Span {
	c.t.Helper()
	found := c.named(name, workflow)
	if len(found) != 1 {
		c.t.Fatalf("%d spans %s of %q", len(found), name, workflow)
	}
	return found[0]
}

func (c *collecting) below(child, parent *otlp.Span) {
	c.t.Helper()
	if !bytes.Equal(child.TraceId, parent.TraceId) || !bytes.Equal(child.ParentSpanId, parent.SpanId) {
		c.t.Errorf("%s of %s is below %x of trace %x, not below %s, %x of %x", child.Name, attributeOf(child, "hatchet.workflow_name"),
			child.ParentSpanId, child.TraceId, parent.Name, parent.SpanId, parent.TraceId)
	}
}

// run runs workflows in one process, which traces as the variables say, and
// returns their outcomes.
func (c *collecting) run(variables map[string]string, runs map[string]string) map[string]*sdk.Run {
	c.t.Helper()
	for name, value := range variables {
		c.t.Setenv(name, value)
	}
	dir := c.t.TempDir()
	for name, text := range map[string]string{"traced.js": traced, "hatchet-js.json": `{ "secrets": { "KEY": "env:TEST_KEY" }, "permissions": { "default": { "net": ["127.0.0.1"], "run": ["sh"] } } }`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
	ctx, stop := context.WithTimeout(c.t.Context(), patience)
	defer stop()
	tracing, closeTracing, err := sdk.TracingFromEnv(ctx, os.LookupEnv, "1", slog.New(slog.DiscardHandler))
	if err != nil {
		c.t.Fatal(err)
	}
	outcomes := map[string]*sdk.Run{}
	err = sdk.WithLocal(ctx, sdk.Options{
		Paths: []string{dir}, Tracing: tracing, Permissions: sdk.Permissions{Environ: []string{"TEST_KEY=s3cr3t-value"}},
	}, func(client *sdk.Client) error {
		for name, input := range runs {
			id, err := client.Trigger(ctx, name, json.RawMessage(input), sdk.RunOptions{})
			if err != nil {
				return err
			}
			if outcomes[name], err = client.Wait(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = closeTracing(ctx)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock() // whoever reads the spans comes after
	defer c.mu.Unlock()
	return outcomes
}

// grpcCollector is a collector and the variables that name it.
func grpcCollector(t *testing.T) (*collecting, map[string]string) {
	t.Helper()
	c := &collecting{t: t}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, c)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return c, map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + listener.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
		"OTEL_EXPORTER_OTLP_HEADERS": "tenant=acme", "OTEL_SERVICE_NAME": "shop",
	}
}

// The spans of a run that starts others are one tree, over the wire and back.
func TestRunsAreTraced(t *testing.T) {
	c, variables := grpcCollector(t)
	outcomes := c.run(variables, map[string]string{"parent": `{"secret":"s3cr3t-value"}`})
	if got := outcomes["parent"]; got.Status != sdk.StatusCompleted {
		t.Fatalf("the run is %s: %s", got.Status, got.Error)
	}
	if c.service != "shop" || len(c.received) == 0 || c.received[0] != "acme" {
		t.Errorf("service %q, headers %q", c.service, c.received)
	}
	root, task := c.only("hatchet.run_workflow", "parent"), c.only("hatchet.start_step_run", "parent")
	if len(root.ParentSpanId) != 0 || root.Kind != otlp.Span_SPAN_KIND_PRODUCER || task.Kind != otlp.Span_SPAN_KIND_CONSUMER {
		t.Errorf("the root is below %x; kinds %s and %s", root.ParentSpanId, root.Kind, task.Kind)
	}
	c.below(task, root)
	if task.Status.GetCode() != otlp.Status_STATUS_CODE_OK || attributeOf(task, "hatchet.step_run_id") == "" || attributeOf(task, "messaging.system") != "hatchet" {
		t.Errorf("the task's span: %v", task)
	}
	one, many := c.only("hatchet.run_workflow", "child"), c.only("hatchet.run_workflows", "")
	pushed, bulk, planned := c.only("hatchet.push_event", ""), c.only("hatchet.bulk_push_event", ""), c.only("hatchet.schedule_workflow", "child")
	for _, s := range []*otlp.Span{one, many, pushed, bulk, planned} {
		c.below(s, task)
		if attributeOf(s, "hatchet.step_run_id") != attributeOf(task, "hatchet.step_run_id") {
			t.Errorf("%s does not name the task run", s.Name)
		}
	}
	children := map[string]int{}
	for _, s := range c.named("hatchet.start_step_run", "child") {
		children[string(s.ParentSpanId)]++
	}
	if children[string(one.SpanId)] != 1 || children[string(many.SpanId)] != 2 {
		t.Errorf("attempts of children by parent: %v", children)
	}
	if text := fmt.Sprint(c.spans); strings.Contains(text, "s3cr3t") || !strings.Contains(text, "***KEY***") {
		t.Errorf("a secret shows, or nothing of it: %s", text)
	}
	var output struct {
		One struct {
			Metadata []string
			Trace    string
		}
	}
	if err := json.Unmarshal(outcomes["parent"].Output, &output); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("00-%x-%x-01", one.TraceId, one.SpanId); output.One.Trace != want {
		t.Errorf("the child's traceparent is %s, not %s", output.One.Trace, want)
	}
}

// What fails shows as failed, without secrets; a durable task is one span, with
// one for each wait.
func TestFailuresAndWaitsAreTraced(t *testing.T) {
	c := &collecting{t: t}
	server := httptest.NewServer(c)
	defer server.Close()
	outcomes := c.run(map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL, "OTEL_EXPORTER_OTLP_HEADERS": "tenant=acme",
		"HATCHET_CLIENT_OPENTELEMETRY_EXCLUDED_ATTRIBUTES":            `["payload"]`,
		"HATCHET_CLIENT_OPENTELEMETRY_INCLUDE_TASK_NAME_IN_SPAN_NAME": "true",
	}, map[string]string{"bad": `{"secret":"s3cr3t-value"}`, "sleeper": `{}`})
	if got := outcomes["sleeper"]; got.Status != sdk.StatusCompleted {
		t.Fatalf("the run is %s: %s", got.Status, got.Error)
	}
	bad := c.only("hatchet.start_step_run.bad:bad", "")
	if bad.Status.GetCode() != otlp.Status_STATUS_CODE_ERROR || bad.Status.Message != "no ***KEY***" || len(bad.Events) != 1 || bad.Events[0].Name != "exception" {
		t.Errorf("the failed attempt: %v", bad)
	}
	sleeper := c.only("hatchet.start_step_run.sleeper:sleeper", "")
	waits := c.named("hatchet.durable.wait_for", "")
	if len(waits) != 2 {
		t.Errorf("%d waits are traced, not 2", len(waits))
	}
	for _, s := range append(waits, c.only("hatchet.run_workflow", "child")) {
		c.below(s, sleeper)
	}
	for _, s := range c.spans {
		if attributeOf(s, "hatchet.payload") != "" {
			t.Errorf("%s has the excluded attribute", s.Name)
		}
	}
	if c.service != "hatchet-js-worker" || c.received[0] != "acme" {
		t.Errorf("service %q, headers %q", c.service, c.received)
	}
}

// What a task does in the world is below its attempt, and servers are told.
func TestWhatTasksDoOutsideIsTraced(t *testing.T) {
	c, variables := grpcCollector(t)
	var told sync.Map // by path: what traceparent said
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told.Store(r.URL.Path, r.Header.Get("Traceparent"))
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/there", http.StatusFound)
		}
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	outcomes := c.run(variables, map[string]string{"outside": fmt.Sprintf(`{"url":%q,"secret":"s3cr3t-value"}`, server.URL)})
	if got := outcomes["outside"]; string(got.Output) != `{"answers":[200,404],"code":3}` {
		t.Fatalf("the run is %s: %s%s", got.Status, got.Output, got.Error)
	}
	task := c.only("hatchet.start_step_run", "outside")
	for path, want := range map[string][2]string{"/moved": {"302", ""}, "/there": {"200", ""}, "/missing": {"404", "404"}} {
		s := c.requested(server.URL + path)
		c.below(s, task)
		header, _ := told.Load(path)
		if s.Name != "GET" || s.Kind != otlp.Span_SPAN_KIND_CLIENT || [2]string{attributeOf(s, "http.response.status_code"), attributeOf(s, "error.type")} != want {
			t.Errorf("the span of %s: %v", path, s)
		}
		if header != fmt.Sprintf("00-%x-%x-01", s.TraceId, s.SpanId) {
			t.Errorf("%s was told %q", path, header)
		}
	}
	program := c.only("sh", "")
	c.below(program, task)
	if attributeOf(program, "process.exit.code") != "3" || program.Status.GetCode() != otlp.Status_STATUS_CODE_ERROR {
		t.Errorf("the span of sh: %v", program)
	}
	if text := fmt.Sprint(c.spans); strings.Contains(text, "s3cr3t") || strings.Contains(text, "key=") {
		t.Errorf("a secret shows: %s", text)
	}
}

// requested is the span of the request for a URL.
func (c *collecting) requested(url string) *otlp.Span {
	c.t.Helper()
	for _, s := range c.spans {
		if attributeOf(s, "url.full") == url {
			return s
		}
	}
	c.t.Fatalf("no span is of %s", url)
	return nil
}

// Without its variables there is no tracing, and what it cannot do it says.
func TestTracingIsAskedForByVariables(t *testing.T) {
	for _, c := range []struct{ variables, refused string }{
		{"", ""},
		{"OTEL_TRACES_EXPORTER=none OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", ""},
		{"OTEL_SDK_DISABLED=true OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", ""},
		{"OTEL_TRACES_EXPORTER=zipkin", "OTEL_TRACES_EXPORTER=zipkin: this program exports traces with otlp, or none"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=x OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json: this program speaks grpc and http/protobuf"},
		{"HATCHET_CLIENT_OPENTELEMETRY_EXCLUDED_ATTRIBUTES=payload", "HATCHET_CLIENT_OPENTELEMETRY_EXCLUDED_ATTRIBUTES"},
	} {
		lookup := func(name string) (string, bool) {
			for _, pair := range strings.Fields(c.variables) {
				if key, value, _ := strings.Cut(pair, "="); key == name {
					return value, true
				}
			}
			return "", false
		}
		options, _, err := sdk.TracingFromEnv(t.Context(), lookup, "1", slog.New(slog.DiscardHandler))
		switch {
		case options.Provider != nil:
			t.Errorf("%s turns tracing on", c.variables)
		case c.refused == "" && err != nil, c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
			t.Errorf("%s: error %v, want %q", c.variables, err, c.refused)
		}
	}
}
