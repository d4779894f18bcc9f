// Plurals, lists, relative times, the order and the pieces of texts.

// pluralOf is the category of a number as it is shown.
const pluralOf = (tag, type, { whole, fraction }) => natives.plural(tag, type, whole, fraction)

const PluralRules = made('PluralRules', (locales, givenOptions) => {
  const options = asOptions(givenOptions)
  const { locale, data } = resolve(locales, true)
  return { locale, data, type: option(options, 'type', ['cardinal', 'ordinal'], 'cardinal'), digits: digitOptions(options, 0, 3, false) }
}, false)
methods(PluralRules, {
  select(value) {
    const f = slotOf(this, 'PluralRules')
    const n = exact(Number(value))
    return n.special === undefined ? pluralOf(f.data, f.type, rounded(n, f.digits)) : 'other'
  },
  resolvedOptions() {
    const f = slotOf(this, 'PluralRules')
    const { rounding, roundingMode, trailingZeroDisplay, ...digits } = f.digits
    return { locale: f.locale, type: f.type, ...digits, pluralCategories: natives.plurals(f.data, f.type) }
  },
})
define(PluralRules, 'supportedLocalesOf', supported(true))
unavailable(PluralRules, { selectRange: 'use select' })

const lengths = ['long', 'short', 'narrow']

const ListFormat = made('ListFormat', (locales, givenOptions) => {
  if (givenOptions !== undefined && (typeof givenOptions !== 'object' || givenOptions === null)) throw new TypeError('the options must be an object')
  const options = asOptions(givenOptions)
  const { locale, data } = resolve(locales)
  return { locale, data, type: option(options, 'type', ['conjunction', 'disjunction', 'unit'], 'conjunction'), style: option(options, 'style', lengths, 'long') }
}, false)

const listParts = (f, items) => {
  const list = Array.from(items ?? [], (value) => {
    if (typeof value !== 'string') throw new TypeError('Iterable yielded ' + String(value) + ' which is not a string')
    return value
  })
  const [pair, start, middle, end] = section(f.data, 'lists')[f.type + ' ' + f.style]
  const between = (i) => (list.length === 2 ? pair : i === list.length - 1 ? end : i === 1 ? start : middle)
  return list.flatMap((value, i) => (i && between(i) ? [{ type: 'literal', value: between(i) }] : []).concat({ type: 'element', value }))
}
methods(ListFormat, {
  format(items) { return joined(listParts(slotOf(this, 'ListFormat'), items)) },
  formatToParts(items) { return listParts(slotOf(this, 'ListFormat'), items) },
  resolvedOptions() { const { locale, type, style } = slotOf(this, 'ListFormat'); return { locale, type, style } },
})
define(ListFormat, 'supportedLocalesOf', supported(false))

const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']

const RelativeTimeFormat = made('RelativeTimeFormat', (locales, givenOptions) => {
  const options = asOptions(givenOptions)
  const { locale, data, extensions: found } = resolve(locales)
  checkExtensions(found, 'Intl.RelativeTimeFormat')
  refused(options, { numberingSystem: ['latn'] }, 'Intl.RelativeTimeFormat')
  return { locale, data, style: option(options, 'style', lengths, 'long'), numeric: option(options, 'numeric', ['always', 'auto'], 'always'), number: numberOptions(locale) }
}, false)

const relativeParts = (f, givenValue, givenUnit) => {
  const value = Number(givenValue)
  const unit = String(givenUnit).replace(/s$/, '')
  if (!units.includes(unit)) throw new RangeError('Invalid unit argument for format() \'' + givenUnit + '\'')
  if (!Number.isFinite(value)) throw new RangeError('Invalid value argument: it must be a finite number')
  const table = section(f.data, 'relative')
  let entry = table[unit + ' ' + f.style]
  if (entry === 'short') entry = table[unit + ' short']
  const word = f.numeric === 'auto' && entry.words[value]
  if (word !== undefined && word !== false) return [{ type: 'literal', value: word }]
  const past = value < 0 || Object.is(value, -0)
  const parts = numberParts(f.number, Math.abs(value))
  const forms = past ? entry.past : entry.future
  const pattern = forms[pluralOf(f.data, 'cardinal', rounded(exact(Math.abs(value)), f.number.digits))] ?? forms.other
  return fillPattern(pattern, () => parts.map((part) => ({ ...part, unit })))
}
methods(RelativeTimeFormat, {
  format(value, unit) { return joined(relativeParts(slotOf(this, 'RelativeTimeFormat'), value, unit)) },
  formatToParts(value, unit) { return relativeParts(slotOf(this, 'RelativeTimeFormat'), value, unit) },
  resolvedOptions() { const { locale, style, numeric } = slotOf(this, 'RelativeTimeFormat'); return { locale, style, numeric, numberingSystem: 'latn' } },
})
define(RelativeTimeFormat, 'supportedLocalesOf', supported(false))

const Collator = made('Collator', (locales, givenOptions) => {
  const options = asOptions(givenOptions)
  const { locale, data, extensions: found } = resolve(locales, true)
  refused({ ...options, collation: options.collation ?? found.co }, { caseFirst: ['false'], collation: ['default', 'standard'], ignorePunctuation: ['false'] }, 'Intl.Collator')
  const f = {
    locale, data, usage: option(options, 'usage', ['sort', 'search'], 'sort'), sensitivity: option(options, 'sensitivity', ['base', 'accent', 'case', 'variant'], 'variant'),
    numeric: options.numeric === undefined ? found.kn !== undefined && found.kn !== 'false' : Boolean(options.numeric),
  }
  f.order = natives.collator(f.data, f.sensitivity, f.numeric)
  return f
}, true)
bound(Collator, 'compare', 'Collator', (f) => (x, y) => f.order(String(x), String(y)))
methods(Collator, {
  resolvedOptions() {
    const { locale, usage, sensitivity, numeric } = slotOf(this, 'Collator')
    return { locale, usage, sensitivity, ignorePunctuation: false, collation: 'default', numeric, caseFirst: 'false' }
  },
})
define(Collator, 'supportedLocalesOf', supported(true))

