import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { pathOfStream } from './route.ts'
import { type ListRefusal, type ServerPorts, StreamFeed, type StreamInfo } from './stream-feed.ts'
import { mediaBaseOf } from './urls.ts'

/** A server whose streams the page knows: its own, or another that the wall shows. */
export class WatchedServer {
  /** Address that its API and its page are relative to. */
  readonly base: string
  /** Its streams; null before its first answer. Stays as it was while the server is out of reach. */
  readonly streams: Signal<readonly StreamInfo[] | null> = signal(null)
  /** Whether it answers; `undefined` before its first answer is due. */
  readonly reachable: Signal<boolean | undefined> = signal(undefined)
  /** Why it does not tell its streams; null if it does, or was not asked yet. */
  readonly listRefusal: Signal<ListRefusal | null> = signal(null)
  /** Where it listens; undefined before it said so. */
  readonly ports: Signal<ServerPorts | undefined> = signal(undefined)
  /** What the addresses of its streams are relative to. */
  readonly mediaBase: ReadonlySignal<string> = computed(() =>
    mediaBaseOf(this.base, this.ports.value?.media ?? null),
  )
  readonly #authorization: () => string | null

  /** @param authorization the header of that name that its API is sent; null without one */
  constructor(base: string, authorization: () => string | null) {
    this.base = base
    this.#authorization = authorization
  }

  /** Begins to listen; the returned function ends that for good. */
  start(): () => void {
    const feed = new StreamFeed(this.base, this.#authorization, {
      onStreams: (list) => {
        this.streams.value = list
        this.listRefusal.value = null
        this.reachable.value = true
      },
      onPorts: (ports) => {
        this.ports.value = ports
      },
      onRefused: (why) => {
        // It is there, and nothing is known of its streams (any more).
        this.streams.value = null
        this.listRefusal.value = why
        this.reachable.value = undefined
      },
      onUnreachable: () => {
        this.listRefusal.value = null
        this.reachable.value = false
      },
    })
    return feed.start()
  }

  /** Its entry for a stream, if it has one: the one with a publisher, if there are several. Read within an effect, it is followed. */
  find(path: string | undefined): StreamInfo | undefined {
    const matches = (this.streams.value ?? []).filter((stream) => pathOfStream(stream.url) === path)
    return matches.find((stream) => stream.publish.active) ?? matches[0]
  }
}
