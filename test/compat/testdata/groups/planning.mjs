// What REST manages: schedules, crons, filters, webhooks, metrics, and the rest of the feature clients.
import { createHmac } from 'node:crypto';

export default function planning({ hatchet, note, pass }) {
  const seen = (name, options = {}) => hatchet.task({
    name, ...options,
    fn: (input, ctx) => { note(input.id ?? name, { by: name, input, metadata: ctx.additionalMetadata(), filter: ctx.filterPayload() ?? null, priority: ctx.priority() ?? null }); return { ok: true }; },
  });
  const planned = seen('planned');
  const ticking = seen('ticking');
  const filtered = seen('filtered', { onEvents: ['plan:filtered'] });
  const hooked = seen('hooked', { onEvents: ['hook:*'] });
  const doomed = seen('doomed');
  const fails = hatchet.task({ name: 'plan-fails', fn: () => { throw new Error('planned failure'); } });
  const held = hatchet.task({ name: 'held', executionTimeout: '120s', fn: async (_, ctx) => { await pass('held', ctx); return {}; } });
  const resting = hatchet.task({ name: 'resting', fn: () => ({ awake: true }) });

  const soon = (ms) => new Date(Date.now() + ms);
  const hour = 3_600_000;
  return {
    workers: [
      { name: 'planner', slots: 20, workflows: [planned, ticking, filtered, hooked, doomed, fails, held] },
      { name: 'rester', slots: 5, workflows: [resting] },
    ],
    cases: {
      'a schedule runs when it is due': async ({ eventually, deepEqual, equal, notes }) => {
        const made = await planned.schedule(soon(2000), { id: 's1' }, { additionalMetadata: { why: 'later' }, priority: 3 });
        equal(made.workflowName, 'planned');
        const [got] = await eventually(() => { equal(notes('s1').length, 1); return notes('s1'); });
        deepEqual([got.input, got.metadata.why, got.priority], [{ id: 's1' }, 'later', 3]);
      },
      'a delay': async ({ eventually, equal, notes }) => {
        await planned.delay(1, { id: 's2' });
        await eventually(() => equal(notes('s2').length, 1));
      },
      'a schedule is listed, moved and deleted': async ({ ok, equal, rejection, eventually, notes }) => {
        const made = await hatchet.scheduled.create('planned', { triggerAt: soon(hour), input: { id: 's3' } });
        const id = made.metadata.id;
        equal((await hatchet.scheduled.get(id)).metadata.id, id);
        const { rows } = await hatchet.scheduled.list({ workflow: planned, limit: 100 });
        ok(rows.some((row) => row.metadata.id === id));
        const moved = soon(2 * hour);
        equal(new Date((await hatchet.scheduled.update(id, { triggerAt: moved })).triggerAt).getTime(), moved.getTime());
        await hatchet.scheduled.delete(id);
        equal((await rejection(hatchet.scheduled.get(id))).response?.status, 404);
        const now = await hatchet.scheduled.create('planned', { triggerAt: soon(hour), input: { id: 's4' } });
        await hatchet.scheduled.update(now.metadata.id, { triggerAt: soon(2000) });
        await eventually(() => equal(notes('s4').length, 1));
        equal(notes('s3').length, 0);
      },
      'many schedules at once': async ({ deepEqual, equal, times }) => {
        const made = await Promise.all(times(3, (n) => hatchet.scheduled.create('planned', { triggerAt: soon(hour), input: { n }, additionalMetadata: { many: 'yes' } })));
        const moved = soon(3 * hour);
        const updated = await hatchet.scheduled.bulkUpdate(made.map((scheduledRun) => ({ scheduledRun, triggerAt: moved })));
        equal(updated.updatedIds.length, 3);
        const unknown = '00000000-0000-4000-8000-000000000002';
        const { deletedIds, errors } = await hatchet.scheduled.bulkDelete({ scheduledRuns: [...made, unknown] });
        deepEqual([...deletedIds].sort(), made.map((m) => m.metadata.id).sort());
        equal(errors.length <= 1, true);
      },
      'a cron ticks until it is deleted': async ({ eventually, ok, equal, rejection, notes }) => {
        const made = await hatchet.crons.create(ticking, { name: 'every-second', expression: '* * * * * *', input: { id: 'c1' }, additionalMetadata: { of: 'cron' } });
        const seenTwice = await eventually(() => { ok(notes('c1').length >= 2); return notes('c1'); });
        equal(seenTwice[0].metadata.of, 'cron');
        equal(seenTwice[0].metadata.hatchet__cron_name, 'every-second');
        const { rows } = await hatchet.crons.list({ workflow: ticking });
        equal(rows.length, 1);
        equal((await hatchet.crons.get(made)).cron, '* * * * * *');
        await rejection(ticking.cron('every-second', '* * * * * *', {}));
        await hatchet.crons.delete(made);
        equal((await hatchet.crons.list({ workflow: ticking })).rows?.length ?? 0, 0);
      },
      'filters made by hand': async ({ eventually, deepEqual, equal, notes, rejection }) => {
        const workflowId = (await filtered.get()).metadata.id;
        const made = await hatchet.filters.create({ workflowId, scope: 'plan', expression: 'input.n > payload.least', payload: { least: 5 } });
        equal((await hatchet.filters.get(made.metadata.id)).expression, 'input.n > payload.least');
        const push = (n, scope) => hatchet.events.push('plan:filtered', { id: 'f1', n }, { scope });
        await push(3, 'plan');
        await push(9, 'plan');
        await push(9, 'other');
        await eventually(() => deepEqual(notes('f1').map((x) => [x.input.n, x.filter]), [[9, { least: 5 }]]));
        await hatchet.filters.update(made.metadata.id, { expression: 'input.n < 5' });
        await push(2, 'plan');
        await eventually(() => deepEqual(notes('f1').map((x) => x.input.n), [9, 2]));
        equal((await hatchet.filters.list({ scopes: ['plan'] })).rows.length, 1);
        await hatchet.filters.delete(made.metadata.id);
        equal((await rejection(hatchet.filters.get(made.metadata.id))).response?.status, 404);
      },
      'a webhook': async ({ eventually, equal, deepEqual, notes }) => {
        const secret = 'not much of one';
        const made = await hatchet.webhooks.create({
          sourceName: 'GENERIC', name: 'compat-hook', eventKeyExpression: "'hook:' + input.type", staticPayload: { id: 'h1' },
          authType: 'HMAC', auth: { algorithm: 'SHA256', encoding: 'HEX', signatureHeaderName: 'x-signature', signingSecret: secret },
        });
        equal(made.name, 'compat-hook');
        const body = JSON.stringify({ type: 'ring', n: 1 });
        const post = (signature) => fetch(`${hatchet.config.api_url}/api/v1/stable/tenants/${hatchet.tenantId}/webhooks/compat-hook`, {
          method: 'POST', body, headers: { 'content-type': 'application/json', 'x-signature': signature },
        });
        equal((await post('0'.repeat(64))).status, 403);
        equal((await post(createHmac('sha256', secret).update(body).digest('hex'))).status, 200);
        const [got] = await eventually(() => { equal(notes('h1').length, 1); return notes('h1'); });
        deepEqual([got.input.type, got.input.n], ['ring', 1]);
        equal((await hatchet.webhooks.list()).rows.length, 1);
        await hatchet.webhooks.delete('compat-hook');
      },
      'a deleted workflow is gone': async ({ rejection, ok }) => {
        await doomed.run({});
        await hatchet.workflows.delete(doomed);
        const names = (await hatchet.workflows.list({ limit: 100 })).rows.map((row) => row.name);
        ok(!names.includes('doomed'), `${names}`);
        await rejection(doomed.run({}));
      },
      'a paused worker gets no work': async ({ equal, deepEqual, eventually, pause }) => {
        const { rows } = await hatchet.workers.list();
        const { metadata: { id } } = rows.find((row) => row.name === 'rester');
        await hatchet.workers.pause(id);
        equal(await hatchet.workers.isPaused(id), true);
        const ref = await resting.runNoWait({});
        await pause(500);
        equal(await hatchet.runs.get_status(ref), 'QUEUED');
        await hatchet.workers.unpause(id);
        equal(await hatchet.workers.isPaused(id), false);
        deepEqual(await ref.output, { awake: true });
      },
      'events are listed with what they started': async ({ eventually, equal, ok }) => {
        const event = await hatchet.events.push('hook:listed', { id: 'l1' }, { additionalMetadata: { a: 'b' } });
        await eventually(async () => {
          const { rows } = await hatchet.events.list({ keys: ['hook:listed'] });
          const found = rows.find((row) => row.metadata.id === event.eventId);
          ok(found);
          equal(found.workflowRunSummary.succeeded, 1);
        });
      },
      'metrics': async ({ eventually, ok, equal, rejection, open }) => {
        const ref = await held.runNoWait({});
        await rejection(fails.run({}));
        await eventually(async () => {
          const counts = await hatchet.metrics.getTaskStatusMetrics({ since: new Date(Date.now() - hour).toISOString() });
          ok(counts.running >= 1 && counts.failed >= 1, JSON.stringify(counts));
        });
        equal(typeof (await hatchet.metrics.getQueueMetrics()), 'object');
        equal((await rejection(hatchet.metrics.scrapePrometheusMetrics())).response?.status, 400); // none is set up, as on most servers
        await eventually(async () => ok(Object.keys(await hatchet.metrics.getTaskStats()).length >= 1));
        open('held');
        await ref.output;
      },
      'rate limits are listed': async ({ deepEqual }) => {
        await hatchet.ratelimits.upsert({ key: 'plan-limit', limit: 7, duration: 2 });
        const { rows } = await hatchet.ratelimits.list({});
        deepEqual(rows.filter((row) => row.key === 'plan-limit').map((row) => [row.limitValue, row.value]), [[7, 7]]);
      },
      'an expression is tried': async ({ equal }) => {
        const good = await hatchet.cel.debug({ expression: 'input.n > 1 && additional_metadata.a == "b"', input: { n: 2 }, additionalMetadata: { a: 'b' } });
        equal(good.output, true);
        equal((await hatchet.cel.debug({ expression: 'input.', input: {} })).status, 'ERROR');
      },
      'a tenant': async ({ equal }) => equal((await hatchet.tenant.get()).metadata.id, hatchet.tenantId),
    },
  };
}
