export const dunning = workflow.durableTask('dunning', async (input, ctx) => {
  for (let day = 1; day <= input.days; day++) {
    const woken = await ctx.waitFor([{ or: [{ sleepFor: '24h' }, { eventKey: 'invoice:paid' }] }].flatMap((g) => g.or.length ? [g] : []))
    if (JSON.stringify(woken).includes('invoice:paid')) return { stopped: true, sent: day - 1 }
    console.log(`reminder ${day}`)
  }
  return { sent: input.days }
})

export const nap = workflow.durableTask('nap', async (input, ctx) => {
  await ctx.sleepFor(input.for ?? '24h')
  return { slept: true, now: (await ctx.now()).toISOString() }
})

export const pay = workflow.durableTask('pay', async (input, ctx) => {
  const paid = await ctx.waitForEvent('paid')
  return { amount: paid.amount }
})

export const invoice = workflow('invoice')
  .task('validate', (input) => {
    if (!(input.total > 0)) throw new NonRetryableError('no total')
    return { ok: true }
  })
  .taskAfter('charge', ['validate'], (input, ctx) => {
    if (ctx.retryCount() < (input.declines ?? 0)) throw new Error('declined')
    return { id: 'ch_1' }
  })
  .retries(3).backoff({ factor: 2, maxSeconds: 60 })
  .taskAfter('receipt', ['charge'], (input, ctx) => ({ for: ctx.parentOutput('charge').id }))
  .onFailure((input, ctx) => { console.error(`failed: ${ctx.error}`) })

export const child = workflow.task('child', (input) => ({ doubled: input.n * 2 }))
export const parent = workflow.task('parent', async (input) => {
  const out = []
  for (let n = 1; n <= input.n; n++) out.push(await hatchet.run(child, { n }))
  return { sum: out.reduce((s, o) => s + o.doubled, 0) }
})

export const slow = workflow.task('slow', { executionTimeout: '10s' }, async (input) => {
  await new Promise((done) => setTimeout(done, input.ms))
  return { took: input.ms }
})

export const tick = workflow.task('tick', { cron: '*/5 * * * *' }, () => ({ at: new Date().toISOString() }))
export const onOrder = workflow.task('on-order', { events: 'order:*' }, (input) => ({ id: input.id }))
export const skipping = workflow('skipping')
  .task('first', () => ({ go: false }))
  .taskAfter('maybe', ['first'], { skipIf: (input, ctx) => !ctx.parentOutput('first').go }, () => ({ ran: true }))
export const limited = workflow.task('limited', { concurrency: { expression: 'input.key', maxRuns: 1, strategy: 'queue' } },
  async () => { await new Promise((done) => setTimeout(done, 1000)); return {} })
export const random = workflow.task('random', () => ({ n: Math.random(), at: Date.now() }))
export const chunks = workflow.task('chunks', async (input, ctx) => {
  for (const c of ['a', 'b', 'c']) await ctx.putStream(c)
  return {}
})
