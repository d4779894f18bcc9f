// Runs whose worker, or whose engine, dies under them: the client says what must
// be there in the end. The test kills between what both sides note.
export default function lost({ hatchet, note, pass }) {
  const plain = hatchet.task({
    name: 'plain', executionTimeout: '300s', scheduleTimeout: '300s',
    fn: async (input, ctx) => { note(`began in ${process.pid}`); await pass('go', ctx); return { n: input.n }; },
  });
  const chain = hatchet.workflow({ name: 'chain' });
  const first = chain.task({ name: 'first', executionTimeout: '300s', fn: async (input, ctx) => { note(`began in ${process.pid}`); await pass('go', ctx); return { n: input.n }; } });
  chain.task({ name: 'second', parents: [first], fn: async (_, ctx) => ({ n: (await ctx.parentOutput(first)).n * 2 }) });
  const durable = hatchet.durableTask({
    // A request that the engine has not acknowledged when the connection breaks fails the attempt: the SDK's way.
    name: 'durable', executionTimeout: '300s', retries: 5,
    fn: async (input, ctx) => {
      const before = await ctx.now();
      await ctx.sleepFor('1s'); // what is remembered is not acknowledged; this, behind it, is
      note('woken', [input.n, before.toISOString()]);
      note(`began in ${process.pid}`);
      const { by } = await ctx.waitForEvent(`lost:${input.n}`, 'true');
      return { n: input.n, by, before: before.toISOString() };
    },
  });
  return {
    workflows: [plain, chain, durable],
    worker: { slots: 40 },
    cases: {
      'plain runs': async ({ deepEqual, times }) => deepEqual(await plain.run(times(10, (n) => ({ n }))), times(10, (n) => ({ n }))),
      'runs of several tasks': async ({ deepEqual, times }) => {
        deepEqual(await chain.run(times(5, (n) => ({ n }))), times(5, (n) => ({ first: { n }, second: { n: 2 * n } })));
      },
      'waiting runs': async ({ deepEqual, times, ring, opened, pause, notes }) => {
        const refs = await durable.runNoWait(times(3, (n) => ({ n })));
        while (!opened('go')) await pause(50);
        const outputs = await Promise.all(refs.map((ref, n) => ring(ref, () => hatchet.events.push(`lost:${n}`, { by: 'client' }).catch(() => {}))));
        deepEqual(outputs.map(({ n, by }) => [n, by]), times(3, (n) => [n, 'client']));
        for (const { n, before } of outputs) deepEqual(notes('woken').filter(([m, at]) => m === n && at !== before), []);
      },
    },
  };
}
