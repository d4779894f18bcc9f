// A standalone task on a schedule: every day at three in the morning, UTC.
// Prefix the expression with TZ=Europe/Paris for another time zone.

workflow.task('rotate-keys', { cron: '0 3 * * *', retries: 2 }, (input, ctx) => {
  const period = Math.floor(Date.now() / 86_400_000)
  ctx.log(`rotating to the key of day ${period}`)
  return { key: `key-${period}`, reason: input?.reason ?? 'schedule' }
})
