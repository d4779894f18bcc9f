import axios from 'axios'

export default async ({ base }) => {
  const client = axios.create({ baseURL: base, headers: { 'X-Client': 'glue' }, timeout: 5000 })
  client.interceptors.request.use((config) => { config.headers.set('X-Seen', 'yes'); return config })
  const got = await client.get('/echo', { params: { q: 'a b', list: [1, 2] } })
  const posted = await client.post('/echo', { hello: 'wörld' })
  const failed = await client.get('/status/404').catch((e) => [axios.isAxiosError(e), e.code, e.response.status, e.response.data, e.message])
  const tolerated = await client.get('/status/500', { validateStatus: () => true })
  return [got.status, got.data.query, got.data.headers['x-client'], got.data.headers['x-seen'], posted.data.body, posted.data.headers['content-type'], failed, tolerated.status]
}
