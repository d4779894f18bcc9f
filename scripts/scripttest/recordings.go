package scripttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// recordingVersion is that of the shape of a file of recordings.
const recordingVersion = 1

// maxRecorded bounds the body of a response that is recorded, in bytes.
const maxRecorded = 16 << 20

// recordingFile is a file of recordings: what servers said in each test that
// records into it.
type recordingFile struct {
	Version int                       `json:"recording"`
	Tests   map[string][]exchangeKept `json:"tests"` // by full name
}

// exchangeKept is one request and what the server said, without credentials and
// with secrets replaced by their names.
type exchangeKept struct {
	Method   string       `json:"method"`
	URL      string       `json:"url"`
	Body     string       `json:"body,omitempty"`
	Response responseKept `json:"response"`
}

type responseKept struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Base64  string            `json:"base64,omitempty"` // instead of body, of what is no text
}

// recordings are the files of recordings of a run of tests, by path.
type recordings struct {
	update, frozen bool // as of snapshots

	mu    sync.Mutex
	files map[string]*recordingFile
	fresh map[string]map[string]bool // tests that were recorded in this run, by path
}

func newRecordings(o Options) *recordings {
	return &recordings{update: o.Update, frozen: o.CI, files: map[string]*recordingFile{}, fresh: map[string]map[string]bool{}}
}

// of gives what was recorded for a test; false if it is to be recorded.
func (r *recordings) of(path, test string) ([]exchangeKept, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	file, err := r.open(path)
	if err != nil {
		return nil, false, err
	}
	kept, there := file.Tests[test]
	if there && (!r.update || r.fresh[path][test]) {
		return kept, true, nil
	}
	if r.frozen {
		return nil, false, errors.New("nothing is recorded for this test; run it without CI to record it")
	}
	return nil, false, nil
}

// open reads a file of recordings, once.
func (r *recordings) open(path string) (*recordingFile, error) {
	if file := r.files[path]; file != nil {
		return file, nil
	}
	file := &recordingFile{}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(text, file); err != nil {
			return nil, placed(path, text, err)
		}
		if file.Version != recordingVersion {
			return nil, fmt.Errorf("%s holds no recordings: \"recording\" is %d, want %d", path, file.Version, recordingVersion)
		}
	}
	if file.Tests == nil {
		file.Version, file.Tests = recordingVersion, map[string][]exchangeKept{}
	}
	r.files[path] = file
	return file, nil
}

// keep writes what a test that has passed recorded.
func (r *recordings) keep(path, test string, kept []exchangeKept) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	file, err := r.open(path)
	if err != nil {
		return err
	}
	if r.fresh[path] == nil {
		r.fresh[path] = map[string]bool{}
	}
	file.Tests[test], r.fresh[path][test] = kept, true
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// recorder is what one test records, or replays.
type recorder struct {
	path, name string // the file, and as the test writes it
	double     *double
	replays    bool
	kept       []exchangeKept
	used       []bool
}

// record is the module's native: (path relative to the test file). It gives the id
// of a mock.
func (f *face) record(call goja.FunctionCall) goja.Value {
	s := f.needSession("t.record")
	name := native.NonEmpty(f.rt, call.Argument(0), "t.record: the path")
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.dir, path)
	}
	kept, replays, err := s.recordings.of(path, s.test.fullName())
	if err != nil {
		panic(f.vm.NewError(fmt.Errorf("t.record(%q): %w", name, err)))
	}
	one := &double{kind: "record", name: name}
	s.doubles.add(one)
	s.doubles.mu.Lock()
	s.doubles.recorder = &recorder{path: path, name: name, double: one, replays: replays, kept: kept, used: make([]bool, len(kept))}
	s.doubles.mu.Unlock()
	return f.rt.ToValue(one.id)
}

