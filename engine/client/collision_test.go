package client

import (
	"errors"
	"fmt"
	"testing"

	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

func TestCollision(t *testing.T) {
	one := &v1.IdempotencyCollisionError{ExistingRunExternalId: "first"}
	with := func(code codes.Code, details ...protoadapt.MessageV1) error {
		s, err := status.New(code, "idempotency key collision").WithDetails(details...)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Errorf("trigger workflow: %w", s.Err())
	}
	for _, c := range []struct {
		err      error
		runID    string
		collided bool
	}{
		{with(codes.AlreadyExists, one), "first", true},
		{with(codes.AlreadyExists, &v1.BulkTriggerIdempotencyCollisionError{Collisions: []*v1.IdempotencyCollisionError{one}}), "first", true},
		{status.Error(codes.AlreadyExists, "idempotency key collision"), "", true},
		{with(codes.InvalidArgument, one), "", false},
		{errors.New("no status"), "", false},
		{nil, "", false},
	} {
		if runID, collided := Collision(c.err); runID != c.runID || collided != c.collided {
			t.Errorf("Collision(%v) = %q, %v", c.err, runID, collided)
		}
	}
}
