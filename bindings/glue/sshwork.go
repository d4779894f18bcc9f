package glue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/crypto/ssh"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

var sshMembers = []native.Member[*sshConnection]{
	{Name: "exec", Async: (*sshConnection).exec}, {Name: "upload", Async: (*sshConnection).upload}, {Name: "download", Async: (*sshConnection).download},
	{Name: "readFile", Async: (*sshConnection).readFile}, {Name: "writeFile", Async: (*sshConnection).writeFile},
	{Name: "close", Async: func(c *sshConnection, _ goja.FunctionCall) native.Work {
		return func(context.Context) (any, error) {
			_ = c.owned.Close() // the other side may have closed it first
			return nil, nil
		}
	}},
}

func (c *sshConnection) exec(call goja.FunctionCall) native.Work {
	command := native.NonEmpty(c.Runtime, call.Argument(0), "exec: the command")
	b := bagOf(c.Host, call.Argument(1), "exec", "stdin", "timeout", "check")
	var stdin []byte
	if v := b.get("stdin"); v != nil {
		stdin = bytesOf(c.Host, v, b.label("stdin"))
	}
	limit, check := b.duration("timeout", 0), b.flag("check", true)
	return func(ctx context.Context) (any, error) {
		if limit > 0 {
			var stop context.CancelFunc
			ctx, stop = context.WithTimeoutCause(ctx, limit, &failure{name: "SshError", code: "ETIMEDOUT", err: fmt.Errorf("%q took longer than %s", command, limit)})
			defer stop()
		}
		result, err := c.run(ctx, command, stdin)
		if err != nil {
			return nil, sshFailure(ctx, err)
		}
		if check && (result.code != 0 || result.signal != "") {
			return nil, result.failure(command)
		}
		return result.record(), nil
	}
}

// sshResult is how a command ended.
type sshResult struct {
	code           int
	signal         string
	stdout, stderr *boundedOutput
}

func (r *sshResult) record() native.Record {
	record := native.Record{{Name: "code", Value: r.code}, {Name: "stdout", Value: r.stdout.text()}, {Name: "stderr", Value: r.stderr.text()}}
	if r.signal != "" {
		record = append(record, native.Field{Name: "signal", Value: r.signal})
	}
	return record
}

func (r *sshResult) failure(command string) error {
	text := fmt.Sprintf("%q ended with the code %d", command, r.code)
	if r.signal != "" {
		text = fmt.Sprintf("%q ended by the signal %s", command, r.signal)
	}
	if said := strings.TrimSpace(r.stderr.text()); said != "" {
		text += ": " + said
	}
	return &failure{name: "SshError", code: "SSH_EXIT", err: errors.New(text),
		details: map[string]any{"exitCode": r.code, "signal": r.signal, "stdout": r.stdout.text(), "stderr": r.stderr.text()}}
}

func (c *sshConnection) run(ctx context.Context, command string, stdin []byte) (*sshResult, error) {
	session, err := c.client.NewSession()
	if err != nil {
		return nil, err
	}
	defer session.Close()
	most := permit.From(ctx).Limits().ExecOutput
	result := &sshResult{stdout: &boundedOutput{most: most}, stderr: &boundedOutput{most: most}}
	session.Stdin, session.Stdout, session.Stderr = bytes.NewReader(stdin), result.stdout, result.stderr
	defer context.AfterFunc(ctx, func() {
		_ = session.Signal(ssh.SIGTERM) // not all servers know signals
		_ = session.Close()
	})()
	err = c.wait(ctx, session, command)
	var exit *ssh.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case result.stdout.full || result.stderr.full:
		return nil, permit.From(ctx).ExecOutputError(ctx, command)
	case errors.As(err, &exit):
		result.code, result.signal = exit.ExitStatus(), exit.Signal()
	case err != nil:
		return nil, err
	}
	return result, nil
}

