import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, ServerError, toError } from '../../base/index.ts'
import { FolderLock } from './folder-lock.ts'
import { encodeJournalRecord, type JournalRecord } from './journal-record.ts'
import { type RecoveredNotifications, recoverNotifications } from './recovered-notifications.ts'

/** Bytes of records that are of no use any more before the file is written anew; those of the others must be fewer, too. */
export const JOURNAL_WASTE_BYTES: number = 1024 * 1024

/** Bytes of records that wait while the disk takes none; with more the disk counts as failing, and the file is written anew later. */
export const MAX_WAITING_JOURNAL_BYTES: number = 16 * 1024 * 1024

/** After a failure, the disk is left alone for so long, ms. */
export const JOURNAL_RETRY_MS = 5000

/** Records that are made in one go when the file is written anew: a millisecond or so, for media waits meanwhile. */
const RECORDS_AT_ONCE = 100

/** The file in the folder. Bodies hold the tokens of clients: nobody else may read it. */
const FILE_NAME = 'notifications.log'
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/**
 * Keeps on disk what is owed: a file to which lines are appended. All that has come while the disk was busy is written at once and
 * then synced (fdatasync), so that a crash of the process loses nothing that was written, and one of the machine nothing that was
 * synced; nobody waits for it. When most of the file is of no use any more, it is written anew, some records at a time, and takes the
 * place of the old one.
 */
export class OutboxJournal {
  readonly #path: string
  readonly #lock: FolderLock
  readonly #logger: Logger
  readonly #retryMs: number
  #file: FileHandle
  #waiting: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> | null = null
  #bytes = 0
  /** What is in force, for the file that is written anew; bytes of it, roughly. */
  #current: () => Iterable<JournalRecord> = () => []
  #usefulBytes: () => number = () => 0
  /** The file lacks something: it is to be written anew before anything else. */
  #incomplete = false
  /** The file has what can't be read: it is to be written anew behind what waits. */
  #damaged = false
  #failing = false
  #retry: NodeJS.Timeout | undefined
  #closed = false

  private constructor(setup: OpenedJournal) {
    this.#path = setup.path
    this.#lock = setup.lock
    this.#file = setup.file
    this.#bytes = setup.bytes
    this.#logger = setup.logger
    this.#retryMs = setup.retryMs
  }

  /**
   * Opens the journal of a folder, which is made if there is none.
   * @param retryMs after a failure, the disk is left alone for so long
   * @throws ServerError ERR_CONFIGURATION if it can't be used, or another process uses it
   */
  static async open(
    folder: string,
    logger: Logger,
    retryMs: number = JOURNAL_RETRY_MS,
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
      const journal = new OutboxJournal({ path, lock, file, bytes, logger, retryMs })
      if (text !== '' && !text.endsWith('\n')) {
        // What comes next must not become part of the line that was cut off.
        journal.#waiting.push('\n')
      }
      return { journal, recovered: recoverNotifications(text) }
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

  /** Whether the disk fails, so that the file lacks what has come since. */
  get failing(): boolean {
    return this.#failing
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

  /** Writes the file anew, from what is in force. */
  renew(): void {
    this.#damaged = true
    this.#begin()
  }

  /** Appends a record, as soon as the disk takes it. */
  append(record: JournalRecord): void {
    if (this.#closed || this.#incomplete) {
      // It is part of what is in force when the file is written anew.
      return
    }
    const text = encodeJournalRecord(record)
    this.#waiting.push(text)
    this.#waitingBytes += text.length
    if (this.#waitingBytes > MAX_WAITING_JOURNAL_BYTES) {
      const limit = `MAX_WAITING_JOURNAL_BYTES (${MAX_WAITING_JOURNAL_BYTES})`
      this.#fail(new Error(`the disk takes nothing, and more than ${limit} wait`))
    }
    this.#begin()
  }

  /** Resolves when all that was appended is on the disk, or could not be written. */
  async flush(): Promise<void> {
    while (this.#writing !== null) {
      await this.#writing
    }
  }

  /**
   * Writes what is left, closes the file and frees the folder. Idempotent.
   * @returns whether all is on the disk
   */
  async close(): Promise<boolean> {
    if (!this.#closed) {
      this.#closed = true
      await this.flush()
      this.#begin()
      await this.flush()
      await this.#file.close()
      await this.#lock.release()
    }
    return !this.#incomplete
  }

  #begin(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#writing ??= this.#write()
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    try {
      if (this.#incomplete) {
        await this.#writeAnew()
      } else {
        const isToBeRenewed = this.#damaged || this.#bytes > 2 * this.#usefulBytes() + JOURNAL_WASTE_BYTES
        // Also if it is written anew then: that takes a while, and the old file counts meanwhile.
        await this.#appendWaiting()
        if (isToBeRenewed && !this.#incomplete) {
          await this.#writeAnew()
        }
      }
      this.#recover()
    } catch (error) {
      this.#fail(toError(error))
    }
    if (this.#incomplete) {
      this.#writing = null
      if (!this.#closed) {
        this.#retry ??= setTimeout(() => this.#begin(), this.#retryMs).unref()
      }
    } else {
      this.#writing = this.#waiting.length > 0 || this.#damaged ? this.#write() : null
    }
  }

  #fail(error: Error): void {
    this.#incomplete = true
    this.#takeWaiting()
    if (!this.#failing) {
      this.#failing = true
      this.#logger.error(
        { error, file: this.#path },
        'notifications of hooks are not kept on disk: they are in memory only until it works again',
      )
    }
  }

  #recover(): void {
    if (this.#failing && !this.#incomplete) {
      this.#failing = false
      this.#logger.info({ file: this.#path }, 'notifications of hooks are kept on disk again')
    }
  }

  #takeWaiting(): string {
    this.#waitingBytes = 0
    return this.#waiting.splice(0).join('')
  }

  /** @returns what was appended */
  async #appendWaiting(): Promise<string> {
    const text = this.#takeWaiting()
    await this.#file.appendFile(text)
    await this.#file.datasync()
    this.#bytes += Buffer.byteLength(text)
    return text
  }

  async #writeAnew(): Promise<void> {
    const lacking = this.#incomplete
    if (lacking) {
      // What waits is part of what is in force, or done.
      this.#takeWaiting()
    }
    const records = [...this.#current()]
    // What comes from now on waits to be appended.
    this.#incomplete = false
    this.#damaged = false
    const next = await open(`${this.#path}.new`, 'w', FILE_MODE)
    let bytes = 0
    const append = async (text: string): Promise<void> => {
      await next.appendFile(text)
      bytes += Buffer.byteLength(text)
    }
    try {
      let late = ''
      for (let begin = 0; begin < records.length; begin += RECORDS_AT_ONCE) {
        const some = records.slice(begin, begin + RECORDS_AT_ONCE)
        await append(some.map(encodeJournalRecord).join(''))
        if (!lacking && this.#waiting.length > 0) {
          // The old file counts until the new one is there.
          late += await this.#appendWaiting()
        }
      }
      await append(late)
      await next.datasync()
      await rename(`${this.#path}.new`, this.#path)
    } catch (error) {
      await next.close()
      // It takes room, of which there may be too little.
      await rm(`${this.#path}.new`, { force: true })
      throw error
    }
    const former = this.#file
    this.#file = next
    this.#bytes = bytes
    await former.close()
    await syncFolder(this.#path)
  }
}

/** What an opened journal is made of. */
type OpenedJournal = Readonly<{
  path: string
  lock: FolderLock
  file: FileHandle
  bytes: number
  logger: Logger
  retryMs: number
}>

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
