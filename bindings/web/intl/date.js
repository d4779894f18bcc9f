// Dates: the fields of a moment in a time zone, laid out by patterns.

const fieldWidths = { weekday: ['narrow', 'short', 'long'], era: ['narrow', 'short', 'long'], year: ['2-digit', 'numeric'], month: ['2-digit', 'numeric', 'narrow', 'short', 'long'], day: ['2-digit', 'numeric'] }
const timeWidths = { hour: ['2-digit', 'numeric'], minute: ['2-digit', 'numeric'], second: ['2-digit', 'numeric'] }
const zoneWidths = ['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric']
const styleWidths = ['full', 'long', 'medium', 'short']
const letters = { numeric: 'n', '2-digit': '2', narrow: 'n', short: 's', long: 'l' }
const letter = (value) => (value === undefined ? '-' : letters[value])
// The narrow name of a month has a letter of its own, for "n" is numeric there.
const monthLetter = (value) => (value === 'narrow' ? 'w' : letter(value))

const unpacked = new Map()
// patterns gives the table of a subject, by key.
const patterns = (data, name) => {
  const key = data + '/' + name
  if (!unpacked.has(key)) {
    const table = new Map()
    for (const [pattern, keys] of Object.entries(section(data, name))) for (const one of keys.split(' ')) table.set(one, pattern)
    unpacked.set(key, table)
  }
  return unpacked.get(key)
}

const zoneOption = (value) => {
  if (value === undefined) return natives.zone()
  const zone = natives.zone(String(value))
  if (zone === undefined) throw new RangeError('Invalid time zone specified: ' + value)
  return zone
}

// dateOptions reads the options; needed and standard say, as in the standard,
// what is added when nothing is asked for.
const dateOptions = (locales, givenOptions, needed = 'any', standard = 'date') => {
  const options = asOptions(givenOptions)
  const { locale, data, extensions: found } = resolve(locales)
  checkExtensions(found, 'Intl.DateTimeFormat')
  refused(options, { ...plain, dayPeriod: [], timeZoneName: zoneWidths.slice(0, 4) }, 'Intl.DateTimeFormat')
  const f = { locale, data, zone: zoneOption(options.timeZone), fields: {} }
  for (const [name, widths] of Object.entries({ ...fieldWidths, ...timeWidths })) f.fields[name] = option(options, name, widths)
  f.fields.fractionalSecondDigits = count(options, 'fractionalSecondDigits', 1, 3)
  f.fields.timeZoneName = option(options, 'timeZoneName', zoneWidths)
  f.dateStyle = option(options, 'dateStyle', styleWidths)
  f.timeStyle = option(options, 'timeStyle', styleWidths)
  checkStyles(f, needed)
  if (!f.dateStyle && !f.timeStyle) addStandard(f.fields, needed, standard)
  f.cycle = cycleOf(options, found.hc, section(data, 'styles').cycle)
  f.pattern = datePattern(f)
  return f
}

const checkStyles = (f, needed) => {
  if (!f.dateStyle && !f.timeStyle) return
  const field = Object.keys(f.fields).find((name) => f.fields[name] !== undefined)
  if (field) throw new TypeError(`Can't set option ${field} when ${f.dateStyle ? 'dateStyle' : 'timeStyle'} is used`)
  if (needed === 'date' && f.timeStyle || needed === 'time' && f.dateStyle) throw new TypeError(`Invalid option : ${needed === 'date' ? 'timeStyle' : 'dateStyle'}`)
}

const addStandard = (fields, needed, standard) => {
  const has = (...names) => names.some((name) => fields[name] !== undefined)
  const date = needed !== 'time' && has('weekday', 'year', 'month', 'day')
  const time = needed !== 'date' && has('hour', 'minute', 'second', 'fractionalSecondDigits')
  if (date || time) return
  if (standard !== 'time') fields.year = fields.month = fields.day = 'numeric'
  if (standard !== 'date') fields.hour = fields.minute = fields.second = 'numeric'
}

const cycleOf = (options, extension, standard) => {
  if (options.hour12 !== undefined) return options.hour12 ? (/h1[12]/.test(standard) ? standard : 'h12') : 'h23'
  return option(options, 'hourCycle', ['h11', 'h12', 'h23', 'h24'], /^h(11|12|23|24)$/.test(extension) ? extension : standard)
}

