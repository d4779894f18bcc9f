// Runs every case of ./cases and prints one line for each: its name and what it
// gave, as JSON text, or its error. node run.mjs BASE-URL
import { readdirSync } from 'node:fs'

for (const file of readdirSync(new URL('./cases/', import.meta.url))) {
  const name = file.replace(/\.mjs$/, '')
  try {
    const { default: run } = await import('./cases/' + file)
    console.log(JSON.stringify({ name, value: JSON.stringify(await run({ base: process.argv[2] })) }))
  } catch (error) {
    console.log(JSON.stringify({ name, error: String(error?.stack ?? error) }))
  }
}
