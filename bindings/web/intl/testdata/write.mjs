// Writes node.txt: what Node says to each line of expressions.txt. The test has
// the same names.
import { readFileSync, writeFileSync } from 'node:fs'

const here = (name) => new URL(name, import.meta.url)
const names = `const L = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'en-IN', 'de', 'de-AT', 'de-CH', 'fr', 'fr-CA', 'es', 'es-MX', 'it', 'nl', 'pt', 'pt-PT', 'pl', 'sv', 'da', 'nb', 'fi', 'cs', 'ja', 'zh'], d = new Date(Date.UTC(2026, 0, 5, 15, 4, 9, 78)), Z = { timeZone: 'UTC' };`
const flat = (value) => (Array.isArray(value) ? '[' + value.map(flat).join(' | ') + ']' : String(value))
const lines = readFileSync(here('expressions.txt'), 'utf8').split('\n').filter((line) => line && !line.startsWith('//'))
writeFileSync(here('node.txt'), lines.map((line) => JSON.stringify(flat(new Function(names + ' return ' + line)()))).join('\n') + '\n')
