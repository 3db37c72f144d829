import { isDeepStrictEqual } from 'node:util'
import { toError } from '../../base/index.ts'
import { type StreamName, type StreamRequest, streamKey } from '../../live/index.ts'
import { engineForEncoders } from '../engine/index.ts'
import type { SupervisedProgram } from '../program/index.ts'
import type { EngineSpec } from './engine-spec.ts'
import type { TranscodeServiceSetup } from './setup.ts'
import { outputOf, transcodeTask } from './transcode-task.ts'

/** What a slot is made with. */
export type EngineSlotSetup = Readonly<{
  /** What the engine makes something of. */
  source: StreamName
  /** Who publishes that, or was the last to. */
  request: () => StreamRequest
  /** Whether there is nothing at the moment to work on. */
  isSilent: () => boolean
  /** Done before it begins: the end of what was there before. */
  after: Promise<void>
  service: TranscodeServiceSetup
}>

/** The place of one engine at one stream: runs what is wanted there, and nothing else beside it. */
export class EngineSlot {
  readonly #setup: EngineSlotSetup
  #wanted: EngineSpec | null = null
  #program: Readonly<{ spec: EngineSpec; run: SupervisedProgram }> | null = null
  #work: Promise<void> | null = null
  #output: StreamName | null = null

  /** Nothing runs before something is wanted. */
  constructor(setup: EngineSlotSetup) {
    this.#setup = setup
  }

  /** What is to run; null for nothing. */
  get wanted(): EngineSpec | null {
    return this.#wanted
  }

  /** The stream of this server that its output becomes; null if it is none, or nothing is wanted. */
  get output(): StreamName | null {
    return this.#output
  }

  /** Whether what is to run would go on if `spec` were. */
  isSame(spec: EngineSpec): boolean {
    return this.#wanted !== null && isDeepStrictEqual(this.#wanted, spec)
  }

  /** Has `spec` run in place of what does, or nothing; what is the same goes on. */
  want(spec: EngineSpec | null): void {
    if (spec !== null && this.isSame(spec)) {
      return
    }
    this.#wanted = spec
    this.#output = null
    if (spec !== null) {
      this.#findOutput(spec)
    }
    this.#settle()
  }

  /** The stream begins anew: what can't be started, or is failing, is tried at once. */
  onStreamBegin(): void {
    const { state = null, pid = null } = this.#program?.run.status ?? {}
    if (pid === null && (state === 'failing' || state === 'unavailable')) {
      this.restart()
    }
  }

  /** Starts what runs anew. */
  restart(): void {
    const spec = this.#wanted
    // What is wanted is another thing than what runs, though it says the same.
    this.#wanted = spec === null ? null : { ...spec }
    this.#settle()
  }

  /** Stops it for good; resolves when nothing is left. */
  async close(): Promise<void> {
    this.want(null)
    await this.#work
  }

  #findOutput(spec: EngineSpec): void {
    const { source, request, service } = this.#setup
    try {
      const { stream } = outputOf(spec, request(), service)
      if (stream !== null && streamKey(stream) === streamKey(source)) {
        this.#giveUp(spec, 'the output of the engine is the stream itself')
      } else {
        this.#output = stream
      }
    } catch (error) {
      this.#giveUp(spec, toError(error).message)
    }
  }

  #settle(): void {
    this.#work ??= this.#change()
  }

  /** One after the other: what ends is gone before another comes, which may publish the same stream. */
  async #change(): Promise<void> {
    await this.#setup.after
    while ((this.#program?.spec ?? null) !== this.#wanted) {
      if (this.#program !== null) {
        const { run } = this.#program
        await run.stop()
        this.#program = null
      } else if (this.#wanted !== null) {
        await this.#start(this.#wanted)
      }
    }
    this.#work = null
  }

  async #start(spec: EngineSpec): Promise<void> {
    const { request, isSilent, service } = this.#setup
    try {
      const available = await service.encodersOf(spec.ffmpeg ?? 'ffmpeg')
      if (this.#wanted !== spec) {
        return
      }
      const engine = engineForEncoders(spec.engine, available)
      if (engine !== spec.engine) {
        const { audioCodec: asked } = spec.engine
        const fields = { ...this.#fields(spec), asked, used: engine.audioCodec }
        service.logger.info(fields, 'this FFmpeg does not have that encoder: another is used')
      }
      const run = service.programs.run(transcodeTask(spec, engine, request, isSilent, service))
      this.#program = { spec, run }
    } catch (error) {
      this.#giveUp(spec, toError(error).message)
    }
  }

  #giveUp(spec: EngineSpec, reason: string): void {
    this.#setup.service.logger.warn({ ...this.#fields(spec), reason }, 'not transcoded')
    if (this.#wanted === spec) {
      this.#wanted = null
      this.#output = null
    }
  }

  #fields({ engine }: EngineSpec): Readonly<{ stream: string; engine: string }> {
    return { stream: streamKey(this.#setup.source), engine: engine.name }
  }
}
