// A nightly dump by pg_dump. When the run fails for good, after its last attempt,
// onFailure tells the channel what went wrong and how to look at it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import secrets from 'hatchet:secrets'
import { slack } from './lib/slack'

const run = promisify(execFile)

export const backup = workflow('backup')
  .cron('0 1 * * *')
  .task('dump', { retries: 1, executionTimeout: '1h' }, async () => {
    const file = `data/backup/${new Date().toISOString().slice(0, 10)}.dump`
    // The password is not among the arguments, which every program on the machine could see.
    const env = { PGHOST: process.env.BACKUP_HOST, PGUSER: 'backup', PGPASSWORD: secrets.get('BACKUP_PASSWORD') }
    await run('pg_dump', ['--format=custom', `--file=${file}`, 'shop'], { env })
    return { file }
  })
  .onFailure((input, ctx) => slack(`backup failed in ${ctx.failedTask}: ${ctx.error}\nhatchet-js-worker runs get ${ctx.workflowRunId()}`))
