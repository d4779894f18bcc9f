// The parts of process that need no Go.
(function (native) {
  'use strict'
  const stream = (write) => ({
    isTTY: false,
    write(text) {
      const line = typeof text === 'string' ? text : new TextDecoder().decode(text)
      write(line.endsWith('\n') ? line.slice(0, -1) : line)
      return true
    },
  })
  const ignored = {
    on() { return this },
    once() { return this },
    off() { return this },
    addListener() { return this },
    removeListener() { return this },
    listenerCount() { return 0 },
  }
  return {
    ...ignored,
    stdout: stream((line) => console.log('%s', line)),
    stderr: stream((line) => console.error('%s', line)),
    nextTick(callback, ...args) {
      if (typeof callback !== 'function') throw new TypeError('process.nextTick: the callback must be a function')
      native.tick(callback, ...args)
    },
    emitWarning(warning) { console.warn('%s', warning instanceof Error ? warning.stack : warning) },
  }
})
