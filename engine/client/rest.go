package client

import (
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
	http.StatusForbidden: codes.PermissionDenied, http.StatusNotFound: codes.NotFound,
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

// get reads the JSON at path into answer. It tries again what may go better.
func (c *Client) get(ctx context.Context, path string, query url.Values, answer any) error {
	address, err := c.conn.URL(path)
	if err != nil {
		return err
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	attempts := restAttempts
	if c.conn.Config().Retry.DisableREST {
		attempts = 1
	}
	for attempt := 1; ; attempt++ {
		err := c.getOnce(ctx, address, answer)
		if err == nil || ctx.Err() != nil || attempt >= attempts || !restRepeatable(err) {
			return err
		}
		if err := clock.Sleep(ctx, c.options.Clock, restWait(attempt, err)); err != nil {
			return err
		}
	}
}

// getOnce makes one attempt. Its own deadline is a real one, since it is the
// network that is waited for.
func (c *Client) getOnce(ctx context.Context, address string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, restTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := c.conn.HTTP().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, restMostAnswer))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", address, err)
	}
	if response.StatusCode != http.StatusOK {
		return restErrorOf(response, body)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("the answer of %s is not what Hatchet's REST face sends; is HATCHET_CLIENT_SERVER_URL right? %w", address, err)
	}
	return nil
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

// restRepeatable reports whether a later attempt may go better.
func restRepeatable(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable:
		return !transport.IsTLSMismatch(err)
	case codes.ResourceExhausted, codes.Internal:
		return true
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
