import { type Clock, type Logger, ProtocolError, RejectedError, toError } from '../../base/index.ts'
import type { HttpReply, HttpRequest, HttpRouter } from '../../http/index.ts'
import {
  type LiveService,
  queryOfHttp,
  type Stream,
  type StreamName,
  type StreamRequest,
  streamKey,
  type Vhost,
  type VhostFinder,
  type Viewing,
  VirtualConnection,
} from '../../live/index.ts'
import { unsupportedByHls } from './hls-codecs.ts'
import { HlsOutput } from './hls-output.ts'
import { type HlsSession, HlsSessions } from './hls-sessions.ts'
import type { HlsOptions } from './options.ts'

/** A virtual host, as far as the HLS routes need it. */
export type HlsVhost = Vhost &
  Readonly<{
    /** Segments and window; null if HLS is switched off. */
    hls: HlsOptions | null
  }>

/** What the HLS routes need. */
export type HlsRoutesSetup = Readonly<{
  /** Gets the routes. */
  http: HttpRouter
  /** The door to the streams. */
  live: LiveService
  /** Tell where HLS is served, and how. */
  vhosts: VhostFinder<HlsVhost>
  /** Times viewers and segments. */
  clock: Clock
  /** Told of refused players. */
  logger: Logger
  /** Gives a new client's id, unique in this process. */
  nextClientId: () => string
  /** Whether an address may have as many viewers as there may be. */
  trusts: (address: string) => boolean
}>

/** A request for a playlist whose virtual host serves HLS. */
type PlaylistRequest = Readonly<{ request: HttpRequest; name: StreamName; options: HlsOptions }>

/** How long the first viewer's first request waits for the first segment, in fragments, and at least. */
const FIRST_SEGMENT_FRAGMENTS = 6
const MIN_FIRST_SEGMENT_WAIT_MS = 10_000

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
const SEGMENT_TYPE = 'video/mp2t'
const TEXT_TYPE = 'text/plain; charset=utf-8'
const PLAYLIST_EXTENSION = '.m3u8'

/** What stands behind a segment's name. */
const SEGMENT_NUMBER = /-\d+\.ts$/

/** Bandwidth said in the master playlist before it can be measured, bit/s. */
const UNKNOWN_BANDWIDTH = 1_000_000

/**
 * Serves `/{app}/{stream}.m3u8` and its segments. As SRS does, the first request is answered with a master playlist whose
 * one entry carries `hls_ctx`: so a viewer is admitted once, counted once, and can be told apart.
 */
export class HlsRoutes {
  readonly #setup: HlsRoutesSetup
  readonly #outputs = new Map<Stream, HlsOutput>()
  /** Outputs with viewers whose segments are the same for all, by the path of these. */
  readonly #bySegmentPath = new Map<string, HlsOutput>()
  readonly #sessions: HlsSessions

