import { NIL, parse, stringify, v1, v3, v4, v5, v7, validate, version } from 'uuid'

export default async () => {
  const random = v4()
  return [
    validate(random), version(random), new Set(Array.from({ length: 100 }, () => v4())).size, version(v7()), v7() < v7(), version(v1()), v5('hello.example.com', v5.DNS), v3('https://example.com', v3.URL),
    stringify(parse('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b')), validate('nope'), NIL,
  ]
}
