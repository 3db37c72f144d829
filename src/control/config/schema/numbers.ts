/** What a plain number counts. */
export type Unit = 'none' | 'milliseconds' | 'seconds' | 'bytes'

/** Units that may follow a number, by what a plain one counts, and how many of these each is. */
const SUFFIXES: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  none: {},
  milliseconds: { ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
  seconds: { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 },
  bytes: { k: 1024, m: 1024 ** 2, g: 1024 ** 3 },
}

/** How a number is to be. */
export type NumberForm = Readonly<{
  /** What a plain number counts. */
  unit: Unit
  /** No fraction. */
  whole: boolean
  /** The least. */
  min: number
  /** The greatest; none if left out. */
  max?: number | undefined
}>

/** Reads a whole word as a number in the form's unit; null if it is none, or out of its range. */
export function readNumber(word: string, { unit, whole, min, max }: NumberForm): number | null {
  const match = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))([a-z]*)$/i.exec(word)
  const suffixes = SUFFIXES[unit]
  const suffix = match?.[2]?.toLowerCase() ?? ''
  const factor = suffix === '' ? 1 : Object.hasOwn(suffixes, suffix) ? suffixes[suffix] : undefined
  if (match === null || factor === undefined) {
    return null
  }
  const number = roundToThousandths(Number(match[1]) * factor)
  const isInRange = number >= min && number <= (max ?? Number.MAX_SAFE_INTEGER)
  return isInRange && (!whole || Number.isInteger(number)) ? number : null
}

/** What the form wants, in words: 'seconds from 0 to 60'. */
export function describeNumber({ unit, whole, min, max }: NumberForm): string {
  const what = { none: 'number', milliseconds: 'milliseconds', seconds: 'seconds', bytes: 'bytes' }[unit]
  const noun =
    unit === 'none'
      ? `a ${whole ? 'whole ' : ''}number`
      : `${whole && unit !== 'bytes' ? 'whole ' : ''}${what}`
  const range =
    max === undefined ? (min === Number.MIN_SAFE_INTEGER ? '' : ` from ${min}`) : ` from ${min} to ${max}`
  return `${noun}${range}${EXAMPLES[unit]}`
}

const EXAMPLES: Readonly<Record<Unit, string>> = {
  none: '',
  milliseconds: ', e.g. 1500 or 1.5s',
  seconds: ', e.g. 10 or 10s',
  bytes: ', e.g. 65536 or 64k',
}

/** 2.3 s are 2300 ms, not 2299.9999999999995: thousandths are as fine as a setting goes. */
export function roundToThousandths(value: number): number {
  return Math.round(value * 1000) / 1000
}
