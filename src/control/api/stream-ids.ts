import { DEFAULT_VHOST, randomId, type ServerIdentity, streamIdOf } from '../../base/index.ts'
import { type Stream, type StreamName, streamKey } from '../../live/index.ts'

/** Ids that are remembered, so that lists of thousands of clients need not make them anew; past it all are made once more. */
export const MAX_REMEMBERED_STREAM_IDS = 20_000

/** Ids of streams and virtual hosts, as SRS makes them: `vid-` and seven characters. Hooks say the same of streams. */
export class StreamIds {
  readonly #identity: ServerIdentity
  readonly #vhosts = new Map<string, string>()
  readonly #streams = new Map<string, string>()

  /** @param identity of the server, which ids are made of */
  constructor(identity: ServerIdentity) {
    this.#identity = identity
  }

  /** That of a stream: as long as this process runs. */
  ofStream({ key }: Pick<Stream, 'key'>): string {
    return this.#idOf(key)
  }

  /** That of the stream of a name, whether or not there is one. */
  ofName(name: StreamName): string {
    return this.#idOf(streamKey(name))
  }

  #idOf(key: string): string {
    const known = this.#streams.get(key)
    if (known !== undefined) {
      return known
    }
    if (this.#streams.size >= MAX_REMEMBERED_STREAM_IDS) {
      this.#streams.clear()
    }
    const id = streamIdOf(this.#identity, key)
    this.#streams.set(key, id)
    return id
  }

  /** That of a virtual host: as long as this process runs. */
  ofVhost(name: string): string {
    const id = this.#vhosts.get(name) ?? `vid-${randomId(7)}`
    this.#vhosts.set(name, id)
    return id
  }
}

/** What SRS calls a stream's url: '/live/livestream', or 'example.com/live/livestream' in a virtual host of that name. */
export function streamUrlOf(name: StreamName): string {
  const key = streamKey(name)
  return name.vhost === DEFAULT_VHOST ? `/${key}` : key.slice('//'.length)
}
