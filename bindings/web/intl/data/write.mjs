// Writes what the formats of each locale look like into one file per locale, and
// zones.json, as Node's own Intl gives it. Run by hand when Unicode has a new
// CLDR that is wanted here: node write.mjs
//
// Nothing is known here of the formats: each is asked for with a date or number
// whose parts can be told apart.
import { writeFileSync } from 'node:fs'

const locales = [
  'en-US', 'en-GB', 'en-CA', 'en-AU', 'en-IN', 'de', 'de-AT', 'de-CH', 'fr', 'fr-CA', 'es', 'es-MX', 'it', 'nl',
  'pt', 'pt-PT', 'pl', 'sv', 'da', 'nb', 'fi', 'cs', 'ja', 'zh',
]
const here = (name) => new URL(name, import.meta.url)
const UTC = { timeZone: 'UTC' }
// The moment that is formatted: the 5th of a month, a Monday, early. Which month
// is the locale's: one of which the names tell the widths apart.
let morning = new Date(Date.UTC(2023, 5, 5, 3, 4, 6))
const mondayOf = (month) => {
  for (let year = 2011; ; year++) {
    const date = new Date(Date.UTC(year, month, 5, 3, 4, 6))
    if (date.getUTCDay() === 1) return date
  }
}
const telling = ({ months, monthsAlone }) => {
  const worth = (m) => new Set([months.l[m], months.s[m], monthsAlone.l[m], monthsAlone.s[m], months.n[m]]).size
  return range(9).reduce((best, m) => (worth(m) > worth(best) ? m : best), 0)
}
const widths = { n: 'narrow', s: 'short', l: 'long' }
const monthWidths = { n: 'numeric', 2: '2-digit', w: 'narrow', s: 'short', l: 'long' }
const digits = { n: 'numeric', 2: '2-digit' }
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined))
const parts = (locale, options, date = morning) => new Intl.DateTimeFormat(locale, { ...UTC, ...given(options) }).formatToParts(date)
const part = (list, type) => list.find((p) => p.type === type)?.value
const range = (n) => Array.from({ length: n }, (_, i) => i)

// The names of months and days, within dates and standing alone.
function names(locale) {
  const monthsOf = (options) => range(12).map((m) => part(parts(locale, options, new Date(Date.UTC(2023, m, 5))), 'month'))
  const daysOf = (options) => range(7).map((d) => part(parts(locale, options, new Date(Date.UTC(2023, 2, 5 + d))), 'weekday'))
  const out = { months: {}, monthsAlone: {}, days: {}, daysAlone: {}, eras: {} }
  for (const [key, width] of Object.entries(widths)) {
    out.months[key] = monthsOf({ month: width, day: 'numeric', year: 'numeric' })
    out.monthsAlone[key] = monthsOf({ month: width })
    out.days[key] = daysOf({ weekday: width, month: 'long', day: 'numeric', year: 'numeric' })
    out.daysAlone[key] = daysOf({ weekday: width })
    out.eras[key] = [-100, 2023].map((y) => { const d = new Date(morning); d.setUTCFullYear(y); return part(parts(locale, { era: width, year: 'numeric' }, d), 'era') })
  }
  out.periods = [3, 15].map((h) => part(parts(locale, { hour: 'numeric', hourCycle: 'h12' }, new Date(Date.UTC(2023, 2, 5, h))), 'dayPeriod'))
  return out
}

function datePattern(list, known, locale) {
  const textOf = (value, tables, tag) => {
    for (const [table, alone] of tables) for (const key of ['l', 's', 'n']) if (table[key].includes(value)) return `{${tag}${alone}${key}}`
    throw new Error(`${locale}: what is ${value}?`)
  }
  return list.map(({ type, value }) => {
    switch (type) {
      case 'literal': return value
      case 'weekday': return textOf(value, [[known.days, ''], [known.daysAlone, 'a']], 'E')
      case 'era': return '{G}'
      case 'year': return value.length === 2 ? '{yy}' : '{y}'
      case 'day': return value === '05' ? '{dd}' : '{d}'
      case 'month': return /^\d$/.test(value) ? '{M}' : /^0\d$/.test(value) ? '{MM}' : textOf(value, [[known.months, ''], [known.monthsAlone, 'a']], 'M')
    }
    throw new Error(`${locale}: what is a ${type}?`)
  }).join('')
}

