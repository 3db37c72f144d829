/**
 * What the public types allow and what they don't: the type check fails if a line here stops compiling, or if one that
 * must not compile does. `public-types.test.ts` also compiles it against the built declarations.
 */
import { on, once } from 'node:events'
import pino from 'pino'
import {
  type Answer,
  type Ask,
  type ClientInfo,
  type ClientProtocol,
  type Codec,
  createServer,
  type EndReason,
  ERROR_CODES,
  type ErrorCode,
  type Frame,
  type FrameKind,
  type FramesOptions,
  type ListenerPurpose,
  type Logger,
  type MediaPacket,
  type Ms,
  RejectedError,
  RtmpPlayer,
  RtmpPublisher,
  RtmpRefusedError,
  type Server,
  type ServerAddress,
  ServerError,
  type ServerEvents,
  type ServerOptions,
  type Stream,
  type StreamCounters,
  type StreamName,
  type StreamRequest,
} from '../../src/index.ts'

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never

/** To be called with a `true` whose type says that two types are the same. */
function same(_proof: true): void {}

/** Options that a program may give. */
export async function options(): Promise<void> {
  await createServer({ rtmp: { port: 1935 } })
  await createServer({ http: { host: '::', port: 0, page: false } })
  await createServer({ rtmp: { port: 0, mediaTimeoutMs: 10_000, maxConnections: 5 } })
  await createServer({ rtmp: { port: 0 }, hls: { fragmentMs: 1000 }, broadcast: { queueLengthMs: 5000 } })
  await createServer({ http: { port: 0 }, streams: { lingerMs: 0, takeoverSilenceMs: 100 } })
  await createServer({
    http: { port: 0 },
    streams: { timeJitter: 'zero', mixCorrect: true, atc: false, atcAuto: true },
  })
  await createServer({ http: { port: 0 }, logger: pino() })
  const server: Server = await createServer({} satisfies ServerOptions)
  same(true satisfies Same<typeof server, Awaited<ReturnType<typeof createServer>>>)

  await createServer({ rtmp: { addresses: [{ port: 1935 }, { path: '/a', mode: 0o600 }], backlog: 5 } })
  await createServer({ http: { path: '/b', root: 'www', crossOrigin: false }, api: { port: 1985 } })
  await createServer({ http: { port: 0 }, api: false })

  // @ts-expect-error a listener needs an address
  await createServer({ rtmp: {} })
  // @ts-expect-error the API has no folder of files
  await createServer({ api: { port: 0, root: 'www' } })
  // @ts-expect-error ports are numbers
  await createServer({ rtmp: { port: '1935' } })
  // @ts-expect-error there is no such option
  await createServer({ rtmp: { port: 0 }, webrtc: { port: 0 } })
  // @ts-expect-error options are not changed after the start
  server.options = {}
  // @ts-expect-error an address is told, not set
  server.rtmpAddress = { host: '', port: 1 }
}

/** Decisions that a program may take, at once or later. */
export const decisions: Record<string, Ask> = {
  yes: () => true,
  no: () => false,
  nothing: () => {},
  reason: () => 'the token is wrong',
  later: async ({ parameters }) => parameters.get('token') === 'secret',
  laterReason: async ({ parameters }) => parameters.has('token') || 'the token is missing',
  laterNothing: async () => {},
  byClient: ({ client }) => client.protocol !== 'file' || client.address === 'local',
  // @ts-expect-error a number says neither yes nor no
  number: () => 1,
  // @ts-expect-error an object says neither yes nor no
  object: async () => ({ allowed: true }),
  // @ts-expect-error a request has no password
  wrongField: ({ password }) => password === 'secret',
}

/** What is asked and answered. */
export function requests(request: StreamRequest, answer: Answer): void {
  const { name, client, vhost, parameters, param, tcUrl, pageUrl } = request
  same(true satisfies Same<typeof name, StreamName>)
  same(true satisfies Same<typeof client, ClientInfo>)
  same(true satisfies Same<typeof parameters, URLSearchParams>)
  same(true satisfies Same<typeof client.protocol, ClientProtocol>)
  const texts: string[] = [
    name.vhost,
    name.app,
    name.stream,
    client.id,
    client.address,
    vhost,
    param,
    tcUrl,
    pageUrl,
  ]
  const protocols: ClientProtocol[] = ['rtmp', 'http-flv', 'ws-flv', 'hls', 'file', 'library']
  void [texts, protocols, answer]
  // @ts-expect-error a request is not changed
  request.tcUrl = ''
  // @ts-expect-error there is no such protocol
  const protocol: ClientProtocol = 'webrtc'
  void protocol
}

/** Events have names and arguments of their own. */
export async function events(server: Server): Promise<void> {
  server.on('publish', (request) => same(true satisfies Same<typeof request, StreamRequest>))
  server.on('play', ({ client: { protocol } }) => same(true satisfies Same<typeof protocol, ClientProtocol>))
  server.once('unpublish', (request, reason) => {
    same(true satisfies Same<typeof request, StreamRequest>)
    same(true satisfies Same<typeof reason, EndReason>)
    const codes: Record<EndReason['code'], boolean> = {
      unpublished: true,
      disconnected: true,
      replaced: true,
      closed: true,
    }
    void codes[reason.code]
  })
  server.off('stop', (_request: StreamRequest, _reason: EndReason) => {})
  const [request, reason]: ServerEvents['stop'] = await onceTyped(server, 'stop')
  void [request.name.stream, reason.message, once(server, 'publish'), on(server, 'stop')]

  // @ts-expect-error there is no such event
  server.on('published', () => {})
  // @ts-expect-error a publish has no reason
  server.on('publish', (_request, reasonOfPublish) => reasonOfPublish.code)
  // @ts-expect-error a reason has no number
  server.on('stop', (_request, { number }) => number)
}