const datePattern = (f) => {
  const { joints, date, time, zonedTime, zonedDate, fraction } = section(f.data, 'styles')
  const half = /h1[12]/.test(f.cycle)
  if (f.dateStyle || f.timeStyle) {
    const clock = f.timeStyle && time[f.timeStyle][half ? 0 : 1]
    if (f.timeStyle) f.fields.timeZoneName = { full: 'long', long: 'short' }[f.timeStyle]
    return f.dateStyle && clock ? date[f.dateStyle] + joints[f.dateStyle] + clock : clock ?? date[f.dateStyle]
  }
  const { weekday, era, year, month, day, hour, minute, second, fractionalSecondDigits, timeZoneName } = f.fields
  const dateKey = [letter(weekday), era ? 's' : '-', letter(year), monthLetter(month), letter(day)].join('')
  let text = dateKey === '-----' ? '' : dateText(f, dateKey)
  let clock = clockText(f, (hour ? (half ? '1' : '2') : '-') + [hour, minute, second].map(letter).join(''))
  if (fractionalSecondDigits) clock = second ? clock.replace(/\{ss?\}/, `$&${fraction}{f}`) : clock + (clock && fraction) + '{f}'
  if (timeZoneName && clock) clock = zonedTime.replace('{t}', () => clock)
  else if (timeZoneName) text = zonedDate.replace('{t}', () => text)
  return text && clock ? text + joints[monthLetter(month).replace('2', 'n') + (weekday ? 'l' : '-')] + clock : text || clock
}

const dateText = (f, key) => {
  const table = patterns(f.data, 'dates')
  const found = table.get(key) ?? table.get(key.replace(/^[sn]/, 'l'))?.replace(/\{E(a?)l\}/, `{E$1${key[0]}}`)
  if (found !== undefined) return found
  const without = table.get(key[0] + '-' + key.slice(2))
  if (without === undefined) throw new RangeError(`Intl.DateTimeFormat: there is no format of ${f.locale} with these fields`)
  return without + ' {G}'
}

const clockText = (f, key) => {
  if (key === '----') return ''
  const found = patterns(f.data, 'times').get(key)
  if (found === undefined) throw new RangeError(`Intl.DateTimeFormat: there is no format of ${f.locale} with these fields`)
  return found
}

// A whole text has a plain space before AM and PM, as code expects it that was
// written before Unicode made it a narrow one; the parts have the narrow one.
const dateString = (f, value) => joined(dateParts(f, value)).replaceAll('\u202f', ' ')

const momentOf = (value) => {
  const ms = value === undefined ? Date.now() : Number(value)
  if (!(Math.abs(ms) <= 8.64e15)) throw new RangeError('Invalid time value')
  return Math.trunc(ms)
}

const dateParts = (f, value) => {
  const ms = momentOf(value)
  const offset = natives.offset(f.zone, ms)
  const at = new Date(ms + offset * 1000)
  const year = at.getUTCFullYear()
  const names = section(f.data, 'names')
  const two = (n) => String(n).padStart(2, '0')
  const hour = hourIn(f.cycle, at.getUTCHours())
  const numbered = (type, n, width) => ({ type, value: width === 2 ? two(n) : String(n) })
  return fillPattern(f.pattern, (name) => {
    switch (name[0]) {
      case 'y': { const shown = year > 0 ? year : 1 - year; return [{ type: 'year', value: name === 'yy' ? two(shown % 100) : String(shown) }] }
      case 'M': return [/^MM?$/.test(name) ? numbered('month', at.getUTCMonth() + 1, name.length) : { type: 'month', value: names[name[1] === 'a' ? 'monthsAlone' : 'months'][name.at(-1)][at.getUTCMonth()] }]
      case 'E': return [{ type: 'weekday', value: names[name[1] === 'a' ? 'daysAlone' : 'days'][name.at(-1)][at.getUTCDay()] }]
      case 'd': return [numbered('day', at.getUTCDate(), name.length)]
      case 'G': return [{ type: 'era', value: names.eras[letters[f.fields.era]][year > 0 ? 1 : 0] }]
      case 'h': return [numbered('hour', hour, name.length)]
      case 'm': return [numbered('minute', at.getUTCMinutes(), name.length)]
      case 's': return [numbered('second', at.getUTCSeconds(), name.length)]
      case 'f': return [{ type: 'fractionalSecond', value: String(at.getUTCMilliseconds()).padStart(3, '0').slice(0, f.fields.fractionalSecondDigits) }]
      case 'a': return [{ type: 'dayPeriod', value: names.periods[at.getUTCHours() < 12 ? 0 : 1] }]
    }
    return [{ type: 'timeZoneName', value: zoneText(f, ms, offset) }]
  })
}

