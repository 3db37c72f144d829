/** A time as ISO 8601 has it, in the machine's zone and with its offset: 2026-11-26T10:20:30.004+01:00. */
export function localIsoTime(date: Date): string {
  const offsetMinutes = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1)
  const distance = Math.abs(offsetMinutes)
  const hours = String(Math.floor(distance / 60)).padStart(2, '0')
  const minutes = String(distance % 60).padStart(2, '0')
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${hours}:${minutes}`
}
