// Numbers: exact decimal digits, rounded as text, and laid out by patterns.

const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

// exact is a number as sign, digits before the point and after it.
const exact = (value) => {
  if (typeof value === 'bigint') return { negative: value < 0n, whole: String(value < 0n ? -value : value), fraction: '' }
  let text = String(value)
  if (typeof value === 'number' && Number.isFinite(value) && !text.includes('e')) {
    const negative = value < 0 || Object.is(value, -0)
    const [whole, fraction = ''] = (value < 0 ? text.slice(1) : text).split('.')
    return { negative, whole, fraction }
  }
  text = text.trim()
  if (!decimalForm.test(text) || text === '' || text === '.') {
    const number = Number(value)
    if (!Number.isFinite(number)) return { negative: number < 0, special: Number.isNaN(number) ? 'nan' : 'infinity' }
    text = String(number)
  }
  const [, sign, whole, fraction = '', exponent = '0'] = decimalForm.exec(text)
  const shifted = shift({ whole, fraction }, Number(exponent))
  return { negative: sign === '-' || Object.is(value, -0), ...shifted }
}

const shift = ({ whole, fraction }, by) => {
  if (Math.abs(by) > 1000) throw new RangeError('the number has too many digits to be formatted')
  if (by > 0) { fraction = fraction.padEnd(by, '0'); whole += fraction.slice(0, by); fraction = fraction.slice(by) }
  if (by < 0) { whole = whole.padStart(-by, '0'); fraction = whole.slice(by) + fraction; whole = whole.slice(0, by) }
  return { whole: whole.replace(/^0+(?=\d)/, '') || '0', fraction: fraction.replace(/0+$/, '') }
}

const isZero = (n) => /^0*$/.test(n.whole + n.fraction)
const increment = (digits) => {
  let i = digits.length - 1
  while (i >= 0 && digits[i] === '9') i--
  const rest = '0'.repeat(digits.length - 1 - i)
  return i < 0 ? '1' + rest : digits.slice(0, i) + (Number(digits[i]) + 1) + rest
}

// up decides whether what is cut off makes the last digit one more.
const up = (mode, negative, last, cut) => {
  if (/^0*$/.test(cut)) return false
  const half = cut[0] === '5' && /^0*$/.test(cut.slice(1)) ? 0 : cut[0] >= '5' ? 1 : -1
  switch (mode) {
    case 'ceil': return !negative
    case 'floor': return negative
    case 'expand': return true
    case 'trunc': return false
    case 'halfCeil': return half > 0 || half === 0 && !negative
    case 'halfFloor': return half > 0 || half === 0 && negative
    case 'halfTrunc': return half > 0
    case 'halfEven': return half > 0 || half === 0 && Number(last) % 2 === 1
  }
  return half >= 0 // halfExpand
}

// roundAt keeps so many digits after the point, or cuts before it if negative.
const roundAt = (n, places, mode) => {
  if (places >= n.fraction.length) return n
  const all = n.whole + n.fraction
  const keep = n.whole.length + places
  if (keep >= all.length) return n
  const kept = keep > 0 ? all.slice(0, keep) : ''
  const cut = keep >= 0 ? all.slice(keep) : '0'.repeat(-keep) + all
  let digits = up(mode, n.negative, kept.at(-1) ?? '0', cut) ? increment(kept || '0') : kept
  if (kept === '' && digits === '0') digits = ''
  return { ...n, ...shift({ whole: digits || '0', fraction: '' }, -places) }
}

const magnitude = (n) => {
  const whole = n.whole.replace(/^0+/, '')
  if (whole) return whole.length
  const zeros = /^0*/.exec(n.fraction)[0].length
  return n.fraction.length === zeros ? 1 : -zeros
}

// rounded applies the digit options; minimum digits are filled in as text.
const rounded = (n, o) => {
  let out
  if (o.rounding === 'significant') {
    out = roundAt(n, o.maximumSignificantDigits - magnitude(n), o.roundingMode)
    const least = o.minimumSignificantDigits - magnitude(out)
    out = { ...out, fraction: out.fraction.padEnd(Math.max(least, 0), '0') }
  } else if (o.rounding === 'compact') {
    out = roundAt(n, magnitude(n) >= 2 ? 0 : 2 - magnitude(n), o.roundingMode)
  } else {
    out = roundAt(n, o.maximumFractionDigits, o.roundingMode)
    out = { ...out, fraction: out.fraction.padEnd(o.minimumFractionDigits, '0') }
  }
  if (o.trailingZeroDisplay === 'stripIfInteger' && /^0*$/.test(out.fraction)) out = { ...out, fraction: '' }
  return { ...out, whole: out.whole.padStart(o.minimumIntegerDigits, '0') }
}

