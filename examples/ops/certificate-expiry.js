// Looks at the certificates of some hosts each morning and says so in good time
// before one expires. One that is not valid any more is found, too: connecting
// fails, with the reason.
import https from 'node:https'
import { slack } from './lib/slack'

const warnAt = 21 // days

const certificateOf = (host) => new Promise((resolve, reject) => {
  const { hostname, port } = new URL(`https://${host}`)
  const request = https.request({ hostname, port, method: 'HEAD' }, (response) => {
    response.resume()
    resolve(response.socket.getPeerCertificate())
  })
  request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 seconds')))
  request.on('error', reject)
  request.end()
})

export const daysLeft = (certificate, now = Date.now()) => Math.floor((Date.parse(certificate.valid_to) - now) / 86_400_000)

export const watch = workflow.task('certificate-expiry', { cron: '0 7 * * *', retries: 2 }, async () => {
  const looked = await Promise.all(process.env.CERT_HOSTS.split(',').map(async (host) => {
    try {
      return { host, days: daysLeft(await certificateOf(host)) }
    } catch (error) {
      if (error.name === 'NotCapable') throw error // a host that hatchet-js.json does not list
      return { host, error: error.message }
    }
  }))
  const lines = looked.filter(({ days, error }) => error || days < warnAt)
    .map(({ host, days, error }) => (error ? `${host}: ${error}` : `${host} has a certificate for ${days} more days`))
  if (lines.length > 0) await slack(lines.join('\n'))
  return looked
})
