// Checked by the TypeScript compiler: what must be accepted, and, where a
// comment says so, what must not.

interface Order {
  orderId: string;
  total: number;
}

const orders = workflow<Order>('orders')
  .events('order:created', 'order:*')
  .cron('0 9 * * 1')
  .concurrency(5, 'queue')
  .concurrency({ expression: 'input.customer', maxRuns: 5, strategy: 'drop-newest' })
  .task('validate', (input) => ({ ok: input.total > 0 }))
  .taskAfter('charge', ['validate'], async (input, ctx) => ({ id: `ch_${input.orderId}`, ok: ctx.parentOutput('validate').ok }))
  .retries(3)
  .backoff({ exponential: { baseMs: 1000, maxMs: 60000 } })
  .timeout('30s')
  .rateLimit({ key: 'api', units: 1, limit: 100, duration: 'minute' })
  .skipIf((input, ctx) => input.total === 0 && ctx.parentOutput('validate').ok)
  .task('wait', { parents: ['charge'], waitFor: [{ sleepFor: '1h' }, { or: [{ eventKey: 'a' }, { eventKey: 'b', expression: 'true' }] }] }, () => 1)
  .onFailure((input, ctx) => {
    const message: string | undefined = ctx.error;
    console.error(ctx.failedTask, message, input.orderId);
  });

// @ts-expect-error there is no such parent
orders.taskAfter('late', ['chargee'], () => 1);
// @ts-expect-error there is no such option
orders.task('late', { retriess: 3 }, () => 1);
// @ts-expect-error there is no such method
orders.retry(3);
// @ts-expect-error there is no such strategy
orders.concurrency(5, 'newest');
// @ts-expect-error a handler is a function
workflow.task('broken', { retries: 1 }, 'not a function');

const double = workflow.task('double', { cron: '0 3 * * *', retries: 2 }, (input: { n: number }) => ({ n: input.n * 2 }));

workflow.durableTask('dunning', { checkpointKey: 'dunning' }, async (input: { days: number }, ctx) => {
  const begun: number = await ctx.memo('begun', () => 1);
  await ctx.sleepFor('24h');
  await ctx.sleepUntil(new Date((await ctx.now()).getTime() + 1000));
  const answer = await ctx.waitFor({ or: [{ eventKey: 'paid' }, { sleepFor: { hours: 1 } }] });
  const paid = await ctx.waitForEvent<{ by: string }>('paid', { scope: 'eu', lookback: '1h' });
  return { begun, by: paid.by, first: answer.CREATE?.paid?.[0], count: ctx.invocationCount };
});

const mails = workflow.batchTask('mails', { batch: { maxSize: 100, maxInterval: '2s', groupKey: 'input.to' }, cron: '* * * * *' }, async (inputs: Record<string, { to: string }>, ctx) => {
  const out: Record<string, { sent: boolean } | Error> = {};
  for (const [id, input] of Object.entries(inputs)) {
    const run: string | undefined = ctx.batch?.members[id].workflowRunId;
    out[id] = input.to === '' ? new Error('no address in ' + run) : { sent: true };
  }
  return out;
});
workflow.batchTask('sum', { batch: { maxSize: 3, broadcastOutput: true } }, (inputs: Record<string, { n: number }>) => ({ sum: Object.keys(inputs).length }));
// @ts-expect-error a batch task says how large a batch is
workflow.batchTask('broken-batch', { batch: { maxInterval: '1s' } }, () => ({}));
// @ts-expect-error a durable task is no batch task
workflow.durableTask('broken-durable', { batch: { maxSize: 1 } }, () => 1);
workflow('batches').task('a', () => 1).batchTask('b', { parents: ['a'], batch: { maxSize: 2 } }, (inputs) => Object.fromEntries(Object.keys(inputs).map((id) => [id, 1])));

workflow('children').task('parent', async (input, ctx) => {
  const out = await hatchet.run(double, { n: 1 }, { key: 'a', priority: 3, additionalMetadata: { x: 1 } });
  const doubled: number = out.n;
  const ref = await hatchet.runNoWait(orders, { orderId: 'a', total: 1 });
  const validated: boolean = (await ref.result()).validate.ok;
  const refs = await hatchet.runMany('anything', [{ a: 1 }, {}]);
  const statuses = await Promise.all(refs.map((one) => one.status()));
  await double.run({ n: 2 });
  const sent: boolean = (await mails.run({ to: 'a' })).sent;
  console.log(sent);
  await hatchet.cancel([ref, 'id']);
  // @ts-expect-error the input has another type
  await hatchet.run(double, { n: 'one' });
  await hatchet.events.push('order:created', { orderId: 'a' }, { scope: 'eu' });
  await hatchet.events.bulkPush('order:created', [{ payload: { a: 1 }, priority: 1 }]);
  ctx.log('a message', 'warn', { n: 1 });
  ctx.logger.info('another');
  ctx.signal.addEventListener('abort', () => console.log('stopped'), { once: true });
  await ctx.putStream(new TextEncoder().encode('x'));
  await ctx.refreshTimeout('1m');
  if (input.fatal) throw new NonRetryableError('no', { cause: new Error('why') });
  return { doubled, validated, statuses, id: crypto.randomUUID(), host: new URL('https://example.com').host };
});

workflow('requests').task('get', async (input, ctx) => {
  const form = new FormData();
  form.append('file', new File(['x'], 'x.txt', { type: 'text/plain' }));
  const response: Response = await fetch(new URL('https://example.com'), { method: 'POST', body: form, headers: { a: 'b' }, signal: ctx.signal });
  if (!response.ok) throw new Error(response.statusText, { cause: await response.json() });
  let size = 0;
  for await (const chunk of response.clone().body ?? []) size += chunk.length;
  // @ts-expect-error there are three ways to deal with a redirect
  await fetch('https://example.com', { redirect: 'often' });
  return { size, names: [...response.headers.keys()], text: await new Blob(['a']).text() };
});
