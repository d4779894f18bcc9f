package hatchet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
)

// asks are what scripts ask for, and what the engine is asked then.
var asks = map[string][]string{
	`hatchet.runs.get('r/1')`:       {`GET /api/v1/stable/workflow-runs/r%2F1`},
	`hatchet.runs.getStatus('r')`:   {`status r`},
	`hatchet.runs.get_status('r')`:  {`status r`},
	`hatchet.runs.restoreTask('t')`: {`POST /api/v1/stable/tasks/t/restore`},
	`hatchet.runs.branchDurableTask('t', 3)`: {
		`POST /api/v1/stable/tenants/{tenant}/durable-tasks/branch {"branchId":0,"nodeId":3,"taskExternalId":"t"}`},
	`hatchet.runs.list({ since: new Date(0), workflowNames: ['Orders', w], statuses: ['FAILED', 'QUEUED'], additionalMetadata: { a: 'b', n: 1 }, limit: 5, offset: 2, onlyTasks: true, includePayloads: false })`: {
		`find Orders`, `find w`, `GET /api/v1/stable/tenants/{tenant}/workflow-runs?additional_metadata=a%3Ab&additional_metadata=n%3A1&additional_metadata_operator=AND` +
			`&include_payloads=false&limit=5&offset=2&only_tasks=true&since=1970-01-01T00%3A00%3A00Z&statuses=FAILED&statuses=QUEUED&workflow_ids=` + workflowUUID + `&workflow_ids=` + workflowUUID},
	`hatchet.runs.cancel({ ids: ['a', hatchet.runs.runRef('b')] })`: {`POST /api/v1/stable/tenants/{tenant}/tasks/cancel {"externalIds":["a","b"]}`},
	`hatchet.runs.replay({ ids: ['a'] })`:                           {`POST /api/v1/stable/tenants/{tenant}/tasks/replay {"externalIds":["a"]}`},
	`hatchet.runs.replay({ filters: { since: '2026-01-02T03:04:05+01:00', statuses: ['FAILED'], workflowNames: [w], additionalMetadata: { a: 'b' } } })`: {
		`find w`, `POST /api/v1/stable/tenants/{tenant}/tasks/replay {"filter":{"additionalMetadata":["a:b"],"since":"2026-01-02T02:04:05Z","statuses":["FAILED"],"workflowIds":["` + workflowUUID + `"]}}`},

	`hatchet.schedules.create(w, { triggerAt: new Date(1000), input: { n: 1 }, additionalMetadata: { a: 'b' }, priority: 3 })`: {
		`POST /api/v1/tenants/{tenant}/workflows/dev_w/scheduled {"additionalMetadata":{"a":"b"},"input":{"n":1},"priority":3,"triggerAt":"1970-01-01T00:00:01Z"}`},
	`hatchet.scheduled.create('w', { triggerAt: '2030-01-01T00:00:00Z' })`: {
		`POST /api/v1/tenants/{tenant}/workflows/dev_w/scheduled {"additionalMetadata":{},"input":{},"triggerAt":"2030-01-01T00:00:00Z"}`},
	`w.schedule(new Date(1000), { n: 1 }, { priority: 1 })`: {
		`POST /api/v1/tenants/{tenant}/workflows/dev_w/scheduled {"additionalMetadata":{},"input":{"n":1},"priority":1,"triggerAt":"1970-01-01T00:00:01Z"}`},
	`hatchet.schedule.list({ workflow: w, statuses: ['SCHEDULED'], limit: 3 })`: {
		`find w`, `GET /api/v1/tenants/{tenant}/workflows/scheduled?limit=3&statuses=SCHEDULED&workflowId=` + workflowUUID},
	`hatchet.schedules.get({ metadata: { id: 's' } })`: {`GET /api/v1/tenants/{tenant}/workflows/scheduled/s`},
	`hatchet.schedules.update('s', { triggerAt: new Date(0) })`: {
		`PATCH /api/v1/tenants/{tenant}/workflows/scheduled/s {"triggerAt":"1970-01-01T00:00:00Z"}`},
	`hatchet.schedules.delete('s')`: {`DELETE /api/v1/tenants/{tenant}/workflows/scheduled/s`},
	`hatchet.schedules.bulkDelete({ scheduledRuns: ['s', { metadata: { id: 't' } }] })`: {
		`POST /api/v1/tenants/{tenant}/workflows/scheduled/bulk-delete {"scheduledWorkflowRunIds":["s","t"]}`},
	`hatchet.schedules.bulkDelete({ filter: { workflow: 'w', additionalMetadata: { a: 1 } } })`: {
		`find w`, `POST /api/v1/tenants/{tenant}/workflows/scheduled/bulk-delete {"filter":{"additionalMetadata":["a:1"],"workflowId":"` + workflowUUID + `"}}`},
	`hatchet.schedules.bulkUpdate([{ scheduledRun: 's', triggerAt: new Date(0) }])`: {
		`POST /api/v1/tenants/{tenant}/workflows/scheduled/bulk-update {"updates":[{"id":"s","triggerAt":"1970-01-01T00:00:00Z"}]}`},

	`hatchet.crons.create(w, { name: 'c', expression: '0 9 * * 1', input: { n: 1 } })`: {
		`POST /api/v1/tenants/{tenant}/workflows/dev_w/crons {"additionalMetadata":{},"cronExpression":"0 9 * * 1","cronName":"c","input":{"n":1}}`},
	`hatchet.cron.list({ cronName: 'c' })`:          {`GET /api/v1/tenants/{tenant}/workflows/crons?cronName=c`},
	`hatchet.crons.list()`:                          {`GET /api/v1/tenants/{tenant}/workflows/crons`},
	`hatchet.crons.get('c')`:                        {`GET /api/v1/tenants/{tenant}/workflows/crons/c`},
	`hatchet.crons.update('c', { enabled: false })`: {`PATCH /api/v1/tenants/{tenant}/workflows/crons/c {"enabled":false}`},
	`hatchet.crons.delete('c')`:                     {`DELETE /api/v1/tenants/{tenant}/workflows/crons/c`},

	`hatchet.workflows.get(w)`:                      {`find w`, `GET /api/v1/workflows/` + workflowUUID},
	`hatchet.workflows.get('` + workflowUUID + `')`: {`GET /api/v1/workflows/` + workflowUUID},
	`hatchet.tasks.list({ name: 'w', limit: 1 })`:   {`GET /api/v1/tenants/{tenant}/workflows?limit=1&name=w`},
	`hatchet.workflows.delete('w')`:                 {`find w`, `DELETE /api/v1/workflows/` + workflowUUID},
	`hatchet.workflows.pause('w', { cronRuns: 'QUEUE', queueTTL: '1h30m' })`: {`find w`, `PATCH /api/v1/workflows/` + workflowUUID +
		` {"pause":{"action":"pause","pausedWorkflowCronRunQueueBehavior":"QUEUE","pausedWorkflowQueueTTL":"90m","pausedWorkflowScheduledRunQueueBehavior":"DROP"}}`},
	`hatchet.workflows.unpause('w')`: {`find w`, `PATCH /api/v1/workflows/` + workflowUUID + ` {"pause":{"action":"unpause"}}`},

	`hatchet.workers.list({ statuses: ['ACTIVE'] })`:   {`GET /api/v1/tenants/{tenant}/worker?statuses=ACTIVE`},
	`hatchet.workers.get(ctx.worker.id())`:             {`GET /api/v1/workers/w-1`},
	`hatchet.workers.pause('x')`:                       {`PATCH /api/v1/workers/x {"isPaused":true}`},
	`hatchet.workers.unpause('x')`:                     {`PATCH /api/v1/workers/x {"isPaused":false}`},
	`ctx.worker.upsertLabels({ gpu: 'no', cores: 4 })`: {`labels map[cores:4 gpu:no]`},

	`hatchet.ratelimits.upsert({ key: 'api', limit: 10, duration: 'hour' })`: {`rate limit api 10 hour`},
	`hatchet.ratelimits.upsert({ key: 'api', limit: 0, duration: 2 })`:       {`rate limit api 0 HOUR`},
	`hatchet.ratelimits.list({ search: 'a' })`:                               {`GET /api/v1/tenants/{tenant}/rate-limits?search=a`},

	`hatchet.filters.create({ workflow: w, expression: 'true', scope: 's', payload: { a: 1 } })`: {
		`find w`, `POST /api/v1/stable/tenants/{tenant}/filters {"expression":"true","payload":{"a":1},"scope":"s","workflowId":"` + workflowUUID + `"}`},
	`hatchet.filters.list({ workflowIds: ['i'], scopes: ['s'] })`: {`GET /api/v1/stable/tenants/{tenant}/filters?scopes=s&workflowIds=i`},
	`hatchet.filters.get('f')`:                                    {`GET /api/v1/stable/tenants/{tenant}/filters/f`},
	`hatchet.filters.update('f', { scope: 't' })`:                 {`PATCH /api/v1/stable/tenants/{tenant}/filters/f {"scope":"t"}`},
	`hatchet.filters.delete('f')`:                                 {`DELETE /api/v1/stable/tenants/{tenant}/filters/f`},

	`hatchet.webhooks.create({ name: 'h', sourceName: 'GENERIC', eventKeyExpression: "'k'", auth: { username: 'u', password: 'p' } })`: {
		`POST /api/v1/stable/tenants/{tenant}/webhooks {"auth":{"password":"p","username":"u"},"authType":"BASIC","eventKeyExpression":"'k'","name":"h","sourceName":"GENERIC"}`},
	`hatchet.webhooks.list({ webhookNames: ['h'] })`:         {`GET /api/v1/stable/tenants/{tenant}/webhooks?webhookNames=h`},
	`hatchet.webhooks.get('h')`:                              {`GET /api/v1/stable/tenants/{tenant}/webhooks/h`},
	`hatchet.webhooks.update('h', { scopeExpression: 's' })`: {`PATCH /api/v1/stable/tenants/{tenant}/webhooks/h {"scopeExpression":"s"}`},
	`hatchet.webhooks.delete('h')`:                           {`DELETE /api/v1/stable/tenants/{tenant}/webhooks/h`},

	`hatchet.events.list({ keys: ['k'], scopes: ['s'] })`:                   {`GET /api/v1/stable/tenants/{tenant}/events?keys=k&scopes=s`},
	`hatchet.logs.list('t', { levels: ['WARN'], orderByDirection: 'ASC' })`: {`GET /api/v1/stable/tasks/t/logs?levels=WARN&order_by_direction=ASC`},
	`hatchet.metrics.getQueueMetrics()`:                                     {`GET /api/v1/tenants/{tenant}/step-run-queue-metrics`},
	`hatchet.metrics.getTaskStats()`:                                        {`GET /api/v1/tenants/{tenant}/task-stats`},
	`hatchet.metrics.scrapePrometheusMetrics()`:                             {`GET /api/v1/tenants/{tenant}/prometheus-metrics`},
	`hatchet.cel.debug({ expression: 'true', input: { a: 1 } })`: {
		`POST /api/v1/stable/tenants/{tenant}/cel/debug {"expression":"true","input":{"a":1}}`},
	`hatchet.tenant.get()`: {`GET /api/v1/tenants/{tenant}`},
	`hatchet.api.get('/api/v1/meta', { query: { a: [1, 'b'], c: true } })`:                        {`GET /api/v1/meta?a=1&a=b&c=true`},
	`hatchet.api.post('/api/v1/x', [1])`:                                                          {`POST /api/v1/x [1]`},
	`hatchet.api.put('/api/v1/x', { a: 1 })`:                                                      {`PUT /api/v1/x {"a":1}`},
	`hatchet.api.patch('/api/v1/x')`:                                                              {`PATCH /api/v1/x`},
	`hatchet.api.delete('/api/v1/x')`:                                                             {`DELETE /api/v1/x`},
	`hatchet.api.request({ method: 'post', path: '/api/v1/x', query: { q: 1 }, body: { a: 1 } })`: {`POST /api/v1/x?q=1 {"a":1}`},
}

