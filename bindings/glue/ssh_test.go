package glue_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// sshServer is a server whose commands are functions, and whose files are those
// of a folder.
type sshServer struct {
	port, known, userKey string
	dir                  string
	config               *ssh.ServerConfig
	active               sync.WaitGroup
	mu                   sync.Mutex
	conns                []net.Conn
}

func serveSSH(t testing.TB) *sshServer {
	t.Helper()
	hostKey, _ := newKey(t)
	userKey, pemText := newKey(t)
	s := &sshServer{userKey: pemText, dir: t.TempDir()}
	s.config = &ssh.ServerConfig{
		PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if string(password) != "secret-of-app" {
				return nil, errors.New("wrong")
			}
			return nil, nil
		},
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if string(key.Marshal()) != string(userKey.PublicKey().Marshal()) {
				return nil, errors.New("wrong")
			}
			return nil, nil
		},
	}
	s.config.AddHostKey(hostKey)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, s.port, _ = net.SplitHostPort(l.Addr().String())
	s.known = knownhosts.Line([]string{knownhosts.Normalize(l.Addr().String())}, hostKey.PublicKey())
	s.active.Go(func() { s.accept(l) })
	t.Cleanup(func() {
		_ = l.Close()
		s.mu.Lock()
		for _, conn := range s.conns {
			_ = conn.Close()
		}
		s.mu.Unlock()
		s.active.Wait()
	})
	return s
}

func newKey(t testing.TB) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

func (s *sshServer) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.mu.Unlock()
		s.active.Go(func() { s.serve(conn) })
	}
}

func (s *sshServer) serve(conn net.Conn) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	s.active.Go(func() { ssh.DiscardRequests(requests) })
	for offered := range channels {
		channel, asked, err := offered.Accept()
		if err != nil {
			return
		}
		s.active.Go(func() { s.session(channel, asked) })
	}
}

func (s *sshServer) session(channel ssh.Channel, asked <-chan *ssh.Request) {
	defer channel.Close()
	for request := range asked {
		_ = request.Reply(request.Type == "exec" || request.Type == "subsystem", nil)
		switch request.Type {
		case "subsystem":
			if server, err := sftp.NewServer(channel, sftp.WithServerWorkingDirectory(s.dir)); err == nil {
				_ = server.Serve()
			}
			return
		case "exec":
			command := string(request.Payload[4:])
			if command == "sleep" {
				continue
			}
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{s.command(command, channel)}))
			return
		}
	}
}

func (s *sshServer) command(command string, channel ssh.Channel) uint32 {
	switch {
	case command == "uptime":
		fmt.Fprintln(channel, "up 3 days")
	case command == "cat":
		_, _ = io.Copy(channel, channel)
	case command == "flood":
		_, _ = io.WriteString(channel, strings.Repeat("x", 10_000))
	default:
		fmt.Fprintf(channel.Stderr(), "%s: not found\n", command)
		return 127
	}
	return 0
}

func (s *sshServer) options(more string) string {
	return "{ host: '127.0.0.1', port: " + s.port + ", user: 'app', password: 'secret-of-app', knownHosts: `" + s.known + "`" + more + " }"
}

func TestCommandsElsewhere(t *testing.T) {
	s := serveSSH(t)
	m, _ := granted(t, permit.Rules{permit.Net: allow("127.0.0.1")}, func(o *permit.Options) { o.Limits.ExecOutput = 5000 })
	head := "const { connect } = require('hatchet:ssh'); " + each
	on := head + "const host = await connect(" + s.options("") + "); "
	m.Expect(t, on+`return host.exec('uptime')`, `{"code":0,"stdout":"up 3 days\n","stderr":""}`)
	m.Expect(t, on+`return (await Promise.all([host.exec('cat', { stdin: 'é' }), host.exec('uptime')])).map((r) => r.stdout)`, `["é","up 3 days\n"]`)
	m.Expect(t, on+`return host.exec('nope', { check: false })`, `{"code":127,"stdout":"","stderr":"nope: not found\n"}`)
	m.Expect(t, on+`try { await host.exec('nope') } catch (e) { return [e.name, e.code, e.exitCode, e.stderr, e.message] }`, `["SshError","SSH_EXIT",127,"nope: not found\n","\"nope\" ended with the code 127: nope: not found"]`)
	m.Expect(t, on+`return fails(host.exec('sleep', { timeout: 50 }))`, `["SshError","ETIMEDOUT"]`)
	m.Expect(t, on+`return fails(host.exec('flood'))`, `["ExecOutputLimitExceeded",null]`)
	m.Expect(t, on+`host.exec('sleep').catch(() => {}); return 1`, `1`) // ends with the run
	m.Expect(t, head+"const host = await connect({ host: '127.0.0.1', port: "+s.port+", user: 'app', knownHosts: `"+s.known+"`, privateKey: `"+s.userKey+"` }); return (await host.exec('uptime')).code", `0`)
	for options, want := range map[string]string{
		strings.Replace(s.options(""), "secret-of", "wrong-for", 1):   `["SshError","SSH_AUTH"]`,
		strings.Replace(s.options(""), "port: "+s.port, "port: 1", 1): `["SshError","ECONNREFUSED"]`,
	} {
		m.Expect(t, head+`return fails(connect(`+options+`))`, want)
	}
	m.Refused(t, head+`await connect({ host: '127.0.0.1', user: 'app', password: 'x' })`, `TypeError: ssh.connect: give knownHosts or knownHostsFile: a host whose key is not known is not connected to`)
	closed, _ := granted(t, nil)
	closed.Refused(t, head+"await connect({ host: 'db.example.com', user: 'app', password: 'x', knownHosts: `"+s.known+"` })", `NotCapable: Requires net access to "db.example.com:22", run again with --allow-net=db.example.com`)
}

