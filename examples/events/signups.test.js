import { expect, test } from 'hatchet:test'
import './signups'

test('a sign-up is welcomed', async (t) => {
  await t.push('user:signup', { name: 'Ada', email: 'ada@example.com' })
  await t.idle()
  const [run] = t.runs({ workflow: 'user-events' })
  expect(await run.result()).toMatchObject({ route: { mail: { subject: 'Welcome, Ada!' } } })
  expect(run).toHaveSpawned('welcome-mail', 1)
})

test('other events are counted', async (t) => {
  await t.push('user:login', { name: 'Ada' })
  await t.idle()
  const [run] = t.runs({ workflow: 'user-events' })
  expect(await run.result()).toEqual({ route: { key: 'user:login', ignored: true } })
})
