package cli

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	_ "modernc.org/sqlite" // fills the databases
)

// ops is the folder of examples/ops with the servers that its scripts talk to.
type ops struct {
	dir string
	env []string

	mu       sync.Mutex
	slack    []string          // what was posted
	key      map[string]string // what Vault keeps
	deleted  []string          // keys taken back
	pods     []string
	refusals int // of evictions that are to come
	cordoned bool
}

// TestTheExamplesOfOperations runs each script of examples/ops under dev, with
// its file of permissions and nothing else granted.
func TestTheExamplesOfOperations(t *testing.T) {
	o := &ops{dir: t.TempDir(), key: map[string]string{"id": "k1", "key": "key-number-one"}, pods: []string{"web", "db"}, refusals: 1}
	if err := os.CopyFS(o.dir, os.DirFS(filepath.Join("..", "..", "examples", "ops"))); err != nil {
		t.Fatal(err)
	}
	bucket := o.serve(t)
	o.fill(t)
	o.tests(t)
	o.dev(t)
	for _, c := range []struct{ run, input, want string }{
		{"rotate-api-key", `{}`, `{"rotate":{"service":"billing","id":"k2","replaced":"k1"}}`},
		{"reconcile-orders", `{}`, `{"compared":3,"missing":[3],"unknown":[],"different":[{"id":2,"shop":250,"ledger":200}]}`},
		{"nightly-orders", `{"day":"2026-03-01"}`, `{"object":"orders/2026-03-01.csv","size":44}`},
		{"drain-node", `{"node":"n1","pause":"10ms"}`, `{"node":"n1","passes":3}`},
	} {
		if got := o.command(t, 0, "run", c.run, c.input); got != c.want {
			t.Errorf("%s gives %s, want %s", c.run, got, c.want)
		}
	}
	var looked []struct {
		Host, Error string
		Days        int
	}
	if err := json.Unmarshal([]byte(o.command(t, 0, "run", "certificate-expiry")), &looked); err != nil || len(looked) != 2 {
		t.Fatalf("%v, %v", looked, err)
	}
	if looked[0].Days < 1 || looked[0].Error != "" || looked[1].Error == "" {
		t.Errorf("certificates: %+v", looked)
	}
	o.command(t, 1, "run", "backup")
	o.check(t, bucket)
}

// tests runs a test where no secret is set.
func (o *ops) tests(t *testing.T) {
	t.Helper()
	cmd := exec.Command(filepath.Join(binaries, "hatchet-js-worker"), "test", ".", "--filter", "a dump carries its day")
	cmd.Dir, cmd.Env = o.dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + o.dir}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "1 passed") {
		t.Errorf("%v\n%s", err, out)
	}
}

// check looks at what the servers were told.
func (o *ops) check(t *testing.T, bucket gofakes3.Backend) {
	t.Helper()
	object, err := bucket.GetObject("reports", "orders/2026-03-01.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(object.Contents); err != nil || string(text) != "id,customer,cents\n1,Ada,100\n2,\"Bob, jr\",250\n" {
		t.Errorf("%q, %v", text, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.key["key"] != "key-number-two" || !slices.Equal(o.deleted, []string{"k1"}) {
		t.Errorf("Vault keeps %v, %v were taken back", o.key, o.deleted)
	}
	if !o.cordoned || len(o.pods) > 0 {
		t.Errorf("cordoned: %v, pods: %v", o.cordoned, o.pods)
	}
	said := strings.Join(o.slack, "\n")
	for _, want := range []string{"2 of 3 orders", "backup failed in dump", "the server is not there", "runs get"} {
		if !strings.Contains(said, want) {
			t.Errorf("Slack has no %q:\n%s", want, said)
		}
	}
}

func answer(w http.ResponseWriter, value any) { _ = json.NewEncoder(w).Encode(value) }

// handler is the API of each of the servers, but for the bucket.
func (o *ops) handler() http.Handler {
	mux := http.NewServeMux()
	locked := func(pattern string, handle http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			o.mu.Lock()
			defer o.mu.Unlock()
			handle(w, r)
		})
	}
	locked("POST /services/", func(_ http.ResponseWriter, r *http.Request) {
		var message struct{ Text string }
		_ = json.NewDecoder(r.Body).Decode(&message) // an empty text is not found in what is wanted
		o.slack = append(o.slack, message.Text)
	})
	o.serveKeys(locked)
	o.serveCluster(locked)
	return mux
}

func (o *ops) serveKeys(locked func(string, http.HandlerFunc)) {
	locked("POST /keys", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer the-token-of-keys" || r.Header.Get("Idempotency-Key") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, map[string]string{"id": "k2", "key": "key-number-two"})
	})
	locked("GET /whoami", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer key-number-two" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	locked("DELETE /keys/{id}", func(_ http.ResponseWriter, r *http.Request) { o.deleted = append(o.deleted, r.PathValue("id")) })
	locked("GET /v1/secret/data/billing", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"data": map[string]any{"data": o.key}})
	})
	locked("POST /v1/secret/data/billing", func(w http.ResponseWriter, r *http.Request) {
		var sent struct{ Data map[string]string }
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		o.key = sent.Data
	})
}

