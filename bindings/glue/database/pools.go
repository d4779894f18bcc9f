package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// Bounds of the pools.
const (
	maxConnections = 16 // of one pool
	maxIdle        = 4  // connections of one pool that nobody uses
	idleTime       = time.Minute
	maxUnused      = 8 // pools that no run uses
)

// Pools are the pools of a process, by what they connect to. They are safe for
// concurrent use.
type Pools struct {
	mu     sync.Mutex
	byKey  map[string]*pool
	unused []*pool // the one that was used last is last
}

// NewPools makes pools; Close ends them.
func NewPools() *Pools { return &Pools{byKey: map[string]*pool{}} }

// Close closes the pools that no run uses.
func (p *Pools) Close() error {
	p.mu.Lock()
	unused := p.unused
	p.unused = nil
	for _, pool := range unused {
		delete(p.byKey, pool.key)
	}
	p.mu.Unlock()
	for _, pool := range unused {
		pool.close()
	}
	return nil
}

// alone tells the pools of tests apart.
var alone atomic.Int64

// get finds or makes the pool with a key, and counts one user more of it. A run
// of a test shares none: the goroutines of a test end with it.
func (p *Pools) get(ctx context.Context, key string, make func() *pool) *pool {
	tested := permit.From(ctx).Tested()
	if tested {
		key = fmt.Sprintf("%s alone %d", key, alone.Add(1))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.byKey[key]
	if found == nil {
		found = make()
		found.key, found.brief = key, found.private || tested
		p.byKey[key] = found
	}
	if found.users == 0 {
		p.unused = slices.DeleteFunc(p.unused, func(other *pool) bool { return other == found })
	}
	found.users++
	return found
}

// forget takes out a pool that could not be made.
func (p *Pools) forget(failed *pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byKey, failed.key)
}

// put counts one user less. A pool that has none is kept for a while.
func (p *Pools) put(done *pool) {
	p.mu.Lock()
	var old []*pool
	if done.users--; done.users == 0 {
		p.unused = append(p.unused, done)
		for len(p.unused) > maxUnused || done.brief && len(p.unused) > 0 {
			victim := p.unused[0]
			if done.brief {
				victim = done
			}
			p.unused = slices.DeleteFunc(p.unused, func(other *pool) bool { return other == victim })
			delete(p.byKey, victim.key)
			old = append(old, victim)
			if victim == done {
				break
			}
		}
	}
	p.mu.Unlock()
	for _, pool := range old {
		pool.close()
	}
}

// pool are the connections to one database.
type pool struct {
	key       string
	users     int  // runs; guarded by Pools.mu
	private   bool // of one run: a database in memory
	brief     bool // closed as soon as no run uses it
	flavour   flavour
	db        *sql.DB
	connector driver.Connector
	free      *semaphore.Weighted
	onClose   func()
	held      *permit.Held // of SQLite: the folder of the file
	links     links
}

// flavour is what the kinds of databases do differently.
type flavour struct {
	name string
	// taken prepares a connection that was taken for a statement; may be nil.
	taken func(ctx context.Context, p *pool, conn *sql.Conn, statement string) error
	// kill ends what a connection does on the server; may be nil.
	kill func(ctx context.Context, p *pool, id int64)
	// value makes what scripts see of a column's value.
	value func(column string, v any) any
	// argument makes what the driver takes of an argument.
	argument func(v any) any
	// failure finds the code and further properties of an error.
	failure func(err error) (code string, details map[string]any)
}

func newPool(f flavour, connector driver.Connector, most int) *pool {
	p := &pool{flavour: f, free: semaphore.NewWeighted(int64(most))}
	p.connector = &linking{Connector: connector, pool: p}
	p.db = sql.OpenDB(p.connector)
	// The number is bounded by free and not by the pool itself, which would open
	// connections for those who wait on a goroutine that belongs to no run.
	p.db.SetMaxIdleConns(maxIdle)
	p.db.SetConnMaxIdleTime(idleTime)
	return p
}

func (p *pool) close() {
	_ = p.db.Close() // nobody is left to be told
	if p.onClose != nil {
		p.onClose()
	}
}

// take takes a connection for the run of ctx, and for a statement.
func (p *pool) take(ctx context.Context, statement string) (*lease, error) {
	if err := p.free.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	l, err := p.lease(ctx, statement)
	if err != nil {
		p.free.Release(1)
		return nil, err
	}
	return l, nil
}

func (p *pool) lease(ctx context.Context, statement string) (*lease, error) {
	made := &making{}
	conn, err := p.db.Conn(context.WithValue(ctx, makingKey{}, made))
	if err != nil {
		return nil, p.failed(ctx, err)
	}
	l := &lease{pool: p, conn: conn, turn: make(chan struct{}, 1)}
	if err := p.check(ctx, l, made); err != nil {
		_ = conn.Close() // to the pool
		return nil, err
	}
	if p.flavour.taken != nil {
		if err := p.flavour.taken(ctx, p, conn, statement); err != nil {
			_ = conn.Close()
			return nil, p.failed(ctx, err)
		}
	}
	l.noteState(statement)
	if l.owned, err = permit.From(ctx).Own(l); err != nil {
		return nil, err
	}
	return l, nil
}

// check asks the door about a connection that another run has made.
func (p *pool) check(ctx context.Context, l *lease, made *making) error {
	link := p.links.of(l.conn)
	if link == nil {
		return nil
	}
	l.id = link.id
	if made.done {
		return nil
	}
	run := permit.From(ctx)
	if err := run.Reach(ctx, link.address); err != nil {
		return err
	}
	return run.ReachAddr(ctx, link.remote, link.host)
}