  /** Adds the routes to the HTTP server. */
  constructor(setup: HlsRoutesSetup) {
    this.#setup = setup
    const onEmpty = (output: HlsOutput): void => {
      output.stop()
      this.#bySegmentPath.delete(output.segmentPath)
    }
    this.#sessions = new HlsSessions(setup.clock, onEmpty, setup.trusts)
    setup.http.routeExtension(PLAYLIST_EXTENSION, (request, reply) => this.#onPlaylist(request, reply))
    setup.http.routeExtension('.ts', (request, reply) => this.#onSegment(request, reply))
    setup.live.registry.on('ended', (stream, reason) => {
      const output = this.#outputs.get(stream)
      this.#outputs.delete(stream)
      if (output !== undefined) {
        this.#sessions.endViewings(output, reason)
      }
    })
  }

  /** Frames muxed for a stream so far; none without viewers. */
  framesMuxed(stream: Stream): number {
    return this.#outputs.get(stream)?.framesMuxed ?? 0
  }

  /** What virtual hosts say of HLS has changed: outputs go on with it, or end where it is switched off. */
  update(): void {
    for (const [stream, output] of this.#outputs) {
      const options = this.#setup.vhosts.resolve(stream.name.vhost)?.hls ?? null
      if (options === null) {
        this.#sessions.endAll(output, { code: 'closed', message: switchedOff(stream.name) })
      } else {
        output.update(options)
      }
    }
  }

  /** Ends every viewer's session. */
  close(): void {
    this.#sessions.close({ code: 'closed', message: 'the server is closing' })
  }

  async #onPlaylist(request: HttpRequest, reply: HttpReply): Promise<void> {
    try {
      const { live, vhosts } = this.#setup
      const { vhost: requested } = queryOfHttp(request.origin, request.parameters)
      const name = live.nameStream(requested, request.path.slice(0, -PLAYLIST_EXTENSION.length))
      const vhost = vhosts.get(name.vhost)
      if (!vhost?.enabled) {
        live.requireVhost('play', this.#newViewer(request, name))
      }
      const options = vhost?.hls ?? null
      const context = request.parameters.get('hls_ctx')
      const unsupported = this.#unsupported(name)
      if (options === null) {
        reply.send(404, TEXT_TYPE, `${switchedOff(name)}\n`, { 'cache-control': 'no-store' })
      } else if (unsupported !== null) {
        reply.send(406, TEXT_TYPE, `${unsupported}\n`, { 'cache-control': 'no-store' })
      } else if (context === null) {
        await this.#answerMaster({ request, name, options }, reply)
      } else {
        await this.#answerMedia({ request, name, options }, reply, context)
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        reply.send(400, TEXT_TYPE, `${error.message}\n`)
      } else if (error instanceof RejectedError) {
        reply.send(403, TEXT_TYPE, `${error.message}\n`, { 'cache-control': 'no-store' })
      } else {
        throw error
      }
    }
  }

  async #answerMaster(asked: PlaylistRequest, reply: HttpReply): Promise<void> {
    const { request, name } = asked
    const session = await this.#admit(asked, this.#sessions.newId(), reply)
    if (session === null) {
      return
    }
    const { stream } = session.viewing
    const elapsedMs = this.#setup.clock.wallTime() - (stream.publication?.startedAt ?? 0)
    const measured = Math.round((stream.counters.bytesReceived * 8000) / Math.max(elapsedMs, 1))
    const bandwidth = elapsedMs > 2_000 && measured > 0 ? measured : UNKNOWN_BANDWIDTH
    // The query goes with it: it may name the virtual host, and who has to be admitted anew, after a restart of the server say, is
    // asked for its token again.
    const query = request.parameters.size === 0 ? '' : `&${request.parameters}`
    const uri = `${encodeURIComponent(name.stream)}${PLAYLIST_EXTENSION}?hls_ctx=${session.id}${query}`
    const information = `BANDWIDTH=${bandwidth},AVERAGE-BANDWIDTH=${bandwidth}`
    this.#sendPlaylist(reply, session, `#EXTM3U\n#EXT-X-STREAM-INF:${information}\n${uri}\n`)
  }

  #sendPlaylist(reply: HttpReply, session: HlsSession, text: string): void {
    const bytes = Buffer.from(text)
    session.bytesSent += bytes.length
    reply.send(200, PLAYLIST_TYPE, bytes, { 'cache-control': 'no-store' })
  }

  async #answerMedia(asked: PlaylistRequest, reply: HttpReply, context: string): Promise<void> {
    const { request, name, options } = asked
    const known = this.#sessions.find(context)
    if (known?.kicked === true) {
      reply.send(404, TEXT_TYPE, `HLS stream ${context} is EOF`, { 'cache-control': 'no-store' })
      return
    }
    const isSame =
      known !== undefined &&
      this.#isStill(name, known.viewing.stream) &&
      known.viewing.holdsFor(request.address)
    // Who was away too long, or comes from before a restart, is admitted anew under the same id: its player can't go back
    // to the master playlist.
    const session = isSame ? known : await this.#admit(asked, requireContext(context), reply)
    if (session === null) {
      return
    }
    const waitMs = Math.max(MIN_FIRST_SEGMENT_WAIT_MS, options.fragmentMs * FIRST_SEGMENT_FRAGMENTS)
    const playlist = await this.#sessions.whileWaiting(session, () => session.output.playlist(waitMs))
    if (playlist === null) {
      // Its codecs may have become known while it was waited for.
      const unsupported = this.#unsupported(name)
      if (unsupported !== null) {
        reply.send(406, TEXT_TYPE, `${unsupported}\n`, { 'cache-control': 'no-store' })
        return
      }
      reply.send(503, TEXT_TYPE, 'no segment is ready yet: try again\n', { 'retry-after': '2' })
      return
    }
    // Lines that are not tags are the segments' names.
    const text = session.output.segmentContext
      ? playlist.replace(/^(?!#).+$/gm, (fileName) => `${fileName}?hls_ctx=${session.id}`)
      : playlist
    this.#sendPlaylist(reply, session, text)
  }

  /** Why what is published by that name can't be watched; null if it can, or nobody publishes. */
  #unsupported(name: StreamName): string | null {
    const stream = this.#setup.live.registry.get(name)
    return stream === undefined || stream.publication === null
      ? null
      : unsupportedByHls(stream.key, stream.state)
  }

