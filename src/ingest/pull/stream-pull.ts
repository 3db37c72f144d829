import { Backoff, type BackoffOptions, type Clock, type Logger, type Ms, toError } from '../../base/index.ts'
import type { Absence, ClientInfo, EndReason, LiveService, Stream, StreamRequest } from '../../live/index.ts'
import type { ServerHealth } from '../../net/index.ts'
import type { PullInfo, PullState } from './pull-info.ts'
import { PullSource } from './pull-source.ts'
import { SilenceWatch } from './silence-watch.ts'
import {
  absenceOf,
  toUpstreamError,
  type Upstream,
  type UpstreamConnection,
  UpstreamError,
} from './upstream.ts'

/** How pulls wait between rounds over all that may have the stream. */
export const PULL_BACKOFF: BackoffOptions = { firstMs: 500, maxMs: 10_000, jitter: 0.5, healthyMs: 10_000 }

/**
 * Where there is only one that may have the stream, it is not left so soon because it has none: somebody may publish it any
 * moment, ms. But a connection may be dead without a word.
 */
export const LONE_ORIGIN_PATIENCE_MS = 60_000

/** So long what is kept open for another origin to go on with, ms; see `StreamPullSetup.keepsTime`. */
export const MAX_RESUMPTION_MS = 10_000

/** What a pull is made with. What is a function is asked each time: settings may change. */
export type StreamPullSetup = Readonly<{
  /** What is fed. */
  stream: Stream
  /** The door to the streams. */
  live: LiveService
  /** What is known of the servers; shared by all pulls. */
  health: ServerHealth
  /** Times pulls. */
  clock: Clock
  /** Told where the stream comes from, and why it does not. */
  logger: Logger
  /** Who its publications are by; the address is that of the server. */
  client: Omit<ClientInfo, 'address'>
  /** Who may have the stream, who is preferred first. */
  upstreams: () => readonly Upstream[]
  /** What is asked for: by the viewer who came last. */
  asked: () => StreamRequest
  /** One from which nothing comes for so long is left, ms. */
  silenceTimeoutMs: () => number
  /** Whether all who may have the stream have the time of its encoder: then one goes on with the very frame behind another's last. */
  keepsTime: () => boolean
}>

/** One attempt, from connecting to its end. */
type Attempt = Readonly<{ upstream: Upstream; abort: AbortController }> & {
  connection: UpstreamConnection | null
}

/** Pulls one stream, from whoever has it, for as long as it is told to: the one way in which streams come from elsewhere. */
export class StreamPull {
  readonly #setup: StreamPullSetup
  readonly #source: PullSource
  readonly #backoff: Backoff
  readonly #waiting = new Set<(absence: Absence | null) => void>()
  #stop: AbortController | null = null
  #attempt: Attempt | null = null
  /** Of this round: they are not asked again before all have been. */
  readonly #tried = new Set<string>()
  #wake: (() => void) | null = null
  #resumptionTimer: NodeJS.Timeout | undefined
  #state: PullState = 'idle'
  #since: Ms
  /** When the first media of this attempt came; null before. */
  #flowsSince: Ms | null = null
  #address: string | null = null
  #lastServer: string | null = null
  #counts = { connections: 0, bytesReceived: 0, failovers: 0, failures: 0, frames: 0 }
  #lastError: string | null = null

