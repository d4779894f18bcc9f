package scripttest

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"
)

// chances are what is random in a test: it is the same each time. The test and
// each attempt of a task have a source of their own, so that tasks which run at
// once do not take numbers from each other; what files do while they load has one
// for all.
type chances struct {
	seed    uint64
	loading lockedSource

	mu       sync.Mutex
	attempts map[string]int // so far, by task
	ids      lockedSource
}

func newChances(seed uint64) *chances {
	return &chances{
		seed: seed, attempts: map[string]int{},
		loading: lockedSource{source: rand.NewPCG(seed, 0x9e3779b97f4a7c15)}, ids: lockedSource{source: rand.NewPCG(seed, 0xbf58476d1ce4e5b9)},
	}
}

type lockedSource struct {
	mu     sync.Mutex
	source rand.Source
}

// Uint64 implements rand.Source.
func (l *lockedSource) Uint64() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.source.Uint64()
}

type chancesKey struct{}

// of is vm.Options.Rand.
func (c *chances) of(ctx context.Context) rand.Source {
	if own, ok := ctx.Value(chancesKey{}).(rand.Source); ok {
		return own
	}
	return &c.loading
}

// forTest gives the test its source.
func (c *chances) forTest(ctx context.Context) context.Context {
	return context.WithValue(ctx, chancesKey{}, rand.Source(rand.NewPCG(c.seed, 0x94d049bb133111eb)))
}

// forAttempt gives the next attempt of a task its source. That of a durable task
// which repeats what it has done is another, as it would be anywhere.
func (c *chances) forAttempt(ctx context.Context, taskID string) context.Context {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(taskID)) // never fails
	c.mu.Lock()
	c.attempts[taskID]++
	n := c.attempts[taskID]
	c.mu.Unlock()
	return context.WithValue(ctx, chancesKey{}, rand.Source(rand.NewPCG(c.seed^sum.Sum64(), uint64(n))))
}

// id makes the id of something that is started.
func (c *chances) id() string {
	var id uuid.UUID
	binary.LittleEndian.PutUint64(id[:8], c.ids.Uint64())
	binary.LittleEndian.PutUint64(id[8:], c.ids.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, the variant of RFC 9562
	return id.String()
}
