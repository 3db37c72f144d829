import {
  type Absence,
  type ClientInfo,
  type EndReason,
  type Stream,
  type StreamRequest,
  streamKey,
} from '../../live/index.ts'
import type { EdgePullsSetup } from './edge-pulls.ts'
import { defaultEdgeOptions, type EdgeOptions } from './options.ts'
import { originsOf } from './origins.ts'
import type { PullInfo } from './pull-info.ts'
import { StreamPull } from './stream-pull.ts'

/** How long who has to be told whether there is a stream waits at most, ms. */
export const MAX_ARRIVAL_MS = 15_000

/** What the pull of one stream is made with. */
export type EdgePullSetup = EdgePullsSetup & Readonly<{ stream: Stream }>

/** Pulls one stream of an edge from when somebody watches it until some time after nobody does. */
export class EdgePull {
  readonly #setup: EdgePullSetup
  readonly #pull: StreamPull
  readonly #client: Omit<ClientInfo, 'address'>
  readonly #stopWatching: () => void
  #asked: StreamRequest
  #idle: NodeJS.Timeout | undefined

  /** Nothing is pulled until `look`. */
  constructor(setup: EdgePullSetup) {
    const { stream, live, health, clock, logger } = setup
    this.#setup = setup
    this.#client = { id: setup.nextClientId(), protocol: 'edge' }
    this.#asked = {
      name: stream.name,
      client: { ...this.#client, address: 'local' },
      vhost: '',
      parameters: new URLSearchParams(),
      param: '',
      tcUrl: `edge:///${streamKey(stream.name)}`,
      pageUrl: '',
    }
    this.#pull = new StreamPull({
      stream,
      live,
      health,
      clock,
      logger,
      client: this.#client,
      upstreams: () => originsOf(this.#options, this.#asked, setup),
      asked: () => this.#asked,
      silenceTimeoutMs: () => this.#options.silenceTimeoutMs,
      keepsTime: () => stream.vhost.streams.atc || stream.vhost.streams.timeJitter === 'off',
    })
    this.#stopWatching = stream.onAudienceChange(() => this.look())
  }

  /** Whether it goes on, whatever it achieves. */
  get running(): boolean {
    return this.#pull.running
  }

  /** What is known of it. */
  get info(): PullInfo {
    return this.#pull.info
  }

  /** A viewer comes. */
  onViewer(request: StreamRequest): void {
    this.#asked = request
  }

  /** Looks whether the stream is to be pulled. */
  look(): void {
    const { stream } = this.#setup
    const { mode, idleMs } = this.#options
    const { publication } = stream
    const isPublishedHere = publication !== null && publication.client.id !== this.#client.id
    clearTimeout(this.#idle)
    if (isPublishedHere || mode === 'local' || stream.ended) {
      const message = isPublishedHere ? 'it is published here' : 'this is no edge any more'
      this.#pull.stop({ code: 'closed', message })
      if (publication !== null) {
        this.#pull.tell(null)
      }
    } else if (stream.viewers.size > 0) {
      this.#pull.start()
    } else if (this.#pull.running) {
      const message = `nobody has watched it for ${idleMs} ms (idleMs)`
      this.#idle = setTimeout(() => this.#pull.stop({ code: 'unpublished', message }), idleMs)
      this.#idle.unref()
    }
  }

  /** Waits until the stream is published or known not to come for now. */
  async arrival(signal: AbortSignal): Promise<Absence | null> {
    if (this.#setup.stream.publication !== null) {
      return null
    }
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), MAX_ARRIVAL_MS)
    try {
      return await this.#pull.arrival(AbortSignal.any([signal, late.signal]))
    } catch (error) {
      if (late.signal.aborted && !signal.aborted) {
        return { code: 'unavailable', reason: `no origin has answered within ${MAX_ARRIVAL_MS} ms` }
      }
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Takes other settings of the virtual host. */
  update(): void {
    this.look()
    if (this.#pull.running) {
      this.#pull.update()
    }
  }

  /** Ends it for good. */
  close(reason: EndReason): void {
    clearTimeout(this.#idle)
    this.#stopWatching()
    this.#pull.stop(reason)
    this.#pull.tell({ code: 'unavailable', reason: reason.message })
  }

  get #options(): EdgeOptions {
    return this.#setup.vhosts.get(this.#setup.stream.name.vhost)?.edge ?? defaultEdgeOptions
  }
}
