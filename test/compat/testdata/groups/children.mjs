// Runs that tasks start.
export default function children({ hatchet, note }) {
  const child = hatchet.task({
    name: 'child',
    fn: (input, ctx) => ({
      n: input.n, index: ctx.childIndex() ?? null, key: ctx.childKey() ?? null, parent: ctx.parentWorkflowRunId() ?? null,
      metadata: ctx.additionalMetadata(), run: ctx.workflowRunId(), priority: ctx.priority() ?? null,
    }),
  });
  const bad = hatchet.task({ name: 'bad-child', fn: () => { throw new Error('bad child'); } });
  const family = hatchet.workflow({ name: 'family' });
  const elder = family.task({ name: 'elder', fn: ({ n }) => ({ n }) });
  family.task({ name: 'younger', parents: [elder], fn: async (_, ctx) => ({ n: (await ctx.parentOutput(elder)).n + 1 }) });

  const task = (name, fn, options = {}) => hatchet.task({ name, fn, ...options });
  const direct = task('direct', async (_, ctx) => ({ self: ctx.workflowRunId(), child: await child.run({ n: 1 }) }));
  const inContext = task('in-context', async (_, ctx) => ({ self: ctx.workflowRunId(), child: await ctx.runChild(child, { n: 2 }, { key: 'k', priority: 3, additionalMetadata: { own: 'yes' } }) }));
  const bulk = task('bulk', async (input, ctx) => ({
    got: await ctx.bulkRunChildren(Array.from({ length: input.count }, (_, n) => ({ workflow: child, input: { n } }))),
  }));
  const refs = task('refs', async (_, ctx) => {
    const made = await ctx.bulkRunNoWaitChildren([{ workflow: child, input: { n: 1 } }, { workflow: 'family', input: { n: 5 } }]);
    const one = await ctx.runNoWaitChild(child, { n: 9 });
    return { got: await Promise.all([...made, one].map((ref) => ref.output)) };
  });
  const catches = task('catches', async () => bad.run({}).then(() => ({ failed: false }), (e) => ({ failed: true, text: String(Array.isArray(e) ? e[0] : e.message) })));
  const again = task('again', async (input, ctx) => {
    const made = await child.run({ n: ctx.retryCount() });
    note(input.id, made.run);
    if (ctx.retryCount() === 0) throw new Error('once more');
    return made;
  }, { retries: 1 });
  const keyed = task('keyed', async (_, ctx) => {
    const [a, b] = [await ctx.runChild(child, { n: 1 }, { key: 'same' }), await ctx.runChild(child, { n: 2 }, { key: 'same' })];
    return { runs: [a.run, b.run], ns: [a.n, b.n] };
  });
  const deep = task('deep', async ({ levels }) => ({ depth: levels === 0 ? 0 : 1 + (await deep.run({ levels: levels - 1 })).depth }));
  const array = task('array', async () => ({ got: (await child.run([{ n: 1 }, { n: 2 }, { n: 3 }])).map(({ n, index }) => [n, index]) }));

  return {
    workflows: [child, bad, family, direct, inContext, bulk, refs, catches, again, keyed, deep, array],
    worker: { slots: 100 },
    cases: {
      'run inside a task makes a child': async ({ deepEqual, equal }) => {
        const { self, child: got } = await direct.run({}, { additionalMetadata: { team: 'ops' } });
        deepEqual([got.n, got.index, got.key, got.parent], [1, 0, null, self]);
        equal(got.metadata.team, 'ops');
      },
      'a child with options': async ({ deepEqual }) => {
        const { self, child: got } = await inContext.run({});
        deepEqual([got.n, got.index, got.key, got.parent, got.metadata.own, got.priority], [2, 0, 'k', self, 'yes', 3]);
      },
      'many children at once': async ({ deepEqual, times }) => {
        const { got } = await bulk.run({ count: 60 });
        deepEqual(got.map(({ n, index }) => [n, index]), times(60, (n) => [n, n]));
      },
      'references to children': async ({ deepEqual }) => {
        const { got: [a, b, c] } = await refs.run({});
        deepEqual([a.n, b, c.n], [1, { elder: { n: 5 }, younger: { n: 6 } }, 9]);
      },
      'a failure of a child can be caught': async ({ equal, match }) => {
        const got = await catches.run({});
        equal(got.failed, true);
        match(got.text, /bad child/);
      },
      'a retried parent gets its child back': async ({ equal, notes }) => {
        const got = await again.run({ id: 'again' });
        equal(got.n, 0);
        equal(new Set(notes('again')).size, 1);
      },
      'a key makes one child of two': async ({ equal, deepEqual }) => {
        const { runs: [a, b], ns } = await keyed.run({});
        equal(a, b);
        deepEqual(ns, [1, 1]);
      },
      'children of children': async ({ deepEqual }) => deepEqual(await deep.run({ levels: 5 }), { depth: 5 }),
      'an array inside a task': async ({ deepEqual }) => deepEqual(await array.run({}), { got: [[1, 0], [2, 1], [3, 2]] }),
      'children are listed with their parent': async ({ equal, eventually }) => {
        const ref = await bulk.runNoWait({ count: 4 });
        await ref.output;
        await eventually(async () => {
          const listed = await hatchet.runs.list({ parentTaskExternalId: await ref.getWorkflowRunId(), onlyTasks: false });
          equal(listed.rows.length, 4);
        });
      },
    },
  };
}
