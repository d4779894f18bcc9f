// Who gets which task when: rate limits, priority, labels, stickiness, slots.
import { RateLimitDuration, WorkerLabelComparator, StickyStrategy, Priority } from '../hatchet.mjs';

export default function queueing({ hatchet, note, open, pass }) {
  const limited = hatchet.task({ name: 'limited', scheduleTimeout: '60s', rateLimits: [{ staticKey: 'compat-static', units: 1 }], fn: (input) => { note(input.id, Date.now()); return {}; } });
  const scarce = hatchet.task({ name: 'scarce', scheduleTimeout: '60s', rateLimits: [{ staticKey: 'compat-scarce', units: 1 }], fn: (input) => { note('scarce', input.n); return {}; } });
  const dynamic = hatchet.task({
    name: 'dynamic', scheduleTimeout: '60s',
    rateLimits: [{ dynamicKey: 'input.user', units: 'input.units', limit: 'input.most', duration: RateLimitDuration.HOUR }],
    fn: (input) => { note(input.id, input.user); return {}; },
  });
  const unlimited = hatchet.task({ name: 'no-such-limit', scheduleTimeout: '1s', rateLimits: [{ staticKey: 'compat-unknown', units: 1 }], fn: () => ({}) });
  const where = (name, options) => hatchet.task({ name, scheduleTimeout: '60s', ...options, fn: (_, ctx) => ({ worker: ctx.worker.labels().name }) });
  const east = where('east', { desiredWorkerLabels: { region: { value: 'east', required: true } } });
  const large = where('large', { desiredWorkerLabels: { memory: { value: 20, required: true, comparator: WorkerLabelComparator.GREATER_THAN } } });
  const prefers = where('prefers', { desiredWorkerLabels: { region: { value: 'west', weight: 200 }, memory: { value: 32, weight: 100 } } });
  const anywhere = where('anywhere', {});

  const sticky = hatchet.workflow({ name: 'sticky', sticky: StickyStrategy.HARD });
  const base = sticky.task({ name: 'base', fn: (_, ctx) => ({ worker: ctx.worker.id() }) });
  for (const name of ['one', 'two', 'three']) sticky.task({ name, parents: [base], fn: (_, ctx) => ({ worker: ctx.worker.id() }) });
  const soft = hatchet.workflow({ name: 'soft', sticky: 'SOFT' });
  const root = soft.task({ name: 'root', fn: (_, ctx) => ({ worker: ctx.worker.id() }) });
  soft.task({ name: 'leaf', parents: [root], fn: (_, ctx) => ({ worker: ctx.worker.id() }) });
  const home = hatchet.workflow({ name: 'home', sticky: 'soft' });
  home.task({ name: 'stays', fn: (_, ctx) => ({ worker: ctx.worker.id() }) });
  home.task({ name: 'beside', fn: () => ({}) });
  const sends = hatchet.task({
    name: 'sends',
    fn: async (_, ctx) => ({ self: ctx.worker.id(), child: (await ctx.bulkRunChildren([{ workflow: 'home', input: {}, options: { sticky: true } }]))[0].stays.worker }),
  });

  const ordered = hatchet.task({ name: 'ordered', scheduleTimeout: '60s', fn: (input) => { note('order', input.n); return {}; } });
  const byDefault = hatchet.task({ name: 'by-default', defaultPriority: Priority.MEDIUM, scheduleTimeout: '60s', fn: (input, ctx) => { note('order', input.n); return { priority: ctx.priority() ?? null }; } });
  const blocks = hatchet.task({ name: 'blocks', executionTimeout: '120s', fn: async (input, ctx) => { note('blocked'); await pass(input.gate, ctx); return {}; } });
  const heavy = hatchet.task({
    name: 'heavy', slotCost: 3, executionTimeout: '120s', scheduleTimeout: '120s',
    fn: async (_, ctx) => { note('heavy', 'began'); await pass('heavy', ctx); note('heavy', 'ended'); return {}; },
  });
  const frees = hatchet.task({
    name: 'frees', executionTimeout: '120s', scheduleTimeout: '120s',
    fn: async (input, ctx) => { await ctx.releaseSlot(); note('freed', input.n); await pass('frees', ctx); return { n: input.n }; },
  });
  const relabels = hatchet.task({
    name: 'relabels',
    fn: async (_, ctx) => ({ labels: await ctx.worker.upsertLabels({ mood: 'fine' }).then(() => ctx.worker.labels()) }),
  });
  const needsMood = hatchet.task({ name: 'needs-mood', scheduleTimeout: '60s', desiredWorkerLabels: { mood: { value: 'fine', required: true } }, fn: () => ({ found: true }) });

  const shared = [limited, scarce, dynamic, unlimited, east, large, prefers, anywhere, sticky, soft, home, sends];
  return {
    workers: [
      { name: 'w-east', slots: 200, labels: { name: 'w-east', region: 'east', memory: 8 }, workflows: shared },
      { name: 'w-west', slots: 200, labels: { name: 'w-west', region: 'west', memory: 32 }, workflows: shared },
      { name: 'w-one', slots: 1, workflows: [ordered, byDefault, blocks] },
      { name: 'w-seven', slots: 7, workflows: [heavy] },
      { name: 'w-free', slots: 1, workflows: [frees] },
      { name: 'w-mood', slots: 5, labels: { name: 'w-mood' }, workflows: [relabels, needsMood] },
    ],
    cases: {
      'a static limit lets so many through': async ({ eventually, equal, notes, pause, times }) => {
        await hatchet.ratelimits.upsert({ key: 'compat-scarce', limit: 3, duration: RateLimitDuration.HOUR });
        const refs = await scarce.runNoWait(times(5, (n) => ({ n })));
        await eventually(() => equal(notes('scarce').length, 3));
        await pause(500);
        equal(notes('scarce').length, 3);
        await hatchet.runs.cancel({ ids: await Promise.all(refs.map((ref) => ref.getWorkflowRunId())) });
      },
      'the next window lets the next through': async ({ equal, notes, times }) => {
        await hatchet.ratelimits.upsert({ key: 'compat-static', limit: 3, duration: RateLimitDuration.SECOND });
        await limited.run(times(9, () => ({ id: 'st' })));
        equal(notes('st').length, 9);
      },
      'a dynamic limit counts for each key': async ({ eventually, equal, notes, pause }) => {
        const refs = await Promise.all([1, 2, 3].flatMap((n) => ['a', 'b'].map((user) => dynamic.runNoWait({ id: 'dy', user, units: 1, most: 2 }))));
        await eventually(() => equal(notes('dy').length, 4));
        await pause(500);
        for (const user of ['a', 'b']) equal(notes('dy').filter((u) => u === user).length, 2);
        await hatchet.runs.cancel({ ids: await Promise.all(refs.map((ref) => ref.getWorkflowRunId())) });
      },
      'a limit that nobody has set blocks': async ({ eventually, equal }) => {
        const ref = await unlimited.runNoWait({});
        await eventually(async () => equal(await hatchet.runs.get_status(await ref.getWorkflowRunId()), 'CANCELLED'));
      },
      'a label that is required': async ({ deepEqual, times }) => deepEqual(new Set((await east.run(times(10, () => ({})))).map((o) => o.worker)), new Set(['w-east'])),
      'a label compared as a number': async ({ deepEqual, times }) => deepEqual(new Set((await large.run(times(10, () => ({})))).map((o) => o.worker)), new Set(['w-west'])),
      'a label that weighs': async ({ deepEqual, times }) => deepEqual(new Set((await prefers.run(times(5, () => ({})))).map((o) => o.worker)), new Set(['w-west'])),
      'labels of a run': async ({ deepEqual }) => {
        const options = { desiredWorkerLabels: { region: { value: 'east', required: true } } };
        const got = await anywhere.runMany([1, 2, 3, 4].map(() => ({ input: {}, opts: options })));
        deepEqual(new Set(got.map((o) => o.worker)), new Set(['w-east']));
      },
      'hard stickiness keeps a workflow on its worker': async ({ equal, times }) => {
        for (const output of await sticky.run(times(6, () => ({})))) equal(new Set(Object.values(output).map((o) => o.worker)).size, 1);
      },
      'soft stickiness does when there is room': async ({ equal, times }) => {
        for (const output of await soft.run(times(6, () => ({})))) equal(output.leaf.worker, output.root.worker);
      },
      'a sticky child': async ({ equal, times }) => {
        for (const { self, child } of await sends.run(times(4, () => ({})))) equal(child, self);
      },
      'the queue: priority, then age': async ({ eventually, equal, deepEqual, notes }) => {
        const blocking = await blocks.runNoWait({ gate: 'order' });
        await eventually(() => equal(notes('blocked').length, 1));
        const refs = [];
        for (const [n, priority] of [[0, 1], [1, 3], [2, 1], [3, 2], [4, 3]]) refs.push(await ordered.runNoWait({ n }, { priority }));
        open('order');
        await Promise.all([blocking, ...refs].map((ref) => ref.output));
        deepEqual(notes('order'), [1, 4, 3, 0, 2]);
        equal((await byDefault.run({ n: 9 })).priority, 2);
        equal((await byDefault.run({ n: 9 }, { priority: Priority.HIGH })).priority, 3);
      },
      'what a task costs': async ({ eventually, deepEqual, equal, notes, times, pause }) => {
        const refs = await heavy.runNoWait(times(5, () => ({})));
        await eventually(() => equal(notes('heavy').length, 2));
        await pause(300);
        deepEqual(notes('heavy'), ['began', 'began']);
        open('heavy');
        await Promise.all(refs.map((ref) => ref.output));
      },
      'a slot given back early': async ({ eventually, equal, deepEqual, notes, times }) => {
        const refs = await frees.runNoWait(times(4, (n) => ({ n })));
        await eventually(() => equal(notes('freed').length, 4));
        open('frees');
        deepEqual(await Promise.all(refs.map((ref) => ref.output)), times(4, (n) => ({ n })));
      },
      'labels that change while the worker runs': async ({ deepEqual, equal }) => {
        const ref = await needsMood.runNoWait({});
        equal((await relabels.run({})).labels.mood, 'fine');
        deepEqual(await ref.output, { found: true });
      },
    },
  };
}
