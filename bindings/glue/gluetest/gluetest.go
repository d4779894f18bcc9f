// Package gluetest starts the servers that tests of glue modules talk to, on
// loopback addresses and in temporary folders. A server whose programs are not
// installed has its tests skipped with a message.
package gluetest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Servers are the servers of one test process. Stop ends them.
type Servers struct {
	mu      sync.Mutex
	started map[string]started
	stops   []func()

	authority *Authority // of the PostgreSQL server
}

type started struct {
	url string
	err error
}

// Stop ends all servers, the last first.
func (s *Servers) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stop := range slices.Backward(s.stops) {
		stop()
	}
	s.stops = nil
}

// once starts a server if it does not run yet, and skips the test if it cannot.
func (s *Servers) once(t testing.TB, name string, start func() (string, error)) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started == nil {
		s.started = map[string]started{}
	}
	server, there := s.started[name]
	if !there {
		server.url, server.err = start()
		s.started[name] = server
	}
	if server.err != nil {
		t.Skipf("no %s to test with: %v", name, server.err)
	}
	return server.url
}

// folder makes a folder that the user of a server owns, and ends with it.
func (s *Servers) folder(owner string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "hatchet-js-"); err != nil {
		return "", err
	}
	s.stops = append(s.stops, func() { _ = os.RemoveAll(dir) })
	if os.Geteuid() != 0 {
		return dir, nil
	}
	account, err := user.Lookup(owner)
	if err != nil {
		return "", fmt.Errorf("the server must not run as root, and there is no user %s", owner)
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return "", err
	}
	return dir, os.Chown(dir, uid, -1)
}

// as is a command that runs as another user if this process is root.
func as(owner, program string, args ...string) *exec.Cmd {
	if os.Geteuid() == 0 {
		args = append([]string{"--reuid=" + owner, "--regid=" + owner, "--clear-groups", program}, args...)
		program = "setpriv"
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = os.TempDir()
	return cmd
}

func run(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, out)
	}
	return nil
}

// FreePort finds a port that nothing listens on.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Postgres is the URL of a PostgreSQL server.
func (s *Servers) Postgres(t testing.TB) string {
	t.Helper()
	return s.once(t, "PostgreSQL", s.startPostgres)
}

func (s *Servers) startPostgres() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if len(found) == 0 {
		return "", fmt.Errorf("/usr/lib/postgresql has no initdb; install postgresql")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := s.folder("postgres")
	if err != nil {
		return "", err
	}
	port, err := FreePort()
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	if err := run(as("postgres", filepath.Join(bin, "initdb"), "-D", data, "-U", "app", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")); err != nil {
		return "", err
	}
	secure, err := s.secure(dir)
	if err != nil {
		return "", err
	}
	options := fmt.Sprintf("-p %d -k %s %s -c listen_addresses=127.0.0.1 -c fsync=off -c timezone=Asia/Tokyo", port, dir, secure)
	control := filepath.Join(bin, "pg_ctl")
	start := as("postgres", control, "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", options, "start")
	if err := start.Run(); err != nil { // its output stays open in the server
		return "", fmt.Errorf("pg_ctl start: %w", err)
	}
	s.stops = append(s.stops, func() { _ = run(as("postgres", control, "-D", data, "-m", "immediate", "-w", "stop")) })
	return fmt.Sprintf("postgres://app:secret-of-app@127.0.0.1:%d/postgres?sslmode=disable", port), nil
}

// PostgresAuthority is who has issued the certificate of [Servers.Postgres].
func (s *Servers) PostgresAuthority(t testing.TB) *Authority {
	t.Helper()
	s.Postgres(t)
	return s.authority
}

// secure makes a certificate for PostgreSQL; its result are the options to use it.
func (s *Servers) secure(dir string) (options string, err error) {
	if s.authority, err = NewAuthority(); err != nil {
		return "", err
	}
	cert, key, err := s.authority.Issue()
	if err != nil {
		return "", err
	}
	owner, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	options = "-c ssl=on"
	for setting, text := range map[string]string{"ssl_cert_file": cert, "ssl_key_file": key} {
		path := filepath.Join(dir, setting)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
		if err := giveTo(path, owner); err != nil {
			return "", err
		}
		options += " -c " + setting + "=" + path
	}
	return options, nil
}

// MySQL is the URL of a server of MySQL or MariaDB.
func (s *Servers) MySQL(t testing.TB) string {
	t.Helper()
	return s.once(t, "MySQL", s.startMySQL)
}

// mySQLSetup makes the user and the database of the tests.
const mySQLSetup = `CREATE DATABASE app CHARACTER SET utf8mb4;
CREATE USER 'app'@'%' IDENTIFIED BY 'secret-of-app';
GRANT ALL ON *.* TO 'app'@'%';
`

func (s *Servers) startMySQL() (string, error) {
	for _, program := range []string{"mariadbd", "mariadb-install-db", "mariadb-admin"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%w; install mariadb-server", err)
		}
	}
	dir, err := s.folder("mysql")
	if err != nil {
		return "", err
	}
	port, err := FreePort()
	if err != nil {
		return "", err
	}
	data, socket, setup := filepath.Join(dir, "data"), filepath.Join(dir, "socket"), filepath.Join(dir, "setup.sql")
	if err := os.WriteFile(setup, []byte(mySQLSetup), 0o644); err != nil {
		return "", err
	}
	if err := run(as("mysql", "mariadb-install-db", "--no-defaults", "--datadir="+data, "--skip-test-db", "--auth-root-authentication-method=normal")); err != nil {
		return "", err
	}
	server := as("mysql", "mariadbd", "--no-defaults", "--datadir="+data, "--socket="+socket, "--pid-file="+filepath.Join(dir, "pid"),
		"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", port), "--init-file="+setup, "--innodb-flush-log-at-trx-commit=0", "--default-time-zone=+09:00")
	if err := server.Start(); err != nil {
		return "", err
	}
	s.stops = append(s.stops, func() {
		_ = server.Process.Kill() // what it keeps is thrown away
		_ = server.Wait()
	})
	if err := run(exec.Command("mariadb-admin", "--no-defaults", "--socket="+socket, "--user=app", "--password=secret-of-app", "--wait=20", "--connect-timeout=20", "ping")); err != nil {
		return "", err
	}
	return fmt.Sprintf("mysql://app:secret-of-app@127.0.0.1:%d/app", port), nil
}

// Redis is the URL of a Redis server.
func (s *Servers) Redis(t testing.TB) string {
	t.Helper()
	return s.once(t, "Redis", s.startRedis)
}

func (s *Servers) startRedis() (string, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", fmt.Errorf("%w; install redis-server", err)
	}
	port, err := FreePort()
	if err != nil {
		return "", err
	}
	server := exec.Command(program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	server.Dir = os.TempDir()
	out, err := server.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "Ready to accept connections") {
		continue
	}
	drained := make(chan struct{})
	go func() { defer close(drained); _, _ = io.Copy(io.Discard, out) }()
	s.stops = append(s.stops, func() {
		_ = server.Process.Kill() // what it keeps is thrown away
		<-drained
		_ = server.Wait()
	})
	return fmt.Sprintf("redis://127.0.0.1:%d/0", port), nil
}
