import { ServerError } from '../../base/index.ts'
import {
  type Stream,
  type StreamName,
  type StreamRequest,
  streamKey,
  type VhostFinder,
} from '../../live/index.ts'
import { type EngineSpec, engineSpecs } from './engine-spec.ts'
import type { TranscodeServiceSetup, TranscodeVhost } from './setup.ts'
import { outputOf } from './transcode-task.ts'
import { TranscodedStream } from './transcoded-stream.ts'

/** What becomes of an engine of a stream. */
export type TranscodeChange = Readonly<{
  /** The key of the stream. */
  stream: string
  /** The engine, with the scope of its block in front. */
  engine: string
  /** It goes on, is started anew, comes to be or ends. */
  action: 'keep' | 'restart' | 'add' | 'remove'
}>

/**
 * Has FFmpeg make other streams of those that are published: begins with a stream's first publication, goes on while its publisher is
 * expected back, and follows the settings.
 */
export class TranscodeService {
  readonly #setup: TranscodeServiceSetup
  readonly #sources = new Map<string, TranscodedStream>()
  /** Engines that are ending, by the keys of their streams. */
  readonly #closing = new Map<string, Promise<void>>()
  readonly #onEnded: (stream: Stream) => void
  #closed = false

  /** Nothing runs until something is published. */
  constructor(setup: TranscodeServiceSetup) {
    this.#setup = setup
    this.#onEnded = (stream) => this.#leave(stream)
    setup.registry.on('ended', this.#onEnded)
  }

  /** A publisher begins. */
  begin(request: StreamRequest): void {
    const stream = this.#setup.registry.get(request.name)
    if (stream?.publication?.request !== request) {
      return
    }
    const source = this.#sources.get(stream.key)
    if (source === undefined) {
      this.#enter(stream, request)
    } else {
      source.onPublish(request)
      // What could not be said of the last publisher may be of this one.
      source.update(this.#specsOf(stream, this.#setup.vhosts))
    }
  }

  /** A publisher is gone. */
  end(request: StreamRequest): void {
    const source = this.#sources.get(streamKey(request.name))
    if (source !== undefined && !source.isPublished) {
      source.onUnpublish()
    }
  }

  /** Settings have changed: engines that are wanted no more end, new ones begin, changed ones begin anew, and the rest goes on. */
  update(): void {
    for (const source of this.#sources.values()) {
      source.update(this.#specsOf(source.stream, this.#setup.vhosts))
    }
    for (const stream of this.#setup.registry.streams) {
      const request = stream.publication?.request
      if (request !== undefined && !this.#sources.has(stream.key)) {
        this.#enter(stream, request)
      }
    }
  }

  /** What `update` would do if these were the virtual hosts. */
  plan(next: VhostFinder<TranscodeVhost>): TranscodeChange[] {
    return this.#setup.registry.streams.flatMap((stream) => {
      const running = this.#sources.get(stream.key)?.slots ?? []
      const isEntered = running.length > 0 || (stream.publication !== null && this.#mayEnter(stream))
      const wanted = isEntered ? this.#specsOf(stream, next) : []
      const change = (engine: string, action: TranscodeChange['action']): TranscodeChange => ({
        stream: stream.key,
        engine: engine.trim(),
        action,
      })
      const keys = running.map((slot) => slot.wanted?.key ?? '')
      return [
        ...running.map((slot, index) => {
          const spec = wanted.find(({ key }) => key === keys[index])
          const action = spec === undefined ? 'remove' : slot.isSame(spec) ? 'keep' : 'restart'
          return change(keys[index] ?? '', action)
        }),
        ...wanted.filter(({ key }) => !keys.includes(key)).map(({ key }) => change(key, 'add')),
      ]
    })
  }

  /** Whether a publisher is an engine of ours whose source has nothing at the moment: it need not send anything then. */
  mayBeSilent({ name, client: { protocol } }: StreamRequest): boolean {
    const key = streamKey(name)
    return (
      protocol === 'rtmp' &&
      [...this.#sources.values()].some((source) => source.isSilent && source.makes(key))
    )
  }

  /**
   * The streams of this server that engines make of one, were it published by this server itself. What an engine can't do is told when it is
   * to run.
   */
  madeOf(name: StreamName): StreamName[] {
    const request = publishedByUs(name)
    return this.#specsOf(request, this.#setup.vhosts).flatMap((spec) => {
      try {
        return outputOf(spec, request, this.#setup).stream ?? []
      } catch (error) {
        if (error instanceof ServerError) {
          return []
        }
        throw error
      }
    })
  }

  /** Stops everything; resolves when nothing is left. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#setup.registry.off('ended', this.#onEnded)
    for (const { stream } of [...this.#sources.values()]) {
      this.#leave(stream)
    }
    await Promise.all(this.#closing.values())
  }

  #enter(stream: Stream, request: StreamRequest): void {
    const specs = this.#specsOf(stream, this.#setup.vhosts)
    if (this.#closed || specs.length === 0 || !this.#mayEnter(stream)) {
      return
    }
    const after = this.#closing.get(stream.key) ?? Promise.resolve()
    const source = new TranscodedStream(stream, request, this.#setup, after, () => this.#leave(stream))
    this.#sources.set(stream.key, source)
    source.update(specs)
  }

  /** What comes from an engine is not transcoded again, and what is fetched from an origin is transcoded there. */
  #mayEnter({ key, publication }: Stream): boolean {
    const isMade = [...this.#sources.values()].some((source) => source.makes(key))
    return !isMade && publication?.client.protocol !== 'edge'
  }

  #leave(stream: Stream): void {
    const source = this.#sources.get(stream.key)
    if (source === undefined || source.stream !== stream) {
      return
    }
    this.#sources.delete(stream.key)
    const closing = source.close().then(() => {
      if (this.#closing.get(stream.key) === closing) {
        this.#closing.delete(stream.key)
      }
    })
    this.#closing.set(stream.key, closing)
  }

  #specsOf({ name }: Pick<Stream, 'name'>, vhosts: VhostFinder<TranscodeVhost>): EngineSpec[] {
    const vhost = vhosts.get(name.vhost)
    return vhost === undefined || !vhost.enabled ? [] : engineSpecs(vhost.transcode, name)
  }
}

/** What an ingest asks for, as far as outputs of engines have it in them. */
function publishedByUs(name: StreamName): StreamRequest {
  const client = { id: '', protocol: 'rtmp', address: '127.0.0.1' } as const
  return { name, client, vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }
}
