// Further declarations in the official SDK's words: [what, declare]. They run
// unmodified in Node and in our worker's VM.
import workflows from '@hatchet-dev/typescript-sdk/protoc/v1/workflows.js';
import v1 from '@hatchet-dev/typescript-sdk/v1/conditions/index.js';
import parent from '@hatchet-dev/typescript-sdk/v1/conditions/parent-condition.js';
import tasks from '@hatchet-dev/typescript-sdk/v1/task.js';
import declaration from '@hatchet-dev/typescript-sdk/v1/declaration.js';

const { RateLimitDuration: Window, StickyStrategy: Number } = workflows;
const { Or, SleepCondition, UserEventCondition, OrCondition } = v1;
const { ParentCondition } = parent;
const { ConcurrencyLimitStrategy: Strategy, WorkerLabelComparator: Compare } = tasks;
const { Priority, StickyStrategy } = declaration;
const fn = () => ({});

const wf = (options, f) => ({ workflow }) => {
  const w = workflow({ name: 'w', ...options });
  f(w);
  return w;
};
const dag = (options) => wf(options, (w) => w.task({ name: 'a', fn }));
const task = (options) => (d) => d.task({ name: 't', fn, ...options });
const durable = (options) => (d) => d.durableTask({ name: 't', fn, ...options });
const batch = (options) => (d) => d.batchTask({ name: 't', fn, batch: { maxSize: 2, ...options } });
// second declares a task beside another, from which it may take options.
const second = (options, kind = 'task') => wf({}, (w) => {
  const u = w.task({ name: 'u', fn });
  w[kind]({ name: 't', fn, ...(typeof options === 'function' ? options(u) : options) });
});

const each = (what, make, values) => values.map((value) => [`${what} ${JSON.stringify(value)}`, make(value)]);

