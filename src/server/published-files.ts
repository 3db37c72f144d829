import type { Clock, Logger } from '../base/index.ts'
import { FileSource, type FileSourceOptions } from '../ingest/index.ts'
import { type LiveService, streamKey } from '../live/index.ts'

/** The files that a server publishes itself, in real time. */
export class PublishedFiles {
  readonly #live: LiveService
  readonly #clock: Clock
  readonly #logger: Logger
  /** With each, the promise that it has ended. */
  readonly #sources = new Map<FileSource, Promise<void>>()

  /** @param logger told of faults */
  constructor(live: LiveService, clock: Clock, logger: Logger) {
    this.#live = live
    this.#clock = clock
    this.#logger = logger
  }

  /**
   * Publishes one. Resolves when it is being published.
   * @returns stops it
   * @throws ServerError ERR_MEDIA_FILE if the file can't be played, RejectedError if the stream is refused
   */
  async publish(options: FileSourceOptions): Promise<() => Promise<void>> {
    const source = new FileSource(this.#live, options, this.#clock)
    const started = await source.start()
    for (const warning of started.warnings) {
      this.#logger.warn(
        { path: options.path, stream: streamKey(options.name), reason: warning },
        'not all of the file is played',
      )
    }
    const ended = started.ended.catch((error: unknown) =>
      this.#logger.error({ error, stream: streamKey(options.name) }, 'the file source failed'),
    )
    this.#sources.set(source, ended)
    void ended.then(() => this.#sources.delete(source))
    return async () => {
      source.stop()
      await ended
    }
  }

  /** Stops all of them. Resolves when they have ended. Idempotent. */
  async close(): Promise<void> {
    for (const source of this.#sources.keys()) {
      source.stop()
    }
    await Promise.all(this.#sources.values())
  }
}
