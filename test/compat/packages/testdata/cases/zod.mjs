import { z } from 'zod'

const Order = z.object({
  id: z.string().min(3),
  email: z.email(),
  items: z.array(z.object({ sku: z.string(), quantity: z.number().int().positive().default(1) })).nonempty(),
  paid: z.coerce.boolean().optional(),
  placed: z.iso.datetime().transform((text) => new Date(text).getTime()),
})

export default async () => {
  const good = Order.parse({ id: 'A-17', email: 'ann@example.com', items: [{ sku: 'x' }], paid: 1, placed: '2026-01-02T03:04:05Z' })
  const bad = Order.safeParse({ id: 'A', email: 'nobody', items: [], placed: 'soon' })
  const refined = await z.string().refine(async (text) => text.startsWith('a'), 'must start with a').safeParseAsync('b')
  const union = z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), n: z.number() }), z.object({ kind: z.literal('b'), s: z.string() })])
  return [good, bad.error.issues.map((i) => [i.path.join('.'), i.code, i.message]), refined.error.issues[0].message, union.parse({ kind: 'b', s: 'x' }), z.toJSONSchema(Order, { io: 'input', unrepresentable: 'any' })]
}