const hourIn = (cycle, hour) => {
  switch (cycle) {
    case 'h11': return hour % 12
    case 'h12': return hour % 12 || 12
    case 'h24': return hour || 24
  }
  return hour
}

// zoneText names a zone at a moment: by a name that the locale has, or by how far
// it is from Greenwich.
const zoneText = (f, ms, offset) => {
  const width = f.fields.timeZoneName
  const group = /Offset$/.test(width) ? -1 : natives.zoneGroup(f.zone)
  if (group >= 0) {
    const names = section(f.data, 'zones')[group]
    const at = width === 'long' ? 2 : 0
    const text = names[at + 1] !== '=' && summer(f.zone, ms, offset) ? names[at + 1] : names[at]
    if (text) return text
  }
  return offsetText(section(f.data, 'offsets'), offset, /^long/.test(width))
}

const summer = (zone, ms, offset) => {
  const year = new Date(ms).getUTCFullYear()
  return offset > Math.min(natives.offset(zone, Date.UTC(year, 0, 15)), natives.offset(zone, Date.UTC(year, 6, 15)))
}

const offsetText = (words, offset, long) => {
  if (offset === 0 && !long) return words.zero
  const all = Math.abs(offset)
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60].map(String)
  const minutes = long || m !== '0' || s !== '0' ? words.colon + m.padStart(2, '0') : ''
  return (offset < 0 ? words.west : words.east) + (long ? h.padStart(2, '0') : h) + minutes + (s === '0' ? '' : words.colon + s.padStart(2, '0'))
}

const DateTimeFormat = made('DateTimeFormat', dateOptions, true)
bound(DateTimeFormat, 'format', 'DateTimeFormat', (f) => (date) => dateString(f, date))
methods(DateTimeFormat, {
  formatToParts(date) { return dateParts(slotOf(this, 'DateTimeFormat'), date) },
  resolvedOptions() {
    const f = slotOf(this, 'DateTimeFormat')
    const out = { locale: f.locale, calendar: 'gregory', numberingSystem: 'latn', timeZone: f.zone }
    if (f.pattern.includes('{h')) Object.assign(out, { hourCycle: f.cycle, hour12: /h1[12]/.test(f.cycle) })
    if (f.dateStyle || f.timeStyle) return { ...out, ...(f.dateStyle && { dateStyle: f.dateStyle }), ...(f.timeStyle && { timeStyle: f.timeStyle }) }
    return { ...out, ...shownFields(f) }
  },
})
define(DateTimeFormat, 'supportedLocalesOf', supported(false))
unavailable(DateTimeFormat, { formatRange: 'format both dates', formatRangeToParts: 'format both dates' })

const wide = { n: 'narrow', s: 'short', l: 'long' }
// shownFields are the widths that the pattern really has.
const shownFields = (f) => {
  const names = { E: 'weekday', G: 'era', y: 'year', M: 'month', d: 'day', h: 'hour', m: 'minute', s: 'second' }
  const found = {}
  for (const [, name] of f.pattern.matchAll(/\{(\w+)\}/g)) {
    if (names[name[0]]) found[names[name[0]]] = name[0] === 'G' ? f.fields.era : wide[name.slice(1).at(-1)] ?? (name.length === 2 ? '2-digit' : 'numeric')
  }
  const ordered = {}
  for (const name of Object.values(names)) if (found[name]) ordered[name] = found[name]
  for (const name of ['fractionalSecondDigits', 'timeZoneName']) if (f.fields[name]) ordered[name] = f.fields[name]
  return ordered
}
