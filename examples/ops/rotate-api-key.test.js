import { beforeEach, expect, test } from 'hatchet:test'
import { rotate } from './rotate-api-key'

beforeEach((t) => {
  t.mock.env({ KEYS_URL: 'https://keys.example.com', VAULT_ADDR: 'https://vault.example.com:8200' })
  t.mock.secret({ KEYS_TOKEN: 'token-of-keys', VAULT_TOKEN: 'token-of-vault', SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/ops' })
})

const kept = (data) => ({ json: { data: { data } } })

test('the new key is kept before the old one is taken back', async (t) => {
  const order = []
  const noted = (reply) => (request) => {
    order.push(`${request.method} ${new URL(request.url).pathname}`)
    return reply
  }
  const made = t.mock.fetch('POST https://keys.example.com/keys', noted({ json: { id: 'k2', key: 'key-number-two' } }))
  const tried = t.mock.fetch('GET https://keys.example.com/whoami', noted({ json: {} }))
  const stored = t.mock.fetch('POST https://vault.example.com:8200/v1/secret/data/billing', noted(200))
  t.mock.fetch('GET https://vault.example.com:8200/v1/secret/data/billing', noted(kept({ id: 'k1', key: 'key-number-one' })))
  t.mock.fetch('DELETE https://keys.example.com/keys/k1', noted(204))
  const run = await t.run(rotate, {})
  expect(run).toHaveCompleted({ rotate: { service: 'billing', id: 'k2', replaced: 'k1' } })
  expect(order).toEqual(['GET /v1/secret/data/billing', 'POST /keys', 'GET /whoami', 'POST /v1/secret/data/billing', 'DELETE /keys/k1'])
  expect(tried.calls[0].header('authorization')).toBe('Bearer key-number-two')
  expect(made.calls[0].header('idempotency-key')).toBe(run.id)
  expect(stored.calls[0].json.data).toEqual({ id: 'k2', key: 'key-number-two', replaced: 'k1' })
})

test('an attempt after a failed one takes back the key that was replaced', async (t) => {
  const made = t.mock.fetch('POST https://keys.example.com/keys', { json: { id: 'k2', key: 'key-number-two' } })
  t.mock.fetch('GET https://keys.example.com/whoami', { json: {} })
  t.mock.fetch('POST https://vault.example.com:8200/v1/secret/data/mail', 200)
  t.mock.fetch('GET https://vault.example.com:8200/v1/secret/data/mail', [kept({ id: 'k1' }), kept({ id: 'k2', replaced: 'k1' })])
  const deleted = t.mock.fetch('DELETE https://keys.example.com/keys/k1', [500, 204])
  const run = await t.run(rotate, { service: 'mail' })
  expect(run).toHaveAttempts('rotate', 2)
  expect(run).toHaveCompleted({ rotate: { service: 'mail', id: 'k2', replaced: 'k1' } })
  expect(deleted.calls).toHaveLength(2)
  expect(made.calls.unique((call) => call.header('idempotency-key'))).toHaveLength(1)
})

test('when it cannot be done, Slack hears of it and the old key stays', async (t) => {
  t.mock.fetch('GET https://vault.example.com:8200/*', kept({ id: 'k1' }))
  t.mock.fetch('POST https://keys.example.com/keys', { status: 403, text: 'no more keys' })
  const slack = t.mock.fetch('POST https://hooks.slack.com/*', 200)
  const run = await t.run(rotate, {})
  expect(run).toHaveFailed(/answers 403: no more keys/)
  expect(slack.calls[0].json.text).toMatch(/^The key of billing was not rotated: .*403/)
})
