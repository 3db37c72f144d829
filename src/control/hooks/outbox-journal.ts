import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, ServerError, toError } from '../../base/index.ts'
import { FolderLock } from './folder-lock.ts'
import { decodeJournalRecord, encodeJournalRecord, type JournalRecord } from './journal-record.ts'
import type { HookNotification } from './notification.ts'

/** Bytes of records that are of no use any more before the file is written anew; those of the others must be fewer, too. */
export const JOURNAL_WASTE_BYTES: number = 1024 * 1024

/** After a failure, the disk is left alone for so long, ms. */
export const JOURNAL_RETRY_MS = 5000

/** The file in the folder. Bodies hold the tokens of clients: nobody else may read it. */
const FILE_NAME = 'notifications.log'
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** What a journal held when it was opened. */
export type RecoveredNotifications = Readonly<{
  /** What was owed, in order; behind it what had begun and can't end any more: its process is gone. */
  owed: readonly HookNotification[]
  /** Of these, those that had begun only. */
  interrupted: number
  /** Lines that could not be read; the last one is cut off if the machine or the process died while it was written. */
  damaged: number
}>

/**
 * Keeps on disk what is owed: a file to which lines are appended. All that has come while the disk was busy is written at once and
 * then synced (fdatasync), so that a crash of the process loses nothing that was written, and one of the machine nothing that was
 * synced; nobody waits for it. When most of the file is of no use any more, it is written anew and takes the place of the old one.
 */
export class OutboxJournal {
  readonly #path: string
  readonly #lock: FolderLock
  readonly #logger: Logger
  #file: FileHandle
  #waiting: string[] = []
  #writing: Promise<void> | null = null
  #bytes = 0
  /** What is in force, for the file that is written anew; bytes of it, roughly. */
  #current: () => Iterable<JournalRecord> = () => []
  #usefulBytes: () => number = () => 0
  /** The file may lack something: it is to be written anew before anything else. */
  #incomplete = false
  #retry: NodeJS.Timeout | undefined
  #closed = false

  private constructor(path: string, lock: FolderLock, file: FileHandle, bytes: number, logger: Logger) {
    this.#path = path
    this.#lock = lock
    this.#file = file
    this.#bytes = bytes
    this.#logger = logger
  }

  /**
   * Opens the journal of a folder, which is made if there is none.
   * @throws ServerError ERR_CONFIGURATION if it can't be used, or another process uses it
   */
  static async open(
    folder: string,
    logger: Logger,
  ): Promise<Readonly<{ journal: OutboxJournal; recovered: RecoveredNotifications }>> {
    let lock: FolderLock | null = null
    let file: FileHandle | null = null
    try {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
      lock = await FolderLock.take(folder)
      const path = join(folder, FILE_NAME)
      file = await open(path, 'a', FILE_MODE)
      const text = await readFile(path, 'utf8')
      const bytes = Buffer.byteLength(text)
      const journal = new OutboxJournal(path, lock, file, bytes, logger)
      if (text !== '' && !text.endsWith('\n')) {
        // What comes next must not become part of the line that was cut off.
        journal.#waiting.push('\n')
      }
      return { journal, recovered: recover(text) }
    } catch (error) {
      await file?.close()
      await lock?.release()
      const { message } = toError(error)
      throw new ServerError(
        'ERR_CONFIGURATION',
        `hookDelivery.folder: '${folder}' can't be used for notifications: ${message}`,
        { cause: error },
      )
    }
  }

  /**
   * Says what is in force, for when the file is written anew.
   * @param current all of it, in order
   * @param usefulBytes how much that is, roughly
   */
  describe(current: () => Iterable<JournalRecord>, usefulBytes: () => number): void {
    this.#current = current
    this.#usefulBytes = usefulBytes
  }

  /** Appends a record, as soon as the disk takes it. */
  append(record: JournalRecord): void {
    if (this.#closed) {
      return
    }
    if (this.#incomplete) {
      // It is part of what is in force when the file is written anew.
      this.#retry ??= setTimeout(() => this.#begin(), JOURNAL_RETRY_MS).unref()
      return
    }
    this.#waiting.push(encodeJournalRecord(record))
    this.#begin()
  }

  /** Resolves when all that was appended is on the disk, or could not be written. */
  async flush(): Promise<void> {
    while (this.#writing !== null) {
      await this.#writing
    }
  }

  /** Writes what is left, closes the file and frees the folder. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) {
      return
    }
    this.#closed = true
    await this.flush()
    this.#begin()
    await this.flush()
    await this.#file.close()
    await this.#lock.release()
  }

  #begin(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#writing ??= this.#write()
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    try {
      if (this.#incomplete || this.#bytes > 2 * this.#usefulBytes() + JOURNAL_WASTE_BYTES) {
        await this.#writeAnew()
      } else {
        await this.#appendWaiting()
      }
      this.#incomplete = false
    } catch (error) {
      if (!this.#incomplete) {
        this.#logger.error(
          { error: toError(error), file: this.#path },
          'notifications of hooks are not kept on disk: they are in memory only until it works again',
        )
      }
      this.#incomplete = true
    }
    this.#writing = this.#waiting.length > 0 && !this.#incomplete ? this.#write() : null
  }

  async #appendWaiting(): Promise<void> {
    const text = this.#waiting.splice(0).join('')
    await this.#file.appendFile(text)
    await this.#file.datasync()
    this.#bytes += Buffer.byteLength(text)
  }

  async #writeAnew(): Promise<void> {
    // What waits is part of what is in force, or done.
    this.#waiting = []
    const text = [...this.#current()].map(encodeJournalRecord).join('')
    const next = await open(`${this.#path}.new`, 'w', FILE_MODE)
    try {
      await next.appendFile(text)
      await next.datasync()
      await rename(`${this.#path}.new`, this.#path)
    } catch (error) {
      await next.close()
      throw error
    }
    const former = this.#file
    this.#file = next
    this.#bytes = Buffer.byteLength(text)
    await former.close()
    await syncFolder(this.#path)
  }
}

/** What the lines of a journal say together. */
function recover(text: string): RecoveredNotifications {
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
  const interrupted = [...begun.values()]
  const isClose = ({ event }: HookNotification): boolean => event === 'on_close'
  const ended = [...interrupted.filter((each) => !isClose(each)), ...interrupted.filter(isClose)]
  return { owed: [...owed.values(), ...ended], interrupted: ended.length, damaged }
}

/** So that the new name of a file is on the disk, too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(join(path, '..'), 'r')
  try {
    // Not every file system can do that; the file itself is synced in any case.
    await folder.sync().catch(() => {})
  } finally {
    await folder.close()
  }
}