func TestFeatureClients(t *testing.T) {
	for call, want := range asks {
		r := mustLoad(t, `const w = workflow('w').task('a', () => ({}))
workflow.task('t', async (input, ctx) => { await `+call+` })`)
		r.host.status = hatchet.StatusQueued
		if _, err := r.run("t:t", ""); err != nil {
			t.Errorf("%s: %v", call, err)
			continue
		}
		r.host.t = t
		if got := strings.Join(r.host.notes, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("%s asked for\n%s\nwant\n%s", call, got, strings.Join(want, "\n"))
		}
	}
}

// answers are what scripts make of answers.
func TestFeatureAnswers(t *testing.T) {
	const tenant = "/api/v1/tenants/{tenant}"
	for call, c := range map[string]struct{ path, answer, want string }{
		`hatchet.tenant.get()`:                      {"GET " + tenant, `{"name":"acme"}`, `{"name":"acme"}`},
		`hatchet.metrics.scrapePrometheusMetrics()`: {"GET " + tenant + "/prometheus-metrics", "# HELP x", `"# HELP x"`},
		`hatchet.metrics.getTaskStatusMetrics()`: {"GET /api/v1/stable/tenants/{tenant}/task-metrics",
			`[{"status":"QUEUED","count":2},{"status":"FAILED","count":0}]`, `{"queued":2,"failed":0}`},
		`hatchet.workers.isPaused('x')`:                {"GET /api/v1/workers/x", `{"status":"PAUSED"}`, `true`},
		`hatchet.workers.isPaused('y')`:                {"GET /api/v1/workers/y", `{"status":"ACTIVE"}`, `null`},
		`hatchet.workflows.isPaused('w')`:              {"GET /api/v1/workflows/" + workflowUUID, `{"isPaused":true}`, `true`},
		`hatchet.workflows.getWorkflowIdFromName('w')`: {"", "", `"` + workflowUUID + `"`},
		`hatchet.runs.getTaskExternalId('r')`:          {"GET /api/v1/stable/workflow-runs/r", `{"tasks":[{"taskExternalId":"t1"}]}`, `"t1"`},
		`hatchet.crons.delete('c')`:                    {"", "", `null`},
		`hatchet.api.get('/api/x').catch(e => [e.name, e.status, e.message, e instanceof Error])`: {"GET /api/x", "404", `["ApiError",404,"refused",true]`},
		`hatchet.runs === hatchet.runs && hatchet.cron === hatchet.crons`:                         {"", "", `true`},
	} {
		r := mustLoad(t, `workflow.task('t', async (input, ctx) => await `+call+`)`)
		r.host.answers = map[string]string{c.path: c.answer}
		if got, err := r.run("t:t", ""); err != nil || got != c.want {
			t.Errorf("%s gave %s, %v; want %s", call, got, err, c.want)
		}
	}
}

