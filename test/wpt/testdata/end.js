// Takes the outcomes, and tells when the test has been loaded.
globalThis.loaded = (() => {
  const outcomes = new Promise((resolve) => add_completion_callback((tests, status) => {
    const list = tests.map(({ name, status, message }) => ({ name, status, message: String(message) }))
    if (status.status !== 0) list.push({ name: 'the harness', status: 1, message: String(status.message) })
    resolve(JSON.stringify(list))
  }))
  setup({ explicit_timeout: true, explicit_done: true })
  return () => {
    done()
    return outcomes
  }
})()
