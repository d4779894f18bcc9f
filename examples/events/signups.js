// Event-driven: every event whose key begins with "user:" starts a run. A sign-up
// triggers a second workflow and waits for its output; the rest is only counted.

const welcome = workflow.task('welcome-mail', (input) => ({
  subject: `Welcome, ${input.name}!`,
  to: input.email,
}))

workflow('user-events')
  .events('user:*')
  .task('route', async (input, ctx) => {
    const key = ctx.triggeringEventKey() ?? 'manual'
    if (key !== 'user:signup') {
      return { key, ignored: true }
    }
    const mail = await hatchet.run(welcome, { name: input.name, email: input.email })
    return { key, ignored: false, mail }
  })