/** Frames come one by one, and are not changed. */
export async function frames(server: Server, signal: AbortSignal): Promise<void> {
  const how: FramesOptions = { signal, maxQueuedFrames: 100 }
  for await (const frame of server.frames('live/demo', how)) {
    same(true satisfies Same<typeof frame, Frame>)
    same(true satisfies Same<typeof frame.kind, FrameKind>)
    same(true satisfies Same<typeof frame.codec, Codec>)
    same(true satisfies Same<typeof frame.timestamp, Ms>)
    const time: number = frame.timestamp + frame.compositionOffset
    const flags: boolean[] = [frame.keyframe, frame.sequenceHeader]
    void [time, flags, frame.body.length, frame.codec === 'avc']
    // @ts-expect-error frames are shared with every player: nobody writes to them
    frame.timestamp = 0
    // @ts-expect-error any number is not milliseconds
    const ms: Ms = 5
    // @ts-expect-error there is no such codec
    void [ms, frame.codec === 'h264']
  }
  // @ts-expect-error frames come over time
  for (const frame of server.frames('live/demo')) {
    void frame
  }
  // @ts-expect-error a stream has a name
  void server.frames()
}

/** Streams can be looked at. */
export async function streams(server: Server): Promise<void> {
  const all: Stream[] = server.streams
  const one: Stream | undefined = server.stream('live/demo')
  const counters: Readonly<StreamCounters> | undefined = one?.counters
  const encoded: Record<string, number> = server.framesEncoded('live/demo')
  const stop: () => Promise<void> = await server.publishFile('live/demo', { path: 'a.flv', loop: false })
  await stop()
  const closed: Promise<void> = server.close()
  void [all, counters?.frames, encoded, closed, server.rtmpConnections, server.rtmpUrl, server.httpUrl]
  const addresses: ServerAddress[] = server.addresses
  const purposes: readonly ListenerPurpose[] | undefined = addresses[0]?.purposes
  void [server.httpAddress?.port, server.apiAddress, purposes]
  // @ts-expect-error there may be no such stream
  server.stream('live/demo').counters
  // @ts-expect-error a file has a path
  await server.publishFile('live/demo', { loop: true })
  // @ts-expect-error the stream is named by the first argument
  await server.publishFile('live/demo', { path: 'a.flv', name: { app: 'live', stream: 'demo' } })
}

/** Other servers are published to and played from. */
export async function otherServers(server: Server, signal: AbortSignal): Promise<void> {
  const publisher: RtmpPublisher = await RtmpPublisher.publish('rtmp://host/live/demo', {
    signal,
    stallTimeoutMs: 0,
  })
  for await (const frame of server.frames('live/demo')) {
    const flowing: boolean = publisher.send(frame)
    await (flowing ? undefined : publisher.ready())
  }
  await publisher.write({ kind: 'audio', timestamp: 0, body: new Uint8Array(3) } satisfies MediaPacket)
  const player = await RtmpPlayer.play('rtmps://host/live/demo', { tls: { ca: 'PEM' }, idleTimeoutMs: 0 })
  for await (const packet of player) {
    same(true satisfies Same<typeof packet, MediaPacket>)
    same(true satisfies Same<typeof packet.kind, FrameKind>)
    // @ts-expect-error packets are not changed
    packet.timestamp = 0
  }
  const ends: (Error | null)[] = [await publisher.closed, await player.closed]
  await Promise.all([publisher.close(), player.close()])
  void ends
  // @ts-expect-error they are made by publish and play
  void new RtmpPublisher()
  // @ts-expect-error a packet has a kind
  await publisher.write({ timestamp: 0, body: new Uint8Array(3) })
  // @ts-expect-error there is no such option
  await RtmpPlayer.play('rtmp://host/live/demo', { timeout: 5 })
}

/** A refusal keeps what the server said. */
export function refusals(error: unknown): string {
  return error instanceof RtmpRefusedError ? (error.refusal.redirect?.tcUrl ?? error.refusal.status) : ''
}

/** Errors have codes. */
export function errors(error: unknown): string {
  if (error instanceof RejectedError) {
    same(true satisfies Same<typeof error.code, ErrorCode>)
    return error.message
  }
  if (error instanceof ServerError && error.code === 'ERR_LISTEN') {
    return ERROR_CODES[error.code]
  }
  // @ts-expect-error there is no such code
  return error instanceof ServerError && error.code === 'ERR_NO_SUCH_CODE' ? '' : 'another'
}

/** A logger of one's own is an object with five methods. */
export const logger: Logger = {
  debug() {},
  info(fields: object, message: string) {
    void [fields, message]
  },
  warn() {},
  error() {},
  child() {
    return logger
  },
}

// @ts-expect-error a logger also has debug, warn, error and child
export const incomplete: Logger = { info() {} }

/** `once` of Node has no types for the events' arguments: a program can say them. */
async function onceTyped<K extends keyof ServerEvents>(server: Server, event: K): Promise<ServerEvents[K]> {
  return (await once(server, event)) as ServerEvents[K]
}
