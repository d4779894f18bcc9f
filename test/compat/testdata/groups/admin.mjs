// Workflows and workers as an administrator sees them, idempotency, crons of a declaration.
import { IdempotencyCollisionError, BulkTriggerIdempotencyCollisionError } from '../hatchet.mjs';

export default function admin({ hatchet, note }) {
  const plain = hatchet.task({ name: 'plain', description: 'a plain task', fn: () => ({ ok: true }) });
  const ticks = hatchet.task({ name: 'ticks', onCrons: ['* * * * * *'], fn: (input, ctx) => { note('tick', { input, metadata: ctx.additionalMetadata() }); return {}; } });
  const once = hatchet.task({ name: 'once', idempotency: { strategy: 'ttl', ttlMs: 3_600_000, expression: 'input.key' }, fn: (input) => { note('once', input.key); return { key: input.key }; } });
  const busy = hatchet.task({
    name: 'busy', idempotency: { strategy: 'status', fallbackTtlMs: 3_600_000, expression: '"busy-" + input.key' }, executionTimeout: '120s',
    fn: async (input, ctx) => { note('busy', input.key); while (input.wait && !ctx.cancelled) await new Promise((r) => setTimeout(r, 20)); return { key: input.key }; },
  });

  return {
    workflows: [plain, ticks, once, busy],
    worker: { name: 'admin-worker', slots: 12, durableSlots: 5, labels: { zone: 'z' } },
    cases: {
      'workflows are listed and found': async ({ ok, equal, rejection }) => {
        const names = (await hatchet.workflows.list({ limit: 100 })).rows.map((row) => row.name);
        for (const name of ['plain', 'ticks', 'once', 'busy']) ok(names.includes(name), `${names}`);
        const found = await hatchet.workflows.get(plain);
        equal(found.name, 'plain');
        equal(found.description, 'a plain task');
        equal((await plain.get()).metadata.id, found.metadata.id);
        await rejection(hatchet.workflows.get('nobody'));
      },
      'a worker is listed with what it serves': async ({ equal, ok, deepEqual }) => {
        const { rows } = await hatchet.workers.list();
        const listed = rows.find((row) => row.name === 'admin-worker');
        ok(listed, JSON.stringify(rows.map((row) => row.name)));
        equal(listed.status, 'ACTIVE');
        const worker = await hatchet.workers.get(listed.metadata.id);
        ok(worker.actions.includes('plain:plain'), `${worker.actions}`);
        deepEqual(worker.labels.map(({ key, value }) => [key, value]), [['zone', 'z']]);
      },
      'a cron of the declaration': async ({ eventually, ok, match, equal, notes }) => {
        const seen = await eventually(() => { ok(notes('tick').length >= 2); return notes('tick'); });
        equal(seen[0].metadata.hatchet__cron_expression, '* * * * * *');
        match(seen[0].metadata.hatchet__cron_scheduled_at, /^\d{4}-\d\d-\d\dT/);
      },
      'the same key twice is a collision': async ({ deepEqual, equal, ok, rejection, notes }) => {
        const ref = await once.runNoWait({ key: 'k1' });
        deepEqual(await ref.output, { key: 'k1' });
        const error = await rejection(once.runNoWait({ key: 'k1' }));
        ok(error instanceof IdempotencyCollisionError, `${error?.name}: ${error?.message}`);
        equal(error.existingRunExternalId, await ref.getWorkflowRunId());
        deepEqual(await once.run({ key: 'k2' }), { key: 'k2' });
        deepEqual(notes('once').filter((key) => key === 'k1'), ['k1']);
      },
      'collisions among many': async ({ ok, rejection, eventually, deepEqual, notes }) => {
        await once.run({ key: 'b1' });
        const error = await rejection(once.runNoWait([{ key: 'b1' }, { key: 'b2' }, { key: 'b3' }]));
        ok(error instanceof BulkTriggerIdempotencyCollisionError, `${error?.name}: ${error?.message}`);
        await eventually(() => deepEqual(notes('once').filter((key) => key.startsWith('b')).sort(), ['b1', 'b2', 'b3']));
      },
      'a key that is free again when the run is over': async ({ deepEqual, eventually, ok, equal, rejection, notes }) => {
        const ref = await busy.runNoWait({ key: 's', wait: true });
        await eventually(() => equal(notes('busy').length, 1));
        ok((await rejection(busy.runNoWait({ key: 's' }))) instanceof IdempotencyCollisionError);
        await ref.cancel();
        const again = await eventually(() => busy.runNoWait({ key: 's' }));
        deepEqual(await again.output, { key: 's' });
      },
    },
  };
}
