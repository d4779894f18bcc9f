import { Command, CommanderError } from 'commander'

export default async () => {
  const out = []
  const program = new Command('orders').exitOverride().configureOutput({ writeOut: (text) => out.push(text), writeErr: (text) => out.push(text) })
  program.command('pay').argument('<id>').option('-n, --times <number>', 'how often', Number, 1).option('--dry').action((id, options) => out.push({ id, ...options }))
  await program.parseAsync(['pay', 'A-1', '-n', '3', '--dry'], { from: 'user' })
  try {
    await program.parseAsync(['pay'], { from: 'user' })
  } catch (error) {
    out.push([error instanceof CommanderError, error.code])
  }
  return [out, program.helpInformation()]
}
