package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/hatchet-js/hatchet-js-worker/engine/contract" // the messages
	_ "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

func TestRefusalsEmbedded(t *testing.T) { refusals(t, embedded{}) }

func TestRefusalsServer(t *testing.T) {
	if os.Getenv("HATCHET_CLIENT_TOKEN") == "" {
		t.Skip("HATCHET_CLIENT_TOKEN is not set")
	}
	refusals(t, server{})
}

// refusals asks for everything in the tables of the folder refusals, and calls
// every method and route with tokens and for tenants that are none.
func refusals(t *testing.T, on target) {
	a := newAsker(t, on)
	t.Run("grpc", func(t *testing.T) {
		for _, r := range table(t, "grpc.txt") {
			t.Run(r.name(), func(t *testing.T) {
				t.Parallel() // who listens waits
				r.expect(t, a, a.call(t, r, a.token))
			})
		}
	})
	t.Run("rest", func(t *testing.T) {
		for _, r := range table(t, "rest.txt") {
			t.Run(r.name(), func(t *testing.T) { r.expect(t, a, a.request(t, r, a.token)) })
		}
	})
	t.Run("token", func(t *testing.T) { a.badTokens(t) })
	t.Run("tenant", func(t *testing.T) { a.otherTenant(t) })
	t.Run("garbage", func(t *testing.T) { a.garbage(t) })
}

// row is a line of a table.
type row struct {
	line          int
	method, path  string // path is that of REST
	body          string
	want, differs string // differs is what known servers answer if it is not want: one of some|codes
}

func (r row) name() string {
	return fmt.Sprintf("%d_%s", r.line, strings.NewReplacer("/", ".", "?", "_").Replace(r.method+r.path))
}

func (r row) expect(t *testing.T, a *asker, got string) {
	t.Helper()
	want := r.want
	if r.differs != "" && a.on.name() == "server" {
		want = r.differs
	}
	if code, _, _ := strings.Cut(got, " "); !slices.Contains(strings.Split(want, "|"), code) {
		t.Errorf("line %d: %s %s %s: %.300s, want %s", r.line, r.method, r.path, r.body, got, want)
	}
}

var rowForm = regexp.MustCompile(`^(\S+) (?:(/\S+) )?(?:([{[].*) )?(\w+)(?: server=(\S+))?$`)

func table(t *testing.T, file string) []row {
	t.Helper()
	text, err := os.ReadFile("refusals/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		m := rowForm.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("%s:%d: not a row: %s", file, i+1, line)
		}
		rows = append(rows, row{line: i + 1, method: m[1], path: m[2], body: m[3], want: m[4], differs: m[5]})
	}
	return rows
}

// asker asks an engine by hand, as no client does.
type asker struct {
	on          target
	conn        *grpc.ClientConn
	http        *http.Client
	base, token string
	tenant      string
	names       map[string]string // what stands for $NAME in tables
}

func newAsker(t *testing.T, on target) *asker {
	t.Helper()
	lookup, leave, err := on.join()
	if err != nil {
		t.Fatal(err)
	}
	get := func(name string) string { value, _ := lookup(name); return value }
	conn, err := grpc.NewClient(get("HATCHET_CLIENT_HOST_PORT"), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(16<<20)))
	if err != nil {
		t.Fatal(err)
	}
	a := &asker{on: on, conn: conn, http: &http.Client{Transport: &http.Transport{}},
		base: get("HATCHET_CLIENT_SERVER_URL"), token: get("HATCHET_CLIENT_TOKEN")}
	t.Cleanup(func() {
		_ = conn.Close()
		a.http.CloseIdleConnections()
		if err := leave(); err != nil {
			t.Error(err)
		}
	})
	a.tenant = subjectOf(t, a.token)
	a.prepare(t)
	return a
}

// subjectOf is the tenant that a token is for.
func subjectOf(t *testing.T, token string) string {
	t.Helper()
	var claims struct{ Sub string }
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatal("the token is none")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims.Sub
}

