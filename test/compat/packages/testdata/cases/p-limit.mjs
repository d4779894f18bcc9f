import pLimit from 'p-limit'

export default async () => {
  const limit = pLimit(2)
  let active = 0
  let most = 0
  const job = (n) => limit(async () => { most = Math.max(most, ++active); await new Promise((r) => setTimeout(r, 2)); active--; return n * n })
  const results = await Promise.all([1, 2, 3, 4, 5].map(job))
  const failure = await limit(() => Promise.reject(new Error('no'))).catch((e) => e.message)
  return [results, most, limit.activeCount, limit.pendingCount, failure]
}
