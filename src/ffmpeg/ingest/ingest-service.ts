import type { Clock, Logger } from '../../base/index.ts'
import {
  type Absence,
  type Denial,
  noStreamSupply,
  type Onward,
  type Stream,
  type StreamName,
  type StreamRequest,
  type StreamSupply,
  streamKey,
} from '../../live/index.ts'
import { outputSecrets } from '../engine/index.ts'
import { hideSecrets, type ProgramSupervisor, type SupervisedProgram } from '../program/index.ts'
import {
  type IngestJob,
  type IngestSurroundings,
  type IngestVhost,
  ingestJobs,
  isPlayedHere,
  isSameJob,
} from './ingest-job.ts'
import { IngestOutput } from './ingest-output.ts'
import { type IngestTaskSetup, ingestTask } from './ingest-task.ts'
import { IngestedFile } from './ingested-file.ts'

/** What the ingest service is made with. */
export type IngestServiceSetup = IngestSurroundings &
  Readonly<{
    /** The virtual hosts as of now. */
    vhosts: Readonly<{ all: readonly IngestVhost[] }>
    /** Runs FFmpeg. */
    programs: ProgramSupervisor
    /** The streams here that engines would make of a stream that this server publishes: whoever watches these watches that. */
    madeOf: (name: StreamName) => readonly StreamName[]
    /** What FFmpeg logs at least. */
    ffmpegLogLevel: () => string
    /** A pass for a program that is to publish a stream. */
    passFor: IngestTaskSetup['passFor']
    /** Paces files. */
    clock: Clock
    /** Told of files that begin and fail. */
    logger: Logger
  }>

/** What becomes of one output of an ingest when the settings change. */
export type IngestChange = Readonly<{
  /** The virtual host. */
  vhost: string
  /** The ID of the ingest. */
  id: string
  /** The stream here, or else where it goes, as the settings have it, without secrets. */
  output: string
  /** It goes on, is started anew, comes to be or ends. */
  action: 'keep' | 'restart' | 'add' | 'remove'
}>

/**
 * Files, other streams and devices that are published here for as long as the server runs, or while somebody watches: in this
 * process where that can be, else by FFmpeg.
 */
export class IngestService implements StreamSupply {
  readonly #setup: IngestServiceSetup
  readonly #outputs = new Map<string, IngestOutput>()
  /** Ends of outputs that are no more, by their keys. */
  readonly #closing = new Map<string, Promise<void>>()
  #state: 'new' | 'started' | 'closed' = 'new'

  /** Nothing begins before `start`. */
  constructor(setup: IngestServiceSetup) {
    this.#setup = setup
    const onChange = ({ name }: Stream): void => {
      for (const output of this.#outputsOf(name)) {
        this.#watch(output)
      }
    }
    setup.live.registry.on('opened', onChange)
    setup.live.registry.on('ended', onChange)
  }

  /** Begins. To be called when RTMP is listened for. */
  start(): void {
    if (this.#state === 'new') {
      this.#state = 'started'
      this.update()
    }
  }

  /** Settings or ports have changed: what is wanted no more ends, what is new or has changed begins, and the rest goes on. */
  update(): void {
    if (this.#state !== 'started') {
      return
    }
    const wanted = ingestJobs(this.#setup.vhosts.all, this.#setup)
    for (const [key, output] of this.#outputs) {
      const next = wanted.get(key)
      if (next === undefined || !isSameJob(output.job, next)) {
        this.#outputs.delete(key)
        this.#close(key, output)
      }
    }
    for (const [key, job] of wanted) {
      if (!this.#outputs.has(key)) {
        this.#outputs.set(key, this.#open(job))
      }
    }
    for (const output of this.#outputs.values()) {
      output.keys = this.#keysOf(output.job)
      this.#watch(output)
    }
  }

  /** What `update` would do if these were the virtual hosts. */
  plan(next: readonly IngestVhost[]): IngestChange[] {
    const wanted = ingestJobs(next, this.#setup)
    const known = [...this.#outputs].map(([key, { job }]): IngestChange => {
      const then = wanted.get(key)
      if (then === undefined) {
        return changeOf(job, 'remove')
      }
      return isSameJob(job, then) ? changeOf(job, 'keep') : changeOf(then, 'restart')
    })
    const added = [...wanted].filter(([key]) => !this.#outputs.has(key))
    return [...known, ...added.map(([, job]) => changeOf(job, 'add'))]
  }

  /** Ends everything; resolves when nothing is left. */
  async close(): Promise<void> {
    this.#state = 'closed'
    for (const [key, output] of this.#outputs) {
      this.#close(key, output)
    }
    this.#outputs.clear()
    await Promise.all(this.#closing.values())
  }

  supplies(name: StreamName): boolean {
    return this.#outputsOf(name).some(({ isOnDemand }) => isOnDemand)
  }

  denial(_request: StreamRequest): Denial | null {
    return null
  }

  onViewer(_stream: Stream, _request: StreamRequest): void {}

  onPublicationChange({ name }: Stream): void {
    this.#lookAt(name)
  }

  arrival(stream: Stream, signal: AbortSignal): Promise<Absence | null> {
    const output = this.#outputsOf(stream.name).find(({ isOnDemand }) => isOnDemand)
    return output?.arrival(stream, signal) ?? noStreamSupply.arrival(stream, signal)
  }

  takeOnward(_request: StreamRequest): Promise<Onward> | null {
    return null
  }

  #lookAt(name: StreamName): void {
    for (const output of this.#outputsOf(name)) {
      output.look()
    }
  }

  #outputsOf(name: StreamName): IngestOutput[] {
    const key = streamKey(name)
    return [...this.#outputs.values()].filter(({ keys }) => keys.has(key))
  }

  /** Of all streams there are, those whose viewers count. */
  #watch(output: IngestOutput): void {
    const { streams } = this.#setup.live.registry
    output.watch(output.isOnDemand ? streams.filter(({ key }) => output.keys.has(key)) : [])
  }

  #keysOf({ target, ingest: { onDemand } }: IngestJob): Set<string> {
    const made = target === null || !onDemand ? [] : this.#setup.madeOf(target)
    return new Set((target === null ? [] : [target, ...made]).map(streamKey))
  }

  #open(job: IngestJob): IngestOutput {
    const { target } = job
    return new IngestOutput({
      job,
      run: (onChange) => this.#run(job, onChange),
      stream: () => (target === null ? undefined : this.#setup.live.registry.get(target)),
      after: this.#closing.get(job.key) ?? Promise.resolve(),
    })
  }

  #run(job: IngestJob, onChange: () => void): SupervisedProgram {
    const { programs, live, clock, logger } = this.#setup
    if (!isPlayedHere(job)) {
      return programs.run(ingestTask(job, this.#setup, onChange))
    }
    return programs.adopt(
      (id, options) =>
        new IngestedFile({
          id,
          job,
          live,
          clock,
          logger,
          onChange,
          failingAfter: () => options().failingAfter,
        }),
    )
  }

  #close(key: string, output: IngestOutput): void {
    const closing = output.close().then(() => {
      if (this.#closing.get(key) === closing) {
        this.#closing.delete(key)
      }
    })
    this.#closing.set(key, closing)
  }
}

function changeOf(
  { vhost, ingest, target, engine }: IngestJob,
  action: IngestChange['action'],
): IngestChange {
  const elsewhere = (): string => hideSecrets(engine.output, outputSecrets(engine.output))
  return { vhost, id: ingest.id, output: target === null ? elsewhere() : streamKey(target), action }
}
