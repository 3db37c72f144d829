import { crc32 } from 'node:zlib'
import type { HookNotification, NotificationEvent } from './notification.ts'

/**
 * One line of the journal. `open`: it will be owed when something ends that has begun; `owe`: it is owed; `done`: it is not owed any
 * more.
 */
export type JournalRecord =
  | Readonly<{ kind: 'open' | 'owe'; notification: HookNotification }>
  | Readonly<{ kind: 'done'; id: string }>

/** Hexadecimal digits of the checksum before each line. */
const CHECKSUM_LENGTH = 8

/** A record as a line: its checksum (CRC-32 of the rest), a blank, JSON, a line feed. */
export function encodeJournalRecord(record: JournalRecord): string {
  const text = JSON.stringify(record)
  return `${checksum(text)} ${text}\n`
}

/** Reads a line without its line feed; null if it is damaged: cut off, or changed. */
export function decodeJournalRecord(line: string): JournalRecord | null {
  const text = line.slice(CHECKSUM_LENGTH + 1)
  if (line[CHECKSUM_LENGTH] !== ' ' || checksum(text) !== line.slice(0, CHECKSUM_LENGTH)) {
    return null
  }
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

const EVENTS: readonly NotificationEvent[] = ['on_close', 'on_unpublish', 'on_stop']

/** Who can write a line with a right checksum can write anything; of another version it may be all the same. */
function isRecord(value: unknown): value is JournalRecord {
  const { kind, id, notification } = Object(value) as Partial<Record<string, unknown>>
  if (kind === 'done') {
    return typeof id === 'string'
  }
  const { event, at, ...texts } = Object(notification) as Partial<Record<keyof HookNotification, unknown>>
  return (
    (kind === 'open' || kind === 'owe') &&
    EVENTS.some((known) => known === event) &&
    typeof at === 'number' &&
    [texts.id, texts.url, texts.lane, texts.body].every((text) => typeof text === 'string') &&
    URL.canParse(String(texts.url))
  )
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_LENGTH, '0')
}
