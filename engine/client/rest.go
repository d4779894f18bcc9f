package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/transport"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Numbers of the REST retries (hatchet-protocol.md section 1.4).
const (
	restAttempts   = 5
	restFirstWait  = 250 * time.Millisecond
	restMostWait   = 5 * time.Second
	restTimeout    = 30 * time.Second
	restMostAnswer = 64 << 20 // bytes
)

// RESTError is a request that the server's REST face answered with an error. It
// has the gRPC code that stands for its HTTP status, so that one check serves
// both faces.
type RESTError struct {
	HTTP    int
	Message string

	retryAfter time.Duration
}

// Error implements error.
func (e *RESTError) Error() string { return fmt.Sprintf("%s (HTTP %d)", e.Message, e.HTTP) }

// restCodes maps HTTP statuses to gRPC codes.
var restCodes = map[int]codes.Code{
	http.StatusBadRequest: codes.InvalidArgument, http.StatusUnauthorized: codes.Unauthenticated,
	http.StatusForbidden: codes.PermissionDenied, http.StatusNotFound: codes.NotFound, http.StatusConflict: codes.AlreadyExists,
	http.StatusNotImplemented:  codes.Unimplemented,
	http.StatusTooManyRequests: codes.ResourceExhausted, http.StatusBadGateway: codes.Unavailable,
	http.StatusServiceUnavailable: codes.Unavailable, http.StatusGatewayTimeout: codes.Unavailable,
	http.StatusInternalServerError: codes.Internal,
}

// GRPCStatus gives the error its code.
func (e *RESTError) GRPCStatus() *status.Status {
	code, known := restCodes[e.HTTP]
	if !known {
		code = codes.Unknown
	}
	return status.New(code, e.Error())
}

// Request is one request of the server's REST face (hatchet-protocol.md section
// 6.10).
type Request struct {
	Method string // "" = GET
	// Path begins with /api/; each {tenant} in it stands for the id of the
	// client's tenant.
	Path  string
	Query url.Values
	Body  json.RawMessage // nil = none
}

// Answer is what the REST face answered with success.
type Answer struct {
	Body []byte // empty if there is none
	JSON bool   // whether Body is JSON; it may be text, as metrics are
}

// REST makes one request of the REST face with the client's token. What only
// reads is tried again when that may help; what changes something is repeated
// only if the server says that it has not looked at it. An answer that is no
// success is a *RESTError.
func (c *Client) REST(ctx context.Context, r Request) (*Answer, error) {
	address, err := c.restAddress(r)
	if err != nil {
		return nil, err
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	attempts := restAttempts
	if c.conn.Config().Retry.DisableREST {
		attempts = 1
	}
	for attempt := 1; ; attempt++ {
		answer, err := c.restOnce(ctx, r, address)
		if err == nil || ctx.Err() != nil || attempt >= attempts || !restRepeatable(r.Method, err) {
			return answer, err
		}
		if err := clock.Sleep(ctx, c.options.Clock, restWait(attempt, err)); err != nil {
			return nil, err
		}
	}
}

// restAddress is the URL of a request. Whatever its path, it leads to the REST
// face of the configured server.
func (c *Client) restAddress(r Request) (string, error) {
	path := strings.ReplaceAll(r.Path, "{tenant}", url.PathEscape(c.conn.Config().TenantID))
	parsed, err := url.Parse(path)
	if err != nil || !strings.HasPrefix(parsed.Path, "/api/") || parsed.Fragment != "" || parsed.Host != "" {
		return "", fmt.Errorf("the path %q is not one of the REST face: it begins with /api/", r.Path)
	}
	query := parsed.Query()
	for key, values := range r.Query {
		query[key] = append(query[key], values...)
	}
	if len(query) == 0 {
		return c.conn.URL(parsed.EscapedPath())
	}
	return c.conn.URL(parsed.EscapedPath() + "?" + query.Encode())
}

// get reads the JSON at path into answer.
func (c *Client) get(ctx context.Context, path string, query url.Values, answer any) error {
	got, err := c.REST(ctx, Request{Path: path, Query: query})
	if err != nil {
		return err
	}
	return got.decode(path, answer)
}

// decode reads a JSON answer.
func (a *Answer) decode(path string, into any) error {
	if err := json.Unmarshal(a.Body, into); err != nil {
		return fmt.Errorf("the answer of %s is not what Hatchet's REST face sends; is HATCHET_CLIENT_SERVER_URL right? %w", path, err)
	}
	return nil
}

// restOnce makes one attempt. Its own deadline is a real one, since it is the
// network that is waited for.
func (c *Client) restOnce(ctx context.Context, r Request, address string) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, restTimeout)
	defer cancel()
	var sent io.Reader
	if r.Body != nil {
		sent = bytes.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address, sent)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json, */*;q=0.5")
	if r.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.conn.HTTP().Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, restMostAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", address, err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, restErrorOf(response, body)
	}
	return &Answer{Body: body, JSON: json.Valid(body)}, nil
}

// restErrorOf reads the error body of hatchet-protocol.md section 6.10.
func restErrorOf(response *http.Response, body []byte) *RESTError {
	var said struct {
		Errors []struct{ Description, Field string }
	}
	e := &RESTError{HTTP: response.StatusCode, Message: http.StatusText(response.StatusCode)}
	if err := json.Unmarshal(body, &said); err == nil && len(said.Errors) > 0 {
		var parts []string
		for _, one := range said.Errors {
			parts = append(parts, strings.TrimPrefix(one.Field+": "+one.Description, ": "))
		}
		e.Message = strings.Join(parts, "; ")
	}
	if e.HTTP == http.StatusUnauthorized || e.HTTP == http.StatusForbidden {
		e.Message = fmt.Sprintf("the server at %s refused the token (%s); check %s",
			response.Request.URL.Host, e.Message, transport.EnvToken)
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.retryAfter = time.Duration(min(seconds, int(restMostWait/time.Second))) * time.Second
	}
	return e
}

// restRepeatable reports whether a later attempt may go better, and does no
// harm.
func restRepeatable(method string, err error) bool {
	switch status.Code(err) {
	case codes.ResourceExhausted:
		return true
	case codes.Unavailable:
		return method == http.MethodGet && !transport.IsTLSMismatch(err)
	case codes.Internal:
		return method == http.MethodGet
	}
	return false
}

// restWait is how long to wait after an attempt, which counts from 1: what the
// server asked for, or a doubling time.
func restWait(attempt int, err error) time.Duration {
	if e, ok := err.(*RESTError); ok && e.retryAfter > 0 {
		return e.retryAfter
	}
	return min(restFirstWait<<(attempt-1), restMostWait)
}
