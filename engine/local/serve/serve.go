package serve

import (
	"log/slog"
	"sync"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/clock"
	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // SDKs compress their requests
	"google.golang.org/grpc/keepalive"
)

// What the channel admits (hatchet-protocol.md section 1.3).
const (
	maxMessage       = 4 << 20
	streamWindow     = 10_485_760
	keepaliveMinTime = 5 * time.Second
	keepaliveTime    = 30 * time.Second
)

// Options says whom the faces serve.
type Options struct {
	TenantID string
	Version  string // what GetVersion answers
	Clock    clock.Clock
	Logger   *slog.Logger
	NewID    func() string // of runs that are asked for, and of events
}

// Faces are the wire faces of one engine.
type Faces struct {
	engine  Engine
	options Options
	log     *slog.Logger
	clock   clock.Clock
	auth    *authenticator

	receivers sync.WaitGroup // of streams
}

// New makes the faces of an engine. Clock, Logger and NewID are required.
func New(engine Engine, options Options) *Faces {
	return &Faces{
		engine:  engine,
		options: options,
		log:     options.Logger,
		clock:   options.Clock,
		auth:    &authenticator{tenantID: options.TenantID},
	}
}

// Wait returns when nothing that a request started is under way any more. It is
// called once the servers have stopped.
func (f *Faces) Wait() { f.receivers.Wait() }

// GRPC makes the server of the gRPC face, not yet serving.
func (f *Faces) GRPC() *grpc.Server {
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxSendMsgSize(maxMessage),
		grpc.InitialWindowSize(streamWindow),
		grpc.InitialConnWindowSize(streamWindow),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: keepaliveMinTime, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: keepaliveTime}),
		grpc.UnaryInterceptor(f.unary),
		grpc.StreamInterceptor(f.stream),
	)
	contract.RegisterDispatcherServer(server, &dispatcher{Faces: f})
	contract.RegisterEventsServiceServer(server, &events{Faces: f})
	contract.RegisterWorkflowServiceServer(server, &workflows{Faces: f})
	v1.RegisterAdminServiceServer(server, &admin{Faces: f})
	v1.RegisterV1DispatcherServer(server, &durable{Faces: f})
	server.RegisterService(&traceService, f)
	return server
}
