import { customAlphabet, nanoid } from 'nanoid'

export default async () => {
  const id = nanoid()
  const short = customAlphabet('abc', 12)()
  return [id.length, /^[A-Za-z0-9_-]+$/.test(id), nanoid() === id, short.length, /^[abc]+$/.test(short), nanoid(5).length]
}
