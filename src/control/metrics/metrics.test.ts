import { afterEach, describe, expect, it } from 'vitest'
import { LiveRig, stillClock } from '../../../test/support/live.ts'
import { createServerIdentity } from '../../base/index.ts'
import { parseStreamName, type StreamRequest } from '../../live/index.ts'
import { REFUSAL_CODES, Refusals } from '../access/index.ts'
import { SystemReadings } from '../system/index.ts'
import { ExpositionWriter } from './exposition.ts'
import { Metrics } from './metrics.ts'
import { defaultMetricsOptions, resolveMetricsOptions } from './options.ts'
import { StreamMetrics } from './stream-metrics.ts'
import { type ParsedMetric, parseExposition } from './testing/parse-exposition.ts'

/** Names of SRS, in its order. */
const NAMES_OF_SRS = [
  'srs_node_uname_info',
  'srs_build_info',
  'srs_cpu_percent',
  'srs_memory',
  'srs_send_bytes_total',
  'srs_receive_bytes_total',
  'srs_streams',
  'srs_clients',
  'srs_clients_total',
  'srs_clients_errs_total',
]

const LABELS_OF_SRS = ['server', 'service', 'pid', 'build_date', 'major', 'version', 'code', 'label', 'tag']

const source = { onRevoked() {} }

/** What client `id` asks. */
function streamRequest(
  id: string,
  path = 'live/demo',
  protocol: StreamRequest['client']['protocol'] = 'rtmp',
): StreamRequest {
  return {
    name: parseStreamName(path),
    client: { id, protocol, address: '192.0.2.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: '',
    pageUrl: '',
  }
}

/** A tag body of so many bytes that begins so. */
function body(bytes: number, ...head: number[]): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => head[index] ?? 0)
}