const count = (options, name, least, most, fallback) => {
  const value = options[name]
  if (value === undefined) return fallback
  const number = Number(value)
  if (!(number >= least && number <= most)) throw new RangeError(name + ' value is out of range.')
  return Math.floor(number)
}

const modes = ['ceil', 'floor', 'expand', 'trunc', 'halfCeil', 'halfFloor', 'halfExpand', 'halfTrunc', 'halfEven']

const digitOptions = (options, least, most, compact) => {
  const o = { minimumIntegerDigits: count(options, 'minimumIntegerDigits', 1, 21, 1) }
  o.roundingMode = option(options, 'roundingMode', modes, 'halfExpand')
  o.trailingZeroDisplay = option(options, 'trailingZeroDisplay', ['auto', 'stripIfInteger'], 'auto')
  const given = (name) => options[name] !== undefined
  if (given('minimumSignificantDigits') || given('maximumSignificantDigits')) {
    o.rounding = 'significant'
    o.minimumSignificantDigits = count(options, 'minimumSignificantDigits', 1, 21, 1)
    o.maximumSignificantDigits = count(options, 'maximumSignificantDigits', o.minimumSignificantDigits, 21, 21)
    return o
  }
  if (compact && !given('minimumFractionDigits') && !given('maximumFractionDigits')) {
    return { ...o, rounding: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 0 }
  }
  o.rounding = 'fraction'
  const low = count(options, 'minimumFractionDigits', 0, 100)
  const high = count(options, 'maximumFractionDigits', 0, 100)
  if (low > high) throw new RangeError('maximumFractionDigits value is out of range.')
  o.minimumFractionDigits = low ?? Math.min(least, high ?? least)
  o.maximumFractionDigits = high ?? Math.max(most, o.minimumFractionDigits)
  return o
}

const groupingOption = (value, fallback) => {
  if (value === undefined || value === 'true' || value === 'false') return fallback
  if (value === true) return 'always'
  return value ? option({ useGrouping: value }, 'useGrouping', ['always', 'auto', 'min2']) : false
}

const numberOptions = (locales, givenOptions) => {
  const options = asOptions(givenOptions)
  const { locale, data, extensions: found } = resolve(locales)
  checkExtensions(found, 'Intl.NumberFormat')
  refused(options, { numberingSystem: ['latn'], roundingIncrement: ['1'], roundingPriority: ['auto'], unit: [] }, 'Intl.NumberFormat')
  refused(options, { style: ['decimal', 'percent', 'currency'], currencyDisplay: ['symbol', 'narrowSymbol', 'code'] }, 'Intl.NumberFormat')
  const style = option(options, 'style', ['decimal', 'percent', 'currency'], 'decimal')
  let currency = options.currency
  if (currency !== undefined && !/^[a-z]{3}$/i.test(currency = String(currency))) throw new RangeError('Invalid currency code : ' + currency)
  if (style === 'currency' && currency === undefined) throw new TypeError('Currency code is required with currency style.')
  refused(options, { notation: ['standard', 'compact'] }, 'Intl.NumberFormat')
  const notation = option(options, 'notation', ['standard', 'compact'], 'standard')
  const minor = style === 'currency' && notation === 'standard' ? natives.minor(currency.toUpperCase()) : 0
  const digits = digitOptions(options, minor, style === 'currency' ? minor : style === 'percent' ? 0 : 3, notation === 'compact')
  return {
    locale, data, style, notation, digits,
    useGrouping: groupingOption(options.useGrouping, notation === 'compact' ? 'min2' : 'auto'),
    currency: style === 'currency' ? currency.toUpperCase() : undefined,
    currencyDisplay: option(options, 'currencyDisplay', ['symbol', 'narrowSymbol', 'code'], 'symbol'),
    currencySign: option(options, 'currencySign', ['standard', 'accounting'], 'standard'),
    compactDisplay: option(options, 'compactDisplay', ['short', 'long'], 'short'),
    signDisplay: option(options, 'signDisplay', ['auto', 'never', 'always', 'exceptZero', 'negative'], 'auto'),
  }
}

// grouped gives the parts of the digits before the point.
const grouped = (whole, f, symbols) => {
  const least = f.useGrouping === 'always' ? 1 : f.useGrouping === 'min2' ? 2 : symbols.least
  if (f.useGrouping === false || whole.length < symbols.primary + least) return [{ type: 'integer', value: whole }]
  const groups = [whole.slice(-symbols.primary)]
  for (let rest = whole.slice(0, -symbols.primary); rest; rest = rest.slice(0, -symbols.secondary)) groups.unshift(rest.slice(-symbols.secondary))
  return groups.flatMap((value, i) => (i ? [{ type: 'group', value: f.currency ? symbols.moneyGroup ?? symbols.group : symbols.group }] : []).concat({ type: 'integer', value }))
}

