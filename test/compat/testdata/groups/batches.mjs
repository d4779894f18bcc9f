// Batch tasks: runs gathered into one call.
export default function batches({ hatchet, note, open, pass }) {
  const log = (name, items) => note(name, Object.values(items));
  const mapped = (f) => (items) => Object.fromEntries(Object.entries(items).map(([id, input]) => [id, f(input)]));
  const full = hatchet.batchTask({
    name: 'full', batch: { maxSize: 3, maxInterval: '60s' },
    fn: async (items) => { log('full', items); return mapped((input) => ({ doubled: input.n * 2 }))(items); },
  });
  const timed = hatchet.batchTask({
    name: 'timed', batch: { maxSize: 100, maxInterval: '1s' },
    fn: async (items) => { log('timed', items); return mapped((input) => ({ n: input.n }))(items); },
  });
  const grouped = hatchet.batchTask({
    name: 'grouped', batch: { maxSize: 2, maxInterval: '60s', groupKey: 'input.group' },
    fn: async (items) => { log('grouped', items); return mapped((input) => ({ group: input.group }))(items); },
  });
  const broadcast = hatchet.batchTask({ name: 'broadcast', batch: { maxSize: 2, maxInterval: '60s', broadcastOutput: true }, fn: async (items) => ({ sum: Object.values(items).reduce((sum, { n }) => sum + n, 0) }) });
  const fails = hatchet.batchTask({ name: 'batch-fails', batch: { maxSize: 2, maxInterval: '60s' }, fn: async () => { throw new Error('the whole batch'); } });
  const one = hatchet.batchTask({
    name: 'one-at-a-time', batch: { maxSize: 1, maxInterval: '1s', groupMaxRuns: 1, groupKey: '"all"' }, executionTimeout: '120s', scheduleTimeout: '120s',
    fn: async (items, ctx) => { note('one', 'began'); await pass('one', ctx); note('one', 'ended'); return mapped(() => ({}))(items); },
  });
  const chain = hatchet.workflow({ name: 'batched-chain' });
  const first = chain.task({ name: 'first', fn: (input) => ({ n: input.n }) });
  const middle = chain.batchTask({ name: 'middle', parents: [first], batch: { maxSize: 2, maxInterval: '60s' }, fn: async (items) => mapped((input) => ({ from: input.n }))(items) });
  chain.task({ name: 'last', parents: [middle], fn: async (_, ctx) => ({ got: (await ctx.parentOutput(middle)).from }) });

  return {
    workflows: [full, timed, grouped, broadcast, fails, one, chain],
    worker: { slots: 30 },
    cases: {
      'a batch goes when it is full': async ({ deepEqual, notes, times }) => {
        deepEqual(await full.run(times(6, (n) => ({ n }))), times(6, (n) => ({ doubled: n * 2 })));
        deepEqual(notes('full').map((items) => items.length), [3, 3]);
      },
      'a batch goes when its time has come': async ({ deepEqual, notes, times, equal }) => {
        deepEqual(await timed.run(times(4, (n) => ({ n }))), times(4, (n) => ({ n })));
        equal(notes('timed').flat().length, 4);
      },
      'a key keeps groups apart': async ({ deepEqual, notes, ok }) => {
        await grouped.run(['a', 'b', 'a', 'b'].map((group) => ({ group })));
        for (const items of notes('grouped')) ok(items.every(({ group }) => group === items[0].group), JSON.stringify(items));
        deepEqual(notes('grouped').map((items) => items.length), [2, 2]);
      },
      'one output for all': async ({ deepEqual }) => deepEqual(await broadcast.run([{ n: 1 }, { n: 2 }]), [{ sum: 3 }, { sum: 3 }]),
      'a failure fails each': async ({ ok, match, text }) => {
        const results = await fails.run([{}, {}], { returnExceptions: true });
        for (const error of results) { ok(error instanceof Error); match(text(error), /the whole batch/); }
      },
      'so many batches of a key at a time': async ({ eventually, deepEqual, pause, notes }) => {
        const refs = await one.runNoWait([{}, {}, {}]);
        await eventually(() => deepEqual(notes('one'), ['began']));
        await pause(500);
        deepEqual(notes('one'), ['began']);
        open('one');
        await Promise.all(refs.map((ref) => ref.output));
        deepEqual(notes('one'), ['began', 'ended', 'began', 'ended', 'began', 'ended']);
      },
      'a batch in the middle of a workflow': async ({ deepEqual }) => {
        const outputs = await chain.run([{ n: 1 }, { n: 2 }]);
        deepEqual(outputs.map((output) => [output.first, output.middle, output.last]), [1, 2].map((n) => [{ n }, { from: n }, { got: n }]));
      },
    },
  };
}
