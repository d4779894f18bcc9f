import { test, expect } from 'hatchet:test'

const echo = workflow.task('echo', (input) => input)

test('an input that is no object is refused', async (t) => {
  await expect(t.trigger(echo, [1])).rejects.toThrow('the input must be an object')
})
test('a workflow that is not there is refused', async (t) => {
  await expect(t.trigger('nobody', {})).rejects.toThrow('no workflow nobody')
})
test('fetch is refused', async (t) => {
  const get = t.mock.fetch('https://api.example.com/*', { json: { ok: true } })
  expect(await (await fetch('https://api.example.com/x')).json()).toEqual({ ok: true })
  expect(get.calls).toHaveLength(1)
  await expect(fetch('https://other.example.com/')).rejects.toThrow('is not mocked')
})