// prepare makes what the tables speak of.
func (a *asker) prepare(t *testing.T) {
	t.Helper()
	name := "r" + strings.ToLower(rand.Text())[:10]
	a.names = map[string]string{
		"$TENANT": a.tenant, "$NAME": name, "$NONE": uuid.NewString(), "$WEBHOOK": name + "-hook",
		"$LONG": strings.Repeat("x", 20_000), "$HUGE": strings.Repeat("x", 5<<20),
	}
	tenant := "/api/v1/tenants/" + a.tenant
	stable := "/api/v1/stable/tenants/" + a.tenant
	a.keep(t, "$WORKFLOW", "workflowId", a.must(t, "v1.AdminService/PutWorkflow", `{"name":"$NAME","tasks":[{"readableId":"t","action":"$NAME:t"}]}`))
	a.keep(t, "$RUN", "workflowRunId", a.must(t, "WorkflowService/TriggerWorkflow", `{"name":"$NAME","input":"{}"}`))
	a.keep(t, "$WORKER", "workerId", a.must(t, "Dispatcher/Register", `{"workerName":"w","actions":["$NAME:t"]}`))
	for variable, made := range map[string]row{
		"$SCHEDULED": {path: tenant + "/workflows/$NAME/scheduled", body: `{"triggerAt":"2050-01-01T00:00:00Z","input":{},"additionalMetadata":{}}`},
		"$CRON":      {path: tenant + "/workflows/$NAME/crons", body: `{"cronName":"$NAME-cron","cronExpression":"0 0 1 1 *","input":{},"additionalMetadata":{}}`},
		"$FILTER":    {path: stable + "/filters", body: `{"workflowId":"$WORKFLOW","expression":"true","scope":"$NAME"}`},
		"$HOOK":      {path: stable + "/webhooks", body: `{"sourceName":"GENERIC","name":"$WEBHOOK","eventKeyExpression":"'x'","authType":"BASIC","auth":{"username":"u","password":"p"}}`},
	} {
		made.method = http.MethodPost
		_, text, found := strings.Cut(a.request(t, made, a.token), " ")
		if !found {
			t.Fatalf("%s: nothing was made", variable)
		}
		a.keep(t, variable, "metadata", text)
	}
	t.Cleanup(func() { a.request(t, row{method: http.MethodDelete, path: "/api/v1/workflows/$WORKFLOW"}, a.token) })
	// What has been acknowledged is a little later in what is listed.
	deadline := time.Now().Add(patience)
	for !strings.HasPrefix(a.request(t, row{method: http.MethodGet, path: "/api/v1/stable/tasks/$RUN"}, a.token), "200") {
		if time.Now().After(deadline) {
			t.Fatal("the run does not come to be known")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// keep remembers a field of an answer, or the id that is in it.
func (a *asker) keep(t *testing.T, variable, field, answer string) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(answer), &fields); err != nil {
		t.Fatalf("%s: %v: %s", variable, err, answer)
	}
	var text string
	if err := json.Unmarshal(fields[field], &text); err != nil {
		var made struct{ ID string }
		if err := json.Unmarshal(fields[field], &made); err != nil {
			t.Fatalf("%s: %v: %s", variable, err, answer)
		}
		text = made.ID
	}
	a.names[variable] = text
}

func (a *asker) must(t *testing.T, method, body string) string {
	t.Helper()
	code, text, _ := strings.Cut(a.call(t, row{method: method, body: body}, a.token), " ")
	if code != "OK" {
		t.Fatalf("%s: %s %s", method, code, text)
	}
	return text
}

var many = regexp.MustCompile(`\$MANY\((.*?)\)`)

// fill puts in what variables stand for.
func (a *asker) fill(text string) string {
	text = many.ReplaceAllStringFunc(text, func(found string) string {
		one := many.FindStringSubmatch(found)[1]
		return strings.TrimSuffix(strings.Repeat(one+",", 1001), ",")
	})
	names := make([]string, 0, 2*len(a.names))
	for name := range a.names {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int { return len(y) - len(x) }) // $WORKFLOW is not $WORK
	for _, name := range names {
		text = strings.ReplaceAll(text, name, a.names[name])
	}
	return text
}

// method finds a method of the contract.
func method(t *testing.T, name string) protoreflect.MethodDescriptor {
	t.Helper()
	service, called, _ := strings.Cut(name, "/")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		t.Fatal(err)
	}
	m := found.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(called))
	if m == nil {
		t.Fatalf("there is no method %s", name)
	}
	return m
}

func authorized(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// quiet is how long a stream stays silent that is open; engines refuse sooner.
const quiet = 2 * time.Second

// call makes a call and gives its code and what came with it.
func (a *asker) call(t *testing.T, r row, token string) string {
	t.Helper()
	m := method(t, r.method)
	in := dynamicpb.NewMessage(m.Input())
	if err := protojson.Unmarshal([]byte(a.fill(r.body)), in); err != nil {
		t.Fatalf("line %d: %v", r.line, err)
	}
	wait := patience
	if m.IsStreamingServer() {
		wait = quiet
	}
	ctx, cancel := context.WithTimeout(authorized(context.Background(), token), wait)
	defer cancel()
	out := dynamicpb.NewMessage(m.Output())
	err := a.exchange(ctx, m, in, out)
	switch {
	case m.IsStreamingServer() && (grpcstatus.Code(err) == codes.DeadlineExceeded || ctx.Err() != nil || errors.Is(err, io.EOF)):
		return "open"
	case err != nil:
		return grpcstatus.Code(err).String() + " " + grpcstatus.Convert(err).Message()
	}
	text, err := protojson.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return "OK " + string(text)
}

// exchange sends one message and receives one.
func (a *asker) exchange(ctx context.Context, m protoreflect.MethodDescriptor, in, out proto.Message) error {
	path := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
	if !m.IsStreamingServer() && !m.IsStreamingClient() {
		return a.conn.Invoke(ctx, path, in, out)
	}
	stream, err := a.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: m.IsStreamingClient()}, path)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(in); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !m.IsStreamingClient() {
		if err := stream.CloseSend(); err != nil {
			return err
		}
	}
	return stream.RecvMsg(out)
}

