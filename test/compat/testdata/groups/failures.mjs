// Retries, backoff, timeouts: what the engine does when a task does not succeed.
import { NonRetryableError } from '../hatchet.mjs';

export default function failures({ hatchet, note }) {
  const third = hatchet.task({
    name: 'third', retries: 3,
    fn: (_, ctx) => { if (ctx.retryCount() < 2) throw new Error(`attempt ${ctx.retryCount()}`); return { retry: ctx.retryCount() }; },
  });
  const never = hatchet.task({ name: 'never', retries: 2, fn: (input, ctx) => { note(input.id, ctx.retryCount()); throw new Error(`no ${ctx.retryCount()}`); } });
  const final = hatchet.task({ name: 'final', retries: 5, fn: (input, ctx) => { note(input.id, ctx.retryCount()); throw new NonRetryableError('give up'); } });
  const backoff = hatchet.task({
    name: 'backoff', retries: 2, backoff: { factor: 1, maxSeconds: 1 },
    fn: (input, ctx) => { note(input.id, Date.now()); if (ctx.retryCount() < 2) throw new Error('wait'); return { retry: ctx.retryCount() }; },
  });
  const stuck = ({ abortController: { signal } }) => new Promise((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end(); else signal.addEventListener('abort', end);
  });
  const timeout = hatchet.task({ name: 'timeout', executionTimeout: '1s', fn: async (input, ctx) => { note(input.id, 'began'); await stuck(ctx).finally(() => note(input.id, 'aborted')); } });
  const retried = hatchet.task({
    name: 'timeout-retried', executionTimeout: '2s', retries: 10, // so many for machines on which even a quick attempt takes long
    fn: async (_, ctx) => { if (ctx.retryCount() === 0) await stuck(ctx); return { retry: ctx.retryCount() }; },
  });
  const refreshed = hatchet.task({
    name: 'refreshed', executionTimeout: '5s',
    fn: async (_, ctx) => { await ctx.refreshTimeout('60s'); await new Promise((resolve) => setTimeout(resolve, 6000)); return { late: true }; },
  });
  const unscheduled = hatchet.task({ name: 'unscheduled', scheduleTimeout: '1s', desiredWorkerLabels: { nowhere: { value: 'x', required: true } }, fn: () => ({}) });
  const many = hatchet.workflow({ name: 'many-attempts' });
  many.task({ name: 'shaky', retries: 1, fn: (_, ctx) => { if (ctx.retryCount() === 0) throw new Error('shaken'); return { retry: ctx.retryCount() }; } });
  many.task({ name: 'steady', fn: (_, ctx) => ({ retry: ctx.retryCount() }) });
  many.onFailure({ fn: () => note('many-failed') });

  return {
    workflows: [third, never, final, backoff, timeout, retried, refreshed, unscheduled, many],
    worker: { slots: 20 },
    cases: {
      'a retry that succeeds': async ({ deepEqual }) => deepEqual(await third.run({}), { retry: 2 }),
      'retries come to an end': async ({ match, rejection, text, deepEqual, notes }) => {
        match(text(await rejection(never.run({ id: 'n' }))), /no 2/);
        deepEqual(notes('n'), [0, 1, 2]);
      },
      'an error that forbids retries': async ({ match, rejection, text, deepEqual, notes }) => {
        match(text(await rejection(final.run({ id: 'f' }))), /give up/);
        deepEqual(notes('f'), [0]);
      },
      'backoff puts time between attempts': async ({ deepEqual, ok, notes }) => {
        deepEqual(await backoff.run({ id: 'b' }), { retry: 2 });
        const [first, second, last] = notes('b');
        ok(second - first >= 950 && last - second >= 950, `${[first, second, last]}`);
      },
      'an execution timeout ends the attempt and tells it': async ({ match, rejection, text, deepEqual, notes, eventually }) => {
        for (let n = 0; ; n++) { // on a busy machine the second can be over before the handler is called
          match(text(await rejection(timeout.run({ id: `t${n}` }))), /exceeded timeout of 1s/);
          if (notes(`t${n}`).length > 0) return eventually(() => deepEqual(notes(`t${n}`), ['began', 'aborted']));
        }
      },
      'a timeout is retried': async ({ ok }) => { const { retry } = await retried.run({}); ok(retry >= 1, `${retry}`); },
      'a task asks for more time': async ({ deepEqual }) => deepEqual(await refreshed.run({}), { late: true }),
      'a schedule timeout cancels': async ({ eventually, equal }) => {
        const ref = await unscheduled.runNoWait({});
        await ref.output;
        await eventually(async () => equal(await hatchet.runs.get_status(await ref.getWorkflowRunId()), 'CANCELLED'));
      },
      'one task of several is retried': async ({ deepEqual, notes, equal }) => {
        const output = await many.run({});
        deepEqual([output.shaky, output.steady], [{ retry: 1 }, { retry: 0 }]);
        equal(notes('many-failed').length, 0);
      },
    },
  };
}
