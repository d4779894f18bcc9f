import ky, { HTTPError } from 'ky'

export default async ({ base }) => {
  const client = ky.create({ prefixUrl: base, headers: { 'x-client': 'glue' }, retry: { limit: 2, delay: () => 1 }, hooks: { beforeRequest: [(request) => { request.headers.set('x-seen', 'yes') }] } })
  const got = await client.get('echo', { searchParams: { q: 'a b' } }).json()
  const posted = await client.post('echo', { json: { hello: 'wörld' } }).json()
  const failed = await client.get('status/404').catch((e) => [e instanceof HTTPError, e.response.status, e.message.replace(base, '')])
  const retried = await client.get('flaky/' + (typeof workflow === 'undefined' ? 'node' : 'ours')).text()
  return [got.query, got.headers['x-client'], got.headers['x-seen'], posted.body, posted.headers['content-type'], failed, retried]
}
