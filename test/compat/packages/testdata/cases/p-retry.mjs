import pRetry, { AbortError } from 'p-retry'

export default async () => {
  let calls = 0
  const seen = []
  const value = await pRetry(async (attempt) => { if (++calls < 3) throw new Error('try ' + attempt); return 'ok' }, { retries: 5, minTimeout: 1, onFailedAttempt: (c) => { seen.push([c.attemptNumber, c.retriesLeft, c.error.message]) } })
  const aborted = await pRetry(() => { throw new AbortError('stop') }, { retries: 5, minTimeout: 1 }).catch((e) => e.message)
  const spent = await pRetry(() => { throw new Error('never') }, { retries: 1, minTimeout: 1 }).catch((e) => e.message)
  return [value, calls, seen, aborted, spent]
}