export default [
  // Limits.
  ['one limit of a workflow', dag({ concurrency: { expression: 'input.c', maxRuns: 5, limitStrategy: Strategy.GROUP_ROUND_ROBIN } })],
  ['a list of one limit', dag({ concurrency: [{ expression: 'input.c', maxRuns: 5, limitStrategy: Strategy.GROUP_ROUND_ROBIN }] })],
  ['one limit by expression', dag({ concurrency: { expression: 'input.c', maxRuns: 'input.most', limitStrategy: Strategy.CANCEL_NEWEST } })],
  ['a limit without a strategy', dag({ concurrency: { expression: 'input.c', maxRuns: 5 } })],
  ['a limit without a number', dag({ concurrency: { expression: 'input.c', limitStrategy: Strategy.CANCEL_IN_PROGRESS } })],
  ['a bare limit', dag({ concurrency: { expression: 'input.c' } })],
  ['a bare limit of a task', task({ concurrency: { expression: 'input.c' } })],
  ['a bare limit of a durable task', durable({ concurrency: { expression: 'input.c', maxRuns: 2 } })],
  ['a limit of no tenant', task({ concurrency: { expression: 'input.c', maxRuns: 2, name: 'n', isTenantScoped: false } })],
  ['a named limit', dag({ concurrency: [{ expression: 'input.c', maxRuns: 2, name: 'shared', isTenantScoped: true }] })],
  ['a list of limits of a task', task({ concurrency: [{ expression: 'input.a', maxRuns: 1 }, { expression: 'input.b', maxRuns: 2, limitStrategy: Strategy.GROUP_ROUND_ROBIN }] })],
  ['limits of a workflow and of a task', wf({ concurrency: { expression: 'input.w', maxRuns: 1 } }, (w) => w.task({ name: 'a', fn, concurrency: { expression: 'input.t', maxRuns: 2 } }))],
  ['an empty list of limits', dag({ concurrency: [] })],
  ...each('strategy', (limitStrategy) => task({ concurrency: { expression: 'input.c', maxRuns: 1, limitStrategy } }),
    [Strategy.CANCEL_IN_PROGRESS, Strategy.GROUP_ROUND_ROBIN, Strategy.CANCEL_NEWEST, Strategy.CANCEL_QUEUED_EXCEPT_NEWEST, Strategy.CANCEL_QUEUED_EXCEPT_OLDEST]),
  // Durations, as they are written.
  ...each('execution timeout', (executionTimeout) => task({ executionTimeout }),
    ['90m', '1h30m', '60s', '3600s', '24h', '1h0m5s', { hours: 1, minutes: 30 }, { minutes: 90 }, { seconds: 5 }, { hours: 0, seconds: 30 }, 60000, 90000, 5400000, 3661000, 1500]),
  ...each('schedule timeout', (scheduleTimeout) => task({ scheduleTimeout }), ['5m', '300s', '2h', { minutes: 10 }, 600000]),
  ...each('sleep', (sleepFor) => second({ waitFor: { sleepFor } }), ['90m', '1h30m', '60s', { hours: 2 }, { minutes: 90 }, 5000, 5400000]),
  ...each('sleep condition', (d) => second({ waitFor: new SleepCondition(d) }), ['90m', '60s', { minutes: 2, seconds: 3 }, 61000]),
  ['timeout beside execution timeout', task({ timeout: '10s', executionTimeout: '20s' })],
  ['timeout alone', task({ timeout: '90s' })],
  ['defaults as written', wf({ taskDefaults: { executionTimeout: '120s', scheduleTimeout: '90m' } }, (w) => { w.task({ name: 'a', fn }); w.durableTask({ name: 'b', fn }); })],
  // Workflows.
  ['an empty description', dag({ description: '', version: '' })],
  ['events twice', dag({ onEvents: ['a', 'b'], on: { event: 'c' } })],
  ['on before the lists', dag({ on: { event: ['c', 'd'], cron: ['0 1 * * *'] }, onEvents: ['a'], onCrons: ['0 2 * * *'] })],
  ['on with a cron', task({ on: { cron: '*/5 * * * *' } })],
  ['an empty on', dag({ on: {} })],
  ['empty lists', dag({ onEvents: [], onCrons: [] })],
  ...each('sticky', (sticky) => dag({ sticky }), [StickyStrategy.SOFT, StickyStrategy.HARD, 'SOFT', 'HARD', 0, 1, Number.HARD]),
  ...each('priority', (defaultPriority) => task({ defaultPriority }), [Priority.LOW, Priority.MEDIUM, Priority.HIGH]),
  ['a filter without payload', task({ onEvents: ['e'], defaultFilters: [{ expression: 'true', scope: 's' }] })],
  ['a filter with a nested payload', dag({ onEvents: ['e'], defaultFilters: [{ expression: 'input.a', scope: 's', payload: { z: 1, a: { list: [1, 'x', null] } } }] })],
  ['idempotency of a workflow', dag({ idempotency: { strategy: 'status', expression: 'input.id', fallbackTtlMs: 1500 } })],
  ['everything of a workflow', dag({ description: 'd', version: 'v1', sticky: 'soft', onEvents: ['e'], onCrons: ['0 0 * * *'], defaultPriority: 2, concurrency: { expression: 'input.c', maxRuns: 1 } })],
  // Tasks.
  ['a task of another declaration', ({ task: t, workflow }) => { const alone = t({ name: 'alone', retries: 2, onEvents: ['x'], fn }); const w = workflow({ name: 'w' }); w.task(alone); return w; }],
  ['a durable task beside a task', wf({}, (w) => { w.durableTask({ name: 'd', fn }); w.task({ name: 'a', fn }); w.durableTask({ name: 'e', fn }); w.task({ name: 'b', fn }); })],
  ['a durable parent', wf({}, (w) => { const d = w.durableTask({ name: 'd', fn }); w.task({ name: 'a', parents: [d], fn }); })],
  ['a diamond', wf({}, (w) => { const a = w.task({ name: 'a', fn }); const b = w.task({ name: 'b', parents: [a], fn }); const c = w.task({ name: 'c', parents: [a], fn }); w.task({ name: 'd', parents: [b, c], fn }); })],
  ['no parents', second({ parents: [] })],
  ['no retries', task({ retries: 0 })],
  ['retries beside defaults', wf({ taskDefaults: { retries: 3 } }, (w) => { w.task({ name: 'a', retries: 0, fn }); w.task({ name: 'b', retries: 1, fn }); })],
  ['a factor alone', task({ retries: 1, backoff: { factor: 2 } })],
  ['a backoff of defaults', wf({ taskDefaults: { retries: 1, backoff: { factor: 1.5, maxSeconds: 30 } } }, (w) => { w.task({ name: 'a', fn }); w.durableTask({ name: 'b', fn }); })],
  ['options that are undefined', task({ retries: undefined, timeout: undefined, backoff: undefined, rateLimits: undefined, concurrency: undefined, desiredWorkerLabels: undefined, slotCost: undefined })],
  // Rate limits.
  ...each('window', (duration) => task({ rateLimits: [{ staticKey: 'k', units: 1, limit: 3, duration }] }), [Window.SECOND, Window.MINUTE, Window.HOUR, Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR]),
  ['units by expression', task({ rateLimits: [{ staticKey: 'k', units: 'input.n' }] })],
  ['a limit by expression of a rate', task({ rateLimits: [{ dynamicKey: 'input.k', units: 1, limit: 'input.l', duration: Window.DAY }] })],
  ['a rate limit of a durable task', durable({ rateLimits: [{ staticKey: 'k', units: 2 }] })],
  ['an empty list of rate limits', task({ rateLimits: [] })],
  // Labels.
  ['labels not required', task({ desiredWorkerLabels: { a: { value: 'x', required: false }, b: { value: 1, weight: 0 } } })],
  ...each('comparator', (comparator) => task({ desiredWorkerLabels: { n: { value: 5, comparator } } }),
    [Compare.EQUAL, Compare.NOT_EQUAL, Compare.GREATER_THAN, Compare.GREATER_THAN_OR_EQUAL, Compare.LESS_THAN, Compare.LESS_THAN_OR_EQUAL]),
  ['labels of a durable task', durable({ desiredWorkerLabels: { region: { value: 'eu', required: true, weight: 10 } } })],
  ['labels of defaults', wf({ taskDefaults: { workerLabels: { a: { value: 1, required: true } } } }, (w) => { w.task({ name: 'a', fn }); w.task({ name: 'b', desiredWorkerLabels: { b: { value: 'x' } }, fn }); })],
  // Slots.
  ['a slot cost in a workflow', second({ slotCost: 3 })],
  ['slot requests of a durable task', durable({ slotRequests: { durable: 2, gpu: 1 } })],
  // What follows.
  ['on failure and on success', wf({}, (w) => { w.task({ name: 'a', fn }); w.onFailure({ fn }); w.onSuccess({ fn }); })],
  ['on failure with everything', wf({}, (w) => { w.task({ name: 'a', fn }); w.onFailure({ fn, executionTimeout: '90s', scheduleTimeout: '2m', retries: 1, backoff: { factor: 2, maxSeconds: 4 }, rateLimits: [{ staticKey: 'k', units: 1 }], desiredWorkerLabels: { a: { value: 1 } } }); })],
  ['on failure with defaults', wf({ taskDefaults: { retries: 2, executionTimeout: '5m', scheduleTimeout: '1h', concurrency: { expression: 'input.c', maxRuns: 1 }, backoff: { factor: 3, maxSeconds: 9 } } }, (w) => { w.task({ name: 'a', fn }); w.onFailure({ fn }); })],
  ['on failure with a limit', wf({}, (w) => { w.task({ name: 'a', fn }); w.onFailure({ fn, concurrency: { expression: 'input.c', maxRuns: 1 } }); })],
  ['on success with everything', wf({}, (w) => { w.task({ name: 'a', fn }); w.onSuccess({ fn, executionTimeout: '90s', retries: 1, concurrency: { expression: 'input.c', maxRuns: 1 } }); })],
  ['on success with defaults', wf({ taskDefaults: { retries: 2, executionTimeout: '5m' } }, (w) => { w.task({ name: 'a', fn }); w.onSuccess({ fn }); })],
  ['on success after a durable task', wf({}, (w) => { const d = w.durableTask({ name: 'd', fn }); w.task({ name: 'a', parents: [d], fn }); w.durableTask({ name: 'e', fn }); w.onSuccess({ fn }); })],
  ['on failure of another declaration', ({ task: t, workflow }) => { const alone = t({ name: 'alone', retries: 2, fn }); const w = workflow({ name: 'w' }); w.task({ name: 'a', fn }); w.onFailure(alone); return w; }],
  // Conditions.
  ['an event without expression', second({ waitFor: { eventKey: 'e' } })],
  ['an event with a scope', second({ waitFor: { eventKey: 'e', scope: 's' } })],
  ['an event by class without expression', second({ waitFor: new UserEventCondition('e', '') })],
  ['an event in full', second({ waitFor: new UserEventCondition('e', 'input.a', 'key', undefined, 'scope') })],
  ['a name that an object gives', second({ waitFor: [{ sleepFor: '5s', readableDataKey: 'nap' }, { eventKey: 'e', readableDataKey: 'bell' }] })],
  ['a parent without expression', second((u) => ({ parents: [u], waitFor: { parent: u } }))],
  ['a parent with a key', second((u) => ({ parents: [u], skipIf: new ParentCondition(u, 'output.a > 1', 'key') }))],
  ['alternatives of objects', second({ waitFor: Or({ sleepFor: '1m' }, { eventKey: 'e', expression: 'true' }) })],
  ['alternatives of one', second({ waitFor: Or({ sleepFor: '1m' }) })],
  ['alternatives by their class', second({ waitFor: new OrCondition([new SleepCondition('1m'), new UserEventCondition('e', '')]) })],
  ['alternatives beside what is required', second((u) => ({ parents: [u], waitFor: [Or({ sleepFor: '1m' }, { eventKey: 'e' }), { eventKey: 'f' }, new ParentCondition(u, 'output.ok')] }))],
  ['two alternatives of three', second((u) => ({ parents: [u], skipIf: [Or({ eventKey: 'a' }, { eventKey: 'b' }, new ParentCondition(u, 'x')), Or({ sleepFor: '1s' }, { sleepFor: '2s' }, { sleepFor: '3s' })] }))],
  ['conditions of a durable task', second((u) => ({ parents: [u], waitFor: { sleepFor: '10s' }, cancelIf: new ParentCondition(u, 'output.bad') }), 'durableTask')],
  ['empty conditions', second({ waitFor: [], skipIf: [], cancelIf: [] })],
  ['a condition of a standalone task', task({ waitFor: { sleepFor: '10s' } })],
  // Batches.
  ...each('batch', batch, [{ maxInterval: '2s' }, { maxInterval: { seconds: 1 } }, { maxInterval: 250 }, { groupKey: 'input.k' }, { groupMaxRuns: 4 }, { broadcastOutput: false }, { broadcastOutput: true }, { maxInterval: '1m', groupKey: 'input.k', groupMaxRuns: 2, broadcastOutput: true }]),
  ['a batch with retries', (d) => d.batchTask({ name: 't', retries: 3, batch: { maxSize: 2 }, fn })],
  ['a batch by task', (d) => d.task({ name: 't', batch: { maxSize: 3 }, fn })],
  ['a batch of a workflow with defaults', wf({ taskDefaults: { retries: 3, executionTimeout: '5m' } }, (w) => { w.task({ name: 'a', fn }); w.batchTask({ name: 'b', batch: { maxSize: 2, broadcastOutput: false }, fn }); })],
];
