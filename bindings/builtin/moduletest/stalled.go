package moduletest

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Stalled is a server that accepts connections and never comes to an end.
type Stalled struct {
	Addr string // "127.0.0.1:port"

	over chan struct{}
}

// Stall starts a server that says something on each connection, which may be
// nothing, and then nothing more or, with a pause, one byte after each. What it is
// told it reads.
func Stall(t testing.TB, said string, pause func()) *Stalled {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Stalled{Addr: l.Addr().String(), over: make(chan struct{}, 100)}
	var all sync.WaitGroup
	tidy, cancel := context.WithCancel(context.Background())
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer context.AfterFunc(tidy, func() { _ = conn.Close() })()
				s.serve(conn, said, pause)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		cancel()
		all.Wait()
	})
	return s
}

func (s *Stalled) serve(conn net.Conn, said string, pause func()) {
	defer func() {
		_ = conn.Close()
		s.over <- struct{}{}
	}()
	if strings.HasPrefix(said, "HTTP") { // an answer comes after the request
		_, _ = conn.Read(make([]byte, 1<<10))
	}
	_, err := io.WriteString(conn, said)
	for pause != nil && err == nil {
		if _, err = conn.Write([]byte("x")); err == nil {
			pause()
		}
	}
	_, _ = io.Copy(io.Discard, conn)
}

// Closed waits until a client has closed a connection.
func (s *Stalled) Closed() { <-s.over }
