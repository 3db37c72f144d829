import { redactSecrets } from '../../base/index.ts'
import { redactDestination } from '../../delivery/index.ts'
import { redactOutput } from '../../ffmpeg/index.ts'

/** One setting that has another value than before. */
export type SettingChange = Readonly<{
  /** Which, e.g. 'hls.windowMs'. */
  setting: string
  /** Its value so far; null if there was none, `HIDDEN` if it is a secret. */
  before: unknown
  /** Its value from now on; null if there is none, `HIDDEN` if it is a secret. */
  after: unknown
  /** For whom it counts, e.g. 'at once' or 'new connections'. */
  effect: string
}>

/** What stands for a secret in a change. */
export const HIDDEN = '(hidden)'

/**
 * Settings that are not to be seen in a log, with all that is in them. What programs are started with may be anything: headers with
 * passwords, for instance.
 */
const SECRETS: ReadonlySet<string> = new Set([
  'key',
  'keys',
  'secret',
  'secrets',
  'password',
  'inputOptions',
  'exec',
])

/**
 * The settings that differ between two objects of plain values, each by its path; lists count as one value.
 * @param effectOf says for whom a change of that setting counts
 */
export function settingChanges(
  before: unknown,
  after: unknown,
  effectOf: (setting: string) => string,
  path: readonly string[] = [],
): SettingChange[] {
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...names].flatMap((name) => settingChanges(before[name], after[name], effectOf, [...path, name]))
  }
  if (sameValue(before, after)) {
    return []
  }
  const setting = path.join('.')
  const isSecret = path.some((name) => SECRETS.has(name))
  const shown = (value: unknown): unknown =>
    isSecret && value !== undefined ? HIDDEN : withoutSecrets(value, path.at(-1))
  return [{ setting, before: shown(before), after: shown(after), effect: effectOf(setting) }]
}

/** Whether two plain values say the same: a number that can't be written in JSON is itself only. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]))
  }
  if (isRecord(a) && isRecord(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...names].every((name) => sameValue(a[name], b[name]))
  }
  return Object.is(a, b) || (isNothing(a) && isNothing(b))
}

/** Settings whose addresses have secrets in their paths: where streams are sent. */
const ADDRESSES: ReadonlyMap<string, (written: string) => string> = new Map([
  ['destinations', redactDestination],
  ['output', redactOutput],
])

function withoutSecrets(value: unknown, name?: string): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => withoutSecrets(each, name))
  }
  if (typeof value === 'string') {
    // Hooks and backends may have a password or a token in their URLs.
    const redact = ADDRESSES.get(name ?? '') ?? redactSecrets
    return redact(value)
  }
  if (isRecord(value)) {
    const entries = Object.entries(value)
    return Object.fromEntries(
      entries.map(([key, each]) => [key, SECRETS.has(key) ? HIDDEN : withoutSecrets(each, key)]),
    )
  }
  return value ?? null
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
