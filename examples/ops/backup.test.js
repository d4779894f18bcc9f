import { beforeEach, expect, test } from 'hatchet:test'
import { backup } from './backup'

beforeEach((t) => {
  t.mock.env({ BACKUP_HOST: 'db.example.com' })
  t.mock.secret({ BACKUP_PASSWORD: 'the-password', SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/ops' })
})

test('a dump carries its day', { start: '2026-03-01T01:00:00Z' }, async (t) => {
  const dump = t.mock.exec('pg_dump', 0)
  expect(await t.run(backup)).toHaveCompleted({ dump: { file: 'data/backup/2026-03-01.dump' } })
  expect(dump.calls[0].args).toEqual(['--format=custom', '--file=data/backup/2026-03-01.dump', 'shop'])
})

test('Slack hears of a run that failed, once and without the password', async (t) => {
  t.mock.exec('pg_dump', { code: 1, stderr: 'pg_dump: error: connection to "db" failed' })
  const slack = t.mock.fetch('POST https://hooks.slack.com/*', 200)
  const run = await t.run(backup)
  expect(run).toHaveFailed(/connection to "db" failed/)
  expect(run).toHaveAttempts('dump', 2)
  expect(slack.calls).toHaveLength(1)
  expect(slack.calls[0].json.text).toMatch(/^backup failed in dump: .*connection to "db" failed/s)
  expect(slack.calls[0].json.text).not.toContain('the-password')
})
