package typescript

// path is one import path of the SDK.
type path struct {
	name     string // behind the package's; "" = the package itself
	doc      string
	exports  []group
	standard string // the default export: "module name"
	refused  []refusal
}

// group is what one of the face's modules gives to a path, inner:outer where
// the names differ.
type group struct{ from, names string }

// refusal is what does not exist here and what to use instead.
type refusal struct{ names, instead string }

// class is a class of the SDK whose instances lack members.
type class struct {
	name    string
	refused []refusal
}

const (
	schemas    = "it is of the zod that the SDK brings along; the client checks its arguments by itself, and a zod schema of your own checks yours"
	protobuf   = "the worker itself speaks to the engine: declare with hatchet.task and hatchet.workflow"
	byClient   = "use the feature clients of hatchet, such as hatchet.runs"
	rawREST    = "use hatchet.api, which has its methods, or the feature clients of hatchet"
	browser    = "it needs the session of a browser, and the worker has a token"
	agentTools = "agents need Node; write a task that calls the vendor's HTTP API with fetch"
	tracing    = "it patches the SDK as it is loaded, and this SDK is another; the worker makes the same spans by itself, once OTEL_EXPORTER_OTLP_ENDPOINT says where to"
	ownEngine  = "the worker has an engine of its own: hatchet-js-worker dev"
)

var (
	conditionExports = group{"conditions", "SleepCondition UserEventCondition OrCondition Render Or generateGroupId"}
	durationExports  = group{"duration", "durationToString durationToMs"}
	taskExports      = []group{{"enums", "ConcurrencyLimitStrategy WorkerLabelComparator"}, {"errors", "NonRetryableError"}}
	contextExports   = group{"context", "ContextWorker Context DurableContext computeMemoKey"}
	legacyExports    = group{"legacy", "isLegacyWorkflow warnLegacyWorkflow transformLegacyWorkflow normalizeWorkflow normalizeWorkflows getWorkflowName"}
	declarationNames = "BaseWorkflowDeclaration WorkflowDeclaration TaskWorkflowDeclaration CreateTaskWorkflow CreateBatchTaskWorkflow CreateWorkflow CreateDurableTaskWorkflow"
	featureExports   = []group{
		{"features", "CronClient MetricsClient RatelimitsClient RunsClient WorkersClient workflowNameString WorkflowsClient ScheduleClient LogsClient FiltersClient TenantClient WebhooksClient CELClient"},
		{"enums", "RateLimitDuration runStatusToJSON"},
		{enumerations, "RateLimitOrderByField RateLimitOrderByDirection V1LogLineLevel V1LogLineOrderByDirection"},
	}
	featureRefusals = []refusal{{"CreateCronTriggerSchema CreateScheduledRunTriggerSchema UpdateScheduledRunTriggerSchema", schemas}}
	// In v0 the contexts have other names; those here have the members of both.
	v0Contexts      = group{"context", "Context:V0Context ContextWorker:V0ContextWorker DurableContext:V0DurableContext"}
	contractsExport = group{"contracts", "APIContracts"}
	abortExports    = group{"errors", "AbortError createAbortError isAbortError rethrowIfAborted throwIfAborted"}
)

// v1 is what the path v1 exports, and the package itself besides.
var v1 = concat(
	[]group{
		{"client", "HatchetClient"}, {"worker", "Worker"}, {"declaration", declarationNames}, {"enums", "Priority StickyStrategy SlotType"},
		conditionExports, durationExports, contextExports, legacyExports,
		{"errors", "NonDeterminismError EvictionNotSupportedError IdempotencyCollisionError BulkTriggerIdempotencyCollisionError"},
		{"enums", "DEFAULT_DURABLE_TASK_EVICTION_POLICY MinEngineVersion supportsEviction"},
	},
	taskExports, featureExports,
)

var v1Refusals = append([]refusal{{"__testing", "it is for the SDK's own tests; yours import hatchet:test"}}, featureRefusals...)

var v0Refusals = []refusal{
	{"WorkflowConcurrency HatchetTimeoutSchema CreateWorkflowSchema CreateRateLimitSchema DesiredWorkerLabelSchema CreateStepSchema", schemas},
	{"mapRateLimit", protobuf},
}

