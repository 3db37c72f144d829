import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, ServerError, toError } from '../base/index.ts'
import type { EndReason, LiveService, Publication, Source, StreamName } from '../live/index.ts'
import {
  decodeFlvFileHeader,
  FLV_FILE_HEADER_BYTES,
  type FlvTag,
  FlvTagReader,
  FlvTagType,
} from '../media/index.ts'

/** What a file source plays, and where. */
export type FileSourceOptions = Readonly<{
  /** An FLV file. */
  path: string
  /** The stream it is published as. */
  name: StreamName
  /** What the API shows as the publisher's address. Default `file:///{app}`. */
  tcUrl?: string
  /** Begins again at the end, without a jump in time. Default true. */
  loop?: boolean
}>

/** How far ahead of its time a tag may be sent, ms: timers are that coarse. */
const SEND_AHEAD_MS = 5

/**
 * Publishes an FLV file in real time, as an encoder would, in this process: until the file ends, `stop` is called or the
 * stream takes no more.
 */
export class FileSource implements Source {
  readonly #live: LiveService
  readonly #options: FileSourceOptions
  readonly #clock: Clock
  readonly #stopping = new AbortController()
  #publication: Publication | null = null

  /** @param clock paces the file */
  constructor(live: LiveService, options: FileSourceOptions, clock: Clock) {
    this.#live = live
    this.#options = options
    this.#clock = clock
  }

  /**
   * Begins to publish. To be called once.
   * @returns resolves when the publication has begun; `ended` settles when it is over
   * @throws ServerError ERR_MEDIA_FILE if there is no FLV file, RejectedError if the publication is refused
   */
  async start(): Promise<{ ended: Promise<void> }> {
    const { name } = this.#options
    await this.#requireFlv()
    const publication = await this.#live.publish(
      {
        name,
        client: { id: `file-${name.app}-${name.stream}`, protocol: 'file', address: 'local' },
        vhost: '',
        parameters: new URLSearchParams(),
        param: '',
        tcUrl: this.#options.tcUrl ?? `file:///${name.app}`,
        pageUrl: '',
      },
      this,
    )
    this.#publication = publication
    return { ended: this.#run(publication) }
  }

  /** Ends the publication; `ended` resolves soon after. Idempotent. */
  stop(): void {
    this.#stopping.abort()
    this.#publication?.end({ code: 'unpublished', message: 'stopped' })
  }

  /** The stream takes no more. */
  onRevoked(_reason: EndReason): void {
    this.#stopping.abort()
  }

  /** Looks at the file before anybody is told of a publication. */
  async #requireFlv(): Promise<void> {
    try {
      const file = await open(this.#options.path)
      try {
        const { buffer } = await file.read({ buffer: new Uint8Array(FLV_FILE_HEADER_BYTES) })
        decodeFlvFileHeader(buffer)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw this.#fault(error)
    }
  }

  /** @throws ServerError ERR_MEDIA_FILE if the file can't be played */
  async #run(publication: Publication): Promise<void> {
    try {
      await this.#playLoops(publication)
      publication.end({ code: 'unpublished', message: 'the file ended' })
    } catch (error) {
      const { message } = toError(error)
      publication.end({ code: 'disconnected', message: `the file source failed: ${message}` })
      throw this.#fault(error)
    }
  }

  #fault(cause: unknown): ServerError {
    const { message } = toError(cause)
    return new ServerError('ERR_MEDIA_FILE', `${this.#options.path} can't be played: ${message}`, { cause })
  }

  async #playLoops(publication: Publication): Promise<void> {
    const startedAt = this.#clock.now()
    let offsetMs = 0
    for (let round = 0; !this.#stopping.signal.aborted; round++) {
      const lengthMs = await this.#playOnce(publication, startedAt, offsetMs, round === 0)
      if (!(this.#options.loop ?? true) || this.#stopping.signal.aborted) {
        return
      }
      if (lengthMs === 0) {
        throw new ServerError('ERR_MEDIA_FILE', 'it has no audio or video to loop')
      }
      offsetMs += lengthMs
    }
  }

  /** Plays the file from its start to its end; returns the media time it takes. */
  async #playOnce(
    publication: Publication,
    startedAt: number,
    offsetMs: number,
    first: boolean,
  ): Promise<number> {
    const reader = new FlvTagReader()
    const times = new FileTimes()
    const { signal } = this.#stopping
    const file = createReadStream(this.#options.path)
    try {
      for await (const chunk of file) {
        const tags: FlvTag[] = []
        reader.push(chunk as Uint8Array, (tag) => tags.push(tag))
        for (const tag of tags) {
          const positionMs = offsetMs + times.place(tag)
          await this.#waitUntil(startedAt + positionMs)
          if (signal.aborted) {
            return times.lengthMs
          }
          send(publication, tag, positionMs, first)
        }
      }
    } finally {
      file.destroy()
    }
    return times.lengthMs
  }

  async #waitUntil(time: number): Promise<void> {
    const waitMs = time - this.#clock.now()
    if (waitMs > SEND_AHEAD_MS) {
      // An abort is no failure: the caller looks at the signal.
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
    }
  }
}

/** Where the tags of a file are in time, counted from its first audio or video: recordings of live streams begin anywhere. */
class FileTimes {
  readonly #lastMs = new Map<number, number>()
  #firstMs: number | null = null
  #newestMs = 0
  #lengthMs = 0

  /** Milliseconds to the end of the longest track, its last frame taken to last as long as the one before. */
  get lengthMs(): number {
    return this.#lengthMs
  }

  /** The position of the file's next tag, ms; metadata has that of the tag before it. */
  place({ type, timestampMs }: FlvTag): number {
    if (type === FlvTagType.script) {
      return this.#newestMs
    }
    this.#firstMs ??= timestampMs
    const positionMs = Math.max(timestampMs - this.#firstMs, 0)
    const stepMs = positionMs - (this.#lastMs.get(type) ?? positionMs)
    this.#lastMs.set(type, positionMs)
    this.#newestMs = positionMs
    this.#lengthMs = Math.max(this.#lengthMs, positionMs + stepMs)
    return positionMs
  }
}

function send(publication: Publication, tag: FlvTag, positionMs: number, first: boolean): void {
  const timestamp = positionMs % 0x100000000
  switch (tag.type) {
    case FlvTagType.script:
      if (first) {
        publication.writeScriptData(tag.body)
      }
      return
    case FlvTagType.audio:
      publication.write('audio', timestamp, tag.body)
      return
    case FlvTagType.video:
      // Sequence headers come again with every round; the stream leaves repeated ones out.
      publication.write('video', timestamp, tag.body)
  }
}
