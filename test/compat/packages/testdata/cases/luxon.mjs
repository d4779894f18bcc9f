import { DateTime, Duration, Interval, Settings } from 'luxon'

Settings.defaultZone = 'utc'

export default async () => {
  const d = DateTime.fromISO('2026-03-29T00:30:00Z')
  const berlin = d.setZone('Europe/Berlin')
  return [
    d.toISO(), berlin.toISO(), berlin.plus({ hours: 1 }).toISO(), berlin.offsetNameShort, berlin.isInDST, d.toFormat('yyyy LLL dd, EEEE HH:mm ZZ'),
    DateTime.fromFormat('12 Jan 2026 08:15', 'dd LLL yyyy HH:mm', { zone: 'America/New_York' }).toISO(), DateTime.fromISO('2026-01-01', { zone: 'Nowhere/Else' }).invalidReason,
    Duration.fromObject({ hours: 3, minutes: 90 }).normalize().toObject(), Duration.fromISO('PT1H30M').as('minutes'), Interval.after(d, { days: 2 }).count('days'),
    d.diff(DateTime.fromISO('2026-01-01'), ['months', 'days']).toObject(), d.toLocaleString(DateTime.DATE_MED), d.toLocaleString(DateTime.DATETIME_FULL), d.weekNumber, d.plus({ days: 3 }).toRelative({ base: d }),
  ]
}
