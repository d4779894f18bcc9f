// Posts a line to the Slack channel of an incoming webhook. The webhook's URL is
// a secret: whoever has it may post.
import secrets from 'hatchet:secrets'

export async function slack(text) {
  const reply = await fetch(secrets.get('SLACK_WEBHOOK'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })
  if (!reply.ok) throw new Error(`Slack answers ${reply.status}: ${await reply.text()}`)
}
