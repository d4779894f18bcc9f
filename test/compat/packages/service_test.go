package packages

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// service is what cases of HTTP clients talk to.
type service struct {
	mu    sync.Mutex
	asked map[string]int // by path of /flaky/
}

func newService() http.Handler {
	s := &service{asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", s.echo)
	mux.HandleFunc("/graphql", s.graphql)
	mux.HandleFunc("/status/{code}", s.status)
	mux.HandleFunc("/flaky/{who}", s.flaky)
	return mux
}

// echo answers with the request.
func (s *service) echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	headers := map[string]string{}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"method": r.Method, "query": r.URL.Query(), "headers": headers, "body": string(body)})
}

// graphql answers every query with one order, and those that ask for fails with
// an error.
func (s *service) graphql(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Query     string
		Variables struct{ ID string }
	}
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &asked)
	answer := map[string]any{"data": map[string]any{"order": map[string]any{"id": asked.Variables.ID, "total": 3, "who": r.Header.Get("Authorization")}}}
	if strings.Contains(asked.Query, "fails") {
		answer = map[string]any{"errors": []any{map[string]string{"message": "it fails"}}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// status answers with the status of the path.
func (s *service) status(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.PathValue("code"))
	if err != nil {
		code = http.StatusBadRequest
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, `{"code":`+r.PathValue("code")+`}`)
}

// flaky answers properly from the third time on.
func (s *service) flaky(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked[r.PathValue("who")]++
	times := s.asked[r.PathValue("who")]
	s.mu.Unlock()
	if times < 3 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "answered")
}
