import { type Stream, type StreamRequest, streamKey } from '../../live/index.ts'
import { EngineSlot } from './engine-slot.ts'
import type { EngineSpec } from './engine-spec.ts'
import type { TranscodeServiceSetup } from './setup.ts'

/** Whether somebody watches a stream that nobody publishes any more is not looked at more often, ms. */
const MIN_LINGER_MS = 100

/** A source from which nothing has come for so long is silent, ms: what is made of it may be so, too. */
const SILENT_SOURCE_MS = 1000

/** The codecs of a stream's tracks; null for a track that it has not had. */
type Codecs = Readonly<{ video: string | null; audio: string | null }>

/** One stream with its engines: from its first publication until it is over, or nobody has wanted it for a while. */
export class TranscodedStream {
  readonly #stream: Stream
  readonly #setup: TranscodeServiceSetup
  readonly #slots = new Map<string, EngineSlot>()
  readonly #after: Promise<void>
  readonly #onLeft: () => void
  readonly #stopWatching: () => void
  #request: StreamRequest
  #linger: NodeJS.Timeout | undefined
  /** Of the publication that the engines have begun with; null until it is over. */
  #codecs: Codecs | null = null

  /**
   * Nothing runs before `update`.
   * @param after done before anything begins: the end of the engines that the stream had before
   * @param onLeft called when nobody publishes the stream any more, and nobody has watched it, or what is made of it, for `lingerMs`
   */
  constructor(
    stream: Stream,
    request: StreamRequest,
    setup: TranscodeServiceSetup,
    after: Promise<void>,
    onLeft: () => void,
  ) {
    this.#stream = stream
    this.#request = request
    this.#setup = setup
    this.#after = after
    this.#onLeft = onLeft
    this.#stopWatching = stream.onTrackChange(() => this.#onTrackChange())
  }

  /** What is transcoded. */
  get stream(): Stream {
    return this.#stream
  }

  /** Whether somebody publishes it. */
  get isPublished(): boolean {
    return this.#stream.publication !== null
  }

  /** Whether there is nothing at the moment that engines could work on. */
  get isSilent(): boolean {
    return (this.#stream.publication?.silentMs ?? Number.POSITIVE_INFINITY) >= SILENT_SOURCE_MS
  }

  /** The engines that are to run. */
  get slots(): readonly EngineSlot[] {
    return [...this.#slots.values()].filter(({ wanted }) => wanted !== null)
  }

  /** Whether it becomes that stream, too. */
  makes(key: string): boolean {
    return this.slots.some(({ output }) => output !== null && streamKey(output) === key)
  }

  /** Runs these engines, and no others; those that are the same go on. */
  update(specs: readonly EngineSpec[]): void {
    const wanted = new Map(specs.map((spec) => [spec.key, spec]))
    for (const [key, slot] of this.#slots) {
      slot.want(wanted.get(key) ?? null)
    }
    for (const [key, spec] of wanted) {
      if (!this.#slots.has(key)) {
        const slot = new EngineSlot({
          source: this.#stream.name,
          request: () => this.#request,
          isSilent: () => this.isSilent,
          after: this.#after,
          service: this.#setup,
        })
        this.#slots.set(key, slot)
        slot.want(spec)
      }
    }
  }

  /** Somebody publishes it again: the engines go on. */
  onPublish(request: StreamRequest): void {
    this.#request = request
    clearTimeout(this.#linger)
    for (const slot of this.slots) {
      slot.onStreamBegin()
    }
  }

  /** Nobody publishes it for now. */
  onUnpublish(): void {
    const { video, audio } = this.#stream.state
    this.#codecs = { video: video?.codec ?? null, audio: audio?.codec ?? null }
    this.#awaitReturn()
  }

  /** Stops the engines; resolves when nothing is left of them. */
  async close(): Promise<void> {
    this.#stopWatching()
    clearTimeout(this.#linger)
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()))
  }

  #awaitReturn(): void {
    clearTimeout(this.#linger)
    const lingerMs = Math.max(this.#stream.vhost.streams.lingerMs, MIN_LINGER_MS)
    this.#linger = setTimeout(() => {
      if (this.isPublished) {
        return
      }
      if (this.#isWatched()) {
        this.#awaitReturn()
      } else {
        this.#onLeft()
      }
    }, lingerMs).unref()
  }

  /** The engines watch it themselves, which does not count. */
  #isWatched(): boolean {
    const { slots } = this
    const outputs = slots.flatMap(({ output }) => (output === null ? [] : [this.#setup.registry.get(output)]))
    return (
      this.#stream.viewers.size > slots.length || outputs.some((stream) => (stream?.viewers.size ?? 0) > 0)
    )
  }

  /** FFmpeg goes on when a publisher returns, unless that sends what it did not read so far. */
  #onTrackChange(): void {
    const before = this.#codecs
    const { video, audio } = this.#stream.state
    const differs = (now: string | undefined, then: string | null): boolean =>
      now !== undefined && now !== then
    if (before === null || !(differs(video?.codec, before.video) || differs(audio?.codec, before.audio))) {
      return
    }
    this.#codecs = null
    for (const slot of this.slots) {
      slot.restart()
    }
  }
}
