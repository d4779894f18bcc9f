// What a snippet came to, as a text that tells apart what JSON does not. Node and
// this program run the same code.
(function () {
  const plain = (value, depth, seen) => {
    if (value === null || value === undefined || typeof value === 'boolean') return String(value)
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
    if (typeof value === 'string') return JSON.stringify(value)
    if (typeof value === 'bigint') return value + 'n'
    if (typeof value === 'symbol') return String(value)
    if (typeof value === 'function') return `[function ${value.name}]`
    if (seen.includes(value)) return '[circular]'
    if (depth > 6) return '[deep]'
    const inside = (v) => plain(v, depth + 1, [...seen, value])
    const name = value.constructor?.name ?? 'null'
    if (value instanceof Error) {
      const more = ['generatedMessage', 'actual', 'expected', 'operator', 'errno', 'syscall'].filter((k) => k in value).map((k) => ` ${k}=${inside(value[k])}`)
      return `[${value.name}${value.code === undefined ? '' : ' ' + value.code}${more.join('')}]`
    }
    if (value instanceof Date) return `Date(${value.getTime()})`
    if (value instanceof RegExp) return String(value)
    if (ArrayBuffer.isView(value)) return `${name}<${Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))}>`
    if (value instanceof ArrayBuffer) return `ArrayBuffer<${Array.from(new Uint8Array(value))}>`
    if (value instanceof Map) return `Map{${[...value].map(([k, v]) => inside(k) + ' => ' + inside(v))}}`
    if (value instanceof Set) return `Set{${[...value].map(inside)}}`
    if (Array.isArray(value)) return `[${value.map(inside).join(', ')}]`
    const keys = Object.keys(value)
    return `${name === 'Object' ? '' : name}{${keys.map((k) => k + ': ' + inside(value[k])).join(', ')}}`
  }
  return async (snippet) => {
    try {
      return plain(await snippet(), 0, [])
    } catch (error) {
      return 'throws ' + plain(error, 0, [])
    }
  }
})()
