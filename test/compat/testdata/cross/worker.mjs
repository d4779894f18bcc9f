// The official worker for our client.
export default function worker({ hatchet, note }) {
  const echo = hatchet.task({ name: 'echo', fn: (input, ctx) => ({ got: input, metadata: ctx.additionalMetadata(), priority: ctx.priority() ?? null }) });
  const fails = hatchet.task({ name: 'fails', fn: () => { throw new Error('out of luck'); } });
  const order = hatchet.workflow({ name: 'order' });
  const validate = order.task({ name: 'validate', fn: (input) => ({ ok: input.total > 0 }) });
  order.task({ name: 'charge', parents: [validate], fn: async (input, ctx) => ({ charged: (await ctx.parentOutput(validate)).ok ? input.total : 0 }) });
  const gate = hatchet.durableTask({ name: 'gate', executionTimeout: '120s', fn: async (input, ctx) => ({ got: await ctx.waitForEvent(`cross:${input.name}`, 'true') }) });
  const waits = hatchet.task({
    name: 'waits', executionTimeout: '120s',
    fn: async (_, ctx) => { note('waits', 'began'); await new Promise((resolve) => ctx.abortController.signal.addEventListener('abort', resolve)); note('waits', 'aborted'); },
  });
  const taken = hatchet.task({ name: 'taken', onEvents: ['cross-event:*'], fn: (input) => { note('taken', input); return {}; } });
  return { workflows: [echo, fails, order, gate, waits, taken], cases: {} };
}
