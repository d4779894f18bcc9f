// Declarations in our builder's words and in the official SDK's: [what, ours, theirs].
// Ours is run by our worker's own VM, from its source text; theirs by Node.
/* global workflow */
import workflows from '@hatchet-dev/typescript-sdk/protoc/v1/workflows.js';
import { ConcurrencyLimitStrategy as Strategy, Or, ParentCondition, SleepCondition, UserEventCondition, WorkerLabelComparator as Compare } from '../hatchet.mjs';

const { RateLimitDuration: Window } = workflows;
const fn = () => ({});

// wf declares a workflow of theirs and hands it to f.
const wf = (options, f) => ({ workflow }) => {
  const w = workflow(options);
  f(w);
  return w;
};
// one declares a workflow of theirs with a single task t beside a task u, so that it is one of several.
const one = (options, more) => wf({ name: 'w' }, (w) => {
  const u = w.task({ name: 'u', fn });
  w.task({ name: 't', fn, ...(typeof options === 'function' ? options(u) : options) });
  more?.(w, u);
});

export default [
  // Workflows.
  ['a task', () => workflow.task('t', () => {}), ({ task }) => task({ name: 't', fn })],
  ['a durable task', () => workflow.durableTask('t', () => {}), ({ durableTask }) => durableTask({ name: 't', fn })],
  ['upper case', () => workflow.task('SendMail', () => {}), ({ task }) => task({ name: 'SendMail', fn })],
  ['dots and dashes', () => workflow.task('a.b-c_d', () => {}), ({ task }) => task({ name: 'a.b-c_d', fn })],
  ['two tasks', () => workflow('w').task('a', () => {}).task('b', () => {}), wf({ name: 'w' }, (w) => { w.task({ name: 'a', fn }); w.task({ name: 'b', fn }); })],
  ['a single task of a workflow', () => workflow('w').task('a', () => {}), wf({ name: 'w' }, (w) => w.task({ name: 'a', fn }))],
  ['description and version', () => workflow('w', { description: 'd', version: '1.2' }).task('a', () => {}), wf({ name: 'w', description: 'd', version: '1.2' }, (w) => w.task({ name: 'a', fn }))],
  ['an event', () => workflow('w').events('order:created').task('a', () => {}), wf({ name: 'w', onEvents: ['order:created'] }, (w) => w.task({ name: 'a', fn }))],
  ['several events', () => workflow('w').events('a:*', 'b').events('c').task('a', () => {}), wf({ name: 'w', onEvents: ['a:*', 'b', 'c'] }, (w) => w.task({ name: 'a', fn }))],
  ['on: event and cron', () => workflow('w', { on: { event: 'e', cron: '0 9 * * 1' } }).task('a', () => {}), wf({ name: 'w', on: { event: 'e', cron: '0 9 * * 1' } }, (w) => w.task({ name: 'a', fn }))],
  ['crons', () => workflow.task('t', { cron: ['0 3 * * *', '*/5 * * * * *'] }, () => {}), ({ task }) => task({ name: 't', onCrons: ['0 3 * * *', '*/5 * * * * *'], fn })],
  ['a cron with a zone', () => workflow.task('t', { cron: 'CRON_TZ=Europe/Paris 0 9 * * 1' }, () => {}), ({ task }) => task({ name: 't', onCrons: ['CRON_TZ=Europe/Paris 0 9 * * 1'], fn })],
  ['soft', () => workflow('w').sticky('soft').task('a', () => {}), wf({ name: 'w', sticky: 'soft' }, (w) => w.task({ name: 'a', fn }))],
  ['hard', () => workflow('w', { sticky: 'hard' }).task('a', () => {}), wf({ name: 'w', sticky: 'HARD' }, (w) => w.task({ name: 'a', fn }))],
  ['priority', () => workflow.task('t', { priority: 3 }, () => {}), ({ task }) => task({ name: 't', defaultPriority: 3, fn })],
  ['filters', () => workflow.task('t', { events: 'e', defaultFilters: [{ expression: 'input.n > 1', scope: 's', payload: { least: 1, list: ['a'] } }, { expression: 'true', scope: 'z' }] }, () => {}),
    ({ task }) => task({ name: 't', onEvents: ['e'], defaultFilters: [{ expression: 'input.n > 1', scope: 's', payload: { least: 1, list: ['a'] } }, { expression: 'true', scope: 'z' }], fn })],
  ['idempotency for a time', () => workflow.task('t', { idempotency: { expression: 'input.id', ttlMs: 60000 } }, () => {}), ({ task }) => task({ name: 't', idempotency: { strategy: 'ttl', expression: 'input.id', ttlMs: 60000 }, fn })],
  ['idempotency while it runs', () => workflow.task('t', { idempotency: { strategy: 'status', expression: 'input.id', fallbackTtlMs: 5000 } }, () => {}),
    ({ task }) => task({ name: 't', idempotency: { strategy: 'status', expression: 'input.id', fallbackTtlMs: 5000 }, fn })],
  // Concurrency.
  ['workflow concurrency', () => workflow('w').concurrency({ expression: 'input.c', maxRuns: 5, strategy: 'queue' }).task('a', () => {}).task('b', () => {}),
    wf({ name: 'w', concurrency: [{ expression: 'input.c', maxRuns: 5, limitStrategy: Strategy.GROUP_ROUND_ROBIN }] }, (w) => { w.task({ name: 'a', fn }); w.task({ name: 'b', fn }); })],
  ['several limits', () => workflow('w', { concurrency: [{ expression: 'input.a', maxRuns: 1, strategy: 'cancel-in-progress' }, { expression: 'input.b', maxRuns: 2, strategy: 'drop-newest' }] }).task('a', () => {}).task('b', () => {}),
    wf({ name: 'w', concurrency: [{ expression: 'input.a', maxRuns: 1, limitStrategy: Strategy.CANCEL_IN_PROGRESS }, { expression: 'input.b', maxRuns: 2, limitStrategy: Strategy.CANCEL_NEWEST }] }, (w) => { w.task({ name: 'a', fn }); w.task({ name: 'b', fn }); })],
  ['task concurrency', () => workflow('w').task('u', () => {}).task('t', { concurrency: { expression: 'input.c', maxRuns: 3, strategy: 'GROUP_ROUND_ROBIN' } }, () => {}), one({ concurrency: { expression: 'input.c', maxRuns: 3, limitStrategy: Strategy.GROUP_ROUND_ROBIN } })],
  ['a standalone limit', () => workflow.task('t', { concurrency: { expression: 'input.c', maxRuns: 3, strategy: 'queue' } }, () => {}), ({ task }) => task({ name: 't', concurrency: { expression: 'input.c', maxRuns: 3, limitStrategy: Strategy.GROUP_ROUND_ROBIN }, fn })],
  ['a limit by expression', () => workflow.task('t', { concurrency: { expression: 'input.c', maxRuns: 'input.most', strategy: 'queue' } }, () => {}), ({ task }) => task({ name: 't', concurrency: { expression: 'input.c', maxRuns: 'input.most', limitStrategy: Strategy.GROUP_ROUND_ROBIN }, fn })],
  ['a shared limit', () => workflow.task('t', { concurrency: { expression: 'input.c', maxRuns: 2, strategy: 'queue', name: 'shared', isTenantScoped: true } }, () => {}),
    ({ task }) => task({ name: 't', concurrency: { expression: 'input.c', maxRuns: 2, limitStrategy: Strategy.GROUP_ROUND_ROBIN, name: 'shared', isTenantScoped: true }, fn })],
  ['the strategies of the queue', () => workflow.task('t', { concurrency: [{ expression: '"a"', maxRuns: 1, strategy: 'CANCEL_QUEUED_EXCEPT_NEWEST' }, { expression: '"b"', maxRuns: 1, strategy: 'CANCEL_QUEUED_EXCEPT_OLDEST' }] }, () => {}),
    ({ task }) => task({ name: 't', concurrency: [{ expression: '"a"', maxRuns: 1, limitStrategy: Strategy.CANCEL_QUEUED_EXCEPT_NEWEST }, { expression: '"b"', maxRuns: 1, limitStrategy: Strategy.CANCEL_QUEUED_EXCEPT_OLDEST }], fn })],
  // Tasks.
  ['parents', () => workflow('w').task('a', () => {}).taskAfter('b', ['a'], () => {}).taskAfter('c', ['a', 'b'], () => {}),
    wf({ name: 'w' }, (w) => { const a = w.task({ name: 'a', fn }); const b = w.task({ name: 'b', parents: [a], fn }); w.task({ name: 'c', parents: [a, b], fn }); })],
  ['a durable task in a workflow', () => workflow('w').task('a', () => {}).durableTask('b', { parents: ['a'] }, () => {}), wf({ name: 'w' }, (w) => { const a = w.task({ name: 'a', fn }); w.durableTask({ name: 'b', parents: [a], fn }); })],
  ['retries', () => workflow.task('t', { retries: 3 }, () => {}), ({ task }) => task({ name: 't', retries: 3, fn })],
  ['backoff by a factor', () => workflow.task('t', { retries: 3, backoff: { factor: 2, maxSeconds: 60 } }, () => {}), ({ task }) => task({ name: 't', retries: 3, backoff: { factor: 2, maxSeconds: 60 }, fn })],
  ['backoff by a fraction', () => workflow.task('t', { retries: 3, backoff: { factor: 1.5, maxSeconds: 10 } }, () => {}), ({ task }) => task({ name: 't', retries: 3, backoff: { factor: 1.5, maxSeconds: 10 }, fn })],
  ['timeouts as texts', () => workflow.task('t', { executionTimeout: '1h30m', scheduleTimeout: '10m' }, () => {}), ({ task }) => task({ name: 't', executionTimeout: '1h30m', scheduleTimeout: '10m', fn })],
  ['timeouts as numbers', () => workflow.task('t', { executionTimeout: 90000, scheduleTimeout: 5000 }, () => {}), ({ task }) => task({ name: 't', executionTimeout: 90000, scheduleTimeout: 5000, fn })],
  ['timeouts as objects', () => workflow.task('t', { executionTimeout: { hours: 1, minutes: 2, seconds: 3 }, scheduleTimeout: { minutes: 5 } }, () => {}), ({ task }) => task({ name: 't', executionTimeout: { hours: 1, minutes: 2, seconds: 3 }, scheduleTimeout: { minutes: 5 }, fn })],
  ['minutes as a text of seconds', () => workflow.task('t', { timeout: '30s' }, () => {}), ({ task }) => task({ name: 't', timeout: '30s', fn })],
  ['a static rate limit', () => workflow.task('t', { rateLimits: [{ staticKey: 'api', units: 2 }] }, () => {}), ({ task }) => task({ name: 't', rateLimits: [{ staticKey: 'api', units: 2 }], fn })],
  ['a rate limit with a limit', () => workflow.task('t', { rateLimit: { key: 'api', units: 1, limit: 10, duration: 'hour' } }, () => {}), ({ task }) => task({ name: 't', rateLimits: [{ staticKey: 'api', units: 1, limit: 10, duration: Window.HOUR }], fn })],
  ['a dynamic rate limit', () => workflow.task('t', { rateLimits: [{ dynamicKey: 'input.user', units: 'input.units', limit: 'input.most', duration: 'second' }] }, () => {}),
    ({ task }) => task({ name: 't', rateLimits: [{ dynamicKey: 'input.user', units: 'input.units', limit: 'input.most', duration: Window.SECOND }], fn })],
  ['two rate limits', () => workflow.task('t', { rateLimits: [{ staticKey: 'a', units: 1 }, { dynamicKey: 'input.b', units: 1, limit: 5 }] }, () => {}),
    ({ task }) => task({ name: 't', rateLimits: [{ staticKey: 'a', units: 1 }, { dynamicKey: 'input.b', units: 1, limit: 5 }], fn })],
  ['labels', () => workflow.task('t', { workerLabels: { region: { value: 'eu' }, memory: { value: 16 } } }, () => {}), ({ task }) => task({ name: 't', desiredWorkerLabels: { region: { value: 'eu' }, memory: { value: 16 } }, fn })],
  ['labels in full', () => workflow.task('t', { workerLabels: { memory: { value: 16, required: true, weight: 50, comparator: 'GREATER_THAN' }, gpu: { value: 'no', comparator: 'NOT_EQUAL' } } }, () => {}),
    ({ task }) => task({ name: 't', desiredWorkerLabels: { memory: { value: 16, required: true, weight: 50, comparator: Compare.GREATER_THAN }, gpu: { value: 'no', comparator: Compare.NOT_EQUAL } }, fn })],
  ['slot cost', () => workflow.task('t', { slotCost: 4 }, () => {}), ({ task }) => task({ name: 't', slotCost: 4, fn })],
  ['slot requests', () => workflow.task('t', { slotRequests: { gpu: 2, default: 1 } }, () => {}), ({ task }) => task({ name: 't', slotRequests: { gpu: 2, default: 1 }, fn })],
  ['defaults', () => workflow('w', { taskDefaults: { retries: 2, executionTimeout: '5m', scheduleTimeout: '1h', backoff: { factor: 3, maxSeconds: 9 } } }).task('a', () => {}).task('b', { retries: 7, timeout: '1m' }, () => {}),
    wf({ name: 'w', taskDefaults: { retries: 2, executionTimeout: '5m', scheduleTimeout: '1h', backoff: { factor: 3, maxSeconds: 9 } } }, (w) => { w.task({ name: 'a', fn }); w.task({ name: 'b', retries: 7, executionTimeout: '1m', fn }); })],
  ['default limits', () => workflow('w', { taskDefaults: { rateLimits: [{ staticKey: 'k', units: 1 }], concurrency: { expression: 'input.c', maxRuns: 1, strategy: 'queue' }, workerLabels: { a: { value: 1 } } } }).task('a', () => {}).task('b', () => {}),
    wf({ name: 'w', taskDefaults: { rateLimits: [{ staticKey: 'k', units: 1 }], concurrency: { expression: 'input.c', maxRuns: 1, limitStrategy: Strategy.GROUP_ROUND_ROBIN }, workerLabels: { a: { value: 1 } } } }, (w) => { w.task({ name: 'a', fn }); w.task({ name: 'b', fn }); })],
  // What follows.
  ['on failure', () => workflow('w').task('a', () => {}).onFailure(() => {}), wf({ name: 'w' }, (w) => { w.task({ name: 'a', fn }); w.onFailure({ fn }); })],
  ['on failure with options', () => workflow('w').task('a', () => {}).onFailure({ retries: 2, executionTimeout: '5m' }, () => {}), wf({ name: 'w' }, (w) => { w.task({ name: 'a', fn }); w.onFailure({ retries: 2, executionTimeout: '5m', fn }); })],
  ['on success', () => workflow('w').task('a', () => {}).task('b', () => {}).onSuccess(() => {}), wf({ name: 'w' }, (w) => { w.task({ name: 'a', fn }); w.task({ name: 'b', fn }); w.onSuccess({ fn }); })],
  ['on success after leaves', () => workflow('w').task('a', () => {}).taskAfter('b', ['a'], () => {}).taskAfter('c', ['a'], () => {}).onSuccess(() => {}),
    wf({ name: 'w' }, (w) => { const a = w.task({ name: 'a', fn }); w.task({ name: 'b', parents: [a], fn }); w.task({ name: 'c', parents: [a], fn }); w.onSuccess({ fn }); })],
  // Conditions.
  ['wait for a sleep', () => workflow('w').task('u', () => {}).task('t', { waitFor: { sleepFor: '10m' } }, () => {}), one({ waitFor: { sleepFor: '10m' } })],
  ['a sleep as it is written', () => workflow('w').task('u', () => {}).task('t', { waitFor: [{ sleepFor: '60s' }, { sleepFor: { hours: 1, minutes: 30 } }, { sleepFor: 5000 }] }, () => {}), one({ waitFor: [{ sleepFor: '60s' }, { sleepFor: { hours: 1, minutes: 30 } }, { sleepFor: 5000 }] })],
  ['wait for an event', () => workflow('w').task('u', () => {}).task('t', { waitFor: { eventKey: 'paid', expression: 'input.ok' } }, () => {}), one({ waitFor: new UserEventCondition('paid', 'input.ok') })],
  ['wait for a parent', () => workflow('w').task('u', () => {}).task('t', { parents: ['u'], waitFor: { parent: 'u', expression: 'output.ok' } }, () => {}), one((u) => ({ parents: [u], waitFor: new ParentCondition(u, 'output.ok') }))],
  ['wait for all', () => workflow('w').task('u', () => {}).task('t', { waitFor: [{ sleepFor: '1s' }, { eventKey: 'e', expression: 'true' }] }, () => {}), one({ waitFor: [new SleepCondition('1s'), new UserEventCondition('e', 'true')] })],
  ['wait for either', () => workflow('w').task('u', () => {}).task('t', { waitFor: { or: [{ sleepFor: '1h' }, { eventKey: 'e', expression: 'true' }] } }, () => {}), one({ waitFor: Or(new SleepCondition('1h'), new UserEventCondition('e', 'true')) })],
  ['two groups', () => workflow('w').task('u', () => {}).task('t', { waitFor: [{ or: [{ sleepFor: '1h' }, { eventKey: 'a', expression: 'true' }] }, { or: [{ sleepFor: '2h' }, { eventKey: 'b', expression: 'true' }] }] }, () => {}),
    one({ waitFor: [Or(new SleepCondition('1h'), new UserEventCondition('a', 'true')), Or(new SleepCondition('2h'), new UserEventCondition('b', 'true'))] })],
  ['a name for the data', () => workflow('w').task('u', () => {}).task('t', { waitFor: [{ sleepFor: '1m', readableDataKey: 'nap' }, { eventKey: 'e', expression: 'true', readableDataKey: 'bell' }] }, () => {}),
    one({ waitFor: [new SleepCondition('1m', 'nap'), new UserEventCondition('e', 'true', 'bell')] })],
  ['skip by a parent', () => workflow('w').task('u', () => {}).task('t', { parents: ['u'], skipIf: { parent: 'u', expression: 'output.n > 1' } }, () => {}), one((u) => ({ parents: [u], skipIf: new ParentCondition(u, 'output.n > 1') }))],
  ['cancel by a parent', () => workflow('w').task('u', () => {}).task('t', { parents: ['u'], cancelIf: { parent: 'u', expression: '!output.ok' } }, () => {}), one((u) => ({ parents: [u], cancelIf: new ParentCondition(u, '!output.ok') }))],
  ['all kinds at once', () => workflow('w').task('u', () => {}).task('t', { parents: ['u'], waitFor: { sleepFor: '10s' }, skipIf: { eventKey: 'skip', expression: 'true' }, cancelIf: { or: [{ eventKey: 'stop', expression: 'true' }, { sleepFor: '1h' }] } }, () => {}),
    one((u) => ({ parents: [u], waitFor: new SleepCondition('10s'), skipIf: new UserEventCondition('skip', 'true'), cancelIf: Or(new UserEventCondition('stop', 'true'), new SleepCondition('1h')) }))],
  // Batches.
  ['a batch', () => workflow.batchTask('t', { batch: { maxSize: 10 } }, () => {}), ({ batchTask }) => batchTask({ name: 't', batch: { maxSize: 10 }, fn })],
  ['a batch in full', () => workflow.batchTask('t', { batch: { maxSize: 10, maxInterval: '2s', groupKey: 'input.domain', groupMaxRuns: 3, broadcastOutput: true } }, () => {}),
    ({ batchTask }) => batchTask({ name: 't', batch: { maxSize: 10, maxInterval: '2s', groupKey: 'input.domain', groupMaxRuns: 3, broadcastOutput: true }, fn })],
  ['a batch in a workflow', () => workflow('w').task('a', () => {}).batchTask('b', { parents: ['a'], batch: { maxSize: 2, maxInterval: '500ms' } }, () => {}),
    wf({ name: 'w' }, (w) => { const a = w.task({ name: 'a', fn }); w.batchTask({ name: 'b', parents: [a], batch: { maxSize: 2, maxInterval: 500 }, fn }); })],
];
