package local_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/local"
)

// An engine without ports serves REST to its own process.
func TestRESTWithoutAPort(t *testing.T) {
	r := start(t, local.Options{})
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return r.engine.DialHTTP(ctx) }}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(r.ctx, http.MethodGet, "http://in-process:0/api/v1/tenants/"+r.engine.TenantID()+"/workflows", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.engine.Token())
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || len(body) == 0 || body[0] != '{' {
		t.Errorf("answered %d %s, %v", response.StatusCode, body, err)
	}
}