const timePattern = (list) => list.map(({ type, value }) => {
  const two = value.length === 2
  switch (type) {
    case 'literal': return value
    case 'hour': return two ? '{hh}' : '{h}'
    case 'minute': return two ? '{mm}' : '{m}'
    case 'second': return two ? '{ss}' : '{s}'
    case 'dayPeriod': return '{a}'
    case 'timeZoneName': return '{z}'
  }
  throw new Error('what is a ' + type + '?')
}).join('')

const gathered = (table, key, pattern) => { table[pattern] = table[pattern] === undefined ? key : table[pattern] + ' ' + key }

// The short and the narrow name of a day stand where the long one does, mostly:
// only where they do not, they are written.
function dates(locale, known) {
  const table = {}
  const long = new Map()
  for (const E of ['', ...'lsn']) for (const G of ['', 's']) for (const y of ['', ...'n2']) for (const M of ['', ...'n2lsw']) for (const d of ['', ...'n2']) {
    const key = [E, G, y, M, d].map((x) => x || '-').join('')
    if (key === '-----') continue
    if (locale === 'de-CH' && G && /[n2][n2]$/.test(key)) continue // asking for these ends the process
    const list = parts(locale, { weekday: widths[E], era: widths[G], year: digits[y], month: monthWidths[M], day: digits[d] })
    if (G && !part(list, 'era') || !G && part(list, 'era')) continue
    if (['hour', 'minute'].some((x) => part(list, x))) continue
    if (!y && part(list, 'year') || !d && part(list, 'day') || !M && part(list, 'month')) { if (!G) continue }
    const pattern = datePattern(list, known, locale)
    if (E === 'l') long.set(key.slice(1), pattern)
    if (E === 'l' || E === '' || long.get(key.slice(1))?.replace(/\{E(a?)l\}/, `{E$1${E}}`) !== pattern) gathered(table, key, pattern)
  }
  return table
}

function times(locale) {
  const table = {}
  for (const cycle of ['h12', 'h23']) for (const h of ['', ...'n2']) for (const m of ['', ...'n2']) for (const s of ['', ...'n2']) {
    if (!h && !m && !s || !h && cycle === 'h23') continue
    const key = (h ? cycle[1] : '-') + [h, m, s].map((x) => x || '-').join('')
    gathered(table, key, timePattern(parts(locale, { hour: digits[h], minute: digits[m], second: digits[s], hourCycle: h ? cycle : undefined })))
  }
  return table
}

// How a date and a time are put together, by the width of the month and whether
// there is a day of the week; and the four styles.
function styles(locale, known) {
  const timeTypes = ['hour', 'minute', 'second', 'dayPeriod', 'timeZoneName']
  // {z} with what is between it and the rest, which in some locales follows it.
  const zonePattern = (list) => {
    const at = list.findIndex((p) => p.type === 'timeZoneName')
    return at === 0 ? '{z}' + list[1].value + '{t}' : '{t}' + list[at - 1].value + '{z}'
  }
  const joints = {}
  for (const M of ['', ...'nslw']) for (const E of ['', 'l']) {
    const base = M === '' ? { day: 'numeric' } : { year: 'numeric', month: monthWidths[M], day: 'numeric' }
    const plain = datePattern(parts(locale, { weekday: widths[E], ...base }), known, locale)
    const joined = parts(locale, { weekday: widths[E], ...base, minute: 'numeric', hour: 'numeric', hourCycle: 'h23' })
    const first = joined.findIndex((p) => timeTypes.includes(p.type))
    const before = datePattern(joined.slice(0, first), known, locale)
    joints[(M || '-') + (E || '-')] = before.startsWith(plain) ? before.slice(plain.length) : joined[first - 1].value
  }
  const out = { joints, date: {}, time: {} }
  for (const style of ['full', 'long', 'medium', 'short']) {
    out.date[style] = datePattern(parts(locale, { dateStyle: style }), known, locale)
    out.time[style] = [12, 23].map((c) => timePattern(parts(locale, { timeStyle: style, hourCycle: 'h' + c })))
    const joined = parts(locale, { dateStyle: style, timeStyle: 'short', hourCycle: 'h23' })
    const first = joined.findIndex((p) => timeTypes.includes(p.type))
    const before = datePattern(joined.slice(0, first), known, locale)
    out.joints[style] = before.startsWith(out.date[style]) ? before.slice(out.date[style].length) : joined[first - 1].value
  }
  out.cycle = new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hourCycle
  const zoned = parts(locale, { hour: 'numeric', minute: 'numeric', timeZoneName: 'short' })
  out.zonedTime = zonePattern(zoned)
  out.zonedDate = zonePattern(parts(locale, { year: 'numeric', month: 'numeric', day: 'numeric', timeZoneName: 'short' }))
  out.fraction = part(new Intl.DateTimeFormat(locale, { second: 'numeric', fractionalSecondDigits: 1 }).formatToParts(morning), 'literal')
  return out
}

