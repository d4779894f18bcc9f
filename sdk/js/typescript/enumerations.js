// Made of face/*.ts by go generate in sdk/js; do not edit.
(($native) => {
let $members;

// core:@hatchet-dev/typescript-sdk/.face/enumerations
var words = (...names) => Object.fromEntries(names.map((name) => [name, name]));
var V1TaskRunStatus = words("PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED");
var LogLineOrderByDirection = { Asc: "asc", Desc: "desc" };
var LogLineOrderByField = { CreatedAt: "createdAt" };
var LogLineLevel = words("DEBUG", "INFO", "WARN", "ERROR");
var PullRequestState = { Open: "open", Closed: "closed" };
var FeatureFlagId = { TenantLogWorkflowFilterEnabled: "tenant-log-workflow-filter-enabled", TraceMinimapEnabled: "trace-minimap-enabled", OrganizationSsoEnabled: "organization-sso-enabled", OperatorDetailsEnabled: "operator-details-enabled" };
var WebhookWorkerRequestMethod = words("GET", "POST", "PUT");
var WorkerRuntimeSDKs = words("GOLANG", "PYTHON", "TYPESCRIPT", "RUBY");
var WorkerType = words("SELFHOSTED", "MANAGED", "WEBHOOK");
var WorkerStatus = words("ACTIVE", "INACTIVE", "PAUSED");
var WorkflowRunOrderByField = { CreatedAt: "createdAt", StartedAt: "startedAt", FinishedAt: "finishedAt", Duration: "duration" };
var WorkflowKind = words("FUNCTION", "DURABLE", "DAG");
var StepRunEventSeverity = words("INFO", "WARNING", "CRITICAL");
var StepRunEventReason = words("REQUEUED_NO_WORKER", "REQUEUED_RATE_LIMIT", "SCHEDULING_TIMED_OUT", "ASSIGNED", "STARTED", "ACKNOWLEDGED", "FINISHED", "FAILED", "RETRYING", "CANCELLED", "TIMEOUT_REFRESHED", "REASSIGNED", "TIMED_OUT", "SLOT_RELEASED", "RETRIED_BY_USER", "WORKFLOW_RUN_GROUP_KEY_SUCCEEDED", "WORKFLOW_RUN_GROUP_KEY_FAILED");
var JobRunStatus = words("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "BACKOFF");
var StepRunStatus = words("PENDING", "PENDING_ASSIGNMENT", "ASSIGNED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "CANCELLING", "BACKOFF");
var ConcurrencyScope = words("WORKFLOW", "TASK");
var RestConcurrencyLimitStrategy = words("CANCEL_IN_PROGRESS", "DROP_NEWEST", "QUEUE_NEWEST", "GROUP_ROUND_ROBIN");
var CronWorkflowsOrderByField = { Name: "name", CreatedAt: "createdAt" };
var CronWorkflowsMethod = words("DEFAULT", "API");
var ScheduledRunStatus = words("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "QUEUED", "SCHEDULED");
var WorkflowRunOrderByDirection = words("ASC", "DESC");
var ScheduledWorkflowsOrderByField = { TriggerAt: "triggerAt", CreatedAt: "createdAt" };
var ScheduledWorkflowsMethod = words("DEFAULT", "API");
var WorkflowPauseScheduledCronRunQueueBehavior = words("DROP", "QUEUE");
var RateLimitOrderByDirection = { Asc: "asc", Desc: "desc" };
var RateLimitOrderByField = { Key: "key", Value: "value", LimitValue: "limitValue" };
var EventOrderByDirection = { Asc: "asc", Desc: "desc" };
var EventOrderByField = { CreatedAt: "createdAt" };
var WorkflowRunStatus = words("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "QUEUED", "BACKOFF");
var TenantMemberRole = words("OWNER", "ADMIN", "MEMBER", "VIEWER");
var TenantResource = words("WORKER", "WORKER_SLOT", "EVENT", "TASK_RUN", "CRON", "SCHEDULE", "INCOMING_WEBHOOK");
var V1CELDebugResponseStatus = words("SUCCESS", "ERROR");
var V1WebhookHMACEncoding = words("HEX", "BASE64", "BASE64URL");
var V1WebhookHMACAlgorithm = words("SHA1", "SHA256", "SHA512", "MD5");
var V1WebhookAuthType = words("BASIC", "API_KEY", "HMAC");
var V1WebhookSourceName = words("GENERIC", "GITHUB", "STRIPE", "SLACK", "LINEAR", "SVIX");
var TenantEnvironment = { Local: "local", Development: "development", Production: "production" };
var TenantVersion = words("V0", "V1");
var OtelStatusCode = words("UNSET", "OK", "ERROR");
var OtelSpanKind = words("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER");
var V1DurableWaitConditionKind = words("SLEEP", "USER_EVENT", "CHILD_WORKFLOW");
var V1DurableEventLogKind = words("RUN", "WAIT_FOR", "MEMO");
var V1RunningFilter = words("ALL", "EVICTED", "ON_WORKER");
var V1AdditionalMetadataOperator = words("OR", "AND");
var V1LogLineOrderByDirection = words("ASC", "DESC");
var V1LogLineLevel = words("DEBUG", "INFO", "WARN", "ERROR");
var V1TaskEventType = words("REQUEUED_NO_WORKER", "REQUEUED_RATE_LIMIT", "SCHEDULING_TIMED_OUT", "ASSIGNED", "STARTED", "FINISHED", "FAILED", "RETRYING", "CANCELLED", "TIMED_OUT", "REASSIGNED", "SLOT_RELEASED", "TIMEOUT_REFRESHED", "RETRIED_BY_USER", "SENT_TO_WORKER", "RATE_LIMIT_ERROR", "ACKNOWLEDGED", "CREATED", "QUEUED", "SKIPPED", "WAITING_FOR_BATCH", "BATCH_FLUSHED", "COULD_NOT_SEND_TO_WORKER", "DURABLE_EVICTED", "DURABLE_RESTORING");
var V1WorkflowType = words("DAG", "TASK");
var V1TaskStatus = words("QUEUED", "RUNNING", "COMPLETED", "CANCELLED", "FAILED");

// <entry>
$members = (member) => {
  switch (member) {
    case "enumerations.ConcurrencyScope":
      return ConcurrencyScope;
    case "enumerations.CronWorkflowsMethod":
      return CronWorkflowsMethod;
    case "enumerations.CronWorkflowsOrderByField":
      return CronWorkflowsOrderByField;
    case "enumerations.EventOrderByDirection":
      return EventOrderByDirection;
    case "enumerations.EventOrderByField":
      return EventOrderByField;
    case "enumerations.FeatureFlagId":
      return FeatureFlagId;
    case "enumerations.JobRunStatus":
      return JobRunStatus;
    case "enumerations.LogLineLevel":
      return LogLineLevel;
    case "enumerations.LogLineOrderByDirection":
      return LogLineOrderByDirection;
    case "enumerations.LogLineOrderByField":
      return LogLineOrderByField;
    case "enumerations.OtelSpanKind":
      return OtelSpanKind;
    case "enumerations.OtelStatusCode":
      return OtelStatusCode;
    case "enumerations.PullRequestState":
      return PullRequestState;
    case "enumerations.RateLimitOrderByDirection":
      return RateLimitOrderByDirection;
    case "enumerations.RateLimitOrderByField":
      return RateLimitOrderByField;
    case "enumerations.RestConcurrencyLimitStrategy":
      return RestConcurrencyLimitStrategy;
    case "enumerations.ScheduledRunStatus":
      return ScheduledRunStatus;
    case "enumerations.ScheduledWorkflowsMethod":
      return ScheduledWorkflowsMethod;
    case "enumerations.ScheduledWorkflowsOrderByField":
      return ScheduledWorkflowsOrderByField;
    case "enumerations.StepRunEventReason":
      return StepRunEventReason;
    case "enumerations.StepRunEventSeverity":
      return StepRunEventSeverity;
    case "enumerations.StepRunStatus":
      return StepRunStatus;
    case "enumerations.TenantEnvironment":
      return TenantEnvironment;
    case "enumerations.TenantMemberRole":
      return TenantMemberRole;
    case "enumerations.TenantResource":
      return TenantResource;
    case "enumerations.TenantVersion":
      return TenantVersion;
    case "enumerations.V1AdditionalMetadataOperator":
      return V1AdditionalMetadataOperator;
    case "enumerations.V1CELDebugResponseStatus":
      return V1CELDebugResponseStatus;
    case "enumerations.V1DurableEventLogKind":
      return V1DurableEventLogKind;
    case "enumerations.V1DurableWaitConditionKind":
      return V1DurableWaitConditionKind;
    case "enumerations.V1LogLineLevel":
      return V1LogLineLevel;
    case "enumerations.V1LogLineOrderByDirection":
      return V1LogLineOrderByDirection;
    case "enumerations.V1RunningFilter":
      return V1RunningFilter;
    case "enumerations.V1TaskEventType":
      return V1TaskEventType;
    case "enumerations.V1TaskRunStatus":
      return V1TaskRunStatus;
    case "enumerations.V1TaskStatus":
      return V1TaskStatus;
    case "enumerations.V1WebhookAuthType":
      return V1WebhookAuthType;
    case "enumerations.V1WebhookHMACAlgorithm":
      return V1WebhookHMACAlgorithm;
    case "enumerations.V1WebhookHMACEncoding":
      return V1WebhookHMACEncoding;
    case "enumerations.V1WebhookSourceName":
      return V1WebhookSourceName;
    case "enumerations.V1WorkflowType":
      return V1WorkflowType;
    case "enumerations.WebhookWorkerRequestMethod":
      return WebhookWorkerRequestMethod;
    case "enumerations.WorkerRuntimeSDKs":
      return WorkerRuntimeSDKs;
    case "enumerations.WorkerStatus":
      return WorkerStatus;
    case "enumerations.WorkerType":
      return WorkerType;
    case "enumerations.WorkflowKind":
      return WorkflowKind;
    case "enumerations.WorkflowPauseScheduledCronRunQueueBehavior":
      return WorkflowPauseScheduledCronRunQueueBehavior;
    case "enumerations.WorkflowRunOrderByDirection":
      return WorkflowRunOrderByDirection;
    case "enumerations.WorkflowRunOrderByField":
      return WorkflowRunOrderByField;
    case "enumerations.WorkflowRunStatus":
      return WorkflowRunStatus;
  }
};
return $members;
})
