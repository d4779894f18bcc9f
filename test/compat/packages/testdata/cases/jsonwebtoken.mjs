import jwt from 'jsonwebtoken'

export default async () => {
  const token = jwt.sign({ sub: 'ann', iat: 1700000000 }, 'secret', { algorithm: 'HS256', issuer: 'glue' })
  const failure = (f) => { try { f() } catch (e) { return [e.name, e.message] } }
  return [
    token, jwt.verify(token, 'secret', { issuer: 'glue' }), jwt.decode(token, { complete: true }).header, failure(() => jwt.verify(token, 'other')),
    failure(() => jwt.verify(jwt.sign({ exp: 1700000000 }, 'secret'), 'secret')), failure(() => jwt.verify('x.y', 'secret')),
  ]
}
