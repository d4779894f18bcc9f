package local

import (
	"context"
	"io"
	"sync"
)

// mailbox is the queue of one stream: the loop puts, the stream's goroutine
// takes. Putting never blocks.
type mailbox[T any] struct {
	limit int // how many items may wait; 0 = any number

	mu     sync.Mutex
	items  []T
	err    error         // set once by close
	signal chan struct{} // capacity 1: something changed
}

func newMailbox[T any](limit int) *mailbox[T] {
	return &mailbox[T]{limit: limit, signal: make(chan struct{}, 1)}
}

// put queues an item. It reports false if the mailbox is full or closed.
func (m *mailbox[T]) put(item T) bool {
	m.mu.Lock()
	fits := m.err == nil && (m.limit == 0 || len(m.items) < m.limit)
	if fits {
		m.items = append(m.items, item)
	}
	m.mu.Unlock()
	m.wake()
	return fits
}

// close ends the stream: once the items before it are taken, next returns err,
// io.EOF for an orderly end. Only the first close counts.
func (m *mailbox[T]) close(err error) {
	if err == nil {
		err = io.EOF
	}
	m.mu.Lock()
	if m.err == nil {
		m.err = err
	}
	m.mu.Unlock()
	m.wake()
}

func (m *mailbox[T]) wake() {
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// next waits for an item. One goroutine calls it.
func (m *mailbox[T]) next(ctx context.Context) (T, error) {
	for {
		item, ok, err := m.poll()
		if ok || err != nil {
			return item, err
		}
		select {
		case <-m.signal:
		case <-ctx.Done():
			return item, context.Cause(ctx)
		}
	}
}

func (m *mailbox[T]) poll() (item T, ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.items) == 0 {
		return item, false, m.err
	}
	var zero T
	item, m.items[0] = m.items[0], zero
	m.items = m.items[1:]
	return item, true, nil
}

// drain takes all that is left.
func (m *mailbox[T]) drain() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	left := m.items
	m.items = nil
	return left
}