const currencySymbol = (f, symbols) => {
  const told = symbols.currencies[f.currency] ?? f.currency
  if (f.currencyDisplay === 'code') return f.currency
  return Array.isArray(told) ? told[f.currencyDisplay === 'symbol' ? 0 : 1] : told
}

const symbolEdge = (pattern, symbol) => (pattern.indexOf('{c}') < pattern.indexOf('{n}') ? symbol.at(-1) : symbol[0])

// layout is the pattern for a sign: [plain, negative, with a plus].
const layout = (f, symbols) => {
  if (f.style === 'percent') return symbols.rate
  if (f.style === 'decimal') return symbols.number
  // Letters are kept apart from digits, signs of money are not.
  const close = natives.isSymbol(symbolEdge(symbols.cash.symbol.standard[0], currencySymbol(f, symbols)))
  return symbols.cash[close ? 'symbol' : 'code'][f.currencySign]
}

// signOf is 1 for a negative sign, 2 for a plus, 0 for none.
const signOf = (n, display) => {
  const zero = n.special === undefined && isZero(n)
  switch (display) {
    case 'never': return 0
    case 'always': return n.negative ? 1 : 2
    case 'exceptZero': return zero || n.special === 'nan' ? 0 : n.negative ? 1 : 2
    case 'negative': return n.negative && !zero ? 1 : 0
  }
  return n.negative ? 1 : 0
}

const compacted = (n, f, symbols) => {
  let size = n.whole.length
  for (let again = 0; again < 2; again++) {
    const [by, forms] = size > 3 ? symbols.compact[f.compactDisplay][Math.min(size, 15) - 4] : [0, { other: '{n}' }]
    const short = rounded({ ...n, ...shift(n, -by) }, f.digits)
    // What was rounded up to the next power is shown in that one's words.
    const grown = by + short.whole.length
    if (again === 0 && grown > size && size >= 3) { size = grown; continue }
    const pattern = forms[short.whole + (short.fraction && '.')] ?? forms[pluralOf(f.data, 'cardinal', short)] ?? forms.other
    return { number: short, pattern }
  }
}

const numberParts = (f, value) => {
  const symbols = section(f.data, 'numbers')
  let n = exact(typeof value === 'object' && value !== null || typeof value === 'boolean' || value === null ? Number(value) : value)
  let inner = '{n}'
  if (n.special === undefined) {
    if (f.style === 'percent') n = { ...n, ...shift(n, 2) }
    if (f.notation === 'compact') ({ number: n, pattern: inner } = compacted(n, f, symbols))
    else n = rounded(n, f.digits)
  }
  const pattern = layout(f, symbols)[signOf(n, f.signDisplay)].replace('{n}', () => inner)
  return fillPattern(pattern, (name) => {
    switch (name[0]) {
      case 'n': return digitsOf(n, f, symbols)
      case '-': return [{ type: 'minusSign', value: symbols.minus }]
      case '+': return [{ type: 'plusSign', value: symbols.plus }]
      case '%': return [{ type: 'percentSign', value: symbols.percent }]
      case 'c': return [{ type: 'currency', value: currencySymbol(f, symbols) }]
    }
    return [{ type: 'compact', value: name.slice(2) }]
  })
}

const digitsOf = (n, f, symbols) => {
  if (n.special !== undefined) return [{ type: n.special, value: symbols[n.special] }]
  const parts = grouped(n.whole, f, symbols)
  if (n.fraction) parts.push({ type: 'decimal', value: f.currency ? symbols.moneyDecimal : symbols.decimal }, { type: 'fraction', value: n.fraction })
  return parts
}

const NumberFormat = made('NumberFormat', numberOptions, true)
bound(NumberFormat, 'format', 'NumberFormat', (f) => (value) => joined(numberParts(f, value)))
methods(NumberFormat, {
  formatToParts(value) { return numberParts(slotOf(this, 'NumberFormat'), value) },
  resolvedOptions() {
    const f = slotOf(this, 'NumberFormat')
    const { rounding, roundingMode, trailingZeroDisplay, ...digits } = f.digits
    const money = f.currency && { currency: f.currency, currencyDisplay: f.currencyDisplay, currencySign: f.currencySign }
    return {
      locale: f.locale, numberingSystem: 'latn', style: f.style, ...money, ...digits, useGrouping: f.useGrouping, notation: f.notation,
      ...(f.notation === 'compact' && { compactDisplay: f.compactDisplay }), signDisplay: f.signDisplay, roundingMode, roundingIncrement: 1, trailingZeroDisplay, roundingPriority: 'auto',
    }
  },
})
define(NumberFormat, 'supportedLocalesOf', supported(false))
unavailable(NumberFormat, { formatRange: 'format both numbers', formatRangeToParts: 'format both numbers' })
