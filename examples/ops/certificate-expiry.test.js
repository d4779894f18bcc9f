import { expect, test } from 'hatchet:test'
import { daysLeft, watch } from './certificate-expiry'

test('days are counted to the end of a certificate', () => {
  expect(daysLeft({ valid_to: 'Mar  1 12:00:00 2026 GMT' }, Date.UTC(2026, 1, 1))).toBe(28)
  expect(daysLeft({ valid_to: 'Jan 31 12:00:00 2026 GMT' }, Date.UTC(2026, 1, 1))).toBe(-1)
})

test('a host that cannot be reached, or whose certificate is not valid, is told', async (t) => {
  t.mock.env({ CERT_HOSTS: 'www.example.com,api.example.com:8443' })
  t.mock.secret({ SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/ops' })
  t.mock.fetch('HEAD https://www.example.com/*', new Error('certificate has expired'))
  t.mock.fetch('HEAD https://api.example.com:8443/*', new Error('connection refused'))
  const slack = t.mock.fetch('POST https://hooks.slack.com/*', 200)
  expect(await t.run(watch)).toHaveCompleted()
  expect(slack.calls[0].json.text).toBe('www.example.com: certificate has expired\napi.example.com:8443: connection refused')
})