  #onSegment(request: HttpRequest, reply: HttpReply): void {
    const session = this.#sessionOf(request)
    const output = this.#bySegmentPath.get(request.path.replace(SEGMENT_NUMBER, '')) ?? session?.output
    if (output === undefined) {
      if (request.parameters.has('hls_ctx')) {
        reply.send(403, TEXT_TYPE, 'no viewer has this hls_ctx: begin with the .m3u8\n')
      } else {
        reply.missing('there is no such segment (any more): begin with the .m3u8')
      }
      return
    }
    const slash = request.path.lastIndexOf('/')
    const isHere = request.path.slice(0, slash) === output.stream.name.app
    const bytes = isHere ? output.segment(request.path.slice(slash + 1)) : null
    if (bytes === null) {
      reply.send(404, TEXT_TYPE, 'there is no such segment (any more)\n')
      return
    }
    output.stream.counters.bytesSent += bytes.length
    if (session !== undefined) {
      session.bytesSent += bytes.length
    }
    // Public: shared caches may keep it though the player said who it is (RFC 9111, 3.5).
    reply.send(200, SEGMENT_TYPE, bytes, { 'cache-control': 'public, max-age=60' })
  }

  /** The viewer that asks for a segment. */
  #sessionOf(request: HttpRequest): HlsSession | undefined {
    const session = this.#sessions.find(request.parameters.get('hls_ctx') ?? '')
    return session?.kicked === false && session.viewing.holdsFor(request.address) ? session : undefined
  }

  /** A new session for an admitted viewer; null if there is no stream by that name, or its codecs are none of HLS, and it was told so. */
  async #admit(
    { request, name, options }: PlaylistRequest,
    id: string,
    reply: HttpReply,
  ): Promise<HlsSession | null> {
    const { live } = this.#setup
    if (!live.mayHave(name)) {
      reply.missing(`no stream is published as ${streamKey(name)}`)
      return null
    }
    const asked = this.#newViewer(request, name)
    // Taken before the decision, for which many may be waiting.
    const place = this.#sessions.takePlace(request.address)
    if (typeof place === 'string') {
      throw live.refuse('play', asked, place)
    }
    const connection = new VirtualConnection()
    const viewing = await live.play(asked, connection).catch((error: unknown) => {
      place.release()
      connection.close()
      throw error
    })
    if (await this.#isMissing(viewing, reply)) {
      place.release()
      connection.close()
      return null
    }
    const output = this.#output(viewing.stream, options)
    output.start()
    if (!output.segmentContext) {
      this.#bySegmentPath.set(output.segmentPath, output)
    }
    return this.#sessions.add({ id, viewing, output, place, connection })
  }

  /** What a new viewer asks for. */
  #newViewer(request: HttpRequest, name: StreamName): StreamRequest {
    const { origin, address, pageUrl, authorization, relayTrail } = request
    return {
      name,
      client: { id: this.#setup.nextClientId(), protocol: 'hls', address },
      ...queryOfHttp(origin, request.parameters),
      tcUrl: `${origin}/${name.app}`,
      pageUrl,
      authorization,
      relayTrail,
    }
  }

  /** Whether `stream` is what `name` means; one that is over still is, until another has its name. */
  #isStill(name: StreamName, stream: Stream): boolean {
    const present = this.#setup.live.registry.get(name)
    return stream.key === streamKey(name) && (present === undefined || present === stream)
  }

  #output(stream: Stream, options: HlsOptions): HlsOutput {
    const existing = this.#outputs.get(stream)
    if (existing !== undefined) {
      return existing
    }
    const { clock, logger } = this.#setup
    const output = new HlsOutput({ stream, options, clock, logger })
    this.#outputs.set(stream, output)
    return output
  }

  /** Waits for a stream that is fetched. A viewer of one that is not there is told so, and leaves. */
  async #isMissing(viewing: Viewing, reply: HttpReply): Promise<boolean> {
    const { live } = this.#setup
    const absence = await live
      .arrival(viewing, (listener) => reply.onClose(listener))
      .catch((error: unknown) => {
        viewing.end({ code: 'closed', message: toError(error).message })
        throw error
      })
    if (absence === null && !reply.closed) {
      return false
    }
    viewing.end({ code: 'closed', message: absence?.reason ?? 'the client closed the connection' })
    const text = `the stream ${viewing.stream.key} can't be had: ${absence?.reason}\n`
    reply.send(ABSENCE_STATUSES[absence?.code ?? 'unavailable'], TEXT_TYPE, text, {
      'cache-control': 'no-store',
      'retry-after': '2',
    })
    return true
  }
}

/** Statuses for a stream that was to be fetched and is not there. */
const ABSENCE_STATUSES = { 'not-found': 404, refused: 403, unavailable: 503 } as const

function switchedOff({ vhost }: StreamName): string {
  return `HLS is switched off for ${vhost} (hls.enabled)`
}

function requireContext(context: string): string {
  if (!/^[\w-]{4,64}$/.test(context)) {
    throw new ProtocolError('hls_ctx is not one of ours: begin with the .m3u8 without it')
  }
  return context
}
