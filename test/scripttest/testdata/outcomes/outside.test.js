import { expect, test } from 'hatchet:test'
import { asks, charge, commit, follow, reads, report } from './outside'

test('a server answers', async (t) => {
  const server = t.mock.fetch('POST https://api.example.com/*', { json: { id: 'ch_1' } })
  expect((await t.run(charge, { id: 7, amount: 5 })).output).toEqual({ id: 'ch_1', type: 'application/json' })
  expect(server.calls).toHaveLength(1)
  expect(server.calls[0]).toMatchObject({ method: 'POST', url: 'https://api.example.com/charges?currency=eur', json: { amount: 5 } })
  expect(server.calls[0].header('Idempotency-Key')).toBe('k7')
})
test('a server that fails is tried again', async (t) => {
  const server = t.mock.fetch('https://api.example.com/charges*', [502, new Error('connection refused'), { status: 201, json: { id: 'x' } }])
  expect(await t.run(charge, { id: 7, amount: 5 })).toHaveAttempts('charge-card', 3)
  expect(server.calls.unique((c) => c.header('idempotency-key'))).toEqual(['k7'])
})
test('a server is a function, and slow on virtual time', async (t) => {
  t.mock.fetch('POST *', async (request) => ({ status: 200, json: { doubled: request.json.amount * 2 } }), { delay: '40s' })
  expect((await t.run(charge, { id: 1, amount: 21 })).output.doubled).toBe(42)
  expect(t.clock.elapsed).toBe('40s')
})
test('redirects lead to other mocks', async (t) => {
  t.mock.fetch('https://api.example.com/old', { status: 302, headers: { location: '/new' } })
  t.mock.fetch('GET https://api.example.com/new', 'moved')
  expect((await t.run(follow)).output).toEqual({ url: 'https://api.example.com/new', text: 'moved' })
})
test('the later mock wins', async (t) => {
  t.mock.fetch('*', 500)
  t.mock.fetch('https://api.example.com/*', { json: { id: 'later' } })
  expect((await t.run(charge, { id: 1, amount: 1 })).output.id).toBe('later')
})
test('what is not mocked is refused, and not tried again', async (t) => {
  const run = await t.run(charge, { id: 1, amount: 1 })
  expect(run).toHaveFailed(/NetworkNotMocked: POST https:\/\/api.example.com\/charges\?currency=eur is not mocked: add t.mock.fetch\('POST .*--allow-net=api.example.com/)
  expect(run).toHaveAttempts('charge-card', 1)
})
test('a program', async (t) => {
  const git = t.mock.exec('git commit *', { stdout: '[main 1a2b3c]' })
  expect((await t.run(commit, { message: 'a b' })).output).toEqual({ stdout: '[main 1a2b3c]' })
  expect(git.calls[0]).toMatchObject({ command: 'git commit -m a b', args: ['commit', '-m', 'a b'] })
})
test('a program that fails', async (t) => {
  t.mock.exec('git', { code: 128, stderr: 'not a repository' })
  expect((await t.run(commit, { message: 'a' })).output).toMatchObject({ code: 128, stderr: 'not a repository' })
})
test('a program that is not mocked', async (t) => {
  expect((await t.run(commit, { message: 'a' })).output.name).toBe('NotCapable')
})
test('files and variables', async (t) => {
  const files = t.mock.fs({ 'data/in.csv': 'a\nb\nc\n' })
  t.mock.env({ ZONE: 'eu' })
  expect((await t.run(report)).output).toEqual({ files: ['in.csv', 'out'], zone: 'eu', home: true })
  expect(files.read('data/out/deep/sum.txt')).toBe('3')
  expect(files.read('data/none')).toBeUndefined()
})
test('files of one test are not those of another', async (t) => {
  const files = t.mock.fs({ 'data/': '' })
  expect(await t.run(report)).toHaveFailed(/ENOENT/)
  expect(files.read('data/out/deep/sum.txt')).toBeUndefined()
})
test('a file that is not mocked', async (t) => {
  expect(await t.run(reads)).toHaveFailed(/NotCapable: Requires read access to "\/etc\/hostname".*t.mock.fs/)
})
test('a variable that is not mocked', async (t) => {
  expect(await t.run(asks)).toHaveFailed(/NotCapable: Requires env access to "TOKEN".*t.mock.env/)
})
test('a test grants', { permissions: { env: ['TOKEN'] } }, async (t) => {
  expect((await t.run(asks)).output).toEqual({})
})
test('mocks that are never called are named', (t) => {
  t.mock.fetch('https://never.example.com/', 200)
  t.mock.exec('never', 0)
})
test('✗ write a URL | a pattern without a server', (t) => { t.mock.fetch('/charges', 200) })
test('✗ unknown option body | an unknown part of a reply', (t) => { t.mock.fetch('https://a.example.com/', { body: 1 }) })
test('✗ it can have one body | a reply with two bodies', (t) => { t.mock.fetch('https://a.example.com/', { json: 1, text: '' }) })
test('✗ the reply must be a status | a reply that is none', (t) => { t.mock.fetch('https://a.example.com/', true) })
test('✗ PORT must be a text | a variable that is no text', (t) => { t.mock.env({ PORT: 80 }) })
test('✗ no mocked file lies in the folder | reading what is not mocked', (t) => { t.mock.fs({ 'a/b': '' }).read('c/d') })
