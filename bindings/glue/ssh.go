package glue

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

const sshTypes = `interface SshOptions {
  host: string;
  /** 22 if not given. */
  port?: number;
  user: string;
  password?: string;
  /** A private key as text, for instance a secret. */
  privateKey?: string;
  passphrase?: string;
  /** Lines as in OpenSSH's known_hosts; or knownHostsFile, which takes --allow-read. One of them must be there. */
  knownHosts?: string;
  knownHostsFile?: string;
}
interface SshResult { code: number; signal?: string; stdout: string; stderr: string }
interface SshConnection {
  /** Runs a command line in the user's shell there. A code other than 0 is an error with the code SSH_EXIT, unless check is false. */
  exec(command: string, options?: { stdin?: string | Uint8Array; timeout?: number | string; check?: boolean }): Promise<SshResult>;
  /** Copies a file from here to there (--allow-read). */
  upload(local: string, remote: string, options?: { mode?: number }): Promise<void>;
  /** Copies a file from there to here (--allow-write). */
  download(remote: string, local: string): Promise<void>;
  readFile(remote: string): Promise<any>;
  writeFile(remote: string, data: string | Uint8Array, options?: { mode?: number }): Promise<void>;
  close(): Promise<void>;
}`

// sshModule is hatchet:ssh.
var sshModule = native.Module{
	Name: "hatchet:ssh",
	Doc: "Commands and files on other machines over SSH (--allow-net). The host's key must be known beforehand. Errors have the name SshError and the code " +
		"SSH_HOST_UNKNOWN, SSH_HOST_CHANGED, SSH_HOST_REVOKED, SSH_AUTH, SSH_EXIT (with exitCode, stdout and stderr), ENOENT and so on of files there, or ECONNREFUSED and its like.",
	Members: []member{
		{Name: "connect", Type: "(options: SshOptions): Promise<SshConnection>", Length: 1, Doc: "Connects. The connection ends with the run.", Async: connectSSH},
	},
	Types: sshTypes,
	Example: `import { connect } from 'hatchet:ssh'

const host = await connect({ host: '127.0.0.1', port: Number(process.env.SSH_PORT), user: 'app', password: process.env.SSH_PASSWORD, knownHosts: process.env.SSH_KNOWN_HOSTS })
const { stdout } = await host.exec('uptime')
console.log(stdout.trim()) // -> up 3 days`,
}

// sshTime bounds connecting.
const sshTime = 30 * time.Second

// sshTarget is where to connect, and as whom.
type sshTarget struct {
	address          string
	config           ssh.ClientConfig
	hosts, hostsFile string
}

func connectSSH(h *native.Host, call goja.FunctionCall) native.Work {
	b := bagOf(h, native.Object(h.Runtime, call.Argument(0), "ssh.connect: the options"), "ssh.connect",
		"host", "port", "user", "password", "privateKey", "passphrase", "knownHosts", "knownHostsFile")
	t := sshTarget{hosts: b.text("knownHosts", ""), hostsFile: b.text("knownHostsFile", "")}
	t.address = net.JoinHostPort(b.required("host"), strconv.Itoa(b.integer("port", 22, 1, 65535)))
	t.config.User = b.required("user")
	if (t.hosts == "") == (t.hostsFile == "") {
		native.Throw(h.Runtime, "ssh.connect: give knownHosts or knownHostsFile: a host whose key is not known is not connected to")
	}
	if key := b.text("privateKey", ""); key != "" {
		signer, err := signerOf(key, b.text("passphrase", ""))
		if err != nil {
			native.Throw(h.Runtime, "ssh.connect: privateKey: %s", strings.TrimPrefix(err.Error(), "ssh: "))
		}
		t.config.Auth = append(t.config.Auth, ssh.PublicKeys(signer))
	}
	if password := b.text("password", ""); password != "" {
		t.config.Auth = append(t.config.Auth, ssh.Password(password))
	}
	return func(ctx context.Context) (any, error) {
		c, err := t.connect(ctx)
		if err != nil {
			return nil, sshFailure(ctx, err)
		}
		return func() goja.Value {
			c.Host = h
			return defineOn(h, h.Runtime.NewObject(), c, sshMembers...)
		}, nil
	}
}

func signerOf(key, passphrase string) (ssh.Signer, error) {
	if passphrase != "" {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(key), []byte(passphrase))
	}
	return ssh.ParsePrivateKey([]byte(key))
}

// sshConnection is a connection as a script has it.
type sshConnection struct {
	*native.Host
	client *ssh.Client
	owned  *permit.Owned

	mu    sync.Mutex
	files *sftp.Client // made when it is first used
}

func (t sshTarget) connect(ctx context.Context) (*sshConnection, error) {
	run := permit.From(ctx)
	text := []byte(t.hosts)
	if t.hostsFile != "" {
		var err error
		if text, err = run.ReadFile(ctx, t.hostsFile); err != nil {
			return nil, err
		}
	}
	hosts, err := parseKnownHosts(text)
	if err != nil {
		return nil, err
	}
	config := t.config
	config.HostKeyCallback, config.HostKeyAlgorithms = hostKeyCheck(hosts), keyTypes(hosts, t.address)
	dialing, stop := context.WithTimeout(ctx, sshTime)
	defer stop()
	conn, err := run.Dial(dialing, "tcp", t.address)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(dialing, func() { _ = conn.Close() })() // the handshake knows no context
	inner, channels, requests, err := ssh.NewClientConn(conn, t.address, &config)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c := &sshConnection{client: ssh.NewClient(inner, channels, requests)}
	if c.owned, err = run.Own(c); err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends the connection and all that goes on over it.
func (c *sshConnection) Close() error {
	err := c.client.Close()
	c.mu.Lock()
	files := c.files
	c.mu.Unlock()
	if files != nil {
		_ = files.Close() // its connection is closed
	}
	_ = c.client.Wait() // says why it ended
	return err
}

// remoteFiles speaks SFTP over the connection.
func (c *sshConnection) remoteFiles() (*sftp.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files != nil {
		return c.files, nil
	}
	files, err := sftp.NewClient(c.client)
	if err != nil {
		return nil, err
	}
	c.files = files
	return files, nil
}

// sshFailure words an error of the connection.
func sshFailure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known := permit.Said(err); known != nil {
		return known
	}
	var (
		host   *errUnknownHost
		said   *failure
		status *sftp.StatusError
	)
	switch {
	case errors.As(err, &said):
		return said
	case errors.As(err, &host):
		return &failure{name: "SshError", code: host.code, err: host}
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	f := &failure{name: "SshError", err: errors.New(strings.TrimPrefix(err.Error(), "ssh: ")), code: networkCode(err)}
	switch {
	case f.code != "":
	case errors.As(err, &status):
		f.code = fmt.Sprintf("SFTP_%d", status.Code)
	case strings.Contains(err.Error(), "unable to authenticate"):
		f.code = "SSH_AUTH"
	default:
		f.code = "SSH_FAILED"
	}
	return f
}
