// Drains a node of Kubernetes over its API, as kubectl drain does: nothing new is
// scheduled there, and each pod is evicted as soon as its disruption budget
// allows. Between two passes the run sleeps without holding anything, and a
// restart of the worker does not lose it.
import secrets from 'hatchet:secrets'
import { api } from './lib/api'

const kube = () => api(process.env.KUBE_API, secrets.get('KUBE_TOKEN'))

export const cordon = workflow.task('cordon-node', { retries: 5 }, async ({ node }) => {
  await kube()('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: true } }, { 'content-type': 'application/merge-patch+json' })
  return { node }
})

// What stays on a node: pods of daemon sets, those of the node's own files, and
// what has ended.
const stays = ({ metadata, status }) =>
  metadata.ownerReferences?.some((owner) => owner.kind === 'DaemonSet') ||
  'kubernetes.io/config.mirror' in (metadata.annotations ?? {}) || ['Succeeded', 'Failed'].includes(status?.phase)

export const evict = workflow.task('evict-pods', { retries: 5 }, async ({ node }) => {
  const { items } = await kube()('GET', `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`)
  const left = items.filter((pod) => !stays(pod))
  for (const { metadata: { namespace, name, deletionTimestamp } } of left) {
    if (deletionTimestamp) continue // on its way
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } }
    await kube()('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction).catch((error) => {
      if (error.status !== 429 && error.status !== 404) throw error // a budget that does not allow it yet; gone
    })
  }
  return { left: left.map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`) }
})

export const drain = workflow.durableTask('drain-node', { executionTimeout: '2h' }, async ({ node, pause = '5s', passes = 360 }, ctx) => {
  await ctx.runChild(cordon, { node })
  for (let pass = 1; pass <= passes; pass++) {
    const { left } = await ctx.runChild(evict, { node })
    if (left.length === 0) return { node, passes: pass }
    await ctx.sleepFor(pause)
  }
  throw new Error(`${node} still has pods after ${passes} passes`)
})
