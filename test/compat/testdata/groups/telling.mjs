// What tasks tell while they run: streams and logs.
export default function telling({ hatchet, open, opened, pause, times }) {
  // Chunks count from a subscriber on: a dot until one has come.
  const speaks = hatchet.task({
    name: 'speaks', executionTimeout: '60s',
    fn: async ({ id, count, binary }, ctx) => {
      for (;;) {
        await ctx.putStream('.');
        if (opened(id)) break;
        await pause(50);
      }
      for (let i = 0; i < count; i += 1) await ctx.putStream(binary ? Buffer.from(`chunk ${i};`) : `chunk ${i};`);
      return { count };
    },
  });
  const talks = hatchet.task({
    name: 'talks', retries: 1,
    fn: async (_, ctx) => {
      await ctx.log(`attempt ${ctx.retryCount()}`);
      if (ctx.retryCount() === 0) throw new Error('say it again');
      await ctx.logger.info('information', { step: 1 });
      await ctx.logger.warn('a warning', { extra: { step: 2 } });
      await ctx.logger.error('an error', { extra: { step: 3 } });
      await ctx.logger.debug('details');
      return {};
    },
  });
  const chatty = hatchet.task({ name: 'chatty', fn: async (_, ctx) => { for (let i = 0; i < 50; i += 1) await ctx.log(`line ${i}`); return {}; } });

  const collect = async (id, stream) => {
    const chunks = [];
    for await (const chunk of stream) {
      open(id);
      chunks.push(chunk);
    }
    return chunks.filter((chunk) => chunk !== '.');
  };
  const whole = (count) => times(count, (i) => `chunk ${i};`);

  return {
    workflows: [speaks, talks, chatty],
    worker: { slots: 20 },
    cases: {
      'chunks arrive in their order': async ({ deepEqual, equal }) => {
        const ref = await speaks.runNoWait({ id: 's1', count: 50 });
        deepEqual(await collect('s1', hatchet.runs.subscribeToStream(await ref.getWorkflowRunId())), whole(50));
        deepEqual(await ref.output, { count: 50 });
        equal(await hatchet.runs.get_status(ref), 'COMPLETED');
      },
      'chunks may be bytes': async ({ deepEqual }) => {
        const ref = await speaks.runNoWait({ id: 's2', count: 5, binary: true });
        deepEqual(await collect('s2', hatchet.runs.subscribeToStream(await ref.getWorkflowRunId())), whole(5));
      },
      'the stream of a reference tells events too': async ({ deepEqual, ok }) => {
        const ref = await speaks.runNoWait({ id: 's3', count: 3 });
        await ref.getWorkflowRunId();
        const types = [];
        for await (const event of await ref.stream()) {
          if (`${event.type}`.includes('STREAM')) open('s3');
          types.push(`${event.type}`);
        }
        for (const word of ['STREAM', 'COMPLETED']) ok(types.some((type) => type.includes(word)), `${types}`);
        deepEqual(await ref.output, { count: 3 });
      },
      'a stream of a run that is over ends': async ({ deepEqual }) => {
        const ref = await chatty.runNoWait({});
        await ref.output;
        const chunks = [];
        for await (const chunk of hatchet.runs.subscribeToStream(await ref.getWorkflowRunId())) chunks.push(chunk);
        deepEqual(chunks, []);
      },
      'log lines, with their levels and attempts': async ({ deepEqual, eventually }) => {
        const ref = await talks.runNoWait({});
        await ref.output;
        const id = await ref.getWorkflowRunId();
        const rows = async (options) => ((await hatchet.logs.list(id, options)).rows ?? []).map((row) => row.message).sort();
        await eventually(async () => deepEqual(await rows(), ['a warning', 'an error', 'attempt 0', 'attempt 1', 'details', 'information']));
        deepEqual(await rows({ levels: ['ERROR', 'WARN'] }), ['a warning', 'an error']);
        deepEqual(await rows({ search: 'attempt' }), ['attempt 0', 'attempt 1']);
        deepEqual((await rows({ limit: 2 })).length, 2);
        deepEqual(await rows({ attempt: 1 }), ['attempt 0']);
      },
      'many log lines in order': async ({ deepEqual, eventually }) => {
        const ref = await chatty.runNoWait({});
        await ref.output;
        await eventually(async () => {
          const listed = await hatchet.logs.list(await ref.getWorkflowRunId(), { limit: 100, orderByDirection: 'ASC' });
          deepEqual(listed.rows.map((row) => row.message), times(50, (n) => `line ${n}`));
        });
      },
    },
  };
}
