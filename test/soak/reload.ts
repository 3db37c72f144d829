import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { ReloadPlan, ServerSettings } from '../../src/index.ts'
import { FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, CLIP, mediaPlaylistUrl } from '../support/web.ts'

/** The server that is reloaded; it was started with `firstSettings`. */
export type ReloadTarget = Readonly<{
  rtmpUrl: string
  httpUrl: string
  reload(settings: ServerSettings): Promise<ReloadPlan>
}>

/** What is done. */
export type ReloadOptions = Readonly<{
  /** How often it is reloaded. */
  rounds: number
  /** Players at once that no reload concerns, of RTMP, HTTP-FLV and WebSocket-FLV by turns. */
  players: number
  /** A certificate and its key, for HTTPS that comes and goes. */
  certificate: Readonly<{ certificate: string; key: string }>
  /** For Unix sockets that come and go. */
  folder: string
  /** Called after each round. */
  onRound?(round: number): Promise<void> | void
}>

/** What happened. */
export type ReloadReport = { reloads: number; cut: number; framesPlayed: number }

/** Of the media time, ms; a keyframe each. */
const PICTURE_MS = 40
const PICTURE_INTERVAL_MS = 10

/** What a server is started with. */
export function firstSettings(): ServerSettings {
  return { rtmp: { port: 0 }, http: { port: 0, page: false } }
}

/** Settings of a round: everything that a reload takes at once is another than in the round before. */
function settingsOf(round: number, { certificate, folder }: ReloadOptions): ServerSettings {
  const isOdd = round % 2 === 1
  const path = join(folder, 'u')
  return {
    rtmp: { addresses: isOdd ? [{ port: 0 }, { path }] : [{ port: 0 }], chunkSize: 4096 + round },
    http: { port: 0, page: false, crossOrigin: isOdd },
    ...(isOdd ? { https: { port: 0, page: false, ...certificate }, api: { port: 0 } } : {}),
    limits: { maxConnections: 1_000 + round },
    hls: { fragmentMs: 500 + (round % 5) * 100, windowMs: 5_000 + round },
    broadcast: { queueLengthMs: 20_000 + round, mergeWriteMs: isOdd ? 0 : null, tcpNoDelay: isOdd },
    streams: { lingerMs: 1_000 + round, gopCacheMaxFrames: 100 + round },
    access: { refer: { all: [`page${round}.example`], enabled: false } },
    vhosts: { __defaultVhost__: {}, ...(isOdd ? { 'guest.example': {} } : {}) },
  }
}

/**
 * Reloads a server over and over while players of every kind watch.
 * @throws Error if one of these is disconnected or misses a picture, or a reload cuts others than a guest whose virtual host goes
 */
export async function reloadUnderLoad(
  scope: Scope,
  target: ReloadTarget,
  options: ReloadOptions,
): Promise<{ report: ReloadReport; players: TagPlayer[] }> {
  const { rounds, players: count, onRound } = options
  const report: ReloadReport = { reloads: 0, cut: 0, framesPlayed: 0 }
  await publish(scope, `${target.rtmpUrl}/live/show`)
  const players = await Promise.all(
    Array.from({ length: count }, (_, index) => play(scope, target, 'live/show', index)),
  )
  const playlist = await mediaPlaylistUrl(`${target.httpUrl}/live/show.m3u8`)
  for (let round = 1; round <= rounds; round++) {
    const { cut } = await target.reload(settingsOf(round, options))
    report.reloads++
    const guests = cut.filter(({ stream }) => stream === '//guest.example/live/show')
    // The guest's stream is waited for by one player, which leaves with its virtual host.
    const expected = round % 2 === 0 ? 1 : 0
    if (guests.length !== expected || cut.length !== expected) {
      throw new Error(`round ${round} cuts ${JSON.stringify(cut)}`)
    }
    report.cut += cut.length
    if (round % 2 === 1) {
      await playRtmp(scope, `${target.rtmpUrl}/live/show?vhost=guest.example`)
    }
    await Promise.all(players.map((player) => player.reaches(player.newestMs + 2 * PICTURE_MS)))
    if (round % 10 === 0) {
      await requireHls(playlist)
    }
    await onRound?.(round)
  }
  for (const player of players) {
    report.framesPlayed += requireWhole(player)
  }
  return { report, players }
}

async function publish(scope: Scope, url: string): Promise<void> {
  const publisher = await RtmpClient.connect(url)
  scope.onTestFinished(() => publisher.destroy())
  await publisher.publish()
  const { header, keyframe } = await readPicture()
  let timestamp = 0
  publisher.sendVideo(0, header)
  const timer = setInterval(() => {
    publisher.sendVideo(timestamp, keyframe)
    timestamp += PICTURE_MS
  }, PICTURE_INTERVAL_MS)
  publisher.on('close', () => clearInterval(timer))
}

/** The clip's first picture, and what a decoder needs before it. */
async function readPicture(): Promise<{ header: Uint8Array; keyframe: Uint8Array }> {
  const bodies: Uint8Array[] = []
  const reader = new FlvTagReader()
  for await (const chunk of createReadStream(CLIP)) {
    reader.push(chunk as Uint8Array, ({ type, body }) => {
      if (type === FlvTagType.video) {
        bodies.push(body)
      }
    })
    if (bodies.length >= 2) {
      break
    }
  }
  const [header = new Uint8Array(), keyframe = new Uint8Array()] = bodies
  return { header, keyframe }
}

async function play(
  scope: Scope,
  { rtmpUrl, httpUrl }: ReloadTarget,
  path: string,
  index: number,
): Promise<TagPlayer> {
  switch (index % 3) {
    case 0:
      return await playRtmp(scope, `${rtmpUrl}/${path}`)
    case 1:
      return await playHttpFlv(scope, `${httpUrl}/${path}.flv`)
    default:
      return await playWebSocketFlv(scope, `${httpUrl.replace('http', 'ws')}/${path}.flv`)
  }
}

/** The viewer of HLS is still the same, and gets its playlist and the newest segment. */
async function requireHls(playlist: string): Promise<void> {
  const { status, body } = await waitFor('a playlist', async () => {
    const answer = await ask(playlist)
    return answer.status === 503 ? null : answer
  })
  const segment = body?.split('\n').findLast((line) => line.includes('.ts'))
  const answer = await ask(new URL(segment ?? '', playlist).href)
  if (status !== 200 || answer.status !== 200) {
    throw new Error(`HLS answers ${status} and ${answer.status}: ${body}`)
  }
}

/** @throws Error if it is disconnected, or a picture is missing; returns how many there are */
function requireWhole(player: TagPlayer): number {
  const times = player
    .requireOpen()
    .media('video')
    .map(({ dts }) => dts)
  for (const [index, time] of times.entries()) {
    const before = times[index - 1] ?? time - PICTURE_MS
    if (time - before !== PICTURE_MS) {
      throw new Error(`picture ${index} at ${time} ms came after that at ${before} ms`)
    }
  }
  return times.length
}
