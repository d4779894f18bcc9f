import { Chalk } from 'chalk'

export default () => {
  const colour = new Chalk({ level: 1 })
  const none = new Chalk({ level: 0 })
  return [colour.red('a') + colour.bold.underline('b'), colour.hex('#ff8800')`c ${colour.bgBlue('d')}`, none.red('e')]
}
