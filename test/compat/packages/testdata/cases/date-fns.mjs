import { addBusinessDays, differenceInCalendarDays, eachDayOfInterval, endOfMonth, format, formatDistance, formatISO, intervalToDuration, parse, parseISO } from 'date-fns'
import { de } from 'date-fns/locale'

export default async () => {
  const d = new Date(2026, 0, 30, 14, 5, 9)
  return [
    format(d, "yyyy-MM-dd'T'HH:mm:ss EEEE do QQQ"), format(d, 'PPPP', { locale: de }), formatISO(addBusinessDays(d, 3), { representation: 'date' }), differenceInCalendarDays(parseISO('2026-03-01'), d),
    eachDayOfInterval({ start: new Date(2026, 1, 1), end: new Date(2026, 1, 3) }).length, format(endOfMonth(new Date(2028, 1, 1)), 'd'), formatDistance(d, new Date(2026, 2, 1), { addSuffix: true }),
    parse('03/02/2026', 'dd/MM/yyyy', new Date(0)).getMonth(), intervalToDuration({ start: d, end: new Date(2027, 1, 1) }),
  ]
}
