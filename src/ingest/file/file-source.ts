import { type Clock, toError } from '../../base/index.ts'
import {
  type EndReason,
  type LiveService,
  type Publication,
  type Source,
  type StreamName,
  type StreamRequest,
  streamKey,
  type Takeover,
  VirtualConnection,
} from '../../live/index.ts'
import { FlvTagType } from '../../media/index.ts'
import { PacedFile, type PacedFileOptions, type PacedTag } from './paced-file.ts'

/** What a file source plays, and where. */
export type FileSourceOptions = PacedFileOptions &
  Readonly<{
    /** The stream it is published as. */
    name: StreamName
    /** What the API shows as the publisher's address. Default `file:///{app}`. */
    tcUrl?: string
    /** It is published for an ingest: what an encoder that published there would ask for. `tcUrl` does not count then. */
    ingest?: Pick<StreamRequest, 'tcUrl' | 'vhost' | 'parameters' | 'param'>
    /** What becomes of it if somebody publishes the stream already. Default: as with every publisher. */
    takeover?: Takeover
  }>

/**
 * Publishes an FLV or MP4 file in real time, as an encoder would, in this process: until the file ends, `stop` is called or the
 * stream takes no more.
 */
export class FileSource implements Source {
  readonly #live: LiveService
  readonly #options: FileSourceOptions
  readonly #file: PacedFile
  readonly #connection = new VirtualConnection()
  readonly #totals = { bytesReceived: 0, bytesSent: 0 }
  #publication: Publication | null = null
  #revokedFor: EndReason | null = null

  /** @param clock paces the file */
  constructor(live: LiveService, options: FileSourceOptions, clock: Clock) {
    this.#live = live
    this.#options = options
    this.#file = new PacedFile(options, clock)
    this.#connection.totals = this.#totals
  }

  /**
   * Begins to publish. To be called once.
   * @returns resolves when the publication has begun; `ended` settles when it is over; `warnings` say what of the file is not played
   * @throws ServerError ERR_MEDIA_FILE if it can't be played, RejectedError if the publication is refused
   */
  async start(): Promise<{ ended: Promise<void>; warnings: readonly string[] }> {
    const { name, ingest } = this.#options
    const warnings = await this.#file.check()
    const asked: StreamRequest = {
      name,
      client: { id: this.#freeClientId(), protocol: 'file', address: 'local' },
      vhost: '',
      parameters: new URLSearchParams(),
      param: '',
      tcUrl: this.#options.tcUrl ?? `file:///${name.app}`,
      pageUrl: '',
      ...(ingest === undefined ? {} : { ...ingest, isIngested: true }),
    }
    try {
      const { takeover } = this.#options
      const publication = await this.#live.publish(asked, this, this.#connection, takeover)
      this.#publication = publication
      return { ended: this.#run(publication), warnings }
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  /** Ends the publication; `ended` resolves soon after. Idempotent. */
  stop(): void {
    this.#file.stop()
    if (this.#publication === null) {
      // Nobody is to be asked about it, or told that it was refused: it has left.
      this.#connection.close()
    }
    this.#publication?.end({ code: 'unpublished', message: 'stopped' })
  }

  /** Why the stream took no more before the file ended; null if it did not say so. */
  get revokedFor(): EndReason | null {
    return this.#revokedFor
  }

  /** The stream takes no more. */
  onRevoked(reason: EndReason): void {
    this.#revokedFor = reason
    this.#file.stop()
  }

  /** e.g. 'file-live-demo'; the next to publish the same gets 'file-live-demo-2'. */
  #freeClientId(): string {
    const id = `file-${streamKey(this.#options.name).replace(/^\/\//, '').replaceAll('/', '-')}`
    const { clients } = this.#live
    for (let count = 2; clients.get(id) !== undefined; count++) {
      const another = `${id}-${count}`
      if (clients.get(another) === undefined) {
        return another
      }
    }
    return id
  }

  /** @throws ServerError ERR_MEDIA_FILE if the file can't be played */
  async #run(publication: Publication): Promise<void> {
    try {
      await this.#file.play((paced) => {
        this.#totals.bytesReceived += paced.body.length
        send(publication, paced)
      })
      publication.end({ code: 'unpublished', message: 'the file ended' })
    } catch (error) {
      const { message } = toError(error)
      publication.end({ code: 'disconnected', message: `the file source failed: ${message}` })
      throw error
    } finally {
      this.#connection.close()
    }
  }
}

function send(publication: Publication, { type, body, positionMs, round }: PacedTag): void {
  const timestamp = positionMs % 0x100000000
  switch (type) {
    case FlvTagType.script:
      if (round === 0) {
        publication.writeScriptData(body)
      }
      return
    case FlvTagType.audio:
      publication.write('audio', timestamp, body)
      return
    case FlvTagType.video:
      // Sequence headers come again with every round; the stream leaves repeated ones out.
      publication.write('video', timestamp, body)
  }
}
