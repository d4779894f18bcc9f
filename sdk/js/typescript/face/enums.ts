// Enumerations of the SDK: names and values as they travel.

// wordOf is the name of an enumeration's number; anything else is itself.
export const wordOf = (names: any, v: any) => (typeof v === 'number' ? names[v] ?? v : v);

export enum RateLimitDuration { SECOND = 0, MINUTE = 1, HOUR = 2, DAY = 3, WEEK = 4, MONTH = 5, YEAR = 6, UNRECOGNIZED = -1 }
export enum RunStatus { QUEUED = 0, RUNNING = 1, COMPLETED = 2, FAILED = 3, CANCELLED = 4, EVICTED = 5, UNRECOGNIZED = -1 }
export enum ConcurrencyLimitStrategy { CANCEL_IN_PROGRESS = 0, DROP_NEWEST = 1, QUEUE_NEWEST = 2, GROUP_ROUND_ROBIN = 3, CANCEL_NEWEST = 4, CANCEL_QUEUED_EXCEPT_NEWEST = 5, CANCEL_QUEUED_EXCEPT_OLDEST = 6, UNRECOGNIZED = -1 }
export enum StickyStrategyNumber { SOFT = 0, HARD = 1, UNRECOGNIZED = -1 }
export enum IdempotencyMethod { TTL = 0, STATUS = 1, UNRECOGNIZED = -1 }
export enum WorkerLabelComparator { EQUAL = 0, NOT_EQUAL = 1, GREATER_THAN = 2, GREATER_THAN_OR_EQUAL = 3, LESS_THAN = 4, LESS_THAN_OR_EQUAL = 5, UNRECOGNIZED = -1 }
export enum Priority { LOW = 1, MEDIUM = 2, HIGH = 3 }

export const StickyStrategy = { SOFT: 'soft', HARD: 'hard' } as const;
export enum SlotType { Default = 'default', Durable = 'durable' }

export const DEFAULT_DURABLE_TASK_EVICTION_POLICY = { ttl: '15m', allowCapacityEviction: true, priority: 0 };
export const MinEngineVersion = { SLOT_CONFIG: 'v0.78.23', DURABLE_EVICTION: 'v0.80.0' } as const;

export function supportsEviction(version?: string) {
  if (!version) return false;
  const numbers = (text: string) => text.replace(/^v/, '').split(/[.-]/).slice(0, 3).map(Number);
  const [given, least] = [numbers(version), numbers(MinEngineVersion.DURABLE_EVICTION)];
  const at = [0, 1, 2].find((i) => given[i] !== least[i]);
  return at === undefined || given[at] > least[at];
}

export const runStatusToJSON = (status: RunStatus) => RunStatus[status] ?? 'UNRECOGNIZED';
