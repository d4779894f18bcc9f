// A client of an API that takes a token and speaks JSON. What is not a success is
// an error with the status, so that callers can tell one from another.
export const api = (base, token) => async (method, path, body, headers = {}) => {
  const reply = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await reply.text()
  if (!reply.ok) throw Object.assign(new Error(`${method} ${path} answers ${reply.status}: ${text}`), { status: reply.status })
  return text === '' ? null : JSON.parse(text)
}
