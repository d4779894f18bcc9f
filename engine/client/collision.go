package client

import (
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Collision reports whether err means that a run was not started because another
// holds its idempotency key, and which; "" if the server does not say
// (hatchet-protocol.md section 6.4).
func Collision(err error) (runID string, collided bool) {
	s, ok := status.FromError(err)
	if err == nil || !ok || s.Code() != codes.AlreadyExists {
		return "", false
	}
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *v1.IdempotencyCollisionError:
			return d.ExistingRunExternalId, true
		case *v1.BulkTriggerIdempotencyCollisionError:
			if len(d.Collisions) > 0 {
				return d.Collisions[0].ExistingRunExternalId, true
			}
		}
	}
	return "", true
}