// wait runs a command to its end, or to that of ctx: a server that knows no
// signals lets the command go on and keeps its channel open, which ends with the
// connection.
func (c *sshConnection) wait(ctx context.Context, session *ssh.Session, command string) error {
	ended := make(chan error, 1)
	if !permit.From(ctx).Go(func() { ended <- session.Run(command) }) {
		return permit.ErrOver
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// boundedOutput keeps output up to a number of bytes; 0 is no bound.
type boundedOutput struct {
	data bytes.Buffer
	most int64
	full bool
}

var errFull = errors.New("the output is larger than the limit")

// Write keeps a piece.
func (b *boundedOutput) Write(p []byte) (int, error) {
	if b.most > 0 && int64(b.data.Len()+len(p)) > b.most {
		b.full = true
		return 0, errFull
	}
	return b.data.Write(p)
}

func (b *boundedOutput) text() string { return strings.ToValidUTF8(b.data.String(), "\ufffd") }

func (c *sshConnection) path(v goja.Value, what string) string {
	return native.NonEmpty(c.Runtime, v, what)
}

func modeOf(b bag) os.FileMode { return os.FileMode(b.integer("mode", 0o644, 0, 0o7777)) }

func (c *sshConnection) upload(call goja.FunctionCall) native.Work {
	local, remote := c.path(call.Argument(0), "upload: the file here"), c.path(call.Argument(1), "upload: the file there")
	mode := modeOf(bagOf(c.Host, call.Argument(2), "upload", "mode"))
	return func(ctx context.Context) (any, error) {
		file, err := permit.From(ctx).Open(ctx, local, os.O_RDONLY, 0)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return nil, sshFailure(ctx, c.store(remote, file, mode))
	}
}

func (c *sshConnection) writeFile(call goja.FunctionCall) native.Work {
	remote, data := c.path(call.Argument(0), "writeFile: the file"), bytesOf(c.Host, call.Argument(1), "writeFile: the data")
	mode := modeOf(bagOf(c.Host, call.Argument(2), "writeFile", "mode"))
	return func(ctx context.Context) (any, error) {
		return nil, sshFailure(ctx, c.store(remote, bytes.NewReader(data), mode))
	}
}

// store writes a file there. What is in its place is replaced.
func (c *sshConnection) store(remote string, data io.Reader, mode os.FileMode) error {
	files, err := c.remoteFiles()
	if err != nil {
		return err
	}
	file, err := files.OpenFile(remote, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return remoteError("open", remote, err)
	}
	_, err = io.Copy(file, data)
	if err == nil {
		err = file.Chmod(mode)
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return remoteError("write", remote, err)
}

// remoteError words a failure of a file there as one of a file here.
func remoteError(op, remote string, err error) error {
	if err == nil || permit.CodeOf(err) == "" {
		return err
	}
	return &failure{name: "SshError", code: permit.CodeOf(err), err: fmt.Errorf("%s: %s '%s': %w", permit.CodeOf(err), op, remote, err)}
}

func (c *sshConnection) readFile(call goja.FunctionCall) native.Work {
	remote := c.path(call.Argument(0), "readFile: the file")
	return func(ctx context.Context) (any, error) {
		files, err := c.remoteFiles()
		if err != nil {
			return nil, sshFailure(ctx, err)
		}
		file, err := files.Open(remote)
		if err != nil {
			return nil, sshFailure(ctx, remoteError("open", remote, err))
		}
		defer file.Close()
		data, err := permit.From(ctx).ReadAll(ctx, file, remote)
		if err != nil {
			return nil, sshFailure(ctx, remoteError("read", remote, err))
		}
		return data, nil
	}
}

func (c *sshConnection) download(call goja.FunctionCall) native.Work {
	remote, local := c.path(call.Argument(0), "download: the file there"), c.path(call.Argument(1), "download: the file here")
	return func(ctx context.Context) (any, error) {
		files, err := c.remoteFiles()
		if err != nil {
			return nil, sshFailure(ctx, err)
		}
		source, err := files.Open(remote)
		if err != nil {
			return nil, sshFailure(ctx, remoteError("open", remote, err))
		}
		defer source.Close()
		target, err := permit.From(ctx).Open(ctx, local, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(target.File, source)
		if closed := target.Close(); err == nil {
			err = closed
		}
		return nil, sshFailure(ctx, remoteError("read", remote, err))
	}
}
