import { toError } from '../../base/index.ts'
import type { Absence, Stream } from '../../live/index.ts'
import type { SupervisedProgram } from '../program/index.ts'
import type { IngestJob } from './ingest-job.ts'

/** How long who has to be told whether there is a stream waits at most for an ingest on demand, ms. */
export const MAX_INGEST_ARRIVAL_MS = 15_000

/** What an `IngestOutput` is made with. */
export type IngestOutputSetup = Readonly<{
  /** What is to be published. */
  job: IngestJob
  /** Publishes it, from now until it is stopped. @param onChange told when its state changes, and after each failure */
  run: (onChange: () => void) => SupervisedProgram
  /** Its stream, if there is one now. */
  stream: () => Stream | undefined
  /** Done before it begins: the end of what was there before under its key. */
  after: Promise<void>
}>

/** Somebody who has to be told whether a stream comes. */
type Waiting = Readonly<{ stream: Stream; tell: (absence: Absence | null) => void }>

/** One output of one ingest, for as long as the settings have it: published all the time, or while somebody watches. */
export class IngestOutput {
  /** The keys of the streams here whose viewers it runs for while it is on demand: its own, and what engines make of that. Set by the service. */
  keys: ReadonlySet<string> = new Set()
  readonly #setup: IngestOutputSetup
  readonly #waiting = new Set<Waiting>()
  /** Streams of these keys that there are, with the stop of looking at their viewers. */
  readonly #watched = new Map<Stream, () => void>()
  #isWanted = false
  #run: SupervisedProgram | null = null
  /** Done when nothing is left of the last run. */
  #ended: Promise<void>
  #idle: NodeJS.Timeout | undefined
  #isClosed = false

  /** Begins, unless it is on demand: then when somebody watches. */
  constructor(setup: IngestOutputSetup) {
    this.#setup = setup
    this.#ended = setup.after
    if (!this.isOnDemand) {
      this.#start()
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

  /** Looks at the viewers of these streams, and of no others, from now on. */
  watch(streams: readonly Stream[]): void {
    for (const [stream, stop] of this.#watched) {
      if (!streams.includes(stream)) {
        stop()
        this.#watched.delete(stream)
      }
    }
    for (const stream of streams) {
      if (!this.#watched.has(stream)) {
        this.#watched.set(
          stream,
          stream.onAudienceChange(() => this.look()),
        )
      }
    }
    this.look()
  }

  /** Looks whether it is to run: viewers may have come or gone, or a publication begun or ended. */
  look(): void {
    for (const { stream, tell } of [...this.#waiting]) {
      if (stream.publication !== null) {
        tell(null)
      }
    }
    if (!this.isOnDemand || this.#isClosed) {
      return
    }
    if ([...this.#watched.keys()].some(hasAudience)) {
      clearTimeout(this.#idle)
      this.#idle = undefined
      // While an encoder publishes it there is nothing to do.
      if (!this.#isWanted && (this.#setup.stream()?.publication ?? null) === null) {
        this.#start()
      }
    } else if (this.#isWanted && this.#idle === undefined) {
      this.#idle = setTimeout(() => this.#stop(), this.#setup.job.ingest.idleMs)
      this.#idle.unref()
    }
  }

  /**
   * Waits until a stream, which has a viewer, is published, or it is known that it won't be for now.
   * @param stream of one of its keys
   * @param signal ends the wait, with its reason as the error
   */
  async arrival(stream: Stream, signal: AbortSignal): Promise<Absence | null> {
    if (stream.publication !== null) {
      return null
    }
    return this.#absence ?? (await this.#publicationOrFailure(stream, signal))
  }

  /** Ends it for good; resolves when nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.watch([])
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

  #start(): void {
    this.#isWanted = true
    void this.#ended.then(() => {
      if (this.#isWanted && this.#run === null) {
        this.#run = this.#setup.run(() => this.#onChange())
      }
    })
  }

  #stop(): void {
    clearTimeout(this.#idle)
    this.#idle = undefined
    this.#isWanted = false
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

  #publicationOrFailure(stream: Stream, signal: AbortSignal): Promise<Absence | null> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', onAbort)
        end()
      }
      const tell = (absence: Absence | null): void => settle(() => resolve(absence))
      const waiting = { stream, tell }
      const onAbort = (): void => settle(() => reject(toError(signal.reason)))
      const timer = setTimeout(() => {
        const reason = `${this.#name} has published nothing within ${MAX_INGEST_ARRIVAL_MS} ms`
        tell({ code: 'unavailable', reason })
      }, MAX_INGEST_ARRIVAL_MS)
      this.#waiting.add(waiting)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) {
        onAbort()
      }
    })
  }

  #tell(absence: Absence | null): void {
    for (const { tell } of [...this.#waiting]) {
      tell(absence)
    }
  }
}

/** Whether somebody watches it: engines of this server, which show a pass, don't. */
function hasAudience({ viewers }: Stream): boolean {
  for (const { isOwnProgram = false } of viewers) {
    if (!isOwnProgram) {
      return true
    }
  }
  return false
}
