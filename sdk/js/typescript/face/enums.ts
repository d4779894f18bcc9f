// Enumerations of the SDK: names and values as they travel.

// Those that a file does not use are left out of its program.
/* @__NO_SIDE_EFFECTS__ */ const words = <K extends string>(...names: K[]) => Object.fromEntries(names.map((name) => [name, name])) as { [N in K]: N };

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

// Those of the REST API.
export const V1TaskRunStatus = words('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED');
export const LogLineOrderByDirection = { Asc: 'asc', Desc: 'desc' } as const;
export const LogLineOrderByField = { CreatedAt: 'createdAt' } as const;
export const LogLineLevel = words('DEBUG', 'INFO', 'WARN', 'ERROR');
export const PullRequestState = { Open: 'open', Closed: 'closed' } as const;
export const FeatureFlagId = { TenantLogWorkflowFilterEnabled: 'tenant-log-workflow-filter-enabled', TraceMinimapEnabled: 'trace-minimap-enabled', OrganizationSsoEnabled: 'organization-sso-enabled', OperatorDetailsEnabled: 'operator-details-enabled' } as const;
export const WebhookWorkerRequestMethod = words('GET', 'POST', 'PUT');
export const WorkerRuntimeSDKs = words('GOLANG', 'PYTHON', 'TYPESCRIPT', 'RUBY');
export const WorkerType = words('SELFHOSTED', 'MANAGED', 'WEBHOOK');
export const WorkerStatus = words('ACTIVE', 'INACTIVE', 'PAUSED');
export const WorkflowRunOrderByField = { CreatedAt: 'createdAt', StartedAt: 'startedAt', FinishedAt: 'finishedAt', Duration: 'duration' } as const;
export const WorkflowKind = words('FUNCTION', 'DURABLE', 'DAG');
export const StepRunEventSeverity = words('INFO', 'WARNING', 'CRITICAL');
export const StepRunEventReason = words('REQUEUED_NO_WORKER', 'REQUEUED_RATE_LIMIT', 'SCHEDULING_TIMED_OUT', 'ASSIGNED', 'STARTED', 'ACKNOWLEDGED', 'FINISHED', 'FAILED', 'RETRYING', 'CANCELLED', 'TIMEOUT_REFRESHED', 'REASSIGNED', 'TIMED_OUT', 'SLOT_RELEASED', 'RETRIED_BY_USER', 'WORKFLOW_RUN_GROUP_KEY_SUCCEEDED', 'WORKFLOW_RUN_GROUP_KEY_FAILED');
export const JobRunStatus = words('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'BACKOFF');
export const StepRunStatus = words('PENDING', 'PENDING_ASSIGNMENT', 'ASSIGNED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'CANCELLING', 'BACKOFF');
export const ConcurrencyScope = words('WORKFLOW', 'TASK');
export const RestConcurrencyLimitStrategy = words('CANCEL_IN_PROGRESS', 'DROP_NEWEST', 'QUEUE_NEWEST', 'GROUP_ROUND_ROBIN');
export const CronWorkflowsOrderByField = { Name: 'name', CreatedAt: 'createdAt' } as const;
export const CronWorkflowsMethod = words('DEFAULT', 'API');
export const ScheduledRunStatus = words('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'QUEUED', 'SCHEDULED');
export const WorkflowRunOrderByDirection = words('ASC', 'DESC');
export const ScheduledWorkflowsOrderByField = { TriggerAt: 'triggerAt', CreatedAt: 'createdAt' } as const;
export const ScheduledWorkflowsMethod = words('DEFAULT', 'API');
export const WorkflowPauseScheduledCronRunQueueBehavior = words('DROP', 'QUEUE');
export const RateLimitOrderByDirection = { Asc: 'asc', Desc: 'desc' } as const;
export const RateLimitOrderByField = { Key: 'key', Value: 'value', LimitValue: 'limitValue' } as const;
export const EventOrderByDirection = { Asc: 'asc', Desc: 'desc' } as const;
export const EventOrderByField = { CreatedAt: 'createdAt' } as const;
export const WorkflowRunStatus = words('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'QUEUED', 'BACKOFF');
export const TenantMemberRole = words('OWNER', 'ADMIN', 'MEMBER', 'VIEWER');
export const TenantResource = words('WORKER', 'WORKER_SLOT', 'EVENT', 'TASK_RUN', 'CRON', 'SCHEDULE', 'INCOMING_WEBHOOK');
export const V1CELDebugResponseStatus = words('SUCCESS', 'ERROR');
export const V1WebhookHMACEncoding = words('HEX', 'BASE64', 'BASE64URL');
export const V1WebhookHMACAlgorithm = words('SHA1', 'SHA256', 'SHA512', 'MD5');
export const V1WebhookAuthType = words('BASIC', 'API_KEY', 'HMAC');
export const V1WebhookSourceName = words('GENERIC', 'GITHUB', 'STRIPE', 'SLACK', 'LINEAR', 'SVIX');
export const TenantEnvironment = { Local: 'local', Development: 'development', Production: 'production' } as const;
export const TenantVersion = words('V0', 'V1');
export const OtelStatusCode = words('UNSET', 'OK', 'ERROR');
export const OtelSpanKind = words('UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER');
export const V1DurableWaitConditionKind = words('SLEEP', 'USER_EVENT', 'CHILD_WORKFLOW');
export const V1DurableEventLogKind = words('RUN', 'WAIT_FOR', 'MEMO');
export const V1RunningFilter = words('ALL', 'EVICTED', 'ON_WORKER');
export const V1AdditionalMetadataOperator = words('OR', 'AND');
export const V1LogLineOrderByDirection = words('ASC', 'DESC');
export const V1LogLineLevel = words('DEBUG', 'INFO', 'WARN', 'ERROR');
export const V1TaskEventType = words('REQUEUED_NO_WORKER', 'REQUEUED_RATE_LIMIT', 'SCHEDULING_TIMED_OUT', 'ASSIGNED', 'STARTED', 'FINISHED', 'FAILED', 'RETRYING', 'CANCELLED', 'TIMED_OUT', 'REASSIGNED', 'SLOT_RELEASED', 'TIMEOUT_REFRESHED', 'RETRIED_BY_USER', 'SENT_TO_WORKER', 'RATE_LIMIT_ERROR', 'ACKNOWLEDGED', 'CREATED', 'QUEUED', 'SKIPPED', 'WAITING_FOR_BATCH', 'BATCH_FLUSHED', 'COULD_NOT_SEND_TO_WORKER', 'DURABLE_EVICTED', 'DURABLE_RESTORING');
export const V1WorkflowType = words('DAG', 'TASK');
export const V1TaskStatus = words('QUEUED', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED');

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
