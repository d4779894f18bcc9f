// Concurrency: what may run beside what.
import { ConcurrencyLimitStrategy as Strategy } from '../hatchet.mjs';

export default function concurrency({ hatchet, note, open, pass }) {
  const body = async (input, ctx) => {
    note(input.id, [input.n, 'began', input.key ?? null]);
    if (input.gate) await pass(input.gate, ctx);
    note(input.id, [input.n, ctx.cancelled ? 'cancelled' : 'ended', input.key ?? null]);
    return { n: input.n };
  };
  // Tasks wait for the client where it must see them run: nothing depends on how long they take.
  const task = (name, limit) => hatchet.task({ name, executionTimeout: '120s', scheduleTimeout: '120s', concurrency: limit, fn: body });
  const limit = (limitStrategy, maxRuns = 1, expression = 'input.key') => ({ expression, maxRuns, limitStrategy });

  const rr = task('rr', limit(Strategy.GROUP_ROUND_ROBIN, 2));
  const inProgress = task('in-progress', limit(Strategy.CANCEL_IN_PROGRESS));
  const newest = task('newest', limit(Strategy.CANCEL_NEWEST));
  const two = task('two-keys', [limit(Strategy.GROUP_ROUND_ROBIN, 10, 'input.team'), limit(Strategy.GROUP_ROUND_ROBIN, 1, 'input.user')]);
  const broken = task('broken-key', limit(Strategy.GROUP_ROUND_ROBIN, 1, 'input.missing'));
  const whole = hatchet.workflow({ name: 'whole', concurrency: limit(Strategy.GROUP_ROUND_ROBIN, 1, '"all"') });
  const first = whole.task({ name: 'first', fn: body });
  whole.task({ name: 'second', parents: [first], fn: body });
  const wholeNewest = hatchet.workflow({ name: 'whole-newest', concurrency: limit(Strategy.CANCEL_NEWEST, 1, 'input.key') });
  const a = wholeNewest.task({ name: 'a', executionTimeout: '120s', fn: body });
  wholeNewest.task({ name: 'b', parents: [a], fn: body });

  // The most that ran at once for one key.
  const peak = (events, key) => {
    let now = 0;
    return events.filter(([, , k]) => key === undefined || k === key).reduce((most, [, what]) => Math.max(most, (now += what === 'began' ? 1 : -1)), 0);
  };
  const status = (ref) => ref.getWorkflowRunId().then((id) => hatchet.runs.get_status(id));
  const began = (notes, id) => notes(id).filter(([, what]) => what === 'began').length;

  return {
    workflows: [rr, inProgress, newest, two, broken, whole, wholeNewest],
    worker: { slots: 60 },
    cases: {
      'round robin: so many of a key at a time': async ({ eventually, equal, notes, times }) => {
        const refs = await rr.runNoWait(times(12, (n) => ({ id: 'rr', n, key: n % 2 ? 'odd' : 'even', gate: 'rr' })));
        await eventually(() => equal(began(notes, 'rr'), 4));
        open('rr');
        await Promise.all(refs.map((ref) => ref.output));
        equal(began(notes, 'rr'), 12);
        equal(peak(notes('rr'), 'odd') <= 2 && peak(notes('rr'), 'even') <= 2, true);
      },
      'cancel in progress: the newest runs': async ({ eventually, deepEqual, equal, notes }) => {
        const old = await inProgress.runNoWait({ id: 'ip', n: 1, key: 'k', gate: 'ip' });
        await eventually(() => equal(began(notes, 'ip'), 1));
        const young = await inProgress.runNoWait({ id: 'ip', n: 2, key: 'k', gate: 'ip' });
        await eventually(async () => equal(await status(old), 'CANCELLED'));
        await eventually(() => equal(began(notes, 'ip'), 2));
        await eventually(() => deepEqual(notes('ip').filter(([, what]) => what === 'cancelled').map(([n]) => n), [1]));
        open('ip');
        deepEqual(await young.output, { n: 2 });
      },
      'cancel newest: the oldest runs': async ({ eventually, deepEqual, equal, notes }) => {
        const old = await newest.runNoWait({ id: 'cn', n: 1, key: 'k', gate: 'cn' });
        await eventually(() => equal(began(notes, 'cn'), 1));
        const young = await newest.runNoWait({ id: 'cn', n: 2, key: 'k', gate: 'cn' });
        const other = await newest.runNoWait({ id: 'cn', n: 3, key: 'other' });
        await eventually(async () => equal(await status(young), 'CANCELLED'));
        deepEqual(await other.output, { n: 3 });
        open('cn');
        deepEqual(await old.output, { n: 1 });
        deepEqual(notes('cn').filter(([, what]) => what === 'began').map(([n]) => n).sort(), [1, 3]);
      },
      'two keys at once': async ({ eventually, equal, notes, times }) => {
        const refs = await two.runNoWait(times(6, (n) => ({ id: 'tk', n, team: 't', user: `u${n % 3}`, key: `u${n % 3}`, gate: 'tk' })));
        await eventually(() => equal(began(notes, 'tk'), 3));
        open('tk');
        await Promise.all(refs.map((ref) => ref.output));
        for (const user of ['u0', 'u1', 'u2']) equal(peak(notes('tk'), user), 1);
      },
      'a key that cannot be computed fails the run': async ({ eventually, equal }) => {
        const ref = await broken.runNoWait({ id: 'bk', n: 1 });
        await eventually(async () => equal(await status(ref), 'FAILED'));
      },
      'a whole workflow, one after the other': async ({ deepEqual, notes, times }) => {
        const refs = await whole.runNoWait(times(4, (n) => ({ id: 'wh', n })));
        await Promise.all(refs.map((ref) => ref.output));
        const order = notes('wh').map(([n]) => n);
        deepEqual(order.filter((n, i) => n !== order[i - 1]).length, 4, `${order}`);
      },
      'a whole workflow, the newest cancelled': async ({ eventually, equal, deepEqual, notes }) => {
        const old = await wholeNewest.runNoWait({ id: 'wn', n: 1, key: 'k', gate: 'wn' });
        await eventually(() => equal(began(notes, 'wn'), 1));
        const young = await wholeNewest.runNoWait({ id: 'wn', n: 2, key: 'k', gate: 'wn' });
        await eventually(async () => equal(await status(young), 'CANCELLED'));
        open('wn');
        deepEqual(await old.output, { a: { n: 1 }, b: { n: 1 } });
      },
    },
  };
}
