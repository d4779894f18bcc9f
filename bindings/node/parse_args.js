// util.parseArgs.
(function () {
  'use strict'
  return ({ check, coded, type }) => {
    const bad = (code, message) => coded(TypeError, code, message)

    const tokens = (args, options) => {
      const found = []
      const longOf = (short) => Object.keys(options).find((name) => options[name].short === short)
      const rest = args.map((arg, index) => ({ arg, index }))
      while (rest.length > 0) {
        const { arg, index } = rest.shift()
        if (arg === '--') {
          found.push({ kind: 'option-terminator', index })
          for (const more of rest) found.push({ kind: 'positional', index: more.index, value: more.arg })
          break
        }
        if (/^-[^-]/.test(arg)) {
          const short = arg[1], name = longOf(short) ?? short, takes = options[name]?.type === 'string'
          if (arg.length === 2) {
            const value = takes && rest.length > 0 ? rest.shift().arg : undefined
            found.push({ kind: 'option', name, rawName: arg, index, value, inlineValue: value === undefined ? undefined : false })
          } else if (takes) {
            found.push({ kind: 'option', name, rawName: `-${short}`, index, value: arg.slice(2), inlineValue: true })
          } else {
            found.push({ kind: 'option', name, rawName: `-${short}`, index, value: undefined, inlineValue: undefined })
            rest.unshift({ arg: `-${arg.slice(2)}`, index })
          }
          continue
        }
        if (/^--[^=]/.test(arg)) {
          const at = arg.indexOf('=', 3)
          if (at > 0) {
            found.push({ kind: 'option', name: arg.slice(2, at), rawName: arg.slice(0, at), index, value: arg.slice(at + 1), inlineValue: true })
            continue
          }
          const name = arg.slice(2)
          const value = options[name]?.type === 'string' && rest.length > 0 ? rest.shift().arg : undefined
          found.push({ kind: 'option', name, rawName: arg, index, value, inlineValue: value === undefined ? undefined : false })
          continue
        }
        found.push({ kind: 'positional', index, value: arg })
      }
      return found
    }

    const validate = (token, options) => {
      const option = options[token.name]
      if (!option) throw bad('ERR_PARSE_ARGS_UNKNOWN_OPTION', `unknown option ${token.rawName}; to give it as a positional, put it after --`)
      if (option.type === 'string' && typeof token.value !== 'string') throw bad('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `the option ${token.rawName} takes a value`)
      if (option.type === 'boolean' && token.value !== undefined) throw bad('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `the option ${token.rawName} takes no value`)
      if (option.type === 'string' && token.inlineValue === false && /^-./.test(token.value)) {
        throw bad('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `the value of ${token.rawName} looks like an option; write it with =`)
      }
    }

    return function parseArgs(config = {}) {
      check.object(config, 'the config')
      const { args = [], options = {}, strict = true, allowPositionals = !strict, tokens: withTokens = false } = config
      check.array(args, 'config.args')
      check.object(options, 'config.options')
      check.boolean(strict, 'config.strict')
      check.boolean(allowPositionals, 'config.allowPositionals')
      for (const name of Object.keys(options)) {
        const option = options[name]
        check.object(option, `options.${name}`)
        if (option.type !== 'string' && option.type !== 'boolean') throw type(`options.${name}.type`, "'string' or 'boolean'", option.type)
        if (option.short !== undefined) {
          check.string(option.short, `options.${name}.short`)
          if (option.short.length !== 1) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `options.${name}.short must be one character`)
        }
        if (option.multiple !== undefined) check.boolean(option.multiple, `options.${name}.multiple`)
      }
      const values = Object.create(null), positionals = []
      const found = tokens(args, options)
      for (const token of found) {
        if (token.kind === 'option') {
          if (strict) validate(token, options)
          if (token.name === '__proto__') continue
          const value = token.value ?? true
          if (options[token.name]?.multiple) (values[token.name] ??= []).push(value)
          else values[token.name] = value
        } else if (token.kind === 'positional') {
          if (!allowPositionals) throw bad('ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', `unexpected argument ${JSON.stringify(token.value)}: positionals are not allowed`)
          positionals.push(token.value)
        }
      }
      for (const name of Object.keys(options)) {
        if (options[name].default !== undefined && values[name] === undefined) values[name] = options[name].default
      }
      return withTokens ? { values, positionals, tokens: found } : { values, positionals }
    }
  }
})
