/** Shown where a value is not known (yet). */
export const UNKNOWN = '–'

/** A number and its unit, to be set apart. */
export type Quantity = Readonly<{ value: string; unit: string }>

const NOTHING: Quantity = { value: UNKNOWN, unit: '' }
const wholeNumber = new Intl.NumberFormat('en')
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const minute = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })

/** `812 kb/s`, `2.41 Mb/s`, `1.20 Gb/s`; takes bits per second. */
export function bitRate(bitsPerSecond: number | null): Quantity {
  return scaled(bitsPerSecond, 1000, ['b/s', 'kb/s', 'Mb/s', 'Gb/s', 'Tb/s'], 1)
}

/** `812 kB`, `2.41 MB`; powers of 1000. */
export function byteCount(bytes: number | null): Quantity {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'], 0)
}

/** `812 MiB`, `1.20 GiB`; takes MiB, in which memory is plotted, so that the scale has round numbers. */
export function memory(mebibytes: number | null): Quantity {
  return scaled(mebibytes, 1024, ['MiB', 'GiB', 'TiB'], 0)
}

/** `12,345`. */
export function count(value: number | null): Quantity {
  return value === null ? NOTHING : { value: wholeNumber.format(value), unit: '' }
}

/** `12.3 %`; takes parts of one. */
export function percent(part: number | null): Quantity {
  return part === null ? NOTHING : { value: (part * 100).toFixed(part < 0.9995 ? 1 : 0), unit: '%' }
}

/** `0.42 ms`, `12.3 ms`, `812 ms`, `2.1 s`. */
export function milliseconds(ms: number | null): Quantity {
  if (ms === null) {
    return NOTHING
  }
  if (Math.abs(ms) >= 1000) {
    return { value: (ms / 1000).toFixed(1), unit: 's' }
  }
  // The API rounds most of them: digits that it does not tell are not shown.
  return { value: Number.isInteger(ms) ? String(ms) : threeDigits(ms), unit: 'ms' }
}

/** `30 fps`; a rate that is not near a whole number keeps one decimal. */
export function frameRate(framesPerSecond: number | null): Quantity {
  if (framesPerSecond === null) {
    return NOTHING
  }
  const whole = Math.round(framesPerSecond)
  const value = Math.abs(framesPerSecond - whole) < 0.25 ? String(whole) : framesPerSecond.toFixed(1)
  return { value, unit: 'fps' }
}

/** `12 s`, `3 min 20 s`, `4 h 2 min`, `3 d 4 h`. */
export function duration(seconds: number | null): string {
  if (seconds === null) {
    return UNKNOWN
  }
  const whole = Math.max(0, Math.floor(seconds))
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => whole >= size || size === 1)
  const [unit, size] = units[first] ?? ['s', 1]
  const next = units[first + 1]
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[1])
  return `${Math.floor(whole / size)} ${unit}${next === undefined ? '' : ` ${rest} ${next[0]}`}`
}

/** `14:03:20` by the browser's clock, with the day in front if it is not that of `now`; takes ms since the Unix epoch. */
export function timeOfDay(atMs: number, now: number): string {
  const at = new Date(atMs)
  const isToday = at.toDateString() === new Date(now).toDateString()
  return isToday ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`
}

/** `14:03` by the browser's clock; takes ms since the Unix epoch. */
export function timeOfMinute(atMs: number): string {
  return minute.format(new Date(atMs))
}

/** `14:03:20`, as `timeOfMinute`. */
export function timeOfSecond(atMs: number): string {
  return clock.format(new Date(atMs))
}

/** A number with its unit in one text. */
export function text({ value, unit }: Quantity): string {
  return unit === '' ? value : `${value} ${unit}`
}

/** A word in the singular or plural, with its number: `1 player`, `2,000 players`. */
export function counted(value: number, word: string): string {
  return `${wholeNumber.format(value)} ${word}${value === 1 ? '' : 's'}`
}

function scaled(amount: number | null, step: number, units: readonly string[], smallest: number): Quantity {
  if (amount === null) {
    return NOTHING
  }
  let scale = amount === 0 ? smallest : 0
  let value = amount
  while ((Number(threeDigits(value)) >= step || scale < smallest) && scale < units.length - 1) {
    value /= step
    scale++
  }
  return { value: scale === 0 ? String(Math.round(value)) : threeDigits(value), unit: units[scale] ?? '' }
}

/** Three digits that count: `1.20`, `12.0`, `120`, `1,200`. */
function threeDigits(value: number): string {
  const size = Math.abs(value)
  const decimals = value === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2
  return value.toFixed(decimals)
}
