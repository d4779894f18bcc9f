package local_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/engine/local"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// engineProcess is the environment variable that makes this test binary an
// engine on the data file that it names, until it is killed.
const engineProcess = "LOCAL_TEST_ENGINE_DATA"

func TestMainEngineProcess(t *testing.T) {
	data := os.Getenv(engineProcess)
	if data == "" {
		t.Skip("runs only in the processes that other tests start")
	}
	options := local.Options{Data: data, GRPCAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0"}
	engine := local.New(options.SnapshotAfter(64 << 10))
	go func() { // the test that started this process is gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	go func() {
		<-engine.Started()
		fmt.Printf("listening %s %s\n", engine.Addr(), engine.HTTPAddr())
	}()
	if err := engine.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// process is an engine in a process of its own.
type process struct {
	addr, httpAddr string
	kill           func() // as kill -9 does; once
}

// spawn starts an engine in a process of its own and waits until it listens.
func spawn(t *testing.T, data string) process {
	t.Helper()
	out, kill := launch(t, data)
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			grpcAddr, httpAddr, _ := strings.Cut(at, " ")
			return process{addr: grpcAddr, httpAddr: httpAddr, kill: kill}
		}
		said = append(said, lines.Text())
	}
	kill()
	t.Fatalf("the engine's process did not start:\n%s", strings.Join(said, "\n"))
	return process{}
}

// launch starts an engine in a process of its own and does not wait for it.
func launch(t *testing.T, data string) (out io.Reader, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestMainEngineProcess$", "-test.v")
	cmd.Env = append(os.Environ(), engineProcess+"="+data)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	leash, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = leash.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	t.Cleanup(kill)
	return out, kill
}

// attach makes a rig of an engine in another process.
func attach(t *testing.T, p process) *rig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r := &rig{t: t, ctx: ctx}
	conn, err := grpc.NewClient(p.addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(bearer(local.New(local.Options{}).Token())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r.use(conn)
	return r
}
