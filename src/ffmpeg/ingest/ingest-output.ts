import { toError } from '../../base/index.ts'
import { type Absence, type Stream, streamKey } from '../../live/index.ts'
import type { SupervisedProgram } from '../program/index.ts'
import type { IngestJob } from './ingest-job.ts'

/** How long who has to be told whether there is a stream waits at most for an ingest on demand, ms. */
export const MAX_INGEST_ARRIVAL_MS = 15_000

/** Whether an ingest on demand is watched is not looked at more often, unless viewers come and go, ms. */
const MIN_LOOK_INTERVAL_MS = 100

/** What an `IngestOutput` is made with. */
export type IngestOutputSetup = Readonly<{
  /** What is to be published. */
  job: IngestJob
  /** Publishes it, from now until it is stopped. @param onChange told when its state changes, and after each failure */
  run: (onChange: () => void) => SupervisedProgram
  /** Its stream, if there is one now. */
  stream: () => Stream | undefined
  /** Whether somebody watches it; asked when a viewer comes or goes, and when it is to end. */
  hasAudience: (stream: Stream) => boolean
  /** Done before it begins: the end of what was there before under its key. */
  after: Promise<void>
}>

/** One output of one ingest, for as long as the settings have it: published all the time, or while somebody watches. */
export class IngestOutput {
  /** Of the stream here that it becomes; null if it goes elsewhere. */
  readonly streamKey: string | null
  readonly #setup: IngestOutputSetup
  readonly #waiting = new Set<(absence: Absence | null) => void>()
  #isWanted = false
  #run: SupervisedProgram | null = null
  /** Done when nothing is left of the last run. */
  #ended: Promise<void>
  /** Nobody watches any more: it ends when that has been so for long enough. */
  #isIdle = false
  #timer: NodeJS.Timeout | undefined
  #stopWatching: (() => void) | null = null
  #isClosed = false

  /** Begins, unless it is on demand: then when somebody watches. */
  constructor(setup: IngestOutputSetup) {
    const { target } = setup.job
    this.streamKey = target === null ? null : streamKey(target)
    this.#setup = setup
    this.#ended = setup.after
    const stream = setup.stream()
    if (!this.isOnDemand) {
      this.#start()
    } else if (stream !== undefined) {
      this.watch(stream)
    }
  }

  /** What is published. */
  get job(): IngestJob {
    return this.#setup.job
  }

  /** Whether it runs only while somebody watches: only what becomes a stream here can be watched. */
  get isOnDemand(): boolean {
    const { ingest, target } = this.#setup.job
    return ingest.onDemand && target !== null
  }

  /** Looks at the viewers of its stream from now on. */
  watch(stream: Stream): void {
    this.#stopWatching?.()
    this.#stopWatching = stream.onAudienceChange(() => this.look())
    this.look()
  }

  /** Looks whether it is to run: viewers may have come or gone, or a publication begun or ended. */
  look(): void {
    const stream = this.#setup.stream()
    if (stream !== undefined && stream.publication !== null) {
      this.#tell(null)
    }
    if (!this.isOnDemand || this.#isClosed) {
      return
    }
    const isWatched = this.#isWatched
    // While an encoder publishes it there is nothing to do.
    if (isWatched && !this.#isWanted && stream?.publication === null) {
      this.#start()
    }
    if (this.#isWanted && (isWatched || !this.#isIdle)) {
      this.#isIdle = !isWatched
      this.#lookLater()
    }
  }

  /**
   * Waits until its stream, which has a viewer, is published, or it is known that it won't be for now.
   * @param signal ends the wait, with its reason as the error
   */
  async arrival(signal: AbortSignal): Promise<Absence | null> {
    if (this.#setup.stream()?.publication) {
      return null
    }
    return this.#absence ?? (await this.#publicationOrFailure(signal))
  }

  /** Ends it for good; resolves when nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopWatching?.()
    this.#stop()
    this.#tell({ code: 'unavailable', reason: `${this.#name} is no more` })
    await this.#ended
  }

  get #name(): string {
    return `the ingest ${this.#setup.job.ingest.id}`
  }

  /**
   * That it publishes nothing just now; null if it does, or is about to. What is wrong is not for viewers to see: it may name cameras and
   * files. The log and the API have it.
   */
  get #absence(): Absence | null {
    const { state, lastError } = this.#run?.status ?? { state: 'starting', lastError: null }
    const hasFailed = state === 'waiting' || state === 'unavailable' || state === 'failing'
    return hasFailed && lastError !== null
      ? { code: 'unavailable', reason: `${this.#name} fails; the log of the server says why` }
      : null
  }

  get #isWatched(): boolean {
    const stream = this.#setup.stream()
    return stream !== undefined && this.#setup.hasAudience(stream)
  }

  /** Who watches what is made of the stream is not seen to come and go: so it is looked at again. */
  #lookLater(): void {
    const { idleMs } = this.#setup.job.ingest
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        if (this.#isIdle && !this.#isWatched) {
          this.#stop()
        } else {
          this.look()
        }
      },
      this.#isIdle ? idleMs : Math.max(idleMs, MIN_LOOK_INTERVAL_MS),
    ).unref()
  }

  #start(): void {
    this.#isWanted = true
    void this.#ended.then(() => {
      if (this.#isWanted && this.#run === null) {
        this.#run = this.#setup.run(() => this.#onChange())
      }
    })
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#isWanted = false
    this.#isIdle = false
    const run = this.#run
    if (run !== null) {
      this.#run = null
      this.#ended = run.stop()
    }
  }

  #onChange(): void {
    const absence = this.#absence
    if (absence !== null) {
      this.#tell(absence)
    }
  }

  #publicationOrFailure(signal: AbortSignal): Promise<Absence | null> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(tell)
        signal.removeEventListener('abort', onAbort)
        end()
      }
      const tell = (absence: Absence | null): void => settle(() => resolve(absence))
      const onAbort = (): void => settle(() => reject(toError(signal.reason)))
      const timer = setTimeout(() => {
        const reason = `${this.#name} has published nothing within ${MAX_INGEST_ARRIVAL_MS} ms`
        tell({ code: 'unavailable', reason })
      }, MAX_INGEST_ARRIVAL_MS)
      this.#waiting.add(tell)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) {
        onAbort()
      }
    })
  }

  #tell(absence: Absence | null): void {
    for (const tell of [...this.#waiting]) {
      tell(absence)
    }
  }
}