func concat(lists ...[]group) []group {
	var all []group
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// paths are the import paths that Hatchet's documentation and examples use, and
// those that editors suggest.
var paths = []path{
	{"", "Everything: the client as Hatchet and as the default, all of v1, and the names of v0.",
		append([]group{{"client", "HatchetClient:Hatchet"}, {"features", "AdminClient"}, {"errors", "DedupeViolationErr"}, contractsExport, v0Contexts}, v1...), "client HatchetClient",
		append([]refusal{{"Api", rawREST}}, append(v0Refusals, v1Refusals...)...)},
	{"v1", "Clients, declarations, contexts, conditions, durations, errors.", v1, "", v1Refusals},
	{"sdk", "The client as the default.", nil, "client HatchetClient", nil},
	{"v1/client/client", "The client.", []group{{"client", "HatchetClient"}}, "", nil},
	{"v1/declaration", "Declarations.", []group{{"declaration", declarationNames}, {"enums", "Priority StickyStrategy"}}, "", nil},
	{"v1/types", "Types alone.", nil, "", nil},
	{"v1/slot-types", "Slot types.", []group{{"enums", "SlotType"}}, "", nil},
	{"v1/conditions", "Conditions.", []group{conditionExports}, "", nil},
	{"v1/conditions/base", "What conditions share.", []group{{"conditions", "Action Condition"}}, "", nil},
	{"v1/conditions/parent-condition", "The condition on a parent's output.", []group{{"conditions", "ParentCondition"}}, "", nil},
	{"v1/conditions/sleep-condition", "The condition on time.", []group{{"conditions", "SleepCondition"}}, "", nil},
	{"v1/conditions/user-event-condition", "The condition on events.", []group{{"conditions", "UserEventCondition"}}, "", nil},
	{"v1/task", "Options of tasks.", taskExports, "", nil},
	{"v1/client/duration", "Durations.", []group{durationExports}, "", nil},
	{"v1/client/features", "The feature clients.", featureExports, "", featureRefusals},
	{"v1/client/worker/context", "The contexts of tasks.", []group{contextExports}, "", nil},
	{"v1/client/worker/worker", "The worker.", []group{{"worker", "Worker"}}, "", nil},
	{"v1/client/worker/eviction/eviction-policy", "When waiting tasks free their slot.", []group{{"enums", "DEFAULT_DURABLE_TASK_EVICTION_POLICY"}}, "", nil},
	{"v1/client/worker/engine-version", "What engines can do.", []group{{"enums", "MinEngineVersion supportsEviction"}}, "", nil},
	{"legacy/legacy-transformer", "Workflows of v0 as declarations.", []group{legacyExports}, "", nil},
	{"util/sleep", "A sleep that is not durable.", nil, "duration sleep", nil},
	{"util/logger", "Loggers.", []group{{"logger", "Logger LogLevelEnum"}}, "", []refusal{{"actionMap taskRunLog", "it words the log lines of the SDK itself; write the text yourself, with ctx.logger or console"}}},
	{"util/abort-error", "Errors of cancellation.", []group{abortExports}, "", nil},
	{"util/workflow-run-ref", "References to runs.", []group{{"errors", "DedupeViolationErr"}}, "reference WorkflowRunRef", nil},
	{"util/errors/hatchet-error", "The SDK's own error.", []group{{"errors", "getErrorMessage toHatchetError"}}, "errors HatchetError", nil},
	{"util/errors/non-determinism-error", "The error of a replay that differs.", []group{{"errors", "NonDeterminismError"}}, "", nil},
	{"util/errors/idempotency-collision-error", "The error of a run that another one stands for.", []group{{"errors", "IdempotencyCollisionError"}}, "", nil},
	{"util/errors/bulk-trigger-idempotency-collision-error", "The same of many runs.", []group{{"errors", "BulkTriggerIdempotencyCollisionError"}}, "", nil},
	{"util/errors/eviction-not-supported-error", "The error of an old engine.", []group{{"errors", "EvictionNotSupportedError"}}, "", nil},
	{"util/errors/task-run-terminated-error", "The error of a task that was ended.", []group{{"errors", "TaskRunTerminatedError isTaskRunTerminatedError"}}, "", nil},
	{"workflow", "Names of v0.", []group{{"enums", "ConcurrencyLimitStrategy StickyStrategyNumber:StickyStrategy"}}, "", v0Refusals[:1]},
	{"step", "Names of v0.", []group{v0Contexts}, "", v0Refusals},
	{"protoc/v1/workflows", "Enumerations.", []group{{"enums", "ConcurrencyLimitStrategy RateLimitDuration RunStatus IdempotencyMethod StickyStrategyNumber:StickyStrategy runStatusToJSON"}}, "",
		[]refusal{{"CreateWorkflowVersionRequest CreateTaskOpts CreateTaskRateLimit Concurrency TriggerWorkflowRunRequest AdminServiceDefinition", protobuf}}},
	{"protoc/workflows", "Enumerations.", []group{{"enums", "ConcurrencyLimitStrategy RateLimitDuration StickyStrategyNumber:StickyStrategy"}}, "", nil},
	{"clients/rest/generated/data-contracts", "Enumerations of the REST API.", []group{{enumerations, restEnums}}, "", nil},
	{"clients/rest", "The REST API.", []group{contractsExport}, "", []refusal{{"Api", rawREST}}},
	{"clients/admin", "How v0 starts runs.", []group{{"features", "AdminClient"}}, "", nil},
	{"edge", "Declarations without a client.",
		concat([]group{
			{"declaration", declarationNames + " declarations"}, {"enums", "Priority StickyStrategy MinEngineVersion supportsEviction DEFAULT_DURABLE_TASK_EVICTION_POLICY"},
			contextExports, conditionExports, durationExports, {"logger", "Logger LogLevelEnum"}, abortExports,
			{"errors", "HatchetError getErrorMessage toHatchetError NonDeterminismError TaskRunTerminatedError isTaskRunTerminatedError"},
		}, taskExports), "",
		[]refusal{
			{"workflowToProto normalizeWorkflowDefinition onFailureTaskName ON_FAILURE_TASK_NAME ON_SUCCESS_TASK_NAME conditionsToPb taskConditionsToPb CreateWorkflowVersionRequest AssignedAction DurableTaskRequest DurableTaskResponse createAction createActionId workflowNameFromAction applyNamespace", protobuf},
			{"isContextRuntime ParentRunContextManager parentRunContextManager", "ctx is made by the worker, and runs know their parent by themselves"},
		}},
	{"v1/embedded", "The SDK's embedded server.", nil, "", []refusal{{"HatchetEmbeddedClient startEmbeddedSidecar stopEmbeddedSidecar", ownEngine}}},
	{"opentelemetry", "Tracing.", nil, "", []refusal{{"HatchetInstrumentor OTelAttribute", tracing}}},
}

const restEnums = "V1TaskRunStatus LogLineOrderByDirection LogLineOrderByField LogLineLevel PullRequestState FeatureFlagId WebhookWorkerRequestMethod WorkerRuntimeSDKs WorkerType WorkerStatus WorkflowRunOrderByField WorkflowKind StepRunEventSeverity StepRunEventReason JobRunStatus StepRunStatus ConcurrencyScope RestConcurrencyLimitStrategy:ConcurrencyLimitStrategy CronWorkflowsOrderByField CronWorkflowsMethod ScheduledRunStatus WorkflowRunOrderByDirection ScheduledWorkflowsOrderByField ScheduledWorkflowsMethod WorkflowPauseScheduledCronRunQueueBehavior RateLimitOrderByDirection RateLimitOrderByField EventOrderByDirection EventOrderByField WorkflowRunStatus TenantMemberRole TenantResource V1CELDebugResponseStatus V1WebhookHMACEncoding V1WebhookHMACAlgorithm V1WebhookAuthType V1WebhookSourceName TenantEnvironment TenantVersion OtelStatusCode OtelSpanKind V1DurableWaitConditionKind V1DurableEventLogKind V1RunningFilter V1AdditionalMetadataOperator V1LogLineOrderByDirection V1LogLineLevel V1TaskEventType V1WorkflowType V1TaskStatus"

// classes are those whose instances lack members of the SDK's.
var classes = []class{
	{"HatchetClient", []refusal{
		{"dispatcher durableListener", "the worker itself listens; " + byClient},
		{"v0", byClient},
	}},
	{"HatchetClient.api", []refusal{
		{"userUpdateLogin userUpdateLogout userUpdatePassword userCreate userGetCurrent userListTenantInvites", browser},
		{"instance setSecurityData", "it is of axios, and requests go over the worker's own connection"},
	}},
	{"HatchetClient.listener", []refusal{
		{"get", "use hatchet.runRef(id).output"},
		{"streamByAdditionalMeta", "look runs up with hatchet.runs.list({ additionalMetadata }) and follow each with stream"},
	}},
	{"WorkflowDeclaration", []refusal{{"mcpTool", agentTools}}},
	{"EventClient", []refusal{{"putLog", "use ctx.log"}, {"putStream", "use ctx.putStream"}}},
	{"AdminClient", []refusal{
		{"putWorkflow putWorkflowV1 put_workflow registerWebhook", "declare with hatchet.task and hatchet.workflow"},
		{"put_rate_limit", "use hatchet.ratelimits.upsert"}, {"run_workflow", "use hatchet.runNoWait"},
		{"scheduleWorkflow schedule_workflow", "use hatchet.schedules.create"},
		{"listWorkflows list_workflows getWorkflow get_workflow getWorkflowVersion get_workflow_version", "use hatchet.workflows"},
		{"getWorkflowRun get_workflow_run listWorkflowRuns list_workflow_runs", "use hatchet.runs"},
		{"getWorkflowMetrics get_workflow_metrics", "use hatchet.metrics"},
	}},
}
