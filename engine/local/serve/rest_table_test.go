package serve

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// The suite of refusals, which real servers are asked with, too, has to ask for
// every endpoint.
func TestEveryEndpointIsInTheTableOfRefusals(t *testing.T) {
	table, err := os.ReadFile("../../../test/conformance/refusals/rest.txt")
	if err != nil {
		t.Fatal(err)
	}
	mux, missing := http.NewServeMux(), map[string]bool{}
	for pattern := range (&Faces{}).endpoints() {
		mux.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
		missing[pattern] = true
	}
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] == "#" {
			continue
		}
		_, pattern := mux.Handler(httptest.NewRequest(fields[0], fields[1], nil))
		delete(missing, pattern)
	}
	for pattern := range missing {
		t.Errorf("no row asks for %s", pattern)
	}
}
