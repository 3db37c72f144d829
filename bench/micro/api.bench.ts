import { createServerIdentity, SlicedText, systemClock } from '../../src/base/index.ts'
import {
  Api,
  clientEndpoints,
  defaultMetricsOptions,
  type Endpoint,
  Metrics,
  metricsEndpoint,
  Refusals,
  StreamIds,
  StreamWriter,
  SystemReadings,
  streamEndpoints,
  TrafficStatistics,
} from '../../src/control/index.ts'
import { HttpRouter } from '../../src/http/index.ts'
import {
  type ClientConnection,
  type Publication,
  parseStreamName,
  type StreamRequest,
} from '../../src/live/index.ts'
import { answerBy, httpRequest } from '../../test/support/http-requests.ts'
import { LiveRig } from '../../test/support/live.ts'
import type { MicroBench } from './micro-bench.ts'
import { sampleSecond } from './stream.ts'

const STREAMS = 200
const PLAYERS_OF_EACH = 20
const CLIENTS = STREAMS * (1 + PLAYERS_OF_EACH)

/** A server's streams and clients, without their sockets. */
async function crowd(): Promise<LiveRig> {
  const rig = new LiveRig(systemClock)
  for (let stream = 0; stream < STREAMS; stream++) {
    const publication = await rig.live.publish(
      requestOf(stream, 0),
      { onRevoked() {} },
      new Connection(stream),
    )
    publishSecond(publication)
    for (let player = 1; player <= PLAYERS_OF_EACH; player++) {
      const viewing = await rig.live.play(requestOf(stream, player), new Connection(stream * 1000 + player))
      viewing.report({ lagMs: player % 3 === 0 ? 40 : 0, skips: 0 })
    }
  }
  return rig
}

function requestOf(stream: number, client: number): StreamRequest {
  return {
    name: parseStreamName(`live/bench-${stream}`),
    client: { id: `${stream}-${client}-x7f3k2`, protocol: 'rtmp', address: '192.0.2.17' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: 'rtmp://media.example.com:1935/live',
    pageUrl: 'https://www.example.com/watch',
  }
}

/**
 * Of a client that has been there for a while. As in a session, its counters are not in it, but in what it has: a server looks for
 * them in other places of its memory.
 */
class Connection implements ClientConnection {
  readonly #transport: Readonly<{ bytesReceived: number; sink: Readonly<{ bytesQueued: number }> }>

  constructor(seed: number) {
    this.#transport = {
      bytesReceived: 3_073 + seed,
      sink: { bytesQueued: 150_000_000 + seed * 977 },
    }
  }

  get bytesReceived(): number {
    return this.#transport.bytesReceived
  }

  get bytesSent(): number {
    return this.#transport.sink.bytesQueued
  }

  disconnect(): void {}

  onClose(): void {}
}

function publishSecond(publication: Publication): void {
  for (const { kind, timestamp, body } of sampleSecond()) {
    publication.write(kind, timestamp, body)
  }
}

const rig = await crowd()
const { registry, clients } = rig.live
const identity = createServerIdentity()
const ids = new StreamIds(identity)
const metrics = new Metrics({
  identity,
  registry,
  clients,
  refusals: new Refusals(systemClock),
  system: new SystemReadings(systemClock, { enabled: false, disks: [] }),
  clock: systemClock,
  connections: () => CLIENTS,
})
const description = { ids, clock: systemClock, traffic: new TrafficStatistics(registry, systemClock) }
const endpoints: readonly Endpoint[] = [
  ...streamEndpoints({ ...description, registry, writer: new StreamWriter(description) }),
  ...clientEndpoints({ clients, ids }),
  metricsEndpoint(() => metrics.scrape(defaultMetricsOptions)),
]
const router = new HttpRouter()
new Api({ identity, endpoints }).mount(router, null)

/** Asks as a client by HTTP does, as far as the bytes of the answer. */
async function ask(path: string, query: Readonly<Record<string, string>> = {}): Promise<number> {
  let bytes = 0
  await answerBy(router, httpRequest(path, { parameters: new URLSearchParams(query) }), {
    closed: false,
    onClose: () => {},
    send: (_status, _type, body) => {
      bytes = typeof body === 'string' ? body.length : body.byteLength
      if (body instanceof SlicedText) {
        body.release()
      }
    },
    stream: () => {
      throw new Error('nothing here streams')
    },
    missing: () => {},
  })
  if (bytes < 1000) {
    throw new Error(`${path} was answered in ${bytes} bytes`)
  }
  return bytes
}

/** More than the caches of a core and its share of what the cores share, bytes. */
const CHILL_BYTES = 64 * 1024 * 1024
const CACHE_LINE_BYTES = 64
const others = new Uint8Array(CHILL_BYTES)

/** Does what media does between two rounds: has everything else in the caches. */
function chill(): void {
  for (let at = 0; at < CHILL_BYTES; at += CACHE_LINE_BYTES) {
    others[at] = (others[at] ?? 0) + 1
  }
}

const PAGE = 500

/** What a console, Prometheus and a script that lists all clients ask for every second, all at once. */
async function round(): Promise<number> {
  const pages = Array.from({ length: Math.ceil(CLIENTS / PAGE) }, (_, page) => ({
    start: `${page * PAGE}`,
    count: `${PAGE}`,
  }))
  const answers = [
    ask('api/v1/streams/', { count: '1000' }),
    ...pages.map((page) => ask('api/v1/clients/', page)),
    ask('metrics'),
  ]
  return (await Promise.all(answers)).reduce((sum, bytes) => sum + bytes, 0)
}

/**
 * What the API costs a server of 200 streams with 20 players each, as far as the bytes of its answers. The same thing again and again, as
 * in the first ones, costs several times less than in a server that serves media between two rounds: there nothing of a client is in the
 * caches any more, and the way to it through memory is most of the cost. That is what the round is for, before which other memory is
 * walked through.
 */
export const benches: readonly MicroBench[] = [
  { name: `list ${CLIENTS} clients`, isLong: true, run: () => ask('api/v1/clients/', { count: '5000' }) },
  { name: `list ${STREAMS} streams`, isLong: true, run: () => ask('api/v1/streams/', { count: '1000' }) },
  { name: `metrics of ${STREAMS} streams`, isLong: true, run: () => ask('metrics') },
  { name: 'a round of polling', isLong: true, run: round },
  { name: 'a round of polling, caches cold', isLong: true, before: chill, run: round },
]
