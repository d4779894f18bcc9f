package serve

import (
	"errors"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// collided adds to the refusal of a trigger which run holds its idempotency key
// (hatchet-protocol.md section 6.4).
func collided(err error) error {
	refusal := collisionsOf(err)
	if refusal == nil {
		return err
	}
	return detailed(refusal, collisionDetail(refusal.Collisions[0]))
}

// bulkCollided does so for a bulk trigger, some of whose runs have started.
func bulkCollided(err error) error {
	refusal := collisionsOf(err)
	if refusal == nil {
		return err
	}
	detail := &v1.BulkTriggerIdempotencyCollisionError{SuccessfulWorkflowRunExternalIds: refusal.Started}
	for _, c := range refusal.Collisions {
		detail.Collisions = append(detail.Collisions, collisionDetail(c))
	}
	return detailed(refusal, detail)
}

func collisionsOf(err error) *core.Error {
	var refusal *core.Error
	if !errors.As(err, &refusal) || len(refusal.Collisions) == 0 {
		return nil
	}
	return refusal
}

func collisionDetail(c core.Collision) *v1.IdempotencyCollisionError {
	return &v1.IdempotencyCollisionError{ExistingRunExternalId: c.Existing, CollidingRunExternalId: c.Colliding}
}

func detailed(refusal *core.Error, detail protoadapt.MessageV1) error {
	s, err := status.New(codes.Code(refusal.Code), refusal.Message).WithDetails(detail)
	if err != nil {
		return refusal // without the detail rather than not at all
	}
	return s.Err()
}
