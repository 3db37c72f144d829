import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { publishWithFfmpeg, type ToolProcess } from '../support/ffmpeg.ts'
import { HlsPlayer } from '../support/hls-player.ts'
import {
  COMMON_OF_FLV,
  COMMON_OF_TS,
  FfmpegPlayer,
  HELD_BACK_OF_TS,
  type Packet,
  readPackets,
  requireRun,
} from '../support/packets.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { FileScope, PATIENCE, startServer, type TestServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { readTags, type TagList } from '../support/tags.ts'
import { waitFor } from '../support/wait.ts'

// What we promise: players stay connected while no publisher is there, and play on when one returns, on one timeline.

/** Long enough for the slowest program to start: it never comes to its end. */
const FIRST_SECONDS = 60
const SECOND_SECONDS = 5
const KINDS = ['audio', 'video'] as const
const OPTIONS = { hls: { fragmentMs: 1000 }, streams: { takeoverSilenceMs: 500 } }

const fileScope = new FileScope()
let folder: string
let first: string
/** Has the sequence headers of `first`. */
let again: string
/** Has other ones. */
let larger: string
beforeAll(async () => {
  folder = await mediaFolder(fileScope)
  const rest = [...audioInput, ...h264({ gop: 25 }), ...aac]
  first = await makeFlv(folder, 'first', [...videoInput('160x120'), ...rest], FIRST_SECONDS)
  again = await makeFlv(folder, 'again', [...videoInput('160x120', 9), ...rest], SECOND_SECONDS)
  larger = await makeFlv(folder, 'larger', [...videoInput('320x240'), ...rest], SECOND_SECONDS)
})
afterAll(() => fileScope.clean())

type Players = Readonly<{
  onConnections: readonly TagPlayer[]
  hls: HlsPlayer
  /** By RTMP and HTTP-FLV. */
  ffmpeg: readonly FfmpegPlayer[]
  ffmpegHls: FfmpegPlayer
}>

async function playByAllWays(context: TestContext, at: TestServer): Promise<Players> {
  const rtmp = `${at.rtmpUrl}/live/show`
  const flv = `${at.httpUrl}/live/show.flv`
  const hls = `${at.httpUrl}/live/show.m3u8`
  const players = {
    onConnections: await Promise.all([
      playRtmp(context, rtmp),
      playHttpFlv(context, flv),
      playWebSocketFlv(context, `${at.wsUrl}/live/show.flv`),
    ]),
    hls: HlsPlayer.start(context, hls),
    ffmpeg: [rtmp, flv].map((url) => new FfmpegPlayer(context, { url })),
    ffmpegHls: new FfmpegPlayer(context, { url: hls, filters: COMMON_OF_TS }),
  }
  await Promise.all(players.onConnections.map((player) => player.reaches(3_000)))
  await Promise.all([...players.ffmpeg, players.ffmpegHls].map((player) => player.atLeast('v', 25)))
  await players.hls.waitFor('two segments', () => players.hls.segments.length >= 2)
  return players
}

/** Packets of the first publication, then all of the second from its first to its last, on one rising timeline. */
function requireBoth(
  received: readonly Packet[],
  before: readonly Packet[],
  after: readonly Packet[],
  heldBack = 0,
): void {
  const start = received.findIndex(({ hash }) => hash === after[0]?.hash)
  expect(start).toBeGreaterThan(0)
  requireRun(received.slice(0, start), before)
  const { first: from, end } = requireRun(received.slice(start), after)
  expect(from).toBe(0)
  expect(end).toBeGreaterThanOrEqual(after.length - heldBack)
  const old = received.slice(0, start)
  expect(received[start]?.dts).toBeGreaterThan(Math.max(...old.map(({ dts }) => dts)))
  expect(received[start]?.pts).toBeGreaterThan(Math.max(...old.map(({ pts }) => pts)))
}

function requireTags(player: TagPlayer, before: TagList, after: TagList, changed: boolean): void {
  player.requireOpen()
  for (const kind of KINDS) {
    requireBoth(player.media(kind), before.media(kind), after.media(kind))
  }
  // The sequence header comes again if it is another one, right before the pictures that need it.
  const headers = player.sequenceHeaders('video')
  const [old, fresh] = [before, after].map((tags) => tags.sequenceHeaders('video')[0]?.hash)
  expect(old !== fresh).toBe(changed)
  expect(headers.map(({ hash }) => hash)).toEqual(changed ? [old, fresh] : [old])
  const start = player.tags.findIndex(({ hash }) => hash === after.media('video')[0]?.hash)
  const newest = player.tags.slice(0, start).findLast((tag) => tag.kind === 'video' && tag.sequenceHeader)
  expect(newest?.hash).toBe(fresh)
}

