// Events: what they start, with which input, and what filters let through.
export default function events({ hatchet, note }) {
  const seen = (name, options) => hatchet.task({
    name, ...options,
    fn: (input, ctx) => {
      note(input.id, {
        by: name, input, key: ctx.triggeringEventKey() ?? null, id: typeof ctx.triggeringEventId(),
        metadata: ctx.additionalMetadata(), priority: ctx.priority() ?? null, filter: ctx.filterPayload() ?? null,
      });
      return {};
    },
  });
  const order = seen('on-order', { onEvents: ['order:created'] });
  const all = seen('on-any-user', { on: { event: 'user:*' } });
  const several = seen('on-several', { onEvents: ['several:a', 'several:b'] });
  const filtered = seen('on-filtered', {
    onEvents: ['filtered:any'],
    defaultFilters: [
      { scope: 'big', expression: 'input.amount > payload.least', payload: { least: 100 } },
      { scope: 'small', expression: 'input.amount <= 100 && additional_metadata.trusted == "yes"' },
    ],
  });
  const pusher = hatchet.task({ name: 'pusher', fn: async (input) => { await hatchet.events.push('order:created', { id: input.id }); return {}; } });

  const by = (notes, id) => notes(id).map((n) => n.by).sort();
  return {
    workflows: [order, all, several, filtered, pusher],
    worker: { slots: 20 },
    cases: {
      'an event starts what listens, with its payload': async ({ eventually, deepEqual, equal, notes }) => {
        const event = await hatchet.events.push('order:created', { id: 'o1', n: 1 }, { additionalMetadata: { from: 'test' }, priority: 3 });
        equal(event.key, 'order:created');
        const [got] = await eventually(() => { equal(notes('o1').length, 1); return notes('o1'); });
        const { metadata, ...rest } = got;
        deepEqual(rest, { by: 'on-order', input: { id: 'o1', n: 1 }, key: 'order:created', id: 'string', priority: 3, filter: {} });
        equal(metadata.from, 'test');
        equal(metadata.hatchet__event_key, 'order:created');
        equal(metadata.hatchet__event_id, event.eventId);
      },
      'a wildcard': async ({ eventually, deepEqual, notes }) => {
        await hatchet.events.push('user:signup', { id: 'w' });
        await hatchet.events.push('user:left:early', { id: 'w' });
        await hatchet.events.push('usher:signup', { id: 'w' });
        await hatchet.events.push('user:last', { id: 'w-last' });
        await eventually(() => deepEqual(by(notes, 'w-last'), ['on-any-user']));
        await eventually(() => deepEqual(notes('w').map((n) => n.key).sort(), ['user:left:early', 'user:signup']));
      },
      'several keys': async ({ eventually, deepEqual, notes }) => {
        for (const key of ['several:a', 'several:b', 'several:c']) await hatchet.events.push(key, { id: 's' });
        await eventually(() => deepEqual(notes('s').map((n) => n.key).sort(), ['several:a', 'several:b']));
      },
      'many events at once': async ({ eventually, deepEqual, notes, times, equal }) => {
        const pushed = await hatchet.events.bulkPush('order:created', times(40, (n) => ({ payload: { id: 'bulk', n }, additionalMetadata: { n: `${n}` }, priority: 1 + (n % 3) })));
        equal(pushed.events.length, 40);
        await eventually(() => equal(notes('bulk').length, 40));
        const got = notes('bulk').sort((a, b) => a.input.n - b.input.n);
        deepEqual(got.map((n) => [n.input.n, n.metadata.n, n.priority]), times(40, (n) => [n, `${n}`, 1 + (n % 3)]));
      },
      'default filters': async ({ eventually, deepEqual, notes }) => {
        const push = (amount, scope, trusted = 'no') => hatchet.events.push('filtered:any', { id: 'fil', amount }, { scope, additionalMetadata: { trusted } });
        await push(50, 'big');
        await push(500, 'big');
        await push(500, 'other');
        await push(500, undefined);
        await push(50, 'small');
        await push(60, 'small', 'yes');
        await eventually(() => deepEqual(notes('fil').map((n) => [n.input.amount, n.filter]).sort(), [[500, { least: 100 }], [60, {}]]));
      },
      'an event from a task knows its source': async ({ eventually, equal, notes }) => {
        const ref = await pusher.runNoWait({ id: 'from-task' });
        await ref.output;
        const [got] = await eventually(() => { equal(notes('from-task').length, 1); return notes('from-task'); });
        equal(got.metadata.hatchet__source_workflow_run_id, await ref.getWorkflowRunId());
      },
      'an event that nobody awaits': async ({ equal }) => equal((await hatchet.events.push('nobody:listens', { x: 1 })).key, 'nobody:listens'),
      'runs of an event are listed': async ({ eventually, deepEqual }) => {
        const event = await hatchet.events.push('order:created', { id: 'listed' });
        await eventually(async () => {
          const listed = await hatchet.runs.list({ triggeringEventExternalId: event.eventId, onlyTasks: false });
          deepEqual(listed.rows.map((row) => [row.workflowName, row.status]), [['on-order', 'COMPLETED']]);
        });
      },
    },
  };
}
