// Workflows of several tasks: parents, conditions, what follows failure and success.
import { Or, SleepCondition, UserEventCondition, ParentCondition } from '../hatchet.mjs';

export default function dag({ hatchet, note, ring }) {
  const workflows = [];
  const workflow = (name, options = {}) => {
    const made = hatchet.workflow({ name, ...options });
    workflows.push(made);
    return made;
  };

  const diamond = workflow('diamond');
  const top = diamond.task({ name: 'top', fn: (input) => ({ n: input.n }) });
  const sides = ['left', 'right'].map((name, i) =>
    diamond.task({ name, parents: [top], fn: async (input, ctx) => ({ n: (await ctx.parentOutput(top)).n + i + 1, same: input.n }) }));
  diamond.task({ name: 'bottom', parents: sides, fn: async (_, ctx) => ({ sum: (await ctx.parentOutput('left')).n + (await ctx.parentOutput('right')).n }) });

  const lame = workflow('lame');
  const broken = lame.task({ name: 'broken', fn: () => { throw new Error('a leg is missing'); } });
  lame.task({ name: 'after', parents: [broken], fn: () => note('after-broken') });
  lame.task({ name: 'beside', fn: () => ({ fine: true }) });
  lame.onFailure({ fn: (input, ctx) => { note('lame', { input, errors: ctx.errors() }); return { cleaned: true }; } });

  const merry = workflow('merry');
  merry.task({ name: 'one', fn: () => ({ n: 1 }) });
  merry.task({ name: 'two', fn: () => ({ n: 2 }) });
  merry.onSuccess({ fn: async (_, ctx) => ({ total: (await ctx.parentOutput('one')).n + (await ctx.parentOutput('two')).n }) });
  merry.onFailure({ fn: () => note('merry-failed') });

  const branch = workflow('branch');
  const number = branch.task({ name: 'number', fn: ({ n }) => ({ n }) });
  const small = branch.task({ name: 'small', parents: [number], skipIf: [new ParentCondition(number, 'output.n >= 10')], fn: () => ({ size: 'small' }) });
  const large = branch.task({ name: 'large', parents: [number], skipIf: { parent: number, expression: 'output.n < 10' }, fn: () => ({ size: 'large' }) });
  branch.task({
    name: 'which', parents: [small, large],
    fn: async (_, ctx) => ({ small: await ctx.parentOutput(small), large: await ctx.parentOutput(large) }),
  });
  branch.task({ name: 'under-large', parents: [large], fn: () => ({ reached: true }) });

  const stop = workflow('stop');
  const ask = stop.task({ name: 'ask', fn: ({ go }) => ({ go }) });
  const act = stop.task({ name: 'act', parents: [ask], cancelIf: [new ParentCondition(ask, '!output.go')], fn: () => ({ acted: true }) });
  stop.task({ name: 'report', parents: [act], fn: () => ({ reported: true }) });

  const patient = workflow('patient');
  const begin = patient.task({ name: 'begin', fn: ({ id }) => ({ id }) });
  patient.task({
    name: 'paid', parents: [begin], waitFor: [{ eventKey: 'dag:paid', expression: 'input.amount > 10' }],
    fn: (_, ctx) => ({ triggers: ctx.triggers() }),
  });
  const slow = workflow('slow');
  const first = slow.task({ name: 'first', fn: () => ({ at: Date.now() }) });
  slow.task({
    name: 'second', parents: [first], waitFor: new SleepCondition('1s', 'nap'),
    fn: async (_, ctx) => ({ waited: Date.now() - (await ctx.parentOutput(first)).at, nap: ctx.triggers().nap }),
  });
  const both = workflow('both');
  const start = both.task({ name: 'start', fn: () => ({}) });
  both.task({
    name: 'either', parents: [start], waitFor: Or(new SleepCondition('1h'), new UserEventCondition('dag:either', 'true')),
    fn: (_, ctx) => ({ seen: Object.keys(ctx.triggers()).filter((key) => key !== 'filter_payload') }),
  });
  both.task({
    name: 'expired', parents: [start], waitFor: Or(new SleepCondition('1s'), new UserEventCondition('dag:never', 'true')), fn: () => ({ over: true }),
  });
  both.task({ name: 'skipped', parents: [start], waitFor: new SleepCondition('1h'), skipIf: new SleepCondition('1s'), fn: () => note('both-skipped') });

  const defaults = workflow('defaults', { taskDefaults: { retries: 2, executionTimeout: '20s' } });
  defaults.task({ name: 'inherits', fn: (_, ctx) => { if (ctx.retryCount() < 2) throw new Error('again'); return { attempts: ctx.retryCount() + 1 }; } });
  defaults.task({ name: 'beside', fn: () => ({}) });

  const shared = hatchet.task({ name: 'shared', fn: (input) => ({ shared: input.n ?? null }) });
  workflows.push(shared);
  const reuse = workflow('reuse');
  const reused = reuse.task(shared);
  reuse.task({ name: 'uses', parents: [reused], fn: async (_, ctx) => ({ of: await ctx.parentOutput(reused) }) });

  return {
    workflows,
    worker: { slots: 20 },
    cases: {
      'parents first, their outputs for children': async ({ deepEqual }) => {
        deepEqual(await diamond.run({ n: 10 }), { top: { n: 10 }, left: { n: 11, same: 10 }, right: { n: 12, same: 10 }, bottom: { sum: 23 } });
      },
      'a failure reaches the on-failure task and not what follows': async ({ deepEqual, match, rejection, text, notes, eventually, equal }) => {
        const ref = await lame.runNoWait({ id: 7 });
        match(text(await rejection(ref.output)), /a leg is missing/);
        const details = await hatchet.runs.getDetails(await ref.getWorkflowRunId());
        equal(details.status, 'FAILED');
        deepEqual(Object.fromEntries(Object.entries(details.taskRuns).map(([name, task]) => [name, task.status])),
          { broken: 'FAILED', after: 'CANCELLED', beside: 'COMPLETED', 'on-failure-task': 'COMPLETED' });
        const [seen] = await eventually(() => { const all = notes('lame'); equal(all.length, 1); return all; });
        deepEqual(seen.input, { id: 7 });
        match(seen.errors.broken, /a leg is missing/);
        deepEqual(notes('after-broken'), []);
      },
      'success reaches the on-success task': async ({ deepEqual, notes }) => {
        const output = await merry.run({});
        deepEqual(output['on-success-task'], { total: 3 });
        deepEqual(notes('merry-failed'), []);
      },
      'skipIf by a parent': async ({ deepEqual }) => {
        const skipped = { skipped: true };
        deepEqual(await branch.run({ n: 3 }), {
          number: { n: 3 }, small: { size: 'small' }, large: skipped, which: { small: { size: 'small' }, large: skipped }, 'under-large': skipped,
        });
        deepEqual(await branch.run({ n: 30 }), {
          number: { n: 30 }, small: skipped, large: { size: 'large' }, which: { small: skipped, large: { size: 'large' } }, 'under-large': { reached: true },
        });
      },
      'cancelIf by a parent': async ({ deepEqual, equal }) => {
        deepEqual(await stop.run({ go: true }), { ask: { go: true }, act: { acted: true }, report: { reported: true } });
        const ref = await stop.runNoWait({ go: false });
        await ref.output;
        const details = await hatchet.runs.getDetails(await ref.getWorkflowRunId());
        equal(details.status, 'CANCELLED');
        deepEqual(['act', 'report'].map((name) => details.taskRuns[name].status), ['CANCELLED', 'CANCELLED']);
      },
      'waitFor an event with an expression': async ({ deepEqual }) => {
        const ref = await patient.runNoWait({ id: 1 });
        const output = await ring(ref, async () => {
          await hatchet.events.push('dag:paid', { amount: 5 });
          await hatchet.events.push('dag:paid', { amount: 50 });
        });
        deepEqual(output.paid.triggers['dag:paid'], { amount: 50 });
      },
      'waitFor a sleep': async ({ ok, deepEqual }) => {
        const { second } = await slow.run({});
        ok(second.waited >= 990, `${second.waited}`);
        deepEqual(second.nap, { sleep_duration: '1s' });
      },
      'Or, and a skip that comes first': async ({ deepEqual, notes }) => {
        const ref = await both.runNoWait({});
        const output = await ring(ref, () => hatchet.events.push('dag:either', {}));
        deepEqual(output, { start: {}, either: { seen: ['dag:either'] }, expired: { over: true }, skipped: { skipped: true } });
        deepEqual(notes('both-skipped'), []);
      },
      'defaults of a workflow': async ({ deepEqual }) => deepEqual(await defaults.run({}), { inherits: { attempts: 3 }, beside: {} }),
      'a task alone and in a workflow': async ({ deepEqual }) => {
        deepEqual(await shared.run({ n: 1 }), { shared: 1 });
        deepEqual(await reuse.run({ n: 2 }), { shared: { shared: 2 }, uses: { of: { shared: 2 } } });
      },
    },
  };
}
