// The official client of our worker, which serves scripts/theirs.js.
export default function client({ hatchet }) {
  const run = async (name, input = {}, options = {}) => (await hatchet.run(name, input, options))[name];
  const status = (ref) => ref.getWorkflowRunId().then((id) => hatchet.runs.get_status(id));
  return {
    workflows: [],
    cases: {
      'a task': async ({ deepEqual }) => {
        const input = { s: 'grüße \u{1f680}', n: -1.5e-7, list: [1, [2, { x: null }]] };
        deepEqual(await run('echo', input), { got: input });
      },
      'an error': async ({ rejection, match, text }) => match(text(await rejection(run('fails', { what: 'luck' }))), /no luck/),
      'retries': async ({ deepEqual }) => deepEqual(await run('third'), { retry: 2 }),
      'metadata and priority': async ({ equal }) => {
        const got = await run('about', {}, { additionalMetadata: { team: 'ops' }, priority: 2 });
        equal(got.metadata.team, 'ops');
        equal(got.priority, 2);
      },
      'a workflow of several tasks': async ({ deepEqual }) => {
        deepEqual(await hatchet.run('order', { total: 42 }), { validate: { ok: true }, charge: { charged: 42 }, fulfil: { shipped: true } });
      },
      'an on-failure task': async ({ rejection, match, text, deepEqual }) => {
        const ref = await hatchet.runNoWait('lame', {});
        match(text(await rejection(ref.output)), /a leg is missing/);
        const { taskRuns } = await hatchet.runs.getDetails(await ref.getWorkflowRunId());
        deepEqual(Object.values(taskRuns).map((task) => task.status).sort(), ['COMPLETED', 'FAILED']);
        deepEqual(Object.values(taskRuns).find((task) => task.status === 'COMPLETED').output, { cleaned: 'broken' });
      },
      'a stream': async ({ deepEqual, times, ring }) => {
        const gate = await hatchet.runNoWait('gate', { name: 'stream' });
        const ref = await hatchet.runNoWait('speaks', { gate: await gate.getWorkflowRunId(), count: 10 });
        const chunks = [];
        for await (const chunk of hatchet.runs.subscribeToStream(await ref.getWorkflowRunId())) {
          if (chunks.length === 0) await ring(gate, () => hatchet.events.push('cross:stream', {}));
          chunks.push(chunk);
        }
        deepEqual(chunks.filter((chunk) => chunk !== '.'), times(10, (n) => `chunk ${n};`));
      },
      'durable: an event': async ({ deepEqual, ring }) => {
        const ref = await hatchet.runNoWait('gate', { name: 'event' });
        const output = await ring(ref, () => hatchet.events.push('cross:event', { by: 'npm' }));
        deepEqual(output.gate.got['cross:event'][0], { by: 'npm' });
      },
      'durable: memory, sleep, child': async ({ deepEqual }) => deepEqual(await run('naps'), { before: { n: 1 }, child: { got: { deep: true } } }),
      'cancellation': async ({ eventually, equal }) => {
        const ref = await hatchet.runNoWait('waits', {});
        await eventually(async () => equal(await status(ref), 'RUNNING'));
        await ref.cancel();
        await eventually(async () => equal(await status(ref), 'CANCELLED'));
      },
      'an event starts a run': async ({ eventually, deepEqual }) => {
        const event = await hatchet.events.push('cross-event:x', { n: 1 });
        await eventually(async () => {
          const { rows } = await hatchet.runs.list({ triggeringEventExternalId: event.eventId, onlyTasks: false, includePayloads: true });
          deepEqual(rows.map((row) => [row.workflowName, row.status]), [['on-cross', 'COMPLETED']]);
        });
      },
      'logs': async ({ eventually, deepEqual }) => {
        const ref = await hatchet.runNoWait('logs', {});
        await ref.output;
        await eventually(async () => {
          const { rows } = await hatchet.logs.list(await ref.getWorkflowRunId(), { orderByDirection: 'ASC' });
          deepEqual(rows.map((row) => row.message), ['one', 'two']);
        });
      },
      'a replay': async ({ eventually, deepEqual }) => {
        const ref = await hatchet.runNoWait('third', {});
        await ref.output;
        await ref.replay();
        await eventually(async () => {
          const { run: { status: now, output } } = await hatchet.runs.get(await ref.getWorkflowRunId());
          deepEqual([now, output], ['COMPLETED', { retry: 3 }]);
        });
      },
      'our worker is listed': async ({ ok, eventually }) => eventually(async () => {
        const { rows } = await hatchet.workers.list();
        const ours = rows.find((row) => row.name === 'ours');
        ok(ours && ours.status === 'ACTIVE', JSON.stringify(rows.map(({ name, status: s }) => [name, s])));
      }),
    },
  };
}
