// The official SDK is CommonJS without an export map: this is all of it that
// groups use, with names.
import sdk from '@hatchet-dev/typescript-sdk/v1/index.js';
import parent from '@hatchet-dev/typescript-sdk/v1/conditions/parent-condition.js';

export const {
  HatchetClient, Or, SleepCondition, UserEventCondition, ConcurrencyLimitStrategy, NonRetryableError, NonDeterminismError,
  IdempotencyCollisionError, BulkTriggerIdempotencyCollisionError, Priority, StickyStrategy, RateLimitDuration, WorkerLabelComparator,
} = sdk;
export const { ParentCondition } = parent;
