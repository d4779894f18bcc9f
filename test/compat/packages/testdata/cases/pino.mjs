import pino from 'pino'

export default () => {
  const lines = []
  const log = pino({ base: null, timestamp: false, level: 'debug', redact: ['card.number'] }, { write: (line) => lines.push(JSON.parse(line)) })
  log.info({ card: { number: '4111', name: 'Ada' } }, 'paid %d', 3)
  log.child({ order: 'A' }).debug('child')
  log.trace('not written')
  log.error({ err: Object.assign(new TypeError('broken'), { code: 'E1', stack: 's' }) })
  return lines
}
