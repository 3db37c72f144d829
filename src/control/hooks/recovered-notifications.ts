import { decodeJournalRecord } from './journal-record.ts'
import type { HookNotification } from './notification.ts'

/** What a journal held when it was opened. */
export type RecoveredNotifications = Readonly<{
  /** What was owed, in order. */
  owed: readonly HookNotification[]
  /** What had begun and can't end any more, for its process is gone: it is owed behind the rest. `at` says when it began. */
  interrupted: readonly HookNotification[]
  /** Lines that could not be read; the last one is cut off if the machine or the process died while it was written. */
  damaged: number
}>

/** What the lines of a journal say together. */
export function recoverNotifications(text: string): RecoveredNotifications {
  const begun = new Map<string, HookNotification>()
  const owed = new Map<string, HookNotification>()
  let damaged = 0
  for (const line of text.split('\n')) {
    const record = line === '' ? undefined : decodeJournalRecord(line)
    if (record === null) {
      damaged++
    } else if (record?.kind === 'done') {
      begun.delete(record.id)
      owed.delete(record.id)
    } else if (record !== undefined) {
      const { kind, notification } = record
      begun.delete(notification.id)
      ;(kind === 'open' ? begun : owed).set(notification.id, notification)
    }
  }
  // A client's connection ends after what it published and played, though it has begun before.
  const all = [...begun.values()]
  const isClose = ({ event }: HookNotification): boolean => event === 'on_close'
  const interrupted = [...all.filter((each) => !isClose(each)), ...all.filter(isClose)]
  return { owed: [...owed.values()], interrupted, damaged }
}