func TestRunDetails(t *testing.T) {
	r := mustLoad(t, `workflow.task('t', async () => await hatchet.runs.getDetails('r'))`)
	r.host.details = &hatchet.Details{
		Status: "FAILED", Done: true, Input: []byte(`{"n":1}`),
		Tasks: []hatchet.TaskResult{{Name: "a", TaskRunID: "1", Status: "COMPLETED", Output: []byte(`[1]`)},
			{Name: "b", TaskRunID: "2", Status: "FAILED", Error: "boom"}},
	}
	r.expect("t:t", "", `{"status":"FAILED","done":true,"input":{"n":1},"additionalMetadata":null,"isEvicted":false,"taskRuns":{`+
		`"a":{"externalId":"1","readableId":"a","status":"COMPLETED","output":[1],"isEvicted":false},`+
		`"b":{"externalId":"2","readableId":"b","status":"FAILED","output":null,"error":"boom","isEvicted":false}}}`)
}

func TestDelay(t *testing.T) {
	r := expectBodyWith(t, `const w = workflow('w').task('a', () => ({}))`, `await w.delay({ hours: 24 })`, `null`)
	_, body, _ := strings.Cut(r.host.notes[0], `"triggerAt":"`)
	at, err := time.Parse(time.RFC3339, strings.TrimSuffix(body, `"}`))
	if wait := time.Until(at); err != nil || wait < 23*time.Hour || wait > 24*time.Hour {
		t.Errorf("planned for %v, %v", at, err)
	}
}

