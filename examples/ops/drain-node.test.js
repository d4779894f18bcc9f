import { expect, test } from 'hatchet:test'
import { drain } from './drain-node'

const pod = (name, more = {}) => ({ metadata: { namespace: 'shop', name, ...more }, status: { phase: 'Running' } })

const cluster = (t) => {
  t.mock.env({ KUBE_API: 'https://kubernetes.default.svc' })
  t.mock.secret({ KUBE_TOKEN: 'token-of-the-cluster' })
  const pods = [
    pod('web'), pod('db'), pod('logs', { ownerReferences: [{ kind: 'DaemonSet' }] }), pod('etcd', { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    { ...pod('job'), status: { phase: 'Succeeded' } },
  ]
  const cordoned = t.mock.fetch('PATCH https://kubernetes.default.svc/api/v1/nodes/n1', { json: {} })
  t.mock.fetch('GET https://kubernetes.default.svc/api/v1/pods?fieldSelector=spec.nodeName%3Dn1', () => ({ json: { items: pods } }))
  const evicted = t.mock.fetch('POST https://kubernetes.default.svc/api/v1/namespaces/shop/pods/*', ({ json }) => {
    const { name } = json.metadata
    const asked = evicted.calls.filter((call) => call.json.metadata.name === name).length
    if (name === 'db' && asked < 3) return { status: 429, json: { reason: 'TooManyRequests' } }
    pods.splice(pods.findIndex((p) => p.metadata.name === name), 1)
    return { status: 201, json: {} }
  })
  return { cordoned, evicted }
}

test('pods leave as their budgets allow, and those of the node stay', async (t) => {
  const { cordoned, evicted } = cluster(t)
  const run = await t.run(drain, { node: 'n1' })
  expect(run).toHaveCompleted({ node: 'n1', passes: 4 })
  expect(run).toHaveSlept('5s', { times: 3 })
  expect(cordoned.calls[0].json).toEqual({ spec: { unschedulable: true } })
  expect(evicted.calls.map((call) => call.json.metadata.name)).toEqual(['web', 'db', 'db', 'db'])
})

test('a worker that dies at any point is no reason to begin again', async (t) => {
  t.fault.crashWorker({ at: 'every-checkpoint' })
  cluster(t)
  expect(await t.run(drain, { node: 'n1' })).toHaveCompleted()
})

test('a node that does not get empty fails the run', async (t) => {
  t.mock.env({ KUBE_API: 'https://kubernetes.default.svc' })
  t.mock.secret({ KUBE_TOKEN: 'token-of-the-cluster' })
  t.mock.fetch('PATCH https://kubernetes.default.svc/*', { json: {} })
  t.mock.fetch('GET https://kubernetes.default.svc/*', { json: { items: [pod('web')] } })
  t.mock.fetch('POST https://kubernetes.default.svc/*', 429)
  expect(await t.run(drain, { node: 'n1', passes: 3 })).toHaveFailed(/n1 still has pods after 3 passes/)
})
