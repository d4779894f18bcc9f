package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestClassify(t *testing.T) {
	for code, want := range map[codes.Code]Verdict{
		codes.Canceled: VerdictStop, codes.Unavailable: VerdictRetry, codes.Internal: VerdictRetry,
		codes.DeadlineExceeded: VerdictRetry, codes.ResourceExhausted: VerdictRetry, codes.Unauthenticated: VerdictRefuse,
		codes.PermissionDenied: VerdictRefuse, codes.InvalidArgument: VerdictRefuse, codes.FailedPrecondition: VerdictRefuse,
		codes.NotFound: VerdictRefuse, codes.Unimplemented: VerdictRefuse, codes.Unknown: VerdictLimit, codes.Aborted: VerdictLimit,
	} {
		if got := Classify(fmt.Errorf("stream: %w", status.Error(code, "x"))); got != want {
			t.Errorf("%s: got %v, want %v", code, got, want)
		}
	}
	for _, err := range []error{nil, io.EOF, errors.New("x")} {
		if got := Classify(err); got != VerdictLimit {
			t.Errorf("%v: got %v", err, got)
		}
	}
	if got := Classify(&Error{tls: true, status: status.Error(codes.Unavailable, "x")}); got != VerdictRefuse {
		t.Errorf("a TLS mismatch: got %v", got)
	}
}

// waits runs a Reconnect on virtual time over streams that end with ends, one
// after the other, and returns how long it waited and how it ended.
func waits(t *testing.T, r Reconnect, ends []error, progressAt ...int) ([]time.Duration, error) {
	t.Helper()
	v := clock.NewVirtual(time.Unix(0, 0))
	var seen []time.Duration
	r.Clock, r.Rand = v, func() float64 { return 0.5 }
	r.Lost = func(_ error, wait time.Duration) {
		seen = append(seen, wait)
		go func() { // wakes the sleep that follows
			for v.Waiting() == 0 {
				time.Sleep(time.Millisecond)
			}
			v.Advance(wait)
		}()
	}
	attempt := 0
	err := r.Run(context.Background(), func(_ context.Context, progress func()) error {
		attempt++
		if slices.Contains(progressAt, attempt) {
			progress()
		}
		if attempt > len(ends) {
			return status.Error(codes.Canceled, "done")
		}
		return ends[attempt-1]
	})
	return seen, err
}

func TestReconnectWaitsGrow(t *testing.T) {
	gone := status.Error(codes.Unavailable, "gone")
	ends := slices.Repeat([]error{gone}, 8)
	s, ms := time.Second, time.Millisecond
	got, err := waits(t, Reconnect{}, ends)
	want := []time.Duration{500 * ms, s, 2 * s, 4 * s, 8 * s, 15 * s, 15 * s, 15 * s}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("waits %v, %v, want %v", got, err, want)
	}
	got, err = waits(t, Reconnect{Base: 2 * s, Most: 6 * s}, ends[:5], 4)
	if want := []time.Duration{s, 2 * s, 3 * s, s, 2 * s}; err != nil || !slices.Equal(got, want) {
		t.Errorf("with progress in attempt 4: waits %v, %v, want %v", got, err, want)
	}
}

func TestReconnectGivesUp(t *testing.T) {
	refused := status.Error(codes.PermissionDenied, "no")
	if got, err := waits(t, Reconnect{}, []error{refused}); !errors.Is(err, refused) || len(got) != 0 {
		t.Errorf("refused: %v, %v", got, err)
	}
	eofs := slices.Repeat([]error{io.EOF}, 30)
	if got, err := waits(t, Reconnect{}, eofs); !errors.Is(err, io.EOF) || len(got) != 10 {
		t.Errorf("end of stream: %d reconnects, %v", len(got), err)
	}
	if got, err := waits(t, Reconnect{}, eofs, 9, 18, 27); err != nil || len(got) != 30 {
		t.Errorf("end of stream with progress between: %d reconnects, %v", len(got), err)
	}
	if got, err := waits(t, Reconnect{Limit: -1}, eofs); err != nil || len(got) != 30 {
		t.Errorf("end of stream without limit: %d reconnects, %v", len(got), err)
	}
}

func TestReconnectEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	r := Reconnect{Clock: clock.NewVirtual(time.Unix(0, 0)), Lost: func(error, time.Duration) { cancel(cause) }}
	err := r.Run(ctx, func(context.Context, func()) error { return io.EOF })
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// TestReconnectOverARestart holds a stream to a server that goes away and comes
// back on its port.
func TestReconnectOverARestart(t *testing.T) {
	first := serve(t, "127.0.0.1:0")
	conn := dial(t, plain(first), Options{})
	ctx, cancel := context.WithCancelCause(context.Background())
	over := errors.New("over")
	opened := make(chan int, 1000)
	done := make(chan error)
	go func() {
		n := 0
		done <- Reconnect{Base: time.Millisecond, Most: 20 * time.Millisecond}.Run(ctx, func(ctx context.Context, progress func()) error {
			stream, err := contract.NewDispatcherClient(conn.Grpc()).ListenV2(ctx, &contract.WorkerListenRequest{})
			if err != nil {
				return err
			}
			if _, err = stream.Header(); err != nil {
				return err
			}
			n++
			opened <- n
			_, err = stream.Recv()
			return err
		})
	}()
	<-opened
	first.grpc.Stop()
	serve(t, first.hostPort)
	<-opened
	cancel(over)
	if err := <-done; !errors.Is(err, over) {
		t.Error(err)
	}
}

func TestErrorsOfStreamsAreExplained(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	s.answers = []error{status.Error(codes.Unauthenticated, "invalid auth token")}
	conn := dial(t, plain(s), Options{})
	stream, err := contract.NewDispatcherClient(conn.Grpc()).ListenV2(context.Background(), &contract.WorkerListenRequest{})
	if err == nil {
		_, err = stream.Recv()
	}
	if !IsUnauthorized(err) || !strings.Contains(err.Error(), "refused the token") {
		t.Errorf("got %v", err)
	}
	s.answers = []error{io.EOF} // ends the stream without a status
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	if stream, err = contract.NewDispatcherClient(conn.Grpc()).ListenV2(ctx, &contract.WorkerListenRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err = stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("the end of a stream: %v", err)
	}
	if stream, err = contract.NewDispatcherClient(conn.Grpc()).ListenV2(ctx, &contract.WorkerListenRequest{}); err != nil {
		t.Fatal(err)
	}
	cancel(cause)
	if _, err = stream.Recv(); !errors.Is(err, cause) {
		t.Errorf("the end of its context: %v", err)
	}
}

func TestHTTPIsAuthorizedOnTheServerOnly(t *testing.T) {
	seen := make(chan string, 2)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("Authorization") })
	ours, other := httptest.NewServer(handler), httptest.NewServer(handler)
	defer ours.Close()
	defer other.Close()
	token := tokenFor("a:1")
	conn := dial(t, Config{Token: token, ServerURL: ours.URL + "/"}, Options{})
	url, err := conn.URL("/api/v1/x")
	if err != nil || url != ours.URL+"/api/v1/x" {
		t.Fatalf("%q, %v", url, err)
	}
	for address, want := range map[string]string{url: "Bearer " + token, other.URL: ""} {
		response, err := conn.HTTP().Get(address)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := <-seen; got != want {
			t.Errorf("%s saw authorization %q", address, got)
		}
	}
}

func TestHTTPFailures(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	conn := dial(t, Config{Token: tokenFor("a:1"), ServerURL: url}, Options{})
	if _, err := conn.HTTP().Get(url); !IsUnreachable(err) || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	cancel(cause)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.HTTP().Do(request); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	conn = dial(t, Config{Token: tokenOf(map[string]any{"sub": "x"}), HostPort: "a:1"}, Options{})
	if _, err := conn.URL("/x"); err == nil || !strings.Contains(err.Error(), "HATCHET_CLIENT_SERVER_URL") {
		t.Errorf("got %v", err)
	}
}