func expectBodyWith(t *testing.T, before, source, want string) *rig {
	t.Helper()
	r := mustLoad(t, before+"\nworkflow.task('t', async (input, ctx) => {\n"+source+"\n})")
	r.expect("t:t", "", want)
	return r
}

func TestBadRequests(t *testing.T) {
	for call, want := range map[string]string{
		`hatchet.runs.get()`:                                                                   `hatchet.runs.get: must be given the id of a run`,
		`hatchet.runs.list({ state: 'x' })`:                                                    `hatchet.runs.list: unknown option "state"`,
		`hatchet.runs.list({ statuses: ['DONE'] })`:                                            `"DONE" is no status`,
		`hatchet.runs.cancel({})`:                                                              `give either ids, at least one, or filters`,
		`hatchet.runs.cancel({ ids: [] })`:                                                     `give either ids, at least one, or filters`,
		`hatchet.runs.replay({ ids: ['a'], filters: {} })`:                                     `give either ids, at least one, or filters`,
		`hatchet.schedules.create('w', {})`:                                                    `hatchet.schedules.create needs triggerAt, a Date`,
		`hatchet.schedules.create('w', { triggerAt: 'tomorrow' })`:                             `triggerAt must be a Date, or a text like '2026-01-02T15:04:05Z', got "tomorrow"`,
		`hatchet.schedules.get({})`:                                                            `hatchet.schedules.get must be an id, or what the engine gave, got an object`,
		`hatchet.schedules.bulkDelete({})`:                                                     `give either scheduledRuns or a filter`,
		`hatchet.schedules.bulkUpdate([{}])`:                                                   `an update needs a scheduledRun and triggerAt`,
		`hatchet.crons.create('w', { name: 'x' })`:                                             `needs a name and an expression`,
		`hatchet.crons.create('w', { name: 'x', expression: 'daily' })`:                        `hatchet.crons.create: expression: `,
		`hatchet.filters.create({ workflow: 'w', scope: 's' })`:                                `needs a workflow, an expression and a scope`,
		`hatchet.webhooks.create({ name: 'w', auth: {} })`:                                     `auth must be { username, password }, { headerName, apiKey } or`,
		`hatchet.webhooks.create({ name: 'w', auth: { username: 'a', password: 'b', c: 1 } })`: `basic takes`,
		`hatchet.ratelimits.upsert({ key: 'k' })`:                                              `needs a key and a limit`,
		`hatchet.ratelimits.upsert({ key: 'k', limit: 1, duration: 9 })`:                       `duration must be between 0 and 6, got 9`,
		`hatchet.cel.debug({})`:                                                                `needs an expression`,
		`hatchet.api.get('https://example.com/api/')`:                                          `must begin with /api/`,
		`hatchet.api.request({ path: '/api/', method: 'HEAD' })`:                               `method must be GET, POST, PUT, PATCH or DELETE, got "HEAD"`,
		`hatchet.api.request({})`:                                                              `needs a path`,
		`ctx.worker.upsertLabels({ a: 1.5 })`:                                                  `ctx.worker.upsertLabels.a must be a whole number, got 1.5`,
		`hatchet.metrics.getQueueMetrics(1)`:                                                   `takes at most 0 arguments`,
	} {
		_, _, err := body(t, `await `+call)
		if failed := taskError(t, err); !strings.Contains(failed.Message, want) {
			t.Errorf("%s: %s; want %s", call, failed.Message, want)
		}
	}
}

