// A durable task: it survives restarts, and while it waits it costs nothing.
// memo remembers a value, sleepFor and waitFor are kept by the engine; after
// each of them the function is run again from the top, with what it has already
// learned answered from the log.

workflow.durableTask('payment-reminder', { executionTimeout: '30s' }, async (input, ctx) => {
  const reminder = await ctx.memo('text', () => `Invoice ${input.invoice} is due`)
  await ctx.sleepFor(input.after ?? '24h')
  console.log('reminder sent:', reminder)
  return { reminder, after: input.after ?? '24h' }
})

// Waits until somebody pushes approval:<id>, or gives up after the deadline.
workflow.durableTask('approval', { executionTimeout: '30s' }, async (input, ctx) => {
  const answer = await ctx.waitFor({
    or: [{ eventKey: `approval:${input.id}` }, { sleepFor: input.deadline ?? '1h' }],
  })
  const events = answer.CREATE?.[`approval:${input.id}`]
  return events ? { approved: true, by: events[0]?.by } : { approved: false }
})
