// What our worker serves to the official client.
workflow.task('echo', (input) => ({ got: input }))
workflow.task('fails', (input) => { throw new TypeError(`no ${input.what}`) })
workflow.task('about', (input, ctx) => ({ metadata: ctx.additionalMetadata(), run: ctx.workflowRunId(), priority: ctx.priority() }))
workflow.task('third', { retries: 2 }, (input, ctx) => {
  if (ctx.retryCount() < 2) throw new Error('again')
  return { retry: ctx.retryCount() }
})
workflow('order')
  .task('validate', (input) => ({ ok: input.total > 0 }))
  .taskAfter('charge', ['validate'], (input, ctx) => ({ charged: ctx.parentOutput('validate').ok ? input.total : 0 }))
  .taskAfter('fulfil', ['charge'], (input, ctx) => ({ shipped: ctx.parentOutput('charge').charged > 0 }))
workflow('lame')
  .task('broken', () => { throw new Error('a leg is missing') })
  .onFailure((input, ctx) => ({ cleaned: ctx.failedTask }))
workflow.task('speaks', async (input, ctx) => {
  do {
    await ctx.putStream('.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  } while ((await hatchet.status(input.gate)) !== 'COMPLETED')
  for (let i = 0; i < input.count; i += 1) await ctx.putStream(`chunk ${i};`)
  return { count: input.count }
})
workflow.durableTask('gate', async (input, ctx) => ({ got: (await ctx.waitFor({ eventKey: `cross:${input.name}` })).CREATE }))
workflow.durableTask('naps', async (input, ctx) => {
  const before = await ctx.memo('before', () => ({ n: 1 }))
  await ctx.sleepFor('1s')
  return { before, child: await hatchet.run('echo', { deep: true }) }
})
workflow.task('waits', (input, ctx) => new Promise((resolve, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))))
workflow('on-cross').events('cross-event:*').task('take', (input) => ({ took: input }))
workflow.task('logs', async (input, ctx) => { await ctx.log('one'); console.log('two'); return {} })
