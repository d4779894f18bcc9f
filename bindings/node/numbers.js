// The methods of Buffer that read and write numbers.
(function () {
  'use strict'
  return ({ check, coded, range }) => {
    const floats = new Float64Array(1), singles = new Float32Array(1), wide = new BigInt64Array(1), unsigned = new BigUint64Array(1)
    const bytesOf = { float: new Uint8Array(singles.buffer), double: new Uint8Array(floats.buffer), int64: new Uint8Array(wide.buffer), uint64: new Uint8Array(unsigned.buffer) }
    const cells = { float: singles, double: floats, int64: wide, uint64: unsigned }

    // Where a number of some bytes begins, which must be inside.
    const place = (buffer, offset, size) => {
      if (typeof offset !== 'number') check.number(offset, 'the offset')
      if (buffer[offset] === undefined || buffer[offset + size - 1] === undefined) {
        if (!Number.isInteger(offset)) throw range('the offset', 'a whole number', offset)
        if (buffer.length < size) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', 'the number would go beyond the end of the Buffer')
        throw range('the offset', `between 0 and ${buffer.length - size}`, offset)
      }
      return offset
    }
    const width = (size) => {
      if (size === undefined) throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'the number of bytes must be a number, got undefined')
      check.integer(size, 'the number of bytes', 1, 6)
      return size
    }
    const readInt = (buffer, offset, size, little, signed) => {
      let value = 0
      for (let i = 0; i < size; i++) value = value * 256 + buffer[little ? offset + size - 1 - i : offset + i]
      return signed && value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value
    }
    const writeInt = (buffer, value, offset, size, little, signed) => {
      const most = signed ? 2 ** (8 * size - 1) - 1 : 2 ** (8 * size) - 1, least = signed ? -(2 ** (8 * size - 1)) : 0
      value = +value
      if (size > 4) { check.number(offset, 'the offset') }
      if (value > most || value < least) throw range('the value', `between ${least} and ${most}`, value)
      place(buffer, offset, size)
      value = Number.isNaN(value) ? 0 : Math.trunc(value)
      if (value < 0) value += 2 ** (8 * size)
      for (let i = 0; i < size; i++) {
        buffer[little ? offset + i : offset + size - 1 - i] = value % 256
        value = Math.floor(value / 256)
      }
      return offset + size
    }
    const readCell = (buffer, offset, kind, little) => {
      const bytes = bytesOf[kind], size = bytes.length
      place(buffer, offset, size)
      for (let i = 0; i < size; i++) bytes[i] = buffer[little ? offset + i : offset + size - 1 - i]
      return cells[kind][0]
    }
    const writeCell = (buffer, value, offset, kind, little) => {
      const bytes = bytesOf[kind], size = bytes.length
      cells[kind][0] = value
      place(buffer, offset, size)
      for (let i = 0; i < size; i++) buffer[little ? offset + i : offset + size - 1 - i] = bytes[i]
      return offset + size
    }

    const methods = {}
    const add = (name, method) => { methods[name] = Object.defineProperty(method, 'name', { value: name, configurable: true }) }
    const both = (name, method) => { add(name, method); if (name.includes('UInt')) methods[name.replace('UInt', 'Uint')] = method }
    for (const signed of [true, false]) {
      const kind = signed ? 'Int' : 'UInt'
      both(`read${kind}8`, function (offset = 0) { return readInt(this, place(this, offset, 1), 1, true, signed) })
      both(`write${kind}8`, function (value, offset = 0) { return writeInt(this, value, offset, 1, true, signed) })
      for (const little of [true, false]) {
        const end = little ? 'LE' : 'BE'
        for (const size of [2, 4]) {
          both(`read${kind}${8 * size}${end}`, function (offset = 0) { return readInt(this, place(this, offset, size), size, little, signed) })
          both(`write${kind}${8 * size}${end}`, function (value, offset = 0) { return writeInt(this, value, offset, size, little, signed) })
        }
        both(`read${kind}${end}`, function (offset, size) {
          if (offset === undefined) check.number(offset, 'the offset')
          return readInt(this, place(this, offset, width(size)), size, little, signed)
        })
        both(`write${kind}${end}`, function (value, offset, size) { return writeInt(this, value, offset, width(size), little, signed) })
        const big = signed ? 'int64' : 'uint64', least = signed ? -(2n ** 63n) : 0n, most = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n
        both(`readBig${kind}64${end}`, function (offset = 0) { return readCell(this, offset, big, little) })
        both(`writeBig${kind}64${end}`, function (value, offset = 0) {
          if (typeof value !== 'bigint') BigInt.asIntN(64, value)
          if (value < least || value > most) throw range('the value', `between ${least} and ${most}`, value)
          return writeCell(this, value, offset, big, little)
        })
      }
    }
    for (const [name, kind] of [['Float', 'float'], ['Double', 'double']]) {
      for (const little of [true, false]) {
        const end = little ? 'LE' : 'BE'
        add(`read${name}${end}`, function (offset = 0) { return readCell(this, offset, kind, little) })
        add(`write${name}${end}`, function (value, offset = 0) { return writeCell(this, +value, offset, kind, little) })
      }
    }
    return methods
  }
})
