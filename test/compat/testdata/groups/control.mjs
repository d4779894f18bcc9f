// Runs looked at, cancelled and replayed.
export default function control({ hatchet, note }) {
  const aborted = (ctx) => new Promise((_, reject) => ctx.abortController.signal.addEventListener('abort', () => reject(ctx.abortController.signal.reason)));
  const long = hatchet.task({
    name: 'long', executionTimeout: '120s',
    fn: async (input, ctx) => { note(input.id, 'began'); await aborted(ctx).finally(() => note(input.id, ctx.cancelled ? 'cancelled' : 'aborted')); },
  });
  const stubborn = hatchet.task({ name: 'stubborn', fn: async (input) => { note(input.id, 'began'); await new Promise((r) => setTimeout(r, 1500)); note(input.id, 'over'); return { late: true }; } });
  const queued = hatchet.task({ name: 'queued', desiredWorkerLabels: { nowhere: { value: 'x', required: true } }, fn: () => ({}) });
  const itself = hatchet.task({ name: 'itself', fn: async (input, ctx) => { note(input.id, 'began'); await ctx.cancel(); ctx.rethrowIfCancelled(new Error('no')); return { cancelled: ctx.cancelled }; } });
  const chain = hatchet.workflow({ name: 'chain' });
  const link = chain.task({ name: 'link', executionTimeout: '120s', fn: async (input, ctx) => { note(input.id, 'link'); if (input.hold) await aborted(ctx); return { ok: true }; } });
  chain.task({ name: 'next', parents: [link], fn: () => ({ ok: true }) });
  const counts = hatchet.task({ name: 'counts', fn: (input, ctx) => { note(input.id, ctx.retryCount()); return { retry: ctx.retryCount() }; } });
  const mends = hatchet.workflow({ name: 'mends' });
  const good = mends.task({ name: 'good', fn: (input) => { note(`${input.id}:good`); return { n: 1 }; } });
  mends.task({ name: 'bad', parents: [good], fn: async (input, ctx) => { note(`${input.id}:bad`); if (ctx.retryCount() === 0) throw new Error('not yet'); return { n: (await ctx.parentOutput(good)).n + 1 }; } });
  mends.onFailure({ fn: (input) => { note(`${input.id}:failure`); return {}; } });

  const status = (ref) => ref.getWorkflowRunId().then((id) => hatchet.runs.get_status(id));
  return {
    workflows: [long, stubborn, queued, itself, chain, counts, mends],
    worker: { slots: 30 },
    cases: {
      'a running task is told to stop': async ({ eventually, deepEqual, equal, notes }) => {
        const ref = await long.runNoWait({ id: 'c1' });
        await eventually(() => deepEqual(notes('c1'), ['began']));
        await ref.cancel();
        await eventually(() => deepEqual(notes('c1'), ['began', 'cancelled']));
        await eventually(async () => equal(await status(ref), 'CANCELLED'));
        await ref.output;
      },
      'a task that does not listen stays cancelled': async ({ eventually, deepEqual, equal, notes }) => {
        const ref = await stubborn.runNoWait({ id: 'c2' });
        await eventually(() => deepEqual(notes('c2'), ['began']));
        await ref.cancel();
        await eventually(() => deepEqual(notes('c2'), ['began', 'over']));
        await eventually(async () => equal(await status(ref), 'CANCELLED'));
      },
      'a queued task': async ({ eventually, equal }) => {
        const ref = await queued.runNoWait({});
        await eventually(async () => equal(await status(ref), 'QUEUED'));
        await ref.cancel();
        await eventually(async () => equal(await status(ref), 'CANCELLED'));
      },
      'a task cancels itself': async ({ eventually, equal }) => {
        const ref = await itself.runNoWait({ id: 'c3' });
        await eventually(async () => equal(await status(ref), 'CANCELLED'));
      },
      'a workflow and all that follows': async ({ eventually, deepEqual, equal, notes }) => {
        const ref = await chain.runNoWait({ id: 'c4', hold: true });
        await eventually(() => deepEqual(notes('c4'), ['link']));
        await ref.cancel();
        await eventually(async () => equal(await status(ref), 'CANCELLED'));
        const details = await hatchet.runs.getDetails(await ref.getWorkflowRunId());
        deepEqual([details.taskRuns.link.status, details.taskRuns.next.status], ['CANCELLED', 'CANCELLED']);
      },
      'many at once, by a filter': async ({ eventually, equal, notes, times }) => {
        const refs = await long.runManyNoWait(times(5, () => ({ input: { id: 'c5' }, opts: { additionalMetadata: { batch: 'five' } } })));
        const spared = await long.runNoWait({ id: 'c6' }, { additionalMetadata: { batch: 'other' } });
        await eventually(() => { equal(notes('c5').length, 5); equal(notes('c6').length, 1); });
        await hatchet.runs.cancel({ filters: { additionalMetadata: { batch: 'five' }, workflowNames: ['long'] } });
        for (const ref of refs) await eventually(async () => equal(await status(ref), 'CANCELLED'));
        equal(await status(spared), 'RUNNING');
        await hatchet.runs.cancel({ ids: [await spared.getWorkflowRunId()] });
        await eventually(async () => equal(await status(spared), 'CANCELLED'));
      },
      'a run is replayed': async ({ eventually, deepEqual, equal, notes }) => {
        const ref = await counts.runNoWait({ id: 'r1' });
        deepEqual(await ref.output, { retry: 0 });
        await ref.replay();
        await eventually(() => deepEqual(notes('r1'), [0, 1]));
        await eventually(async () => {
          const { run } = await hatchet.runs.get(await ref.getWorkflowRunId());
          deepEqual([run.status, run.output], ['COMPLETED', { retry: 1 }]);
        });
        equal((await hatchet.runRef(await ref.getWorkflowRunId()).result()).counts.retry, 1);
      },
      'a failed task is replayed in its workflow': async ({ eventually, deepEqual, rejection, notes, equal }) => {
        const ref = await mends.runNoWait({ id: 'r2' });
        await rejection(ref.output);
        const id = await ref.getWorkflowRunId();
        const before = await hatchet.runs.getDetails(id);
        await hatchet.runs.replay({ ids: [before.taskRuns.bad.externalId] });
        await eventually(async () => equal(await status(ref), 'COMPLETED'));
        const after = await hatchet.runs.getDetails(id);
        deepEqual(after.taskRuns.bad.output, { n: 2 });
        equal(notes('r2:good').length, 1);
        equal(notes('r2:bad').length, 2);
      },
      'details of a run': async ({ deepEqual, equal, eventually }) => {
        const ref = await chain.runNoWait({ id: 'd1' }, { additionalMetadata: { who: 'me' } });
        await ref.output;
        const id = await ref.getWorkflowRunId();
        const details = await hatchet.runs.getDetails(id);
        deepEqual([details.status, details.done, details.isEvicted, details.input], ['COMPLETED', true, false, { id: 'd1' }]);
        equal(details.additionalMetadata.who, 'me');
        deepEqual(Object.keys(details.taskRuns).sort(), ['link', 'next']);
        deepEqual(details.taskRuns.link.output, { ok: true });
        await eventually(async () => {
          const { run, tasks, shape } = await hatchet.runs.get(id);
          deepEqual([run.status, run.metadata.id, tasks.length, shape.length], ['COMPLETED', id, 2, 2]);
        });
      },
      'runs are listed by what they have': async ({ deepEqual, eventually, times }) => {
        const refs = await counts.runManyNoWait(times(3, (n) => ({ input: { id: 'l1' }, opts: { additionalMetadata: { list: 'l1', n: `${n}` } } })));
        await Promise.all(refs.map((ref) => ref.output));
        const ids = await Promise.all(refs.map((ref) => ref.getWorkflowRunId()));
        await eventually(async () => {
          const listed = await hatchet.runs.list({ workflowNames: ['counts'], additionalMetadata: { list: 'l1' }, statuses: ['COMPLETED'], includePayloads: true, onlyTasks: false });
          deepEqual(listed.rows.map((row) => row.metadata.id).sort(), [...ids].sort());
          deepEqual(listed.rows.map((row) => row.input), times(3, () => ({ id: 'l1' })));
        });
        const none = await hatchet.runs.list({ workflowNames: ['counts'], additionalMetadata: { list: 'l1' }, statuses: ['FAILED'], onlyTasks: false });
        deepEqual(none.rows, []);
        const page = await hatchet.runs.list({ additionalMetadata: { list: 'l1' }, limit: 2, offset: 2, onlyTasks: false });
        deepEqual(page.rows.length, 1);
      },
      'a run that nobody knows': async ({ rejection, equal, match, text }) => {
        const unknown = '00000000-0000-4000-8000-000000000001';
        equal((await rejection(hatchet.runs.get(unknown))).response?.status, 404);
        match(text(await rejection(hatchet.runs.getDetails(unknown))), /not found/i);
      },
    },
  };
}
