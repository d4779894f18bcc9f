// Durable tasks: waits, memory, children, eviction and what a replay may change.
import { Or, SleepCondition, UserEventCondition, NonDeterminismError } from '../hatchet.mjs';

export default function durable({ hatchet, note, ring }) {
  const child = hatchet.task({ name: 'durable-child', fn: async ({ n, ms = 0 }) => { await new Promise((r) => setTimeout(r, ms)); return { n: n * 2 }; } });
  const failing = hatchet.task({ name: 'durable-failing-child', fn: () => { throw new Error('child went wrong'); } });
  const workflows = [child, failing];
  const task = (name, fn, options = {}) => {
    const made = hatchet.durableTask({ name, executionTimeout: '60s', fn, ...options });
    workflows.push(made);
    return made;
  };

  const sleeps = task('sleeps', async (_, ctx) => ({ slept: await ctx.sleepFor('1s'), invocations: ctx.invocationCount }));
  const until = task('sleeps-until', async (_, ctx) => { const at = await ctx.now(); await ctx.sleepUntil(new Date(at.getTime() + 1000)); return { waited: Date.now() - at.getTime() }; });
  const waits = task('waits', async (input, ctx) => ({ got: await ctx.waitForEvent(`durable:${input.id}`, 'input.amount > 10') }));
  const scoped = task('scoped', async (input, ctx) => { note(input.id, 'waiting'); return { got: await ctx.waitForEvent('durable:scoped', 'true', undefined, input.scope) }; });
  const lookback = task('lookback', async (input, ctx) => ({ got: await ctx.waitForEvent('durable:past', `input.id == '${input.id}'`, undefined, input.id, '5m') }));
  const either = task('either', async (input, ctx) => {
    const first = await ctx.waitFor(Or(new SleepCondition('1s', 'nap'), new UserEventCondition('durable:never', 'true', 'bell')));
    const second = await ctx.waitFor(Or(new SleepCondition('1h', 'nap'), new UserEventCondition(`durable:${input.id}`, 'true', 'bell')));
    return { first: Object.keys(first.CREATE), second: second.CREATE };
  });
  const all = task('all', async (input, ctx) => Object.fromEntries(Object.entries((await ctx.waitFor([
    new SleepCondition('1s', 'nap'), new UserEventCondition(`durable:${input.id}`, 'true', 'bell'),
  ])).CREATE).map(([key, data]) => [key, data.length])));
  const remembers = task('remembers', async (input, ctx) => {
    const first = await ctx.now();
    await ctx.sleepFor('1s');
    note(input.id, first.toISOString());
    if (ctx.retryCount() === 0) throw new Error('forget');
    return { first: first.toISOString(), retry: ctx.retryCount() };
  }, { retries: 1 });
  const parent = task('parent', async (_, ctx) => {
    const one = await ctx.spawnChild(child, { n: 1 });
    const many = await ctx.spawnChildren([2, 3, 4].map((n) => ({ workflow: child, input: { n } })));
    const run = await child.run({ n: 5 });
    return { one, many, run };
  });
  const together = task('together', async (_, ctx) => ({
    all: await Promise.all([ctx.spawnChild(child, { n: 1, ms: 300 }), ctx.sleepFor('1s'), ctx.spawnChild(child, { n: 2 })]),
  }));
  const catches = task('catches-child', async (_, ctx) => ctx.spawnChild(failing, {}).then(() => ({ caught: null }), (e) => ({ caught: e.message })));
  const evicted = task('evicted', async (input, ctx) => {
    note(input.id, ctx.invocationCount);
    const before = await ctx.now();
    await ctx.sleepFor('8s');
    const again = await child.run({ n: 21 });
    return { invocations: ctx.invocationCount, before: before.toISOString(), n: again.n };
  }, { evictionPolicy: { ttl: '1s', allowCapacityEviction: true, priority: 0 } });
  const evictedEvent = task('evicted-event', async (input, ctx) => {
    note(input.id, ctx.invocationCount);
    const got = await ctx.waitForEvent(`durable:${input.id}`, 'true');
    return { invocations: ctx.invocationCount, got };
  }, { evictionPolicy: { ttl: '1s' } });
  const fickle = task('fickle', async (_, ctx) => {
    try {
      if (ctx.retryCount() === 0) await ctx.sleepFor('1s'); else await ctx.waitForEvent('durable:other', 'true');
    } catch (e) {
      return { fickle: e instanceof NonDeterminismError, message: e.message };
    }
    throw new Error('another attempt');
  }, { retries: 1 });
  const cancelled = task('cancelled', async (input, ctx) => {
    note(input.id, 'waiting');
    try { await ctx.sleepFor('1h'); } finally { note(input.id, 'over'); }
    return {};
  });

  const mixed = hatchet.workflow({ name: 'mixed' });
  const plain = mixed.task({ name: 'plain', fn: () => ({ n: 1 }) });
  const sleeper = mixed.durableTask({ name: 'sleeper', parents: [plain], fn: async (_, ctx) => { await ctx.sleepFor('1s'); return { n: (await ctx.parentOutput(plain)).n + 1 }; } });
  mixed.task({ name: 'last', parents: [sleeper], fn: async (_, ctx) => ({ n: (await ctx.parentOutput(sleeper)).n + 1 }) });
  workflows.push(mixed);

  const push = (key, payload = {}, options) => () => hatchet.events.push(key, payload, options);
  return {
    workflows,
    worker: { slots: 50, durableSlots: 50 },
    cases: {
      'sleepFor': async ({ deepEqual }) => deepEqual(await sleeps.run({}), { slept: { durationMs: 1000 }, invocations: 1 }),
      'sleepUntil and now': async ({ ok }) => { const { waited } = await until.run({}); ok(waited >= 990, `${waited}`); },
      'waitForEvent with an expression': async ({ deepEqual }) => {
        const ref = await waits.runNoWait({ id: 'e1' });
        const output = await ring(ref, async () => { for (const amount of [1, 11]) await hatchet.events.push('durable:e1', { amount }); });
        deepEqual(output, { got: { amount: 11 } });
      },
      'an event of another scope is none': async ({ deepEqual, eventually, notes, equal, pause }) => {
        const ref = await scoped.runNoWait({ id: 'sc', scope: 'mine' });
        await eventually(() => equal(notes('sc').length, 1));
        await hatchet.events.push('durable:scoped', { of: 'other' }, { scope: 'other' });
        await pause(300);
        deepEqual(await ring(ref, push('durable:scoped', { of: 'mine' }, { scope: 'mine' })), { got: { of: 'mine' } });
      },
      'an event from before the wait': async ({ deepEqual }) => {
        await hatchet.events.push('durable:past', { id: 'lb', n: 1 }, { scope: 'lb' });
        deepEqual(await lookback.run({ id: 'lb' }), { got: { id: 'lb', n: 1 } });
      },
      'Or: the first that happens': async ({ deepEqual }) => {
        const output = await ring(await either.runNoWait({ id: 'or' }), push('durable:or', { rang: true }));
        deepEqual(output.first, ['nap']);
        deepEqual(Object.keys(output.second), ['bell']);
        deepEqual(output.second.bell[0], { rang: true });
      },
      'several conditions: all of them': async ({ deepEqual }) => deepEqual(await ring(await all.runNoWait({ id: 'all' }), push('durable:all')), { nap: 1, bell: 1 }),
      'what was remembered survives a retry': async ({ equal, notes }) => {
        const output = await remembers.run({ id: 'rem' });
        equal(output.retry, 1);
        equal(new Set(notes('rem')).size, 1);
        equal(notes('rem').length, 2);
      },
      'children': async ({ deepEqual }) => deepEqual(await parent.run({}), { one: { n: 2 }, many: [{ n: 4 }, { n: 6 }, { n: 8 }], run: { n: 10 } }),
      'waits side by side': async ({ deepEqual }) => deepEqual(await together.run({}), { all: [{ n: 2 }, { durationMs: 1000 }, { n: 4 }] }),
      'a failure of a child can be caught': async ({ match }) => match((await catches.run({})).caught, /child went wrong/),
      'eviction and resumption after a sleep': async ({ deepEqual, equal, notes }) => {
        const output = await evicted.run({ id: 'ev' });
        // A worker may run a handler again from its start within one invocation, so a note can come twice.
        deepEqual([...new Set(notes('ev'))], [1, 2]);
        equal(output.invocations, 2);
        equal(output.n, 42);
      },
      'eviction is told, and an event resumes': async ({ deepEqual, eventually, ok, equal }) => {
        const ref = await evictedEvent.runNoWait({ id: 'eve' });
        const id = await ref.getWorkflowRunId();
        await eventually(async () => {
          const details = await hatchet.runs.getDetails(id);
          ok(details.isEvicted);
          equal(details.status, 'RUNNING');
        });
        await hatchet.events.push('durable:eve', { hello: 1 });
        deepEqual(await ref.output, { invocations: 2, got: { hello: 1 } });
      },
      'an evicted run restored by hand': async ({ equal, eventually, ok, notes }) => {
        const ref = await evictedEvent.runNoWait({ id: 'hand' });
        const id = await ref.getWorkflowRunId();
        await eventually(async () => ok((await hatchet.runs.getDetails(id)).isEvicted));
        await hatchet.runs.restoreTask(id);
        await eventually(() => ok(notes('hand').includes(2)));
        await ring(ref, push('durable:hand'));
        equal(await hatchet.runs.get_status(id), 'COMPLETED');
      },
      'a handler that changes its mind': async ({ equal, match }) => {
        const output = await fickle.run({});
        equal(output.fickle, true);
        match(output.message, /non-determinism/i);
      },
      'a waiting run is cancelled': async ({ eventually, deepEqual, equal, notes }) => {
        const ref = await cancelled.runNoWait({ id: 'can' });
        await eventually(() => equal(notes('can')[0], 'waiting'));
        await ref.cancel();
        await eventually(async () => equal(await hatchet.runs.get_status(await ref.getWorkflowRunId()), 'CANCELLED'));
        await eventually(() => deepEqual([...new Set(notes('can'))], ['waiting', 'over'])); // the first may come twice, see above
      },
      'durable between plain tasks': async ({ deepEqual }) => deepEqual(await mixed.run({}), { plain: { n: 1 }, sleeper: { n: 2 }, last: { n: 3 } }),
    },
  };
}