const zoneName = (locale, timeZone, width, date) => part(new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: width }).formatToParts(date), 'timeZoneName')
const offsets = (locale) => ({
  zero: zoneName(locale, 'UTC', 'shortOffset', morning),
  east: zoneName(locale, 'Etc/GMT-5', 'shortOffset', morning).replace('5', ''),
  west: zoneName(locale, 'Etc/GMT+5', 'shortOffset', morning).replace('5', ''),
  colon: zoneName(locale, 'Asia/Kolkata', 'shortOffset', morning).replace(/\d|^\D+/g, '').trim(),
})

// Zones of the same names in all locales form a group.
function zones() {
  const all = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])]
  const [winter, summer] = [new Date(Date.UTC(2025, 0, 15)), new Date(Date.UTC(2025, 6, 15))]
  const offsetOf = (zone, date) => {
    const text = zoneName('en-US', zone, 'longOffset', date)
    const [, sign, h, m] = /([+-])(\d+):(\d+)/.exec(text) ?? [0, '+', 0, 0]
    return (sign === '-' ? -1 : 1) * (h * 60 + +m)
  }
  const isOffset = (text) => /^(GMT|UTC)?[+−-]\d/u.test(text)
  const groups = new Map()
  const own = Object.fromEntries(locales.map((l) => [l, []]))
  for (const zone of all) {
    const dates = offsetOf(zone, winter) <= offsetOf(zone, summer) ? [winter, summer] : [summer, winter]
    const told = locales.map((locale) => ['short', 'long'].flatMap((width) => {
      const format = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: width })
      return dates.map((date) => part(format.formatToParts(date), 'timeZoneName'))
    }).map((text) => (isOffset(text) ? '' : text)))
    const key = JSON.stringify(told)
    if (!groups.has(key)) {
      groups.set(key, { number: groups.size, zones: [] })
      locales.forEach((locale, i) => { const [a, b, c, d] = told[i]; own[locale].push([a, a === b ? '=' : b, c, c === d ? '=' : d]) })
    }
    groups.get(key).zones.push(zone)
  }
  return { groups: [...groups.values()].map((g) => g.zones.join(' ')), own }
}

const numberParts = (locale, options, value) => new Intl.NumberFormat(locale, options).formatToParts(value)
const numeric = ['integer', 'group', 'decimal', 'fraction', 'infinity', 'nan']
// The number itself becomes {n}, however many parts it has.
const numberPattern = (list) => list.map(({ type, value }) => {
  if (numeric.includes(type)) return '{n}'
  const tag = { literal: value, minusSign: '{-}', plusSign: '{+}', percentSign: '{%}', currency: '{c}', compact: `{k:${value}}` }[type]
  if (tag === undefined) throw new Error('what is a ' + type + '?')
  return tag
}).join('').replace(/(\{n\})+/g, '{n}')
const signed = (locale, options) => [1, -1].map((v) => numberPattern(numberParts(locale, options, v))).concat(numberPattern(numberParts(locale, { ...options, signDisplay: 'always' }, 1)))

function numbers(locale) {
  const big = numberParts(locale, {}, 1234567891.5)
  const groups = big.filter((p) => p.type === 'integer').map((p) => p.value.length)
  const symbol = (value, type) => part(numberParts(locale, { signDisplay: 'always', style: 'percent' }, value), type)
  const cash = (display, sign) => signed(locale, { style: 'currency', currency: 'EUR', currencyDisplay: display, currencySign: sign, maximumFractionDigits: 0 })
  return {
    decimal: part(big, 'decimal'), group: part(big, 'group'), primary: groups.at(-1), secondary: groups.at(-2),
    least: part(numberParts(locale, {}, 1234), 'group') === undefined ? 2 : 1,
    minus: symbol(-1, 'minusSign'), plus: symbol(1, 'plusSign'), percent: symbol(1, 'percentSign'), nan: part(numberParts(locale, {}, NaN), 'nan'), infinity: part(numberParts(locale, {}, Infinity), 'infinity'),
    number: signed(locale, {}), rate: signed(locale, { style: 'percent' }),
    cash: { symbol: { standard: cash('narrowSymbol', 'standard'), accounting: cash('narrowSymbol', 'accounting') }, code: { standard: cash('code', 'standard'), accounting: cash('code', 'accounting') } },
    moneyDecimal: part(numberParts(locale, { style: 'currency', currency: 'EUR' }, 1.5), 'decimal'), moneyGroup: part(numberParts(locale, { style: 'currency', currency: 'EUR' }, 1234567), 'group'),
    compact: { short: compact(locale, 'short'), long: compact(locale, 'long') },
    currencies: currencies(locale),
  }
}

