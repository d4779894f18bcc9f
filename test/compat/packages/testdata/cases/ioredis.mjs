import Redis from 'ioredis'

export default () => {
  const client = new Redis('redis://cache.example:6380/2', { lazyConnect: true })
  return [client.status, client.options.host, client.options.db]
}
