import Ajv from 'ajv'
import Ajv2020 from 'ajv/dist/2020.js'

const schema = {
  type: 'object', required: ['id', 'amount'], additionalProperties: false,
  properties: { id: { type: 'string', pattern: '^[\\p{L}]{1,3}-\\d+$' }, amount: { type: 'number', exclusiveMinimum: 0 }, tags: { type: 'array', items: { $ref: '#/definitions/tag' }, uniqueItems: true }, note: { type: 'string', default: 'none' } },
  definitions: { tag: { enum: ['a', 'b'] } },
}

export default async () => {
  const ajv = new Ajv({ allErrors: true, useDefaults: true })
  const validate = ajv.compile(schema)
  const good = { id: 'É-1', amount: 1 }
  const verdict = validate(good)
  validate({ amount: 0, tags: ['a', 'a', 'c'], extra: 1 })
  const errors = validate.errors.map((e) => [e.instancePath, e.keyword, e.message])
  const later = new Ajv2020({ strictTuples: false }).compile({ type: 'array', prefixItems: [{ type: 'integer' }], items: { type: 'string' } })
  return [verdict, good, errors, ajv.errorsText(validate.errors), later([1, 'x']), later(['x']), (() => { try { ajv.compile({ type: 'nonsense' }) } catch (e) { return e.message } })()]
}
