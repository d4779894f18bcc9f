// Rotates an API key: a new one is made, tried, put into Vault, where the
// applications read it, and only then is the old one taken back. An attempt that
// fails in between is repeated and ends the same: the request for a new key
// carries the run's id, and Vault keeps which key it replaces.
import secrets from 'hatchet:secrets'
import { api } from './lib/api'
import { slack } from './lib/slack'

export const rotate = workflow('rotate-api-key')
  .cron('0 4 1 * *')
  .task('rotate', { retries: 3, backoff: { exponential: { baseMs: 1000, maxMs: 60_000 } } }, async (input, ctx) => {
    const service = input.service ?? 'billing'
    const keys = api(process.env.KEYS_URL, secrets.get('KEYS_TOKEN'))
    const vault = api(process.env.VAULT_ADDR, secrets.get('VAULT_TOKEN'))

    const { data } = (await vault('GET', `/v1/secret/data/${service}`)).data
    const made = await keys('POST', '/keys', { service }, { 'idempotency-key': ctx.workflowRunId() })
    await api(process.env.KEYS_URL, made.key)('GET', '/whoami')

    const replaced = data.id === made.id ? data.replaced : data.id
    await vault('POST', `/v1/secret/data/${service}`, { data: { id: made.id, key: made.key, replaced } })
    await keys('DELETE', `/keys/${replaced}`).catch((error) => {
      if (error.status !== 404) throw error // it is gone already
    })
    return { service, id: made.id, replaced } // and not the key: outputs are kept and shown
  })
  .onFailure((input, ctx) => slack(`The key of ${input.service ?? 'billing'} was not rotated: ${ctx.error}`))