// request makes a REST request and gives its code and what came with it.
func (a *asker) request(t *testing.T, r row, token string) string {
	t.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(a.fill(r.body))
	}
	req, err := http.NewRequest(r.method, a.base+a.fill(r.path), body)
	if err != nil {
		t.Fatal(err)
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := a.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(res.StatusCode) + " " + string(bytes.TrimSpace(text))
}

// methods are the methods of the services that engines serve.
func methods(t *testing.T) []protoreflect.MethodDescriptor {
	t.Helper()
	var all []protoreflect.MethodDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			if service := file.Services().Get(i); !strings.HasPrefix(string(service.FullName()), "grpc.") {
				for j := range service.Methods().Len() {
					all = append(all, service.Methods().Get(j))
				}
			}
		}
		return true
	})
	if len(all) < 30 {
		t.Fatalf("found %d methods only", len(all))
	}
	return all
}

func methodName(m protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("%s/%s", m.Parent().FullName(), m.Name())
}

// badTokens calls everything without a token, with one that is none, and with one
// that looks well and is for nobody.
func (a *asker) badTokens(t *testing.T) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"` + uuid.NewString() + `","exp":4000000000}`))
	for _, token := range []string{"", "nonsense", "e30." + claims + ".e30"} {
		for _, m := range methods(t) {
			if got := a.call(t, row{method: methodName(m), body: "{}"}, token); !strings.HasPrefix(got, "Unauthenticated ") && !a.lacks(got) {
				t.Errorf("%s with token %q: %s", methodName(m), token, got)
			}
		}
		for _, r := range routes(t) {
			if got := a.request(t, r, token); !strings.HasPrefix(got, "403 ") && (a.on.name() == "embedded" || strings.HasPrefix(got, "2")) {
				t.Errorf("%s %s with token %q: %s", r.method, r.path, token, got)
			}
		}
	}
}

// lacks says whether an answer is that of a server without the service: one takes
// traces only where it is set up for that (hatchet-protocol.md section 2).
func (a *asker) lacks(answer string) bool {
	return a.on.name() != "embedded" && strings.HasPrefix(answer, codes.Unimplemented.String())
}

// routes are the rows of the table whose route is another than that of the one
// before, without those that need no token.
func routes(t *testing.T) []row {
	t.Helper()
	var found []row
	for _, r := range table(t, "rest.txt") {
		r.path, _, _ = strings.Cut(r.path, "?")
		open := r.method == http.MethodPost && strings.Contains(r.path, "/webhooks/") || r.path == "/api/v1/version"
		known := slices.ContainsFunc(found, func(f row) bool { return f.method == r.method && f.path == r.path })
		if !open && !known && !strings.Contains(r.path, "/x") {
			found = append(found, r)
		}
	}
	return found
}

func (a *asker) otherTenant(t *testing.T) {
	for _, r := range routes(t) {
		if !strings.Contains(r.path, "$TENANT") {
			continue
		}
		r.path = strings.ReplaceAll(r.path, "$TENANT", "$NONE")
		if got := a.request(t, r, a.token); !strings.HasPrefix(got, "404 ") {
			t.Errorf("%s %s: %s", r.method, r.path, got)
		}
	}
}

// garbage sends what is no message to every method.
func (a *asker) garbage(t *testing.T) {
	for _, m := range methods(t) {
		wait := patience
		if m.IsStreamingServer() {
			wait = quiet
		}
		ctx, cancel := context.WithTimeout(authorized(context.Background(), a.token), wait)
		stream, err := a.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
			fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name()), grpc.ForceCodec(raw{}))
		if err == nil {
			_ = stream.SendMsg([]byte{0xff, 0xff})
			_ = stream.CloseSend()
			var out []byte
			err = stream.RecvMsg(&out)
		}
		cancel()
		if code := grpcstatus.Code(err); code != codes.Internal && !a.lacks(code.String()) {
			t.Errorf("%s: %v", methodName(m), err)
		}
	}
}

// raw is a codec of bytes that claims to be that of messages.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return v.([]byte), nil }
func (raw) Unmarshal(text []byte, v any) error { *v.(*[]byte) = text; return nil }
func (raw) Name() string                       { return "proto" }

// TestEveryCallIsInTheTables keeps the tables whole.
func TestEveryCallIsInTheTables(t *testing.T) {
	asked := map[string]bool{}
	for _, r := range table(t, "grpc.txt") {
		asked[r.method] = true
	}
	for _, m := range methods(t) {
		if !asked[methodName(m)] {
			t.Errorf("grpc.txt has no row for %s", methodName(m))
		}
	}
}
