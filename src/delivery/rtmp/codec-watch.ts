import type { Stream, StreamState, WireDialect } from '../../live/index.ts'
import { dialectKey } from '../../live/index.ts'
import type { RtmpCapabilities } from '../../rtmp/index.ts'
import { dialectOf, takesTrack, unsupportedDescription } from '../rtmp-codecs.ts'

/** How long a player waits for video that it can take when it can't take the audio, ms. */
export const AUDIO_ONLY_WAIT_MS = 3_000

/** What a `CodecWatch` is made with. */
export type CodecWatchSetup = Readonly<{
  stream: Stream
  /** What the player announced. */
  capabilities: RtmpCapabilities
  /** See `RtmpPlayOptions`. */
  sendUnannouncedCodecs: boolean
  /** Told what is found. */
  listener: CodecListener
}>

/** Who is told what a `CodecWatch` finds. */
export interface CodecListener {
  /** The player is to be served in another dialect from now on. */
  onDialectChange(): void
  /** The player can have the video but not the audio, and why. Said once until that changes. */
  onAudioUnsupported(description: string): void
  /** The player can't have the stream, and why. Nothing is said after it. */
  onUnsupported(description: string): void
}

/** Watches, for one RTMP player, what codecs its stream has: whether it can take them, and in which dialect. */
export class CodecWatch {
  readonly #setup: CodecWatchSetup
  #dialect: WireDialect
  #saidOfAudio = false
  #audioOnlyTimer: NodeJS.Timeout | undefined
  #stopListening: (() => void) | null = null

  /** Says nothing until `start`. */
  constructor(setup: CodecWatchSetup) {
    this.#setup = setup
    this.#dialect = this.#presentDialect()
  }

  /** What the player is to be served in. */
  get dialect(): WireDialect {
    return this.#dialect
  }

  /** Looks at the stream, and follows it from now on. */
  start(): void {
    this.#stopListening = this.#setup.stream.onTrackChange(() => this.#look())
    this.#look()
  }

  /** Says nothing any more. Idempotent. */
  stop(): void {
    clearTimeout(this.#audioOnlyTimer)
    this.#stopListening?.()
  }

  #look(): void {
    clearTimeout(this.#audioOnlyTimer)
    if (!this.#takes('video')) {
      this.#giveUp()
      return
    }
    const dialect = this.#presentDialect()
    if (dialectKey(dialect) !== dialectKey(this.#dialect)) {
      this.#dialect = dialect
      this.#setup.listener.onDialectChange()
    }
    if (this.#takes('audio')) {
      this.#saidOfAudio = false
    } else if (this.#setup.stream.state.hasVideo) {
      this.#sayOfAudio()
    } else {
      // Video may be about to begin.
      this.#audioOnlyTimer = setTimeout(() => this.#onAudioOnly(), AUDIO_ONLY_WAIT_MS).unref()
    }
  }

  #takes(kind: 'audio' | 'video'): boolean {
    const { capabilities, sendUnannouncedCodecs } = this.#setup
    return takesTrack(kind, this.#tracks()[kind], capabilities, sendUnannouncedCodecs)
  }

  #presentDialect(): WireDialect {
    const { capabilities, sendUnannouncedCodecs } = this.#setup
    return dialectOf(capabilities, this.#tracks(), sendUnannouncedCodecs)
  }

  /** What is published now: of a publisher who has left, nothing tells what the next one will be. */
  #tracks(): Pick<StreamState, 'video' | 'audio'> {
    const { state, publication } = this.#setup.stream
    return publication === null ? { video: null, audio: null } : state
  }

  #sayOfAudio(): void {
    if (!this.#saidOfAudio) {
      this.#saidOfAudio = true
      this.#setup.listener.onAudioUnsupported(this.#description())
    }
  }

  #onAudioOnly(): void {
    if (this.#setup.stream.state.hasVideo) {
      this.#sayOfAudio()
    } else {
      this.#giveUp()
    }
  }

  #giveUp(): void {
    this.stop()
    this.#setup.listener.onUnsupported(this.#description())
  }

  #description(): string {
    return unsupportedDescription(this.#setup.stream.key, this.#tracks())
  }
}