func (o *ops) serveCluster(locked func(string, http.HandlerFunc)) {
	locked("PATCH /api/v1/nodes/n1", func(_ http.ResponseWriter, r *http.Request) {
		o.cordoned = r.Header.Get("Authorization") == "Bearer the-token-of-kube" && r.Header.Get("Content-Type") == "application/merge-patch+json"
	})
	locked("GET /api/v1/pods", func(w http.ResponseWriter, r *http.Request) {
		items := []any{}
		for _, name := range o.pods {
			items = append(items, map[string]any{"metadata": map[string]string{"namespace": "shop", "name": name}})
		}
		if r.URL.Query().Get("fieldSelector") != "spec.nodeName=n1" {
			items = nil
		}
		answer(w, map[string]any{"items": items})
	})
	locked("POST /api/v1/namespaces/shop/pods/{name}/eviction", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("name") == "db" && o.refusals > 0 {
			o.refusals--
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		o.pods = slices.DeleteFunc(o.pods, func(name string) bool { return name == r.PathValue("name") })
		w.WriteHeader(http.StatusCreated)
	})
}

// serve starts the servers and has the permissions name them.
func (o *ops) serve(t *testing.T) gofakes3.Backend {
	t.Helper()
	server := httptest.NewServer(o.handler())
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	bucket := s3mem.New()
	if err := bucket.CreateBucket("reports"); err != nil {
		t.Fatal(err)
	}
	objects := httptest.NewServer(gofakes3.New(bucket, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	for _, s := range []*httptest.Server{server, secure, objects} {
		t.Cleanup(s.Close)
	}
	host := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	gone := httptest.NewServer(nil)
	gone.Close()
	o.rewrite(t, map[string]string{
		"hooks.slack.com": host(server), "keys.example.com": host(server), "vault.example.com:8200": host(server), "kubernetes.default.svc": host(server), "10.96.0.0/12": host(server),
		"www.example.com": host(secure), "api.example.com:8443": host(gone), "minio.example.com:9000": host(objects),
	})
	o.write(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})), 0o600)
	o.write(t, "bin/pg_dump", "#!/bin/sh\necho \"the server is not there for $PGUSER with $PGPASSWORD\" >&2\nexit 1\n", 0o755)
	for name, value := range map[string]string{
		"PATH": filepath.Join(o.dir, "bin") + ":" + os.Getenv("PATH"), "HOME": o.dir, "NO_COLOR": "1", "HATCHET_JS_ENGINES_DIR": filepath.Join(o.dir, ".engines"), "NODE_EXTRA_CA_CERTS": filepath.Join(o.dir, "ca.pem"),
		"SLACK_WEBHOOK": server.URL + "/services/T0/B0/ops", "KEYS_URL": server.URL, "KEYS_TOKEN": "the-token-of-keys", "VAULT_ADDR": server.URL, "VAULT_TOKEN": "the-token-of-vault",
		"SHOP_DB": "data/shop.db", "LEDGER_DB": "data/ledger.db", "CERT_HOSTS": host(secure) + "," + host(gone), "S3_ENDPOINT": objects.URL, "S3_KEY_ID": "app", "S3_SECRET_KEY": "the-secret-of-s3",
		"KUBE_API": server.URL, "KUBE_TOKEN": "the-token-of-kube", "BACKUP_HOST": "127.0.0.1", "BACKUP_PASSWORD": "the-password-of-backup",
	} {
		o.env = append(o.env, name+"="+value)
	}
	return bucket
}

func (o *ops) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// rewrite puts other hosts in the place of those that the permissions name.
func (o *ops) rewrite(t *testing.T, hosts map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(o.dir, "hatchet-js.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, local := range hosts {
		replaced := bytes.ReplaceAll(text, []byte(`"`+name+`"`), []byte(`"`+local+`"`))
		if bytes.Equal(replaced, text) {
			t.Fatalf("the permissions do not name %s", name)
		}
		text = replaced
	}
	o.write(t, "hatchet-js.json", string(text), 0o600)
}

// fill makes the databases.
func (o *ops) fill(t *testing.T) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(o.dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string]string{
		"shop":   `(1, 'Ada', 100, '2026-03-01'), (2, 'Bob, jr', 250, '2026-03-01'), (3, 'Eve', 1, '2026-03-02')`,
		"ledger": `(1, 'Ada', 100, ''), (2, 'Bob', 200, '')`,
	} {
		db, err := sql.Open("sqlite", filepath.Join(o.dir, "data", name+".db"))
		if err == nil {
			_, err = db.ExecContext(t.Context(), "create table orders (id integer primary key, customer text, cents integer, day text); insert into orders values "+rows)
		}
		if err != nil || db.Close() != nil {
			t.Fatal(err)
		}
	}
}

// dev starts dev on the folder, and waits until it serves.
func (o *ops) dev(t *testing.T) {
	t.Helper()
	p := &process{done: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(binaries, "hatchet-js-worker"), "dev", ".", "--ephemeral", "--port", "0", "--grpc-port", "0")
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = o.dir, o.env, p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if text := p.text(); t.Failed() || strings.Contains(text, "the-password-of-backup") {
			t.Errorf("dev printed\n%s", text)
		}
	})
	for deadline := time.Now().Add(patience); !strings.Contains(p.text(), "ready in"); time.Sleep(10 * time.Millisecond) {
		select {
		case <-p.done:
			t.Fatalf("dev ended: %v\n%s", p.err, p.text())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("dev is not ready:\n%s", p.text())
		}
	}
}

// command runs the command and returns what it printed.
func (o *ops) command(t *testing.T, code int, args ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(binaries, "hatchet-js-worker"), args...)
	var errors bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr = o.dir, o.env, &errors
	out, err := cmd.Output()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("%s: %v, want the exit code %d\n%s", fmt.Sprint(args), err, code, errors.String())
	}
	return strings.TrimSpace(string(out))
}