  /** Nothing is pulled until `start`. */
  constructor(setup: StreamPullSetup) {
    this.#setup = setup
    this.#since = setup.clock.wallTime()
    this.#backoff = new Backoff(PULL_BACKOFF, setup.clock)
    this.#source = new PullSource({
      live: setup.live,
      clock: setup.clock,
      bytesReceived: () => this.info.bytesReceived,
      onRevoked: (reason) => this.#onRevoked(reason),
    })
  }

  /** Whether it runs, whatever it achieves. */
  get running(): boolean {
    return this.#stop !== null
  }

  /** What is known of it. */
  get info(): PullInfo {
    const { connections, bytesReceived, failovers, failures, frames } = this.#counts
    const attempt = this.#attempt
    return {
      id: this.#setup.client.id,
      stream: this.#setup.stream.key,
      state: this.#state,
      since: this.#since,
      address: this.#address,
      connections,
      bytesReceived: bytesReceived + (attempt?.connection?.bytesReceived ?? 0),
      frames,
      failovers,
      failures,
      lastError: this.#lastError,
    }
  }

  /** Begins to pull, if it doesn't already. */
  start(): void {
    if (this.#stop === null) {
      const stop = new AbortController()
      this.#stop = stop
      void this.#run(stop.signal)
    }
  }

  /** Ends it; the stream goes on to be without a publisher. Idempotent. */
  stop(reason: EndReason): void {
    this.#stop?.abort()
    this.#stop = null
    this.#attempt?.abort.abort()
    this.#wake?.()
    clearTimeout(this.#resumptionTimer)
    this.#source.end(reason)
    this.#enter('idle')
  }

  /** Who may have the stream has changed: goes on with the present one if that is still among them, or else with another. */
  update(): void {
    const present = this.#attempt?.upstream.address
    const isStill = this.#setup.upstreams().some(({ address }) => address === present)
    if (present !== undefined && !isStill) {
      this.#attempt?.abort.abort(new UpstreamError('refused', 'the settings have it no more'))
    }
    this.#tried.clear()
    this.#wake?.()
  }

  /**
   * Waits until it is published or known that it won't be for now.
   * @param signal ends the wait, with its reason as the error
   */
  arrival(signal: AbortSignal): Promise<Absence | null> {
    return new Promise((resolve, reject) => {
      const settle = (absence: Absence | null): void => {
        this.#waiting.delete(settle)
        signal.removeEventListener('abort', onAbort)
        resolve(absence)
      }
      const onAbort = (): void => {
        this.#waiting.delete(settle)
        reject(toError(signal.reason))
      }
      if (signal.aborted) {
        onAbort()
        return
      }
      this.#waiting.add(settle)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Tells who waits. */
  tell(absence: Absence | null): void {
    for (const settle of [...this.#waiting]) {
      settle(absence)
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const faults: UpstreamError[] = []
    this.#tried.clear()
    while (!signal.aborted) {
      const upstream = this.#next()
      if (upstream === undefined) {
        this.tell(absenceOf(faults))
        faults.length = 0
        this.#tried.clear()
        await this.#takeRest()
        continue
      }
      this.#tried.add(upstream.address)
      this.#flowsSince = null
      const fault = await this.#pullFrom(upstream, signal)
      if (fault !== null && !signal.aborted) {
        faults.push(fault)
        this.#onFault(upstream, fault)
      }
    }
  }

  #next(): Upstream | undefined {
    const { upstreams, health } = this.#setup
    return health.order(upstreams().filter(({ address }) => !this.#tried.has(address)))[0]
  }

  #onFault(upstream: Upstream, fault: UpstreamError): void {
    const { stream, health, logger, clock } = this.#setup
    const flowedMs = this.#flowsSince === null ? 0 : clock.now() - this.#flowsSince
    this.#counts.failures++
    this.#lastError = fault.message
    if (fault.fault === 'unreachable' || fault.fault === 'silent') {
      health.fail(upstream.server)
    }
    // What worked for a while begins a new round, in which it comes last. What keeps failing does not: that would never rest.
    if (flowedMs >= PULL_BACKOFF.healthyMs) {
      this.#tried.clear()
      this.#tried.add(upstream.address)
    }
    const fields = { stream: stream.key, origin: upstream.address, fault: fault.fault, reason: fault.message }
    logger.warn(fields, 'a stream can not be pulled from there')
  }

  /** Pulls until it ends. Returns why; null if it was told to. */
  async #pullFrom(upstream: Upstream, signal: AbortSignal): Promise<UpstreamError | null> {
    const attempt: Attempt = { upstream, abort: new AbortController(), connection: null }
    this.#attempt = attempt
    this.#address = upstream.address
    this.#enter('connecting')
    const both = AbortSignal.any([signal, attempt.abort.signal])
    try {
      const connection = await upstream.connect(this.#setup.asked(), both)
      if (both.aborted) {
        // It let in just when nobody wanted it any more.
        await connection.close()
        throw toError(both.reason)
      }
      attempt.connection = connection
      this.#onConnected(upstream)
      const fault = await this.#feed(connection, signal)
      this.#counts.bytesReceived += connection.bytesReceived
      attempt.connection = null
      return fault
    } catch (thrown) {
      const { reason } = attempt.abort.signal
      return toUpstreamError(reason instanceof UpstreamError ? reason : thrown)
    } finally {
      // It may have been stopped and begun anew meanwhile.
      if (this.#attempt === attempt) {
        this.#attempt = null
      }
    }
  }

  #onConnected(upstream: Upstream): void {
    const { stream, health, logger, client } = this.#setup
    health.work(upstream.server)
    this.#counts.connections++
    if (this.#lastServer !== null && this.#lastServer !== upstream.server) {
      this.#counts.failovers++
    }
    this.#lastServer = upstream.server
    this.#enter('waiting')
    logger.info({ stream: stream.key, origin: upstream.address }, 'a stream is asked for at an origin')
    this.#source.connect({
      name: stream.name,
      client: { ...client, address: hostOf(upstream.server) },
      vhost: '',
      parameters: new URLSearchParams(),
      param: '',
      tcUrl: `${upstream.server}/${stream.name.app}`,
      pageUrl: '',
    })
  }

  async #feed(connection: UpstreamConnection, signal: AbortSignal): Promise<UpstreamError | null> {
    let fault: UpstreamError | null = null
    const watch = new SilenceWatch(
      () => this.#source.silentMs,
      (silentMs) => {
        fault = this.#faultOfSilence(silentMs)
        if (fault === null) {
          return LONE_ORIGIN_PATIENCE_MS
        }
        void connection.close()
        return null
      },
    )
    watch.start(this.#setup.silenceTimeoutMs())
    try {
      for (let packet = await connection.next(); packet !== null; packet = await connection.next()) {
        if (signal.aborted) {
          return null
        }
        const flows = this.#source.write(packet)
        this.#counts.frames += packet.kind === 'data' ? 0 : 1
        if (flows && this.#state !== 'pulling') {
          watch.start(this.#setup.silenceTimeoutMs())
          this.#onFlow()
        }
      }
      fault ??= new UpstreamError('not-found', 'the origin has ended the stream')
    } catch (thrown) {
      fault = toUpstreamError(thrown)
    } finally {
      watch.stop()
      await connection.close()
    }
    if (!signal.aborted) {
      this.#endPublication(fault)
    }
    return fault
  }

  #onFlow(): void {
    this.#backoff.work()
    this.#flowsSince = this.#setup.clock.now()
    clearTimeout(this.#resumptionTimer)
    this.#enter('pulling')
    this.tell(null)
  }

  /** What a silence is taken for; null if it goes on to be waited. */
  #faultOfSilence(silentMs: number): UpstreamError | null {
    const ms = Math.round(silentMs)
    if (this.#state === 'pulling') {
      return new UpstreamError('silent', `nothing has come from the origin for ${ms} ms (silenceTimeoutMs)`)
    }
    const fault = new UpstreamError('not-found', `the origin lets us in, and nothing has come for ${ms} ms`)
    if (this.#setup.upstreams().length > 1 || silentMs >= LONE_ORIGIN_PATIENCE_MS) {
      return fault
    }
    this.tell(absenceOf([fault]))
    return null
  }

  /** The publication ends with its connection, unless another is likely to go on with it. */
  #endPublication({ message }: UpstreamError): void {
    const reason = { code: 'disconnected', message } as const
    if (this.#source.publication === null || !this.#setup.keepsTime()) {
      this.#source.end(reason)
      return
    }
    clearTimeout(this.#resumptionTimer)
    this.#resumptionTimer = setTimeout(() => this.#source.end(reason), MAX_RESUMPTION_MS)
  }

  /** Waits before the next round, unless there is something new. */
  async #takeRest(): Promise<void> {
    this.#enter('resting')
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#backoff.fail())
    const wake = (): void => {
      clearTimeout(timer)
      resolve()
    }
    this.#wake = wake
    await promise
    // It may have been stopped and begun anew meanwhile, and rest again.
    if (this.#wake === wake) {
      this.#wake = null
    }
  }

  /** The stream has ended the publication: another publisher has its place, or the stream is over. */
  #onRevoked(reason: EndReason): void {
    this.#attempt?.abort.abort(new UpstreamError('refused', reason.message))
  }

  #enter(state: PullState): void {
    if (this.#state !== state) {
      this.#state = state
      this.#since = this.#setup.clock.wallTime()
    }
  }
}

/** The host of 'rtmp://host:port'. */
function hostOf(server: string): string {
  return server
    .replace(/^[a-z]+:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
}