func TestOnlyKnownHostsAreConnectedTo(t *testing.T) {
	s := serveSSH(t)
	other, _ := newKey(t)
	address := "[127.0.0.1]:" + s.port
	key := strings.TrimPrefix(s.known, address+" ")
	wrong := knownhosts.Line([]string{address}, other.PublicKey())
	m, dir := granted(t, permit.Rules{permit.Net: allow("127.0.0.1"), permit.Read: allow("hosts")})
	connected := func(known, want string) {
		t.Helper()
		m.Expect(t, each+"return fails(require('hatchet:ssh').connect({ host: '127.0.0.1', port: "+s.port+", user: 'app', password: 'secret-of-app', "+known+" }))", want)
	}
	const yes = `"it did not"` // fail
	connected("knownHosts: `"+s.known+"`", yes)
	connected("knownHosts: `# ours\n\n"+wrong+"\n"+s.known+"`", yes)
	connected("knownHosts: `"+knownhosts.HashHostname(address)+" "+key+"`", yes)
	connected("knownHosts: `[127.0.0.*]:"+s.port+" "+key+"`", yes)
	connected("knownHosts: `!"+address+",[127.0.0.*]:"+s.port+" "+key+"`", `["SshError","SSH_HOST_UNKNOWN"]`)
	connected("knownHosts: `"+wrong+"`", `["SshError","SSH_HOST_CHANGED"]`)
	connected("knownHosts: `127.0.0.1 "+key+"`", `["SshError","SSH_HOST_UNKNOWN"]`)
	connected("knownHosts: `@revoked "+s.known+"`", `["SshError","SSH_HOST_REVOKED"]`)
	connected("knownHosts: `@cert-authority "+s.known+"`", `["SshError","SSH_FAILED"]`)
	if err := os.WriteFile(filepath.Join(dir, "hosts"), []byte(s.known+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	connected("knownHostsFile: 'hosts'", yes)
	connected("knownHostsFile: '/etc/ssh/known'", `["NotCapable","EACCES"]`)
}

func TestFilesElsewhere(t *testing.T) {
	s := serveSSH(t)
	m, dir := granted(t, permit.Rules{permit.Net: allow("127.0.0.1"), permit.Read: allow("in"), permit.Write: allow("out")})
	for _, name := range []string{"in", "out"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "in/a.txt"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	on := each + "const host = await require('hatchet:ssh').connect(" + s.options("") + "); "
	m.Expect(t, on+`await host.upload('in/a.txt', 'b.txt', { mode: 0o640 }); await host.writeFile('c.txt', 'é'); await host.download('b.txt', 'out/d.txt'); return (await host.readFile('c.txt')).toString()`, `"é"`)
	if data, err := os.ReadFile(filepath.Join(dir, "out/d.txt")); err != nil || string(data) != "content" {
		t.Errorf("%q, %v", data, err)
	}
	if info, err := os.Stat(filepath.Join(s.dir, "b.txt")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	m.Expect(t, on+`return [await fails(host.readFile('none')), await fails(host.upload('secret', 'x')), await fails(host.download('b.txt', 'secret'))]`,
		`[["SshError","ENOENT"],["NotCapable","EACCES"],["NotCapable","EACCES"]]`)
	m.Expect(t, on+`await host.close(); return (await fails(host.exec('uptime')))[0]`, `"SshError"`)
}