// replayed answers a request from the recording.
func (s *session) replayed(request *http.Request, call httpCall) (*http.Response, bool, error) {
	d := &s.doubles
	d.mu.Lock()
	r := d.recorder
	d.mu.Unlock()
	if r == nil || !r.replays {
		return nil, false, nil
	}
	if err := readBody(request, &call); err != nil {
		return nil, true, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	found := r.find(s.redacted(call))
	if found == nil {
		return nil, true, &permit.DoubleError{Name: "RecordingMismatch", Text: fmt.Sprintf(
			"%s %s is not in %s, which has for this test: %s; run it with -u to record it anew", call.Method, call.URL, r.name, r.list())}
	}
	r.double.made = append(r.double.made, call)
	response, err := found.Response.response()
	return response, true, err
}

// redacted is what of a call is kept.
func (s *session) redacted(call httpCall) exchangeKept {
	secrets := s.outside.inForce()
	return exchangeKept{Method: call.Method, URL: secrets.Redact(call.URL), Body: secrets.Redact(call.Body)}
}

// find is the next exchange that begins with the request. The last one of its
// kind answers again: an attempt may be made more often than when it was recorded.
func (r *recorder) find(request exchangeKept) *exchangeKept {
	var last *exchangeKept
	for i, kept := range r.kept {
		if kept.Method != request.Method || kept.URL != request.URL || kept.Body != request.Body {
			continue
		}
		last = &r.kept[i]
		if !r.used[i] {
			r.used[i] = true
			return last
		}
	}
	return last
}

func (r *recorder) list() string {
	var names []string
	for _, kept := range r.kept {
		names = append(names, strings.TrimSpace(kept.Method+" "+kept.URL+" "+clip(kept.Body)))
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// exchanged records what a server said.
func (s *session) exchanged(_ context.Context, request *http.Request, response *http.Response) (*http.Response, error) {
	d := &s.doubles
	d.mu.Lock()
	r := d.recorder
	d.mu.Unlock()
	if r == nil || r.replays {
		return response, nil
	}
	call := httpCall{Method: request.Method, URL: request.URL.String(), Headers: headersOf(request.Header)}
	if request.Body != nil && request.GetBody == nil {
		return nil, errors.Join(fmt.Errorf("t.record(%q): the body of %s %s is a stream, which cannot be recorded", r.name, call.Method, call.URL), response.Body.Close())
	}
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return nil, err
		}
		call.Body = string(text)
	}
	kept := s.redacted(call)
	var err error
	if kept.Response, err = s.keepResponse(response); err != nil {
		return nil, fmt.Errorf("t.record(%q): %s %s: %w", r.name, call.Method, call.URL, err)
	}
	d.mu.Lock()
	r.kept = append(r.kept, kept)
	r.double.made = append(r.double.made, call)
	d.mu.Unlock()
	return response, nil
}

// keepResponse reads a response, which then begins anew.
func (s *session) keepResponse(response *http.Response) (responseKept, error) {
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxRecorded+1))
	err = errors.Join(err, response.Body.Close())
	if err == nil && len(raw) > maxRecorded {
		err = fmt.Errorf("the response has more than %d bytes, which are recorded at most", maxRecorded)
	}
	if err != nil {
		return responseKept{}, err
	}
	response.Body = io.NopCloser(bytes.NewReader(raw))
	kept := responseKept{Status: response.StatusCode, Headers: headersOf(response.Header)}
	for _, private := range []string{"set-cookie", "content-length", "date", "connection"} {
		delete(kept.Headers, private)
	}
	if kept.Headers["content-encoding"] == "gzip" {
		if plain, err := unzipped(raw); err == nil {
			raw = plain
			delete(kept.Headers, "content-encoding")
		}
	}
	if utf8.Valid(raw) {
		kept.Body = s.outside.inForce().Redact(string(raw))
	} else {
		kept.Base64 = base64.StdEncoding.EncodeToString(raw)
	}
	for name, value := range kept.Headers {
		kept.Headers[name] = s.outside.inForce().Redact(value)
	}
	return kept, nil
}

func unzipped(raw []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(reader, maxRecorded))
}

func headersOf(header http.Header) map[string]string {
	all := map[string]string{}
	for name, values := range header {
		all[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return all
}

func (k responseKept) response() (*http.Response, error) {
	body := k.Body
	if k.Base64 != "" {
		raw, err := base64.StdEncoding.DecodeString(k.Base64)
		if err != nil {
			return nil, fmt.Errorf("recorded response: base64: %w", err)
		}
		body = string(raw)
	}
	return httpReply{Status: k.Status, Headers: k.Headers, Body: body}.response(), nil
}

// keepRecording writes what the test recorded.
func (s *session) keepRecording() error {
	d := &s.doubles
	d.mu.Lock()
	r := d.recorder
	d.mu.Unlock()
	if r == nil || r.replays {
		return nil
	}
	if err := s.recordings.keep(r.path, s.test.fullName(), r.kept); err != nil {
		return fmt.Errorf("t.record(%q): %w", r.name, err)
	}
	return nil
}
