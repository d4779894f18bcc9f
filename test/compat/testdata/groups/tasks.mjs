// Plain tasks: what goes in, what comes out, what a task knows about itself.
export default function tasks({ hatchet }) {
  const echo = hatchet.task({ name: 'echo', fn: async (input) => ({ got: input }) });
  const sync = hatchet.task({ name: 'sync', fn: (input) => ({ doubled: input.n * 2 }) });
  const silent = hatchet.task({ name: 'silent', fn: async () => {} });
  const fails = hatchet.task({ name: 'fails', fn: async (input) => { throw new Error(`no ${input.what}`); } });
  const odd = hatchet.task({
    name: 'odd-fails',
    fn: async ({ n }) => { if (n % 2) throw new Error(`${n} is odd`); return { n }; },
  });
  const about = hatchet.task({
    name: 'About-Itself',
    fn: async (_, ctx) => ({
      workflow: ctx.workflowNameV1(), task: ctx.taskName(), run: ctx.workflowRunId(), taskRun: ctx.taskRunExternalId(),
      retry: ctx.retryCount(), metadata: ctx.additionalMetadata(), priority: ctx.priority() ?? null,
      child: ctx.childIndex() ?? null, parent: ctx.parentWorkflowRunId() ?? null, byEvent: ctx.triggeredByEvent(),
      filter: ctx.filterPayload() ?? null, cancelled: ctx.cancelled, worker: typeof ctx.worker.id(), labels: ctx.worker.labels(),
      versioned: [ctx.workflowId(), ctx.workflowVersionId()].map((id) => typeof id),
    }),
  });
  const pair = hatchet.workflow({ name: 'pair', description: 'two tasks side by side', version: '2' });
  pair.task({ name: 'left', fn: async () => ({ side: 'left' }) });
  pair.task({ name: 'right', fn: async () => ({ side: 'right' }) });

  return {
    workflows: [echo, sync, silent, fails, odd, about, pair],
    worker: { slots: 20, labels: { zone: 'a', size: 3 } },
    cases: {
      'input and output are JSON': async ({ deepEqual }) => {
        const input = { s: 'grüße \u{1f680} "\\', n: -1.5e-7, big: 2 ** 53 - 1, list: [1, [2, { x: null }]], t: true, empty: {} };
        deepEqual(await echo.run(input), { got: input });
      },
      'a task need not be async': async ({ deepEqual }) => deepEqual(await sync.run({ n: 21 }), { doubled: 42 }),
      'a task may return nothing': async ({ deepEqual }) => deepEqual((await silent.run({})) ?? {}, {}),
      'a megabyte goes through': async ({ equal }) => {
        const { got } = await echo.run({ text: 'ä'.repeat(500_000) });
        equal(got.text.length, 500_000);
      },
      'an error reaches the client': async ({ match, rejection, text }) => match(text(await rejection(fails.run({ what: 'luck' }))), /no luck/),
      'an array starts a run for each input': async ({ deepEqual, times }) => {
        deepEqual(await sync.run(times(30, (n) => ({ n }))), times(30, (n) => ({ doubled: n * 2 })));
      },
      'errors of an array can be values': async ({ ok, deepEqual }) => {
        const [first, second, third] = await odd.run([{ n: 2 }, { n: 3 }, { n: 4 }], { returnExceptions: true });
        deepEqual([first, third], [{ n: 2 }, { n: 4 }]);
        ok(second instanceof Error, String(second));
      },
      'runMany has options for each run': async ({ deepEqual }) => {
        const got = await about.runMany([1, 2, 3].map((n) => ({ input: {}, opts: { priority: n, additionalMetadata: { n: `${n}` } } })));
        deepEqual(got.map((o) => [o.priority, o.metadata.n]), [[1, '1'], [2, '2'], [3, '3']]);
      },
      'more runs than one request takes': async ({ deepEqual, times }) => {
        const refs = await sync.runNoWait(times(620, (n) => ({ n })));
        deepEqual(await Promise.all(refs.map((ref) => ref.output)), times(620, (n) => ({ doubled: n * 2 })));
      },
      'runNoWait gives a reference': async ({ deepEqual, equal }) => {
        const ref = await sync.runNoWait({ n: 4 });
        deepEqual(await ref.output, { doubled: 8 });
        deepEqual(await ref.result(), { doubled: 8 });
        const id = await ref.getWorkflowRunId();
        deepEqual(await hatchet.runRef(id).result(), { sync: { doubled: 8 } });
        equal(await hatchet.runs.get_status(id), 'COMPLETED');
      },
      'a run by name': async ({ deepEqual }) => deepEqual(await hatchet.run('sync', { n: 5 }), { sync: { doubled: 10 } }),
      'what a task knows about itself': async ({ deepEqual, equal }) => {
        const got = await about.run({}, { additionalMetadata: { team: 'ops' }, priority: 3 });
        equal(got.run, got.taskRun);
        equal(got.metadata.team, 'ops');
        const { run, taskRun, metadata, ...rest } = got;
        deepEqual(rest, {
          workflow: 'about-itself', task: 'About-Itself', retry: 0, priority: 3, child: null, parent: null, byEvent: false,
          filter: {}, cancelled: false, worker: 'string', labels: { zone: 'a', size: 3 }, versioned: ['string', 'string'],
        });
      },
      'tasks side by side': async ({ deepEqual }) => deepEqual(await pair.run({}), { left: { side: 'left' }, right: { side: 'right' } }),
      'an unknown workflow is refused': async ({ match, rejection, text }) => match(text(await rejection(hatchet.run('nobody', {}))), /nobody/),
    },
  };
}