async function requireHls(player: HlsPlayer, name: string, before: string, after: string): Promise<void> {
  // `HlsPlayer` itself checks that sequence numbers rise and that nothing listed changes.
  player.requireWell()
  const [head] = player.segments
  const start = player.segments.findIndex(
    ({ discontinuitySequence }) => discontinuitySequence > (head?.discontinuitySequence ?? 0),
  )
  expect(start).toBeGreaterThan(0)
  expect(player.segments.at(-1)?.discontinuitySequence).toBe(player.segments[start]?.discontinuitySequence)
  // The discontinuity is exactly where the second publication begins.
  const files = [join(folder, `${name}-1.ts`), join(folder, `${name}-2.ts`)] as const
  await player.write(files[0], 0, start)
  await player.write(files[1], start)
  const [old = [], fresh = []] = await Promise.all(files.map((file) => readPackets(file, 'v', COMMON_OF_TS)))
  const sent = await Promise.all([before, after].map((file) => readPackets(file, 'v', COMMON_OF_FLV)))
  requireBoth([...old, ...fresh], sent[0] ?? [], sent[1] ?? [])
  expect(fresh[0]?.hash).toBe(sent[1]?.[0]?.hash)
}

type Case = Readonly<{
  name: string
  /** Ends the first publication, or does what makes the server end it. */
  end(publisher: ToolProcess, at: TestServer): Promise<void>
  /** What is published next; `changed`: it has another sequence header. */
  second: () => string
  changed?: true
  /** Why the server says that the first publication ended. */
  reason: RegExp
}>

const cases: readonly Case[] = [
  {
    name: 'a publisher that was killed',
    end: async (publisher) => publisher.kill('SIGKILL'),
    second: () => again,
    reason: /closed the connection|ECONNRESET/,
  },
  {
    name: 'a publisher that was killed, with another picture size',
    end: async (publisher) => publisher.kill('SIGKILL'),
    second: () => larger,
    changed: true,
    reason: /closed the connection|ECONNRESET/,
  },
  {
    name: 'a publisher that unpublished',
    end: async (publisher) => {
      publisher.kill('SIGINT')
      await publisher.exited
    },
    second: () => again,
    reason: /FCUnpublish/,
  },
  {
    name: 'a publisher whose connection is dead without a FIN, by taking over',
    end: async (publisher) => publisher.kill('SIGSTOP'),
    second: () => again,
    reason: /silent for \d+ ms and replaced by/,
  },
  {
    name: 'a publisher whose connection is dead without a FIN, found by mediaTimeoutMs',
    end: async (publisher, { log, server }) => {
      publisher.kill('SIGSTOP')
      const { settings } = server
      const waitForMedia = (mediaTimeoutMs: number) =>
        server.reload({ ...settings, rtmp: { port: 0, mediaTimeoutMs } })
      await waitForMedia(1000)
      await waitFor('the end of the publication', () => log.withMessage('publish stopped')[0])
      await waitForMedia(PATIENCE.rtmp.mediaTimeoutMs)
    },
    second: () => again,
    reason: /nothing came from the client for 1000 ms/,
  },
]

describe.concurrent('players of RTMP, FLV, WebSocket and HLS that stayed play on after', () => {
  it.for(cases.map((each, index) => [each.name, each, index] as const))(
    '%s',
    async ([, each, index], context) => {
      const at = await startServer(context, OPTIONS)
      const url = `${at.rtmpUrl}/live/show`
      const publisher = publishWithFfmpeg(context, first, url)
      await waitFor('a publication', () => at.server.stream('live/show')?.publication)
      const players = await playByAllWays(context, at)

      await each.end(publisher, at)
      const second = each.second()
      await publishWithFfmpeg(context, second, url).succeeded()

      const [before, after] = [await readTags(first), await readTags(second)]
      for (const player of players.onConnections) {
        const last = after.media('audio').at(-1)?.hash
        await waitFor('the end', () => player.requireOpen().media('audio').at(-1)?.hash === last)
        requireTags(player, before, after, each.changed ?? false)
      }
      const lastVideo = after.media('video').length
      for (const player of players.ffmpeg) {
        const sent = [await readPackets(first, 'v', {}), await readPackets(second, 'v', {})] as const
        await player.reachEnd('v', sent[1], 0)
        requireBoth(player.packets('v'), ...sent)
      }
      const sentCommon = [
        await readPackets(first, 'v', COMMON_OF_FLV),
        await readPackets(second, 'v', COMMON_OF_FLV),
      ] as const
      await players.ffmpegHls.reachEnd('v', sentCommon[1], HELD_BACK_OF_TS)
      requireBoth(players.ffmpegHls.packets('v'), ...sentCommon, HELD_BACK_OF_TS)
      await players.hls.waitFor('the last segment', () => muxedAll(players.hls, lastVideo))
      await requireHls(players.hls, `show-${index}`, first, second)

      const [stopped] = at.log.withMessage('publish stopped')
      expect(stopped?.fields.reason).toMatch(each.reason)
      expect(at.log.withMessage('play stopped')).toEqual([])
    },
  )
})

function muxedAll(player: HlsPlayer, frames: number): boolean {
  const head = player.segments[0]?.discontinuitySequence
  const fresh = player.segments.filter(({ discontinuitySequence }) => discontinuitySequence !== head)
  return fresh.reduce((sum, { durationMs }) => sum + durationMs, 0) >= frames * 40
}
