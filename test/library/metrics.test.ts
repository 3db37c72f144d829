import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ms } from '../../src/base/index.ts'
import {
  ExpositionWriter,
  HookStatistics,
  writeHookMetrics,
  writeProgramMetrics,
  writeRelayMetrics,
} from '../../src/control/index.ts'
import { type ParsedMetric, parseExposition } from '../../src/control/metrics/testing/parse-exposition.ts'
import { relayStatus } from '../../src/control/metrics/testing/relay-status.ts'
import type { ProgramStatus } from '../../src/ffmpeg/index.ts'
import { createServer, type Server } from '../../src/index.ts'
import { type Dashboard, legendFaults, queryFaults, unitFaults } from '../support/dashboard.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, publishClip, watchFlv } from '../support/web.ts'

const ANY = { host: '127.0.0.1', port: 0 } as const
const EXPORTER = { ...ANY, label: 'cn-beijing', tag: 'cn-edge' } as const
const DOCS = new URL('../../docs/', import.meta.url)

describe('A server with an exporter', () => {
  const scope = new FileScope()
  let server: Server
  let exporterUrl: string

  async function scrape(url = exporterUrl): Promise<ReturnType<typeof parseExposition>> {
    const { status, headers, body } = await ask(`${url}/metrics`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    return parseExposition(body ?? '')
  }

  beforeAll(async () => {
    server = await createServer({ rtmp: ANY, http: ANY, exporter: EXPORTER })
    scope.onTestFinished(() => server.close())
    const address = server.addresses.find(({ purposes }) => purposes.includes('exporter'))
    exporterUrl = `http://127.0.0.1:${address !== undefined && 'port' in address ? address.port : 0}`
    await publishClip(server)
    await watchFlv(scope, `${server.httpUrl}/live/demo.flv`)
    const player = await RtmpClient.connect(server.rtmpUrl)
    scope.onTestFinished(() => player.destroy())
    await player.play('live/demo')
    await waitFor('a second of media', async () => {
      const metrics = await scrape()
      const [frames] = metrics.get('srs_stream_video_frames_total')?.samples ?? []
      const lag = metrics.get('srs_lag_seconds')?.samples.at(-1)
      // Known a second after the first frame, which thirty frames of a file that catches up need not take.
      const isRateKnown = metrics.get('srs_stream_frame_rate')?.samples[0] !== undefined
      return isRateKnown && (frames?.value ?? 0) > 30 && (lag?.value ?? 0) > 30 ? true : undefined
    })
  })

  afterAll(() => scope.clean())

  it('tells every metric of SRS, with its type and labels', async () => {
    const ofSrs = parseExposition(await readFile(new URL('../test/fixtures/api/metrics.txt', DOCS), 'utf8'))
    const ours = await scrape()
    for (const [name, { type, samples }] of ofSrs) {
      expect(ours.get(name)?.type).toBe(type)
      expect(Object.keys(ours.get(name)?.samples[0]?.labels ?? {})).toEqual(
        Object.keys(samples[0]?.labels ?? {}),
      )
    }
  })

  it('tells numbers that agree with what there is', async () => {
    const metrics = await scrape()
    const oneOf = (name: string): number => metrics.get(name)?.samples[0]?.value ?? Number.NaN
    expect(oneOf('srs_streams')).toBe(1)
    expect(oneOf('srs_clients')).toBe(3)
    expect(oneOf('srs_stream_publishers')).toBe(1)
    expect(oneOf('srs_stream_players')).toBe(2)
    const { counters } = server.streams[0] ?? {}
    expect(oneOf('srs_receive_bytes_total')).toBeLessThanOrEqual(counters?.bytesReceived ?? 0)
    expect(oneOf('srs_receive_bytes_total')).toBe(oneOf('srs_stream_receive_bytes_total'))
    const active = metrics.get('srs_active_clients')?.samples.filter(({ value }) => value > 0)
    expect(active?.map(({ labels }) => labels)).toEqual([
      { protocol: 'file', role: 'publisher' },
      { protocol: 'rtmp', role: 'player' },
      { protocol: 'http-flv', role: 'player' },
    ])
  })

  it('tells about how many pictures a second there are', async () => {
    // On a busy machine they may be late for a while, and then come all at once.
    await waitFor('25 pictures a second', async () => {
      const rate = (await scrape()).get('srs_stream_frame_rate')?.samples[0]?.value ?? 0
      return rate > 20 && rate < 30
    })
  })

  it('has the same metrics at the API, and nothing but metrics at the exporter', async () => {
    expect([...(await scrape(server.httpUrl)).keys()]).toEqual([...(await scrape()).keys()])
    for (const path of ['', 'api/v1/streams/', 'live/demo.flv']) {
      expect((await ask(`${exporterUrl}/${path}`)).status).toBe(404)
    }
  })

  it('has a dashboard for Grafana that asks for nothing that is not there: metrics and labels', async () => {
    const known = labelsByName([...(await scrape()).values(), ...metricsOfOthers()])
    const { panels, templating } = JSON.parse(
      await readFile(new URL('grafana/srs.json', DOCS), 'utf8'),
    ) as Dashboard
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    expect(queries.length).toBeGreaterThan(15)
    const variables = templating.list
      .map(({ query }) => (typeof query === 'string' ? query : query.query))
      .filter((query) => query.startsWith('label_values('))
    expect(variables.length).toBeGreaterThan(1)
    const page = await readFile(new URL('metrics.md', DOCS), 'utf8')
    const alerts = [...page.matchAll(/expr: (.+)/g)].map(([, expr = '']) => expr)
    expect(alerts.length).toBeGreaterThan(4)
    const told = [...page.matchAll(/`((?:srs|nodejs|process)_\w+)`/g)].map(([, name = '']) => name)
    expect(told.length).toBeGreaterThan(10)
    const faults = [...queries, ...variables, ...alerts, ...told].flatMap((query) =>
      queryFaults(query, known),
    )
    expect(faults).toEqual([])
    expect(queryFaults('sum by (pod) (rate(srs_nothing{app="a"}[5m]))', known)).toHaveLength(3)
  })

  it('has a dashboard whose lines are told apart, and whose units are right', async () => {
    const known = labelsByName([...(await scrape()).values(), ...metricsOfOthers()])
    const { panels } = JSON.parse(await readFile(new URL('grafana/srs.json', DOCS), 'utf8')) as Dashboard
    expect(panels.flatMap((panel) => [...legendFaults(panel, known), ...unitFaults(panel)])).toEqual([])
  })

  it('says what it is told anew by a reload, and without an exporter that there is none, as SRS does', async () => {
    const settings = { rtmp: ANY, http: ANY }
    const plan = await server.reload({ ...settings, exporter: { ...EXPORTER, tag: 'other', maxStreams: 0 } })
    expect(plan.steps.find(({ component }) => component === 'metrics')).toMatchObject({ action: 'update' })
    expect(plan.cut).toEqual([])
    const metrics = await scrape()
    expect(metrics.get('srs_build_info')?.samples[0]?.labels.tag).toBe('other')
    expect(metrics.get('srs_stream_players')?.samples).toEqual([])
    await server.reload(settings)
    const { status, body } = await ask(`${server.httpUrl}/metrics`)
    expect(status).toBe(200)
    expect(JSON.parse(body ?? '')).toMatchObject({ code: 1090 })
    expect(server.addresses.some(({ purposes }) => purposes.includes('exporter'))).toBe(false)
  })

  it('limits how often an address asks for metrics, together with what it asks of the API', async (context) => {
    const limited = await createServer({
      http: ANY,
      exporter: EXPORTER,
      limits: { trustedAddresses: [] },
      apiAccess: { callBurstPerAddress: 3, callRatePerAddress: 0.001 },
    })
    context.onTestFinished(() => limited.close())
    const address = limited.addresses.find(({ purposes }) => purposes.includes('exporter'))
    const url = `http://127.0.0.1:${address !== undefined && 'port' in address ? address.port : 0}/metrics`
    expect((await ask(`${limited.httpUrl}/api/v1/versions`)).status).toBe(200)
    expect((await ask(url)).status).toBe(200)
    expect((await ask(url)).status).toBe(200)
    const { status, body } = await ask(url)
    expect(status).toBe(429)
    expect(body).toContain('callRatePerAddress')
    expect((await ask(`${limited.httpUrl}/api/v1/versions`)).status).toBe(429)
  })

  it.each(['summaries', 'rusages', 'self_proc_stats', 'system_proc_stats', 'meminfos'])(
    'answers %s with the names and types of SRS, in its order',
    async (name) => {
      const recorded = await readFile(new URL(`../test/fixtures/api/${name}.json`, DOCS), 'utf8')
      const { body } = await ask(`${server.httpUrl}/api/v1/${name}`)
      expect(shapeOf(JSON.parse(body ?? ''))).toEqual(shapeOf(JSON.parse(recorded)))
    },
  )

  it('writes numbers that may have a fraction with two places, as SRS does', async () => {
    const { body } = await ask(`${server.httpUrl}/api/v1/summaries`)
    expect(body).toMatch(/"cpu_percent":\d+\.\d\d,.*"uptime":\d+\.\d\d,"ilde_time":\d+\.\d\d,/)
    expect(JSON.parse(body ?? '')).toMatchObject({ data: { self: { pid: process.pid } } })
  })
})

it('A server tells another one that it lives, with its summaries and its ports', async (context) => {
  const beats: Record<string, unknown>[] = []
  const listener = createHttpServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      beats.push({ method: request.method, path: request.url, body: JSON.parse(body) })
      response.end('0')
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  context.onTestFinished(() => void listener.close())
  const { port } = listener.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/api/v1/servers?key=1`
  const heartbeat = {
    url,
    intervalMs: 100,
    deviceId: 'd1',
    deviceIp: '192.0.2.7',
    summaries: true,
    ports: true,
  }
  const server = await createServer({ rtmp: ANY, http: ANY, heartbeat })
  context.onTestFinished(() => server.close())
  const beat = await waitFor('two heartbeats', () => beats[1])
  const { rtmpAddress, httpAddress } = server
  expect(beat).toMatchObject({
    method: 'POST',
    path: '/api/v1/servers',
    body: {
      device_id: 'd1',
      ip: '192.0.2.7',
      pid: String(process.pid),
      summaries: { data: { self: { pid: process.pid } } },
      rtmp: [`127.0.0.1:${rtmpAddress?.port}`],
      http: [`127.0.0.1:${httpAddress?.port}`],
      api: [`127.0.0.1:${httpAddress?.port}`],
    },
  })
})

/** Labels of metrics by the names that queries ask for; those of a histogram by all of its names, and its own, by which it may be told of. */
function labelsByName(metrics: readonly ParsedMetric[]): Map<string, string[]> {
  const known = new Map<string, string[]>()
  for (const { name, type, samples } of metrics) {
    const labels = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))]
    const names = type === 'histogram' ? ['', '_bucket', '_sum', '_count'].map((end) => name + end) : [name]
    for (const each of names) {
      known.set(each, [...(known.get(each) ?? []), ...labels])
    }
  }
  return known
}

/** Metrics of what this server has not: hooks, relays and programs. */
function metricsOfOthers(): ParsedMetric[] {
  const writer = new ExpositionWriter()
  const statistics = new HookStatistics()
  statistics.add('on_play', 'allowed', 1)
  const dropped = { full: 0, expired: 0, closed: 0 }
  writeHookMetrics(writer, {
    statistics,
    outbox: { depth: 0, bytes: 0, delivered: 0, diskFailing: false, dropped },
  })
  writeRelayMetrics(writer, [relayStatus()])
  const none = { starts: 0, failures: 0, stalls: 0 }
  const counts = { transcode: none, ingest: none, exec: none }
  writeProgramMetrics(writer, { statuses: [PROGRAM], counts })
  return [...parseExposition(writer.text).values()]
}

const PROGRAM: ProgramStatus = {
  id: 'p1',
  kind: 'transcode',
  vhost: '__defaultVhost__',
  stream: 'live/demo',
  name: 'ld',
  output: '',
  state: 'running',
  since: ms(0),
  pid: 1,
  starts: 1,
  failures: 0,
  stalls: 0,
  lastError: null,
  progress: {
    frames: 1,
    framesPerSecond: 25,
    bitrateKbps: 500,
    speed: 1,
    mediaTimeMs: ms(40),
    duplicatedFrames: 0,
    droppedFrames: 0,
    bytes: null,
  },
  logFile: null,
}

/** Names in their order, with the types of what they hold; `event_loop` is ours. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return typeof value
  }
  const ofSrs = Object.entries(value).filter(([name]) => name !== 'event_loop')
  return ofSrs.map(([name, held]) => [name, shapeOf(held)])
}
