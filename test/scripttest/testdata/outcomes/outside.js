import { execFile } from 'node:child_process'
import { readFile, writeFile, mkdir, readdir } from 'node:fs/promises'

export const charge = workflow.task('charge-card', { retries: 2, backoff: { factor: 2, maxSeconds: 10 } }, async (input) => {
  const response = await fetch('https://api.example.com/charges?currency=eur', {
    method: 'POST', headers: { 'Idempotency-Key': `k${input.id}` }, body: JSON.stringify({ amount: input.amount }),
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return { ...(await response.json()), type: response.headers.get('content-type') }
})

export const follow = workflow.task('follow', async () => {
  const response = await fetch('https://api.example.com/old')
  return { url: response.url, text: await response.text() }
})

export const commit = workflow.task('commit', async (input) => {
  try {
    const execFileAsync = (file, args) => new Promise((done, fail) => execFile(file, args, (error, stdout, stderr) =>
      error ? fail(Object.assign(error, { stderr })) : done({ stdout, stderr })))
    const { stdout } = await execFileAsync('git', ['commit', '-m', input.message])
    return { stdout }
  } catch (e) { return { name: e.name, code: e.code, stderr: e.stderr } }
})

export const report = workflow.task('report', async () => {
  const rows = (await readFile('data/in.csv', 'utf8')).trim().split('\n')
  await mkdir('data/out/deep', { recursive: true })
  await writeFile('data/out/deep/sum.txt', String(rows.length))
  return { files: await readdir('data'), zone: process.env.ZONE, home: Object.keys(process.env).includes('ZONE') }
})

export const reads = workflow.task('reads', async () => ({ text: await readFile('/etc/hostname', 'utf8') }))
export const asks = workflow.task('asks', () => ({ token: process.env.TOKEN }))