describe('Metrics', () => {
  const rigs: Metrics[] = []

  /** Metrics of streams that nobody publishes yet. */
  function newMetrics(): { rig: LiveRig; refusals: Refusals; scrape: typeof scrape } {
    const rig = new LiveRig()
    const refusals = new Refusals(stillClock)
    const metrics = new Metrics({
      identity: createServerIdentity(),
      registry: rig.live.registry,
      clients: rig.live.clients,
      refusals,
      system: new SystemReadings(stillClock, { enabled: true, disks: [] }),
      clock: stillClock,
      connections: () => 3,
      parts: [(writer) => writer.gauge('srs_other', 'Of others.', 5)],
    })
    rigs.push(metrics)
    const scrape = async (options = {}): Promise<Map<string, ParsedMetric>> =>
      parseExposition(String(await metrics.scrape({ ...defaultMetricsOptions, ...options })))
    return { rig, refusals, scrape }
  }

  afterEach(() => {
    for (const metrics of rigs.splice(0)) {
      metrics.close()
    }
  })

  it('begin with those of SRS, by its names, with its types and labels', async () => {
    const { scrape } = newMetrics()
    const metrics = await scrape({ label: 'cn-beijing', tag: 'cn-edge' })
    expect([...metrics.keys()].slice(0, NAMES_OF_SRS.length)).toEqual(NAMES_OF_SRS)
    const build = metrics.get('srs_build_info')?.samples[0]
    expect(Object.keys(build?.labels ?? {})).toEqual(LABELS_OF_SRS)
    expect(build).toMatchObject({ value: 1, labels: { label: 'cn-beijing', tag: 'cn-edge' } })
    expect(Object.keys((await scrape()).get('srs_build_info')?.samples[0]?.labels ?? {})).toEqual(
      LABELS_OF_SRS.slice(0, -2),
    )
  })

  it('tell of all streams as of one moment, in turns of the event loop', async () => {
    const { rig } = newMetrics()
    const publications = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        rig.live.publish(streamRequest(`p${index}`, `live/${index}`), source),
      ),
    )
    const writer = new ExpositionWriter()
    const written = new StreamMetrics().write(writer, rig.live.registry.streams, publications.length)
    for (const publication of publications) {
      publication.write('video', 0, body(100, 0x17, 1))
    }
    await written
    expect(writer.body.slices.length).toBeGreaterThan(2)
    const frames = parseExposition(writer.text).get('srs_stream_frames_total')?.samples
    expect(frames?.map(({ value }) => value)).toEqual(publications.map(() => 0))
  })

  it('count streams, clients, bytes, frames and refusals', async () => {
    const { rig, refusals, scrape } = newMetrics()
    const publication = await rig.live.publish(streamRequest('p1'), source)
    await rig.live.play(streamRequest('v1', 'live/demo', 'hls'))
    await rig.live.play(streamRequest('v2', 'live/awaited'))
    publication.write('video', 0, body(100, 0x17, 1))
    publication.write('audio', 0, body(10, 0xaf, 1))
    publication.write('video', 0, Uint8Array.of(0x17))
    const refusal = { action: 'play', request: streamRequest('v3'), reason: 'no', link: 'refer' } as const
    for (const code of ['token_expired', 'of_a_program', 'token_expired']) {
      refusals.add({ ...refusal, code })
    }
    const metrics = await scrape()
    const oneOf = (name: string): number | undefined => metrics.get(name)?.samples[0]?.value
    expect(oneOf('srs_streams')).toBe(1)
    expect(oneOf('srs_clients')).toBe(3)
    expect(oneOf('srs_clients_total')).toBe(3)
    expect(oneOf('srs_clients_errs_total')).toBe(3)
    expect(oneOf('srs_receive_bytes_total')).toBe(110)
    expect(oneOf('srs_connections')).toBe(3)
    expect(oneOf('srs_other')).toBe(5)
    expect(metrics.get('srs_active_clients')?.samples.map(({ labels, value }) => [labels, value])).toEqual([
      [{ protocol: 'rtmp', role: 'publisher' }, 1],
      [{ protocol: 'rtmp', role: 'player' }, 1],
      [{ protocol: 'http-flv', role: 'player' }, 0],
      [{ protocol: 'ws-flv', role: 'player' }, 0],
      [{ protocol: 'hls', role: 'player' }, 1],
    ])
    const refused = metrics.get('srs_refusals_total')?.samples.filter(({ value }) => value > 0)
    expect(refused).toEqual([
      { name: 'srs_refusals_total', labels: { code: 'token_expired' }, value: 2 },
      { name: 'srs_refusals_total', labels: { code: 'of_a_program' }, value: 1 },
    ])
    const ofStream = { vhost: '__defaultVhost__', app: 'live', stream: 'demo' }
    expect(metrics.get('srs_stream_players')?.samples).toEqual([
      { name: 'srs_stream_players', labels: ofStream, value: 1 },
    ])
    expect(metrics.get('srs_stream_damaged_messages_total')?.samples[0]?.value).toBe(1)
    expect(metrics.get('srs_stream_jitter_seconds')?.samples.map(({ labels }) => labels.kind)).toEqual([
      'video',
      'audio',
    ])
  })

  it('have a line also of what has not happened yet, so that the first time is an increase', async () => {
    const { scrape } = newMetrics()
    const metrics = await scrape()
    const linesOf = (name: string, label: string): (string | undefined)[] =>
      metrics.get(name)?.samples.map(({ labels, value }) => `${labels[label]} ${value}`) ?? []
    expect(linesOf('srs_refusals_total', 'code')).toEqual(
      Object.keys(REFUSAL_CODES).map((code) => `${code} 0`),
    )
    expect(linesOf('srs_active_clients', 'role')).toEqual(['publisher 0', ...Array(4).fill('player 0')])
  })

  it('have lines for maxStreams streams, the oldest, and count the others', async () => {
    const { rig, scrape } = newMetrics()
    for (const name of ['a', 'b', 'c']) {
      await rig.live.publish(streamRequest(name, `live/${name}`), source)
    }
    const metrics = await scrape({ maxStreams: 2 })
    const streams = metrics.get('srs_stream_publishers')?.samples.map(({ labels }) => labels.stream)
    expect(streams).toEqual(['a', 'b'])
    expect(metrics.get('srs_streams_left_out')?.samples[0]?.value).toBe(1)
    expect(metrics.get('srs_streams')?.samples[0]?.value).toBe(3)
  })

  it.each([-1, 1.5, Number.NaN])('refuse %s streams', (maxStreams) => {
    expect(() => resolveMetricsOptions({ maxStreams })).toThrow(
      `exporter.maxStreams is ${maxStreams}: must be 0 or more`,
    )
  })

  it('tell how the event loop and the heap are', async () => {
    const { scrape } = newMetrics()
    const metrics = await scrape()
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_eventloop_active_seconds_total',
      'nodejs_heap_size_used_bytes',
      'process_resident_memory_bytes',
    ]) {
      expect(metrics.get(name)?.samples[0]?.value).toBeGreaterThanOrEqual(0)
    }
  })
})
