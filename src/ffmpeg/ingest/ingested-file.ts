import {
  type BackoffOptions,
  type Clock,
  type Logger,
  type Ms,
  redactSecrets,
  toError,
} from '../../base/index.ts'
import { FileSource } from '../../ingest/index.ts'
import { type LiveService, type StreamName, streamKey } from '../../live/index.ts'
import {
  type AdoptedProgram,
  FailureRow,
  PlaceTakenError,
  type ProgramState,
  type ProgramStatus,
} from '../program/index.ts'
import { wholeAddress } from '../variables/index.ts'
import type { IngestJob } from './ingest-job.ts'
import { askedAt, requireUnpublished } from './published-here.ts'

/** How long a file that can't be played is left alone: 1 s, 2 s, 4 s ... 15 s; by chance up to half of that less. */
export const INGESTED_FILE_BACKOFF: BackoffOptions = {
  firstMs: 1000,
  maxMs: 15_000,
  jitter: 0.5,
  healthyMs: 10_000,
}

/** What an `IngestedFile` is made with. */
export type IngestedFileSetup = Readonly<{
  /** Unique in this process. */
  id: string
  /** What is played, and as which stream. */
  job: IngestJob & Readonly<{ target: StreamName }>
  /** The door to the streams. */
  live: LiveService
  /** Paces the file. */
  clock: Clock
  /** Told of each begin and failure. */
  logger: Logger
  /** Told when the state changes, and after each failure. */
  onChange: () => void
  /** So many failures in a row, and it is `failing`: `ProgramOptions.failingAfter`. */
  failingAfter: () => number
  /** For the jitter of the waits. Default `Math.random`. */
  random?: () => number
}>

/**
 * A file that this process publishes over and over, until it is stopped; whatever fails is tried again. It is shown as a program is, for it
 * stands in the place of one.
 */
export class IngestedFile implements AdoptedProgram {
  readonly ended: Promise<void>
  readonly #setup: IngestedFileSetup
  readonly #logger: Logger
  readonly #row: FailureRow
  #state: ProgramState = 'starting'
  #since: Ms
  #starts = 0
  #failures = 0
  #lastError: string | null = null
  #source: FileSource | null = null
  #wake: (() => void) | null = null

  /** Begins at once. */
  constructor(setup: IngestedFileSetup) {
    const { id, job, clock, logger } = setup
    this.#setup = setup
    this.#logger = logger.child({ program: id, ingest: job.ingest.id, stream: streamKey(job.target) })
    this.#row = new FailureRow(INGESTED_FILE_BACKOFF, clock, setup.random)
    this.#since = clock.wallTime()
    // Not before whoever makes it has it.
    this.ended = Promise.resolve().then(() => this.#run())
  }

  /** What it does now. */
  get status(): ProgramStatus {
    const { id, job } = this.#setup
    return {
      id,
      kind: 'ingest',
      vhost: job.vhost,
      stream: streamKey(job.target),
      name: job.ingest.id,
      output: redactSecrets(wholeAddress(job.output)),
      state: this.#state,
      since: this.#since,
      pid: null,
      starts: this.#starts,
      failures: this.#failures,
      stalls: 0,
      lastError: this.#lastError,
      progress: null,
      logFile: null,
    }
  }

  /** Stops it for good. Idempotent; resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#enter('ended')
    this.#source?.stop()
    this.#wake?.()
    await this.ended
  }

  get #stopped(): boolean {
    return this.#state === 'ended'
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#play()
      } catch (error) {
        if (!this.#stopped) {
          await this.#rest(toError(error))
        }
      }
    }
  }

  /** Plays until it is stopped. @throws Error that says why it plays no more */
  async #play(): Promise<void> {
    const { job, live, clock } = this.#setup
    const { target: name, ingest, output } = job
    if (!this.#row.isFailing) {
      this.#enter('starting')
    }
    this.#starts++
    requireUnpublished(live, name)
    const file = { path: ingest.url, name, ingest: askedAt(output), takeover: 'refuse' } as const
    const source = new FileSource(live, file, clock)
    this.#source = source
    const { ended, warnings } = await source.start()
    if (this.#stopped) {
      source.stop()
    } else {
      this.#row.work()
      this.#enter('running')
      this.#logger.info({ file: ingest.url }, 'a file is ingested')
      for (const reason of this.#starts === 1 ? warnings : []) {
        this.#logger.warn({ file: ingest.url, reason }, 'not all of a file is ingested')
      }
    }
    await ended
    if (!this.#stopped) {
      throw new Error(`its publication was ended: ${source.revokedFor?.message ?? 'the file ended'}`)
    }
  }

  async #rest(error: Error): Promise<void> {
    const isFault = !(error instanceof PlaceTakenError)
    const { restMs, isNews } = this.#row.fail(isFault ? this.#setup.failingAfter() : Number.POSITIVE_INFINITY)
    const reason = error.message
    if (isFault ? isNews : reason !== this.#lastError) {
      this.#logger.warn({ reason, restMs }, 'a file can not be ingested, and is tried again')
    }
    this.#source = null
    this.#failures++
    this.#lastError = reason
    this.#enter(this.#row.isFailing ? 'failing' : 'waiting')
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMs)
      timer.unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
  }

  #enter(state: ProgramState): void {
    if (this.#state !== state && !this.#stopped) {
      this.#state = state
      this.#since = this.#setup.clock.wallTime()
      this.#setup.onChange()
    }
  }
}