function compact(locale, compactDisplay) {
  const options = { notation: 'compact', compactDisplay, maximumFractionDigits: 1, useGrouping: false }
  const plurals = new Intl.PluralRules(locale)
  return range(12).map((i) => {
    const list = numberParts(locale, options, 2 * 10 ** (i + 3))
    const shift = i + 3 - (part(list, 'integer').length - 1)
    const forms = {}
    for (const n of [1, 2, 3, 5, 7, 10, 20, 100, 5.5]) {
      const shown = new Intl.NumberFormat(locale, options).formatToParts(n * 10 ** shift)
      if (n === 1 && part(shown, 'integer') === undefined) forms[1] = numberPattern(shown) // one word, as in "mille"
      if (Number(part(shown, 'integer') + '.' + (part(shown, 'fraction') ?? '0')) !== n) continue
      forms[plurals.select(n)] ??= numberPattern(shown)
    }
    const other = forms.other ?? Object.values(forms).at(-1)
    return [shift, Object.fromEntries(Object.entries({ ...forms, other }).filter(([k, v]) => k === 'other' || v !== other))]
  })
}

function currencies(locale) {
  const out = {}
  for (const currency of Intl.supportedValuesOf('currency')) {
    const symbolOf = (currencyDisplay) => part(numberParts(locale, { style: 'currency', currency, currencyDisplay }, 1), 'currency')
    const [symbol, narrow] = [symbolOf('symbol'), symbolOf('narrowSymbol')]
    if (symbol !== currency || narrow !== currency) out[currency] = symbol === narrow ? symbol : [symbol, narrow]
  }
  return out
}

function lists(locale) {
  const out = {}
  for (const type of ['conjunction', 'disjunction', 'unit']) for (const style of ['long', 'short', 'narrow']) {
    const f = (...items) => new Intl.ListFormat(locale, { type, style }).format(items).split(/[1-4]/).slice(1, -1)
    const [start, middle, end] = f('1', '2', '3', '4')
    out[type + ' ' + style] = [f('1', '2')[0], start, middle, end]
  }
  return out
}

function relative(locale) {
  const out = {}
  const samples = [0, 1, 2, 3, 5, 7, 10, 21, 1.5]
  const plurals = new Intl.PluralRules(locale)
  for (const unit of ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second']) for (const style of ['long', 'short', 'narrow']) {
    const f = (value, numeric) => new Intl.RelativeTimeFormat(locale, { style, numeric }).formatToParts(value, unit)
    const forms = (sign) => {
      const found = {}
      for (const n of samples) found[plurals.select(n)] ??= f(sign * n || (sign < 0 ? -0 : 0), 'always').map((p) => (p.unit ? '{n}' : p.value)).join('').replace(/(\{n\})+/g, '{n}')
      return Object.fromEntries(Object.entries(found).filter(([k, v]) => k === 'other' || v !== found.other))
    }
    const words = {}
    for (const n of [-2, -1, 0, 1, 2]) {
      const list = f(n, 'auto')
      if (list.length === 1 && list[0].type === 'literal') words[n] = list[0].value
    }
    const entry = { words, past: forms(-1), future: forms(1) }
    const same = out[unit + ' short'] && style === 'narrow' && JSON.stringify(out[unit + ' short']) === JSON.stringify(entry)
    out[unit + ' ' + style] = same ? 'short' : entry
  }
  return out
}

const { groups, own } = zones()
const minor = Object.fromEntries(Intl.supportedValuesOf('currency').map((c) => [c, new Intl.NumberFormat('en-US', { style: 'currency', currency: c }).resolvedOptions().maximumFractionDigits]).filter(([, n]) => n !== 2))
writeFileSync(here('zones.json'), JSON.stringify({ groups, minor }, null, 1) + '\n')
for (const locale of locales) {
  const known = names(locale)
  morning = mondayOf(telling(known))
  const sections = {
    names: known, dates: dates(locale, known), times: times(locale), styles: styles(locale, known), offsets: offsets(locale), zones: own[locale],
    numbers: numbers(locale), lists: lists(locale), relative: relative(locale),
  }
  const lines = Object.entries(sections).map(([name, value]) => JSON.stringify(name) + ': ' + JSON.stringify(value))
  writeFileSync(here(locale + '.json'), '{\n' + lines.join(',\n') + '\n}\n')
}
