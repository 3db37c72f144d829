import os from 'node:os'
import { type ServerIdentity, VERSION } from '../../base/index.ts'
import type { ClientDirectory, ClientInfo, FlushPacer, StreamRegistry } from '../../live/index.ts'
import { REFUSAL_CODES, type Refusals } from '../access/index.ts'
import type { SystemReadings } from '../system/index.ts'
import { type ExpositionWriter, formatLabels } from './exposition.ts'

/** What of a server is counted. */
export type ServerMetricsSources = Readonly<{
  /** Which server this is. */
  identity: ServerIdentity
  /** Its streams. */
  registry: StreamRegistry
  /** Its clients. */
  clients: ClientDirectory
  /** Who was not let in. */
  refusals: Refusals
  /** The machine and the process. */
  system: SystemReadings
  /** Connections at present, of all listeners. */
  connections: () => number
}>

/** Labels of `srs_build_info` that an operator gives. */
export type BuildLabels = Readonly<{ label: string; tag: string }>

/** The metrics of SRS, by its names, in its order. */
export class SrsMetrics {
  readonly #sources: ServerMetricsSources
  #clientsSoFar = 0

  /** Counts clients from now on. */
  constructor(sources: ServerMetricsSources) {
    this.#sources = sources
    sources.clients.on('added', () => {
      this.#clientsSoFar++
    })
  }

  /** Writes them. Streams are those that were published, as in the API. */
  async write(writer: ExpositionWriter, { label, tag }: BuildLabels, streams: number): Promise<void> {
    const { identity, registry, clients, refusals, system } = this.#sources
    const { processCpu, residentKib } = await system.sample()
    const { bytesSent, bytesReceived } = registry.totals
    const uname = {
      sysname: os.type(),
      nodename: os.hostname(),
      release: os.release(),
      version: os.version(),
      machine: os.machine(),
    }
    writer.begin('srs_node_uname_info', 'gauge', 'The system, as uname tells it.')(1, formatLabels(uname))
    const build = {
      server: identity.serverId,
      service: identity.serviceId,
      pid: identity.pid,
      // A package has no date of its own.
      build_date: '',
      major: VERSION.split('.')[0] ?? '',
      version: VERSION,
      code: 'TypeScript',
      ...(label === '' ? {} : { label }),
      ...(tag === '' ? {} : { tag }),
    }
    writer.begin('srs_build_info', 'gauge', 'This server and its version.')(1, formatLabels(build))
    writer.gauge(
      'srs_cpu_percent',
      'Processor time of the process, percent of one processor.',
      processCpu * 100,
    )
    writer.gauge('srs_memory', 'Memory of the process that is not swapped out, KiB.', residentKib)
    writer.counter('srs_send_bytes_total', "Bytes of media handed to players' sockets.", bytesSent)
    writer.counter('srs_receive_bytes_total', 'Bytes of media taken from publishers.', bytesReceived)
    writer.gauge('srs_streams', 'Streams that are published, or were a moment ago.', streams)
    writer.gauge(
      'srs_clients',
      'Publishers and players, those included that wait to be let in.',
      clients.size,
    )
    writer.counter('srs_clients_total', 'Publishers and players since the start.', this.#clientsSoFar)
    writer.counter('srs_clients_errs_total', 'Of these, those that were not let in.', refusals.total)
  }
}

/** What SRS does not tell of a server. */
export function writeServerMetrics(
  writer: ExpositionWriter,
  { registry, refusals, connections }: ServerMetricsSources,
): void {
  const { frames, videoFrames, framesDropped, publications, skips } = registry.totals
  writer.gauge('srs_connections', 'Connections of all listeners.', connections())
  writeClients(writer, registry)
  writer.counter('srs_frames_total', 'Frames taken from publishers.', frames)
  writer.counter('srs_video_frames_total', 'Video frames among them.', videoFrames)
  writer.counter('srs_damaged_messages_total', 'Messages of publishers left out as damaged.', framesDropped)
  writer.counter('srs_publications_total', 'How often streams were published.', publications)
  writer.counter('srs_skips_total', 'How often players were too far behind and skipped to a keyframe.', skips)
  writeFlushes(writer, registry.pacer)
  const addRefusals = writer.begin(
    'srs_refusals_total',
    'counter',
    'Clients that were not let in, by reason.',
  )
  for (const [code, count] of Object.entries({ ...NO_REFUSALS, ...refusals.counts })) {
    addRefusals(count, formatLabels({ code }))
  }
}

/** Of what has not happened yet, too, there is a line: else the first time would be no increase, and nobody's absence no number. */
const NO_REFUSALS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.keys(REFUSAL_CODES).map((code) => [code, 0]),
)

/** The same of who publishes and plays. */
const USUAL_PROTOCOLS = {
  publisher: ['rtmp'],
  player: ['rtmp', 'http-flv', 'ws-flv', 'hls'],
} as const satisfies Readonly<Record<string, readonly ClientInfo['protocol'][]>>

/** Publishers and players that are active, by protocol: of streams, which is quicker than to look at every client. */
function writeClients(writer: ExpositionWriter, { streams }: StreamRegistry): void {
  const none = (protocols: readonly string[]): Map<string, number> =>
    new Map(protocols.map((protocol) => [protocol, 0]))
  const counts = { publisher: none(USUAL_PROTOCOLS.publisher), player: none(USUAL_PROTOCOLS.player) }
  const count = (role: keyof typeof counts, { protocol }: ClientInfo): void => {
    counts[role].set(protocol, (counts[role].get(protocol) ?? 0) + 1)
  }
  for (const { publication, viewers } of streams) {
    if (publication !== null) {
      count('publisher', publication.client)
    }
    for (const viewer of viewers) {
      count('player', viewer)
    }
  }
  const add = writer.begin('srs_active_clients', 'gauge', 'Who publishes and who plays, by protocol.')
  for (const role of ['publisher', 'player'] as const) {
    for (const [protocol, count] of counts[role]) {
      add(count, formatLabels({ protocol, role }))
    }
  }
}

function writeFlushes(writer: ExpositionWriter, pacer: FlushPacer): void {
  writer.histogramOfMs(
    'srs_lag_seconds',
    "From a frame's arrival to the sockets of players: of each flush the oldest frame, once for each player.",
    [['', pacer.lag]],
  )
  writer.gauge(
    'srs_flush_interval_seconds',
    'Media gathered before it is written to players, where nothing else is asked for.',
    pacer.intervalMs / 1000,
  )
  writer.gauge(
    'srs_read_delay_seconds',
    'How late publishers may be read, to spare the event loop.',
    pacer.mayBeLateMs / 1000,
  )
  writer.counter('srs_flush_interval_changes_total', 'How often that interval changed.', pacer.changes)
  writer.counter('srs_flushes_total', 'Turns of the event loop that wrote to players.', pacer.flushes)
  writer.counter('srs_flush_seconds_total', 'Time that they took.', pacer.flushedMs / 1000)
}
