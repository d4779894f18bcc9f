package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxBody bounds the body of a REST request.
const maxBody = maxMessage

// endpoint answers one REST request with a value for JSON, or an error.
type endpoint func(r *http.Request) (any, error)

// HTTP is the REST face: the part of hatchet-protocol.md section 6.10 that
// command lines and SDKs need most, and the probes /livez and /readyz. What it
// does not serve it refuses with 501.
func (f *Faces) HTTP() http.Handler {
	mux := http.NewServeMux()
	for pattern, e := range f.endpoints() {
		mux.Handle(pattern, f.guarded(e))
	}
	mux.Handle("POST /api/v1/stable/tenants/{tenant}/webhooks/{webhook}", f.answered(f.receiveWebhook))
	mux.Handle("GET /api/v1/version", f.answered(f.getVersion))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", f.ready)
	return mux
}

// endpoints are what a token is asked for.
func (f *Faces) endpoints() map[string]endpoint {
	all := map[string]endpoint{
		"GET /api/v1/stable/tenants/{tenant}/workflow-runs":          f.listRuns,
		"POST /api/v1/stable/tenants/{tenant}/workflow-runs/trigger": f.restTrigger,
		"GET /api/v1/stable/workflow-runs/{run}":                     f.getRun,
		"GET /api/v1/stable/workflow-runs/{run}/status":              f.getRunStatus,
		"GET /api/v1/tenants/{tenant}/workflow-runs/{run}/shape":     f.getRunShape,
		"POST /api/v1/stable/tenants/{tenant}/tasks/cancel":          f.cancelTasks,
		"POST /api/v1/stable/tenants/{tenant}/tasks/replay":          f.replayTasks,
		"GET /api/v1/stable/tasks/{task}":                            f.getTask,
		"GET /api/v1/stable/tasks/{task}/logs":                       f.listLogs,
		"POST /api/v1/stable/tasks/{task}/restore":                   f.restoreTask,
		"GET /api/v1/tenants/{tenant}/worker":                        f.listWorkers,
		"GET /api/v1/workers/{worker}":                               f.getWorker,
		"PATCH /api/v1/workers/{worker}":                             f.updateWorker,
		"/api/v1/":                                                   f.notServed,
	}
	maps.Copy(all, f.management())
	return all
}

// ready says that the engine answers: a look at its state came back.
func (f *Faces) ready(w http.ResponseWriter, r *http.Request) {
	if err := f.engine.View(r.Context(), func(*core.Core) {}); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}

func (f *Faces) notServed(r *http.Request) (any, error) {
	return nil, unimplemented("the embedded engine does not serve %s %s", r.Method, r.URL.Path)
}

// httpError is an error with a status of its own.
type httpError struct {
	code int
	text string
}

func (e httpError) Error() string { return e.text }

// guarded checks the token and the tenant before an endpoint.
func (f *Faces) guarded(e endpoint) http.Handler {
	return f.answered(func(r *http.Request) (any, error) {
		if !f.auth.accepts(r.Header.Get("Authorization")) {
			return nil, httpError{http.StatusForbidden, "Please provide valid credentials"}
		}
		if err := f.checkIDs(r); err != nil {
			return nil, err
		}
		return e(r)
	})
}

// idParameters are the parameters of queries that hold ids, in any list.
var idParameters = []string{
	"workflow_ids", "workflowIds", "workflowId", "worker_id", "parent_task_external_id", "triggering_event_external_id", "eventIds", "version",
}

// checkIDs checks the tenant of a request and the ids in its query.
func (f *Faces) checkIDs(r *http.Request) error {
	if tenant := r.PathValue("tenant"); tenant != "" {
		if err := checkUUID("tenant", tenant); err != nil {
			return err
		}
		if tenant != f.options.TenantID {
			return httpError{http.StatusNotFound, "not found: the token is not for tenant " + tenant}
		}
	}
	values := r.URL.Query()
	for _, name := range idParameters {
		if err := checkUUIDs(name, values[name]); err != nil {
			return err
		}
	}
	return nil
}

// oneOf checks the values of a parameter that has a fixed set of them.
func oneOf(values url.Values, name string, admitted ...string) error {
	for _, value := range values[name] {
		if !slices.Contains(admitted, value) {
			return invalid("%s %q must be one of %s", name, value, strings.Join(admitted, ", "))
		}
	}
	return nil
}

var statusNames = []string{"QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"}

// noContent is the answer 204.
type noContent struct{}

// answered writes what an endpoint gives.
func (f *Faces) answered(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				f.log.Error("a request made the engine's face panic", "method", r.Pattern, "panic", p, "stack", string(debug.Stack()))
				f.writeError(w, r, errInternal)
			}
		}()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		value, err := e(r)
		switch {
		case err != nil:
			f.writeError(w, r, err)
		case value == noContent{}:
			w.WriteHeader(http.StatusNoContent)
		default:
			writeJSON(w, http.StatusOK, value)
		}
	})
}

func writeJSON(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(value) // the client may be gone
}

var httpCodes = map[codes.Code]int{
	codes.InvalidArgument:    http.StatusBadRequest,
	codes.NotFound:           http.StatusNotFound,
	codes.AlreadyExists:      http.StatusConflict,
	codes.FailedPrecondition: http.StatusBadRequest,
	codes.ResourceExhausted:  http.StatusTooManyRequests,
	codes.Unimplemented:      http.StatusNotImplemented,
	codes.Unavailable:        http.StatusServiceUnavailable,
}

// writeError writes an error both as the endpoints of known servers do, as
// errors, and as what is before the endpoints there does, as a message: clients
// look for either.
func (f *Faces) writeError(w http.ResponseWriter, r *http.Request, err error) {
	code, text := http.StatusInternalServerError, ""
	var own httpError
	if errors.As(err, &own) {
		code, text = own.code, own.text
	} else {
		s := status.Convert(f.wireError(r.Pattern, err))
		if known, ok := httpCodes[s.Code()]; ok {
			code = known
		}
		text = s.Message()
	}
	writeJSON(w, code, map[string]any{"message": text, "errors": []map[string]any{{"description": text}}})
}

// body decodes the request's JSON.
func body[T any](r *http.Request) (T, error) {
	var into T
	err := json.NewDecoder(r.Body).Decode(&into)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return into, httpError{http.StatusBadRequest, fmt.Sprintf("the body is larger than %d bytes", maxBody)}
	}
	if err != nil {
		return into, invalid("the body is not as it should be: %v", err)
	}
	return into, nil
}

// pathID is a path parameter that is an id.
func pathID(r *http.Request, name string) (string, error) {
	id := strings.ToLower(r.PathValue(name))
	return id, checkUUID(name, id)
}

// meta is APIResourceMeta.
type meta struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// pagination is PaginationResponse.
type pagination struct {
	CurrentPage int `json:"current_page"`
	NextPage    int `json:"next_page"`
	NumPages    int `json:"num_pages"`
}

func pageOf(offset, limit, total int) pagination {
	current := offset/limit + 1
	return pagination{CurrentPage: current, NextPage: current + 1, NumPages: (total + limit - 1) / limit}
}

// list is the form of all lists.
type list[T any] struct {
	Rows       []T        `json:"rows"`
	Pagination pagination `json:"pagination"`
}

// timeOrNil leaves a time out that is not set.
func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// rawOr is JSON text, or what stands for none.
func rawOr(text []byte, otherwise string) json.RawMessage {
	if len(text) == 0 {
		return json.RawMessage(otherwise)
	}
	return text
}
