// Order processing: validate, then charge with retries, then fulfil.
// When any task fails for good, onFailure sees which and why.

workflow('order-processing')
  .description('Process customer orders')
  .version('1.0.0')
  .events('order:created')
  .task('validate', (input) => {
    if (!(input.total > 0)) {
      throw new NonRetryableError(`order ${input.orderId ?? '(no id)'} has no total`)
    }
    return { ok: true, total: input.total }
  })
  .timeout('10s')
  .taskAfter('charge', ['validate'], (input, ctx) => {
    // The first attempts fail when the input asks for it: retries with backoff.
    if (ctx.retryCount() < (input.declines ?? 0)) {
      throw new Error(`card declined, attempt ${ctx.retryCount() + 1}`)
    }
    console.log('charged', ctx.parentOutput('validate').total)
    return { id: `ch_${input.orderId}`, amount: ctx.parentOutput('validate').total }
  })
  .retries(3)
  .backoff({ exponential: { baseMs: 100, maxMs: 2000 } })
  .timeout('30s')
  .taskAfter('fulfil', ['charge'], (input, ctx) => ({
    shipped: true,
    charge: ctx.parentOutput('charge').id,
  }))
  .onFailure((input, ctx) => {
    console.error(`order ${input.orderId} failed in ${ctx.failedTask}: ${ctx.error}`)
    return { notified: true, task: ctx.failedTask }
  })
