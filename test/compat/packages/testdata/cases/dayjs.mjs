import dayjs from 'dayjs'
import customParse from 'dayjs/plugin/customParseFormat.js'
import duration from 'dayjs/plugin/duration.js'
import relativeTime from 'dayjs/plugin/relativeTime.js'
import timezone from 'dayjs/plugin/timezone.js'
import utc from 'dayjs/plugin/utc.js'
import 'dayjs/locale/fr.js'

for (const plugin of [customParse, duration, relativeTime, utc, timezone]) dayjs.extend(plugin)

export default async () => {
  const d = dayjs.utc('2026-03-29T00:30:00Z')
  return [
    d.format('YYYY-MM-DD[T]HH:mm:ss Z dddd'), d.add(1, 'month').endOf('month').toISOString(), d.locale('fr').format('dddd D MMMM YYYY'),
    d.tz('Europe/Berlin').format('YYYY-MM-DD HH:mm Z'), d.tz('Europe/Berlin').add(2, 'hour').format('HH:mm Z'), dayjs.tz('2026-07-01 12:00', 'America/New_York').toISOString(),
    dayjs.utc('01-02-2026', 'DD-MM-YYYY').valueOf(), dayjs.duration(100, 'minutes').humanize(), dayjs.utc(d).to(dayjs.utc('2026-04-02')), d.diff('2026-03-01', 'day'),
  ]
}
