import { SignJWT, base64url, decodeProtectedHeader, jwtVerify } from 'jose'

export default async () => {
  const secret = new TextEncoder().encode('a secret of at least thirty-two bytes')
  const token = await new SignJWT({ role: 'admin' }).setProtectedHeader({ alg: 'HS256' }).setSubject('ann').setIssuedAt(1700000000).setIssuer('glue').sign(secret)
  const { payload } = await jwtVerify(token, secret, { issuer: 'glue' })
  const failure = await jwtVerify(token, new TextEncoder().encode('another secret of thirty-two bytes or so')).catch((e) => [e.code, e.message])
  return [token, payload, decodeProtectedHeader(token), failure, base64url.encode('hé')]
}