const Segmenter = made('Segmenter', (locales, givenOptions) => {
  const options = asOptions(givenOptions)
  return { locale: resolve(locales, true).locale, granularity: option(options, 'granularity', ['grapheme', 'word', 'sentence'], 'grapheme') }
}, false)
const Segments = class {
  #input
  #pieces
  constructor(input, granularity) { this.#input = input; this.#pieces = natives.segments(input, granularity) }
  #at(i) {
    const [start, end, word] = this.#pieces[i]
    const found = { segment: this.#input.slice(start, end), index: start, input: this.#input }
    return word === undefined ? found : { ...found, isWordLike: word }
  }
  containing(givenIndex) {
    const index = Math.trunc(Number(givenIndex)) || 0
    const i = this.#pieces.findIndex(([start, end]) => start <= index && index < end)
    return i < 0 ? undefined : this.#at(i)
  }
  *[Symbol.iterator]() { for (let i = 0; i < this.#pieces.length; i++) yield this.#at(i) }
}
methods(Segmenter, {
  segment(input) { return new Segments(String(input), slotOf(this, 'Segmenter').granularity) },
  resolvedOptions() { const { locale, granularity } = slotOf(this, 'Segmenter'); return { locale, granularity } },
})
define(Segmenter, 'supportedLocalesOf', supported(true))

const Locale = made('Locale', (givenTag, givenOptions) => {
  if (typeof givenTag !== 'string' && !slots.get(givenTag)?.tag) throw new TypeError('First argument to Intl.Locale constructor can\'t be empty or missing')
  const options = asOptions(givenOptions)
  let [tag] = requested(String(givenTag))
  const parts = natives.subtags(tag)
  for (const name of ['language', 'script', 'region']) if (options[name] !== undefined) parts[name] = String(options[name])
  const keys = extensions(tag)
  for (const [name, key] of Object.entries(localeKeys)) if (options[name] !== undefined) keys[key] = String(options[name])
  const base = [parts.language, parts.script, parts.region].filter(Boolean).join('-')
  const extra = Object.keys(keys).sort().map((key) => '-' + key + (keys[key] && keys[key] !== 'true' ? '-' + keys[key] : '')).join('')
  ;[tag] = requested(base + (extra && '-u' + extra))
  return { tag, ...natives.subtags(tag), keys: extensions(tag), baseName: bare(tag) }
}, false)
const localeKeys = { calendar: 'ca', collation: 'co', hourCycle: 'hc', caseFirst: 'kf', numeric: 'kn', numberingSystem: 'nu' }
for (const name of ['language', 'script', 'region', 'baseName']) getter(Locale.prototype, name, function () { return slotOf(this, 'Locale')[name] || undefined })
for (const [name, key] of Object.entries(localeKeys)) getter(Locale.prototype, name, function () { const value = slotOf(this, 'Locale').keys[key]; return name === 'numeric' ? value !== undefined && value !== 'false' : value })
methods(Locale, { toString() { return slotOf(this, 'Locale').tag } })
unavailable(Locale, { maximize: 'write the script and the region', minimize: 'write the language alone' })

const Intl = Object.create(Object.prototype)
Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true })
for (const Class of [Collator, DateTimeFormat, ListFormat, Locale, NumberFormat, PluralRules, RelativeTimeFormat, Segmenter]) define(Intl, Class.name, Class)
define(Intl, 'getCanonicalLocales', function getCanonicalLocales(locales) { return requested(locales) })
define(Intl, 'supportedValuesOf', function supportedValuesOf(key) {
  switch (String(key)) {
    case 'timeZone': return natives.zones()
    case 'calendar': return ['gregory', 'iso8601']
    case 'collation': return ['default']
    case 'numberingSystem': return ['latn']
    case 'currency': return natives.currencies()
  }
  throw new RangeError('Invalid key : ' + key)
})
unavailable(Intl, { DisplayNames: 'keep the names that you need in a table', DurationFormat: 'use Intl.RelativeTimeFormat or format the numbers' })

// What the methods of numbers and dates use; formats without options are kept.
const kept = new Map()
const keptFormat = (kind, locales, options, make) => {
  if (options !== undefined || locales !== undefined && typeof locales !== 'string') return make(locales, options)
  const key = kind + ' ' + (locales ?? '')
  if (!kept.has(key)) kept.set(key, make(locales))
  return kept.get(key)
}
const momentText = (kind, needed, standard) => (date, locales, options) => {
  if (Number.isNaN(date)) return 'Invalid Date'
  return dateString(keptFormat(kind, locales, options, (l, o) => dateOptions(l, o, needed, standard)), date)
}
return {
  Intl,
  number: (value, locales, options) => joined(numberParts(keptFormat('n', locales, options, numberOptions), value)),
  date: momentText('d', 'date', 'date'), time: momentText('t', 'time', 'time'), both: momentText('b', 'any', 'all'),
  compare: (x, y, locales, options) => keptFormat('c', locales, options, (l, o) => new Collator(l, o)).compare(x, y),
  list: (array, locales, options) => Array.from(array, (value) => (value === undefined || value === null ? '' : value.toLocaleString(locales, options))).join(','),
  locale: (locales) => resolve(locales, true).data,
}
