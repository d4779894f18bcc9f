import winston from 'winston'
import { Writable } from 'node:stream'

export default async () => {
  const lines = []
  const stream = new Writable({ write: (chunk, _, done) => { lines.push(String(chunk).trim()); done() } })
  const log = winston.createLogger({ level: 'debug', format: winston.format.combine(winston.format.splat(), winston.format.json()), transports: [new winston.transports.Stream({ stream })] })
  log.info('paid %d', 3, { order: 'A' })
  log.child({ who: 'child' }).debug('more')
  log.silly('not written')
  await new Promise((done) => { log.on('finish', done); log.end() })
  return lines
}
