package hatchet

import (
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// endpoints are the methods of the TypeScript SDK's client of the REST API
// (hatchet-protocol.md section 6.10), one a line: its name, the HTTP method, the
// path behind /api/, and what it takes in order. What is not part of the path is
// the query, or the data that is sent as JSON. What needs the session of a
// browser is not there, for the worker has a token.
const endpoints = `
v1TaskGet GET v1/stable/tasks/{task} task,query
v1TaskEventList GET v1/stable/tasks/{task}/task-events task,query
v1LogLineList GET v1/stable/tasks/{task}/logs task,query
v1TaskCancel POST v1/stable/tenants/{tenant}/tasks/cancel tenant,data
v1TenantLogLineList GET v1/stable/tenants/{tenant}/logs tenant,query
v1TenantLogLineGetPointMetrics GET v1/stable/tenants/{tenant}/log-point-metrics tenant,query
v1TaskReplay POST v1/stable/tenants/{tenant}/tasks/replay tenant,data
v1TaskRestore POST v1/stable/tasks/{task}/restore task
v1DagListTasks GET v1/stable/dags/tasks query
v1WorkflowRunList GET v1/stable/tenants/{tenant}/workflow-runs tenant,query
v1WorkflowRunDisplayNamesList GET v1/stable/tenants/{tenant}/workflow-runs/display-names tenant,query
v1WorkflowRunExternalIdsList GET v1/stable/tenants/{tenant}/workflow-runs/external-ids tenant,query
v1WorkflowRunCreate POST v1/stable/tenants/{tenant}/workflow-runs/trigger tenant,data
v1DurableTaskBranch POST v1/stable/tenants/{tenant}/durable-tasks/branch tenant,data
v1DurableTaskEventLogList GET v1/stable/tenants/{tenant}/durable-tasks/{durableTask} tenant,durableTask,query
v1WorkflowRunGet GET v1/stable/workflow-runs/{v1WorkflowRun} v1WorkflowRun,query
v1WorkflowRunGetStatus GET v1/stable/workflow-runs/{v1WorkflowRun}/status v1WorkflowRun
v1WorkflowRunTaskEventsList GET v1/stable/workflow-runs/{v1WorkflowRun}/task-events v1WorkflowRun,query
v1ObservabilityGetTrace GET v1/stable/tenants/{tenant}/traces tenant,query
v1WorkflowRunGetTimings GET v1/stable/workflow-runs/{v1WorkflowRun}/task-timings v1WorkflowRun,query
v1TaskListStatusMetrics GET v1/stable/tenants/{tenant}/task-metrics tenant,query
v1TaskGetPointMetrics GET v1/stable/tenants/{tenant}/task-point-metrics tenant,query
v1EventList GET v1/stable/tenants/{tenant}/events tenant,query
v1EventGet GET v1/stable/tenants/{tenant}/events/{v1Event} tenant,v1Event
v1EventKeyList GET v1/stable/tenants/{tenant}/events/keys tenant
v1FilterList GET v1/stable/tenants/{tenant}/filters tenant,query
v1FilterCreate POST v1/stable/tenants/{tenant}/filters tenant,data
v1FilterGet GET v1/stable/tenants/{tenant}/filters/{v1Filter} tenant,v1Filter
v1FilterDelete DELETE v1/stable/tenants/{tenant}/filters/{v1Filter} tenant,v1Filter
v1FilterUpdate PATCH v1/stable/tenants/{tenant}/filters/{v1Filter} tenant,v1Filter,data
v1WebhookList GET v1/stable/tenants/{tenant}/webhooks tenant,query
v1WebhookCreate POST v1/stable/tenants/{tenant}/webhooks tenant,data
v1WebhookGet GET v1/stable/tenants/{tenant}/webhooks/{v1Webhook} tenant,v1Webhook
v1WebhookDelete DELETE v1/stable/tenants/{tenant}/webhooks/{v1Webhook} tenant,v1Webhook
v1WebhookReceive POST v1/stable/tenants/{tenant}/webhooks/{v1Webhook} tenant,v1Webhook,data
v1WebhookUpdate PATCH v1/stable/tenants/{tenant}/webhooks/{v1Webhook} tenant,v1Webhook,data
v1CelDebug POST v1/stable/tenants/{tenant}/cel/debug tenant,data
readinessGet GET ready
livenessGet GET live
metadataGet GET v1/meta
cloudMetadataGet GET v1/cloud/metadata
metadataListIntegrations GET v1/meta/integrations
snsList GET v1/tenants/{tenant}/sns tenant
snsCreate POST v1/tenants/{tenant}/sns tenant,data
alertEmailGroupCreate POST v1/tenants/{tenant}/alerting-email-groups tenant,data
alertEmailGroupList GET v1/tenants/{tenant}/alerting-email-groups tenant
tenantResourcePolicyGet GET v1/tenants/{tenant}/resource-policy tenant
alertEmailGroupUpdate PATCH v1/alerting-email-groups/{alertEmailGroup} alertEmailGroup,data
alertEmailGroupDelete DELETE v1/alerting-email-groups/{alertEmailGroup} alertEmailGroup
snsDelete DELETE v1/sns/{sns} sns
slackWebhookList GET v1/tenants/{tenant}/slack tenant
slackWebhookDelete DELETE v1/slack/{slack} slack
tenantMembershipsList GET v1/users/memberships
tenantInviteAccept POST v1/users/invites/accept data
tenantInviteReject POST v1/users/invites/reject data
tenantCreate POST v1/tenants data
tenantUpdate PATCH v1/tenants/{tenant} tenant,data
tenantGet GET v1/tenants/{tenant} tenant
tenantAlertingSettingsGet GET v1/tenants/{tenant}/alerting/settings tenant
tenantInviteCreate POST v1/tenants/{tenant}/invites tenant,data
tenantInviteList GET v1/tenants/{tenant}/invites tenant
tenantInviteUpdate PATCH v1/tenants/{tenant}/invites/{tenantInvite} tenant,tenantInvite,data
tenantInviteDelete DELETE v1/tenants/{tenant}/invites/{tenantInvite} tenant,tenantInvite
apiTokenCreate POST v1/tenants/{tenant}/api-tokens tenant,data
apiTokenList GET v1/tenants/{tenant}/api-tokens tenant
apiTokenUpdateRevoke POST v1/api-tokens/{apiToken} apiToken
tenantGetQueueMetrics GET v1/tenants/{tenant}/queue-metrics tenant,query
tenantGetStepRunQueueMetrics GET v1/tenants/{tenant}/step-run-queue-metrics tenant
eventList GET v1/tenants/{tenant}/events tenant,query
eventCreate POST v1/tenants/{tenant}/events tenant,data
eventCreateBulk POST v1/tenants/{tenant}/events/bulk tenant,data
eventUpdateReplay POST v1/tenants/{tenant}/events/replay tenant,data
eventUpdateCancel POST v1/tenants/{tenant}/events/cancel tenant,data
rateLimitList GET v1/tenants/{tenant}/rate-limits tenant,query
rateLimitDelete DELETE v1/tenants/{tenant}/rate-limits tenant,query
tenantMemberList GET v1/tenants/{tenant}/members tenant
tenantMemberUpdate PATCH v1/tenants/{tenant}/members/{member} tenant,member,data
tenantMemberDelete DELETE v1/tenants/{tenant}/members/{member} tenant,member
eventGet GET v1/events/{event} event
eventDataGet GET v1/events/{event}/data event
eventDataGetWithTenant GET v1/tenants/{tenant}/events/{eventWithTenant}/data eventWithTenant,tenant
eventKeyList GET v1/tenants/{tenant}/events/keys tenant
workflowList GET v1/tenants/{tenant}/workflows tenant,query
scheduledWorkflowRunCreate POST v1/tenants/{tenant}/workflows/{workflow}/scheduled tenant,workflow,data
workflowScheduledList GET v1/tenants/{tenant}/workflows/scheduled tenant,query
workflowScheduledGet GET v1/tenants/{tenant}/workflows/scheduled/{scheduledWorkflowRun} tenant,scheduledWorkflowRun
workflowScheduledDelete DELETE v1/tenants/{tenant}/workflows/scheduled/{scheduledWorkflowRun} tenant,scheduledWorkflowRun
workflowScheduledUpdate PATCH v1/tenants/{tenant}/workflows/scheduled/{scheduledWorkflowRun} tenant,scheduledWorkflowRun,data
workflowScheduledTrigger POST v1/tenants/{tenant}/workflows/scheduled/{scheduledWorkflowRun} tenant,scheduledWorkflowRun
workflowScheduledBulkDelete POST v1/tenants/{tenant}/workflows/scheduled/bulk-delete tenant,data
workflowScheduledBulkUpdate POST v1/tenants/{tenant}/workflows/scheduled/bulk-update tenant,data
cronWorkflowTriggerCreate POST v1/tenants/{tenant}/workflows/{workflow}/crons tenant,workflow,data
cronWorkflowList GET v1/tenants/{tenant}/workflows/crons tenant,query
workflowCronGet GET v1/tenants/{tenant}/workflows/crons/{cronWorkflow} tenant,cronWorkflow
workflowCronDelete DELETE v1/tenants/{tenant}/workflows/crons/{cronWorkflow} tenant,cronWorkflow
workflowCronUpdate PATCH v1/tenants/{tenant}/workflows/crons/{cronWorkflow} tenant,cronWorkflow,data
workflowCronTrigger POST v1/tenants/{tenant}/workflows/crons/{cronWorkflow} tenant,cronWorkflow
workflowRunCancel POST v1/tenants/{tenant}/workflows/cancel tenant,data
workflowGet GET v1/workflows/{workflow} workflow
workflowDelete DELETE v1/workflows/{workflow} workflow
workflowUpdate PATCH v1/workflows/{workflow} workflow,data
workflowVersionGet GET v1/workflows/{workflow}/versions workflow,query
workflowRunCreate POST v1/workflows/{workflow}/trigger workflow,data,query
workflowGetMetrics GET v1/workflows/{workflow}/metrics workflow,query
stepRunListEvents GET v1/step-runs/{stepRun}/events stepRun,query
workflowRunListStepRunEvents GET v1/tenants/{tenant}/workflow-runs/{workflowRun}/step-run-events tenant,workflowRun,query
stepRunListArchives GET v1/step-runs/{stepRun}/archives stepRun,query
workflowGetWorkersCount GET v1/tenants/{tenant}/workflows/{workflow}/worker-count tenant,workflow
workflowRunList GET v1/tenants/{tenant}/workflows/runs tenant,query
workflowRunUpdateReplay POST v1/tenants/{tenant}/workflow-runs/replay tenant,data
workflowRunGetMetrics GET v1/tenants/{tenant}/workflows/runs/metrics tenant,query
workflowRunGet GET v1/tenants/{tenant}/workflow-runs/{workflowRun} tenant,workflowRun
workflowRunGetShape GET v1/tenants/{tenant}/workflow-runs/{workflowRun}/shape tenant,workflowRun
stepRunGet GET v1/tenants/{tenant}/step-runs/{stepRun} tenant,stepRun
stepRunUpdateRerun POST v1/tenants/{tenant}/step-runs/{stepRun}/rerun tenant,stepRun,data
stepRunUpdateCancel POST v1/tenants/{tenant}/step-runs/{stepRun}/cancel tenant,stepRun
stepRunGetSchema GET v1/tenants/{tenant}/step-runs/{stepRun}/schema tenant,stepRun
workerList GET v1/tenants/{tenant}/worker tenant,query
workerUpdate PATCH v1/workers/{worker} worker,data
workerGet GET v1/workers/{worker} worker
webhookList GET v1/tenants/{tenant}/webhook-workers tenant
webhookCreate POST v1/tenants/{tenant}/webhook-workers tenant,data
webhookDelete DELETE v1/webhook-workers/{webhook} webhook
webhookRequestsList GET v1/webhook-workers/{webhook}/requests webhook
workflowRunGetInput GET v1/tenants/{tenant}/workflow-runs/{workflowRun}/input tenant,workflowRun
monitoringPostRunProbe POST v1/monitoring/{tenant}/probe tenant
infoGetVersion GET v1/version
tenantGetPrometheusMetrics GET v1/tenants/{tenant}/prometheus-metrics tenant
tenantGetTaskStats GET v1/tenants/{tenant}/task-stats tenant,query
tenantFeatureFlagEvaluate GET v1/tenants/{tenant}/feature-flags tenant,query
`

// Endpoint is one method of the SDK's client of the REST API.
type Endpoint struct {
	Name, Method string
	Path         string   // begins with /api/
	Arguments    []string // in order: parts of the path by their name there, query, data
}

var endpointsByName = sync.OnceValue(func() map[string]Endpoint {
	byName := map[string]Endpoint{}
	for line := range strings.Lines(strings.TrimSpace(endpoints)) {
		fields := strings.Fields(line)
		e := Endpoint{Name: fields[0], Method: fields[1], Path: "/api/" + fields[2]}
		if len(fields) > 3 {
			e.Arguments = strings.Split(fields[3], ",")
		}
		byName[e.Name] = e
	}
	return byName
})

// Endpoints are the methods of the SDK's client of the REST API, by their names.
// The map must not be changed.
func Endpoints() map[string]Endpoint { return endpointsByName() }

// faceEndpoint tells (name) of a method of the REST client: its HTTP method, its
// path and its arguments; undefined if there is none.
func faceEndpoint(r *Realm, call goja.FunctionCall) goja.Value {
	e, known := Endpoints()[call.Argument(0).String()]
	if !known {
		return goja.Undefined()
	}
	parts := []any{e.Method, e.Path}
	for _, argument := range e.Arguments {
		parts = append(parts, argument)
	}
	return r.rt.NewArray(parts...)
}
