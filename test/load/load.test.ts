import { once } from 'node:events'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { ServerError } from '../../src/base/index.ts'
import { type LoadOptions, type LoadProgress, type LoadReport, runLoad } from '../../src/load/index.ts'
import { type Scope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** Long enough for several GOPs of the streams below, and for everybody to have an answer on a machine that is busy. */
const SECONDS = 4
const stream: Partial<LoadOptions> = { bitrate: 300_000, framesPerSecond: 25, gopFrames: 10 }

/** Publishes streams until the test ends. */
async function publish(scope: Scope, { server, rtmpUrl }: TestServer, publishers = 1): Promise<void> {
  const end = new AbortController()
  const published = once(server, 'publish')
  const load = runLoad({
    ...stream,
    url: `${rtmpUrl}/live/demo`,
    publishers,
    durationSeconds: Number.POSITIVE_INFINITY,
    signal: end.signal,
  })
  scope.onTestFinished(async () => {
    end.abort()
    await load
  })
  await published
}

function count(names: readonly string[], name: string): number {
  return names.filter((each) => each === name).length
}

function expectAllServed(report: LoadReport, players: number, sampled: number): void {
  expect(report.reasons).toEqual({})
  expect(report.players).toMatchObject({
    requested: players,
    accepted: players,
    refused: 0,
    unanswered: 0,
    disconnected: 0,
    timeToFirstMedia: { count: players },
    timeToFirstKeyframe: { count: players },
  })
  expect(report.players.gigabytesReceived).toBe(report.players.bytesReceived / 1e9)
  expect(report.sampled).toMatchObject({ dtsViolations: 0, framesMissing: 0 })
  expect(report.sampled.players).toHaveLength(sampled)
  for (const player of report.sampled.players) {
    expect(player.videoFrames).toBeGreaterThan(10)
    expect(player.audioFrames).toBeGreaterThan(player.videoFrames)
    expect(player.latency?.count).toBeGreaterThan(0)
    expect(player).toMatchObject({ dtsViolations: 0, framesMissing: 0 })
    // Everybody got what those got who looked at it.
    expect(report.players.bytesReceived).toBeGreaterThan(player.videoFrames * players * 100)
  }
}

describe('a load of players', () => {
  it('by RTMP, HTTP-FLV and WebSocket-FLV is served, and each frame is encoded once for each way', async (scope) => {
    const test = await startServer(scope)
    await publish(scope, test)
    const ways = [
      { url: `${test.rtmpUrl}/live/demo`, players: 20, sampledPlayers: 3 },
      { url: `${test.httpUrl}/live/demo.flv`, players: 20, sampledPlayers: 20 },
      { url: `${test.wsUrl}/live/demo.flv`, players: 10, sampledPlayers: 1 },
    ]
    const reports = await Promise.all(ways.map((way) => runLoad({ ...way, durationSeconds: SECONDS })))
    for (const [index, report] of reports.entries()) {
      expectAllServed(report, ways[index]?.players ?? 0, ways[index]?.sampledPlayers ?? 0)
    }
    const frames = test.server.streams[0]?.counters.frames ?? 0
    const { hls, ...encoded } = test.server.framesEncoded('live/demo')
    expect(Object.keys(encoded).sort()).toEqual([expect.stringMatching(/^flv$/), 'rtmp/60000/1', 'ws-flv'])
    for (const count of Object.values(encoded)) {
      expect(count).toBeGreaterThan(50)
      expect(count).toBeLessThanOrEqual(frames)
    }
    expect(hls).toBe(0)
  })

  it('leaves nothing behind, at the server or in this process', async (scope) => {
    const test = await startServer(scope)
    await publish(scope, test)
    const handles = (): string[] =>
      process
        .getActiveResourcesInfo()
        .filter((name) => /TCPSocketWrap|TCPConnect|ProcessWrap|Pipe/.test(name))
    const before = handles()
    await runLoad({ url: `${test.rtmpUrl}/live/demo`, players: 10, durationSeconds: 0 })
    await runLoad({ url: `${test.wsUrl}/live/demo.flv`, players: 5, durationSeconds: 0 })
    await runLoad({ url: `${test.rtmpUrl}/live/demo`, players: 4, durationSeconds: 0, processes: 2 })
    // What tests of other files had in this process may go meanwhile.
    await waitFor(
      () => `only ${before}; there are ${handles()}`,
      () => handles().every((name) => count(handles(), name) <= count(before, name)),
    )
    expect(test.log.withMessage('play stopped')).toHaveLength(test.log.withMessage('play started').length)
  })

  it('is split over processes and streams, and adds up', async (scope) => {
    const { rtmpUrl } = await startServer(scope)
    const progress: LoadProgress[] = []
    const report = await runLoad(
      {
        ...stream,
        url: `${rtmpUrl}/live/load`,
        publishers: 3,
        players: 13,
        sampledPlayers: 5,
        durationSeconds: SECONDS,
        processes: 2,
      },
      (step) => progress.push(step),
    )
    expectAllServed(report, 13, 5)
    expect(report.publishers).toMatchObject({ requested: 3, accepted: 3, refused: 0, disconnected: 0 })
    expect(report.publishers.bytesSent).toBeGreaterThan(100_000)
    expect(report.processes).toHaveLength(2)
    expect(new Set(report.sampled.players.map((player) => player.stream)).size).toBeGreaterThan(1)
    expect(progress.at(-1)).toMatchObject({ steady: true, playersConnected: 13, publishersConnected: 3 })
  })
})

describe('a server that will not have it', () => {
  const refused = {
    accepted: 0,
    refused: 5,
    unanswered: 0,
    disconnected: 0,
    bytesReceived: expect.any(Number),
  }

  it('is told of with its reasons', async (scope) => {
    const { rtmpUrl, httpUrl, wsUrl } = await startServer(scope, {
      onPlay: () => 'members only',
      onPublish: ({ name }) => name.stream !== 'secret1' || 'not this one',
    })
    const players = { players: 5, durationSeconds: SECONDS }
    const [byRtmp, byHttp, byWebSocket] = await Promise.all([
      runLoad({ ...stream, ...players, url: `${rtmpUrl}/live/secret`, publishers: 2, streams: 1 }),
      runLoad({ ...players, url: `${httpUrl}/live/nothing.flv` }),
      runLoad({ ...players, url: `${wsUrl}/live/nothing.flv` }),
    ])
    expect(byRtmp.players).toMatchObject(refused)
    expect(byRtmp.players.timeToFirstMedia).toBeNull()
    expect(byRtmp.publishers).toMatchObject({ accepted: 1, refused: 1, disconnected: 0 })
    expect(Object.values(byRtmp.reasons).sort()).toEqual([1, 5])
    expect(Object.keys(byRtmp.reasons).join()).toContain('members only')
    expect(Object.keys(byRtmp.reasons).join()).toContain('not this one')

    expect(byHttp).toMatchObject({ players: refused, reasons: { 'HTTP 404': 5 } })
    expect(byWebSocket).toMatchObject({ players: refused, reasons: { 'HTTP 404': 5 } })
  })

  it('or that is not there', async (scope) => {
    const { rtmpUrl, server } = await startServer(scope)
    await server.close()
    const report = await runLoad({
      url: `${rtmpUrl}/live/demo`,
      players: 5,
      publishers: 1,
      streams: 1,
      durationSeconds: 1,
    })
    expect(report.players).toMatchObject(refused)
    expect(report.publishers).toMatchObject({ accepted: 0, refused: 1 })
    expect(report.reasons).toEqual({ ECONNREFUSED: 6 })
  })

  it('or that ends under it', async (scope) => {
    const { rtmpUrl, server } = await startServer(scope)
    const end = new AbortController()
    const [played, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const options = { ...stream, url: `${rtmpUrl}/live/demo`, players: 5, publishers: 1, signal: end.signal }
    const load = runLoad(options, ({ playersConnected, publishersConnected, counts }) => {
      if (playersConnected === 5) {
        played.resolve()
      } else if (counts.playersDisconnected === 5 && publishersConnected === 0) {
        ended.resolve()
      }
    })
    await played.promise
    await server.close()
    await ended.promise
    end.abort()
    const { players, publishers } = await load
    expect(players).toMatchObject({ accepted: 5, refused: 0, disconnected: 5 })
    expect(publishers).toMatchObject({ accepted: 1, disconnected: 1 })
  })
})

describe('a load', () => {
  it('ends when it is told to, even while players join', async (scope) => {
    const { rtmpUrl } = await startServer(scope)
    const end = new AbortController()
    const options = { url: `${rtmpUrl}/live/demo`, players: 1000, rampSeconds: 1000, signal: end.signal }
    const load = runLoad(options, ({ playersConnected }) => {
      if (playersConnected > 0) {
        end.abort()
      }
    })
    const { players } = await load
    expect(players.requested).toBe(1000)
    expect(players.accepted).toBeGreaterThan(0)
    expect(players.unanswered).toBe(1000 - players.accepted)
  })

  it('is not begun with options that can not be used', async () => {
    await expect(runLoad({ url: 'rtmp://127.0.0.1/live/demo' })).rejects.toThrow(ServerError)
    const unknown = runLoad({ url: 'rtmp://name.invalid/live/demo', players: 1, processes: 2 })
    await expect(unknown).rejects.toThrow('name.invalid')
  })
})