// each is what for await is made into.
const each = `const each = async (source, take) => {
  const it = source[Symbol.asyncIterator]()
  for (;;) {
    const step = await it.next()
    if (step.done) return
    if (take(step.value) === false) { await it.return(); return }
  }
}
`

func TestStreams(t *testing.T) {
	for source, want := range map[string]string{
		`await each(hatchet.runs.subscribeToStream('r'), chunk => got.push(chunk))`:                                                                             `["a","b","c"]`,
		`await each(hatchet.runs.subscribeToStream('open'), chunk => { got.push(chunk); return chunk != 'b' })`:                                                 `["a","b"]`,
		`const s = hatchet.runs.subscribeToStream('r'); got.push(...(await Promise.all([s.next(), s.next(), s.next(), s.next()])).map(n => n.value ?? n.done))`: `["a","b","c",true]`,
		`const s = hatchet.runs.subscribeToStream('open'); got.push((await s.next()).value, await s.return('x'))`:                                               `["a",{"done":true,"value":"x"}]`,
		`hatchet.runs.subscribeToStream('open')`: `[]`,
	} {
		r := mustLoad(t, each+"workflow.task('t', async () => { const got = []\n"+source+"\nreturn got })")
		r.host.streams = map[string][]string{"r": {"a", "b", "c"}, "open": {"a", "b", "…"}}
		r.expect("t:t", "", want)
	}
	r := mustLoad(t, each+"workflow.task('t', async () => { await each(hatchet.runs.subscribeToStream('x'), () => {}) })")
	r.host.fail = errors.New("no such run")
	if _, err := r.run("t:t", ""); err == nil || err.Error() != "no such run" {
		t.Errorf("got %v", err)
	}
}

func TestRunsOfLists(t *testing.T) {
	r := clientRig(t, `return [await hatchet.run('w', [{ n: 1 }, { n: 2 }]), (await hatchet.runNoWait('w', [{}])).map(ref => ref.runId),
  (await hatchet.run('w', [{}, {}, {}], { returnExceptions: true, priority: 2 })).map(o => o instanceof Error ? o.message : o), await hatchet.run('w', [])]`,
		map[string]*hatchet.Result{
			"many-1": {Status: hatchet.StatusCompleted, Tasks: []hatchet.TaskResult{{Name: "w", Status: hatchet.StatusCompleted, Output: []byte(`1`)}}},
			"many-2": {Status: hatchet.StatusCompleted, Tasks: []hatchet.TaskResult{{Name: "w", Status: hatchet.StatusCompleted, Output: []byte(`2`)}}},
			"many-3": {Status: hatchet.StatusFailed, Tasks: []hatchet.TaskResult{{Name: "w", Status: hatchet.StatusFailed, Error: "boom"}}},
		})
	r.expect("t:t", "", `[[1,2],["many-1"],[1,2,"boom"],[]]`)
}
