package glue_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/hatchet-js/hatchet-js-worker/bindings/glue/gluetest"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// serveOpenSSH starts OpenSSH's own server for the user of this process, and
// returns options that connect to it, and the line for known_hosts.
func serveOpenSSH(t *testing.T) (options, known string) {
	t.Helper()
	const program = "/usr/sbin/sshd" // it wants to be called by its absolute path
	if _, err := os.Stat(program); err != nil {
		t.Skipf("no OpenSSH to test with: %v; install openssh-server", err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	port, err := gluetest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	hostKey, hostText := newKey(t)
	userKey, userText := newKey(t)
	config := fmt.Sprintf("Port %d\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
		port, filepath.Join(dir, "host"), filepath.Join(dir, "authorized"))
	for name, text := range map[string]string{"host": hostText, "authorized": string(ssh.MarshalAuthorizedKey(userKey.PublicKey())), "config": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		_ = os.MkdirAll("/run/sshd", 0o755) // where it leaves its privileges; it says so if it cannot
	}
	server := exec.Command(program, "-D", "-e", "-f", filepath.Join(dir, "config"))
	var log strings.Builder
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Wait() }()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		<-ended
		if t.Failed() {
			t.Log(log.String())
		}
	})
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			break
		}
		select {
		case <-ended:
			t.Skipf("no OpenSSH to test with: sshd does not start: %s", log.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("sshd does not listen")
		}
	}
	known = knownhosts.Line([]string{knownhosts.Normalize(address)}, hostKey.PublicKey())
	return fmt.Sprintf("host: '127.0.0.1', port: %d, user: %q, privateKey: `%s`", port, me.Username, userText), known
}

func TestOpenSSH(t *testing.T) {
	options, known := serveOpenSSH(t)
	remote := t.TempDir()
	m, dir := granted(t, permit.Rules{permit.Net: allow("127.0.0.1"), permit.Read: allow("in"), permit.Write: allow("out")})
	for _, name := range []string{"in", "out"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "in", "a.txt"), []byte("héllo"), 0o600); err != nil {
		t.Fatal(err)
	}
	head := "const { connect } = require('hatchet:ssh'); const remote = '" + remote + "'; " + each
	on := head + "const host = await connect({ " + options + ", knownHosts: `" + known + "` }); "
	m.Expect(t, on+`return host.exec('printf "%s" "$((6 * 7))"; echo no >&2; cat', { stdin: ' é' })`, `{"code":0,"stdout":"42 é","stderr":"no\n"}`)
	m.Expect(t, on+`try { await host.exec('exit 3') } catch (e) { return [e.name, e.code, e.exitCode] }`, `["SshError","SSH_EXIT",3]`)
	m.Expect(t, on+`return host.exec('kill -TERM $$', { check: false }).then((r) => r.signal)`, `"TERM"`)
	m.Expect(t, on+`return fails(host.exec('sleep 15', { timeout: 50 }))`, `["SshError","ETIMEDOUT"]`)
	m.Expect(t, on+`await host.upload('in/a.txt', remote + '/b.txt', { mode: 0o640 }); await host.download(remote + '/b.txt', 'out/c.txt'); return [(await host.readFile(remote + '/b.txt')).toString(), (await host.exec('stat -c %a ' + remote + '/b.txt')).stdout]`, `["héllo","640\n"]`)
	if text, err := os.ReadFile(filepath.Join(dir, "out", "c.txt")); err != nil || string(text) != "héllo" {
		t.Errorf("%q, %v", text, err)
	}
	m.Expect(t, on+`await host.writeFile(remote + '/d', 'x'.repeat(300000)); return [(await host.readFile(remote + '/d')).length, await fails(host.readFile(remote + '/none'))]`, `[300000,["SshError","ENOENT"]]`)
	other, _ := newKey(t)
	changed := known[:strings.Index(known, " ")+1] + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(other.PublicKey())))
	m.Expect(t, head+"return [await fails(connect({ "+options+", knownHosts: `"+changed+"` })), await fails(connect({ "+options+", knownHosts: `[127.0.0.1]:1 "+known[strings.Index(known, " ")+1:]+"` }))]", `[["SshError","SSH_HOST_CHANGED"],["SshError","SSH_HOST_UNKNOWN"]]`)
	wrong := options[:strings.Index(options, "privateKey")] + "password: 'x'"
	m.Expect(t, head+"return fails(connect({ "+wrong+", knownHosts: `"+known+"` }))", `["SshError","SSH_AUTH"]`)
}
