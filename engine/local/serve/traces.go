package serve

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"
)

// traceService is the collector of OTLP traces, which SDKs with OpenTelemetry
// send to the engine's address. Its spans are counted and let go: nothing here
// shows them. What would be needed of the messages' definition is three field
// numbers, so that there is no dependency for it; an empty answer says that all
// was taken.
var traceService = grpc.ServiceDesc{
	ServiceName: traceServiceName,
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Export", Handler: exportTraces}},
}

const traceServiceName = "opentelemetry.proto.collector.trace.v1.TraceService"

func exportTraces(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
	request := &emptypb.Empty{} // keeps the fields that it does not know
	if err := decode(request); err != nil {
		return nil, err
	}
	f := srv.(*Faces)
	handle := func(_ context.Context, req any) (any, error) {
		f.log.Debug("spans were received and dropped", "spans", countSpans(req.(*emptypb.Empty).ProtoReflect().GetUnknown()))
		return &emptypb.Empty{}, nil
	}
	info := &grpc.UnaryServerInfo{Server: srv, FullMethod: "/" + traceServiceName + "/Export"}
	return interceptor(ctx, request, info, handle)
}

// countSpans counts the spans of an ExportTraceServiceRequest: those of the
// scopes (field 2) of its resources (1), of which they are field 2.
func countSpans(request []byte) int {
	n := 0
	eachField(request, 1, func(resource []byte) {
		eachField(resource, 2, func(scope []byte) {
			eachField(scope, 2, func([]byte) { n++ })
		})
	})
	return n
}

// eachField calls f with every field of a message that has the number and is a
// message itself. What is damaged ends it.
func eachField(message []byte, number protowire.Number, f func([]byte)) {
	for len(message) > 0 {
		found, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return
		}
		message = message[n:]
		if n = protowire.ConsumeFieldValue(found, kind, message); n < 0 {
			return
		}
		if found == number && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			f(value)
		}
		message = message[n:]
	}
}
