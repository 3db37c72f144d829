import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { publishWithHold } from '../support/ffmpeg.ts'
import { HlsPlayer } from '../support/hls-player.ts'
import { COMMON_OF_FLV, COMMON_OF_TS, FfmpegPlayer, readPackets, requireRun } from '../support/packets.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { FileScope, type Scope } from '../support/server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { readTags, type Tag, type TagList } from '../support/tags.ts'
import { waitFor } from '../support/wait.ts'

const SECONDS = 32
/** A stalled player misses so much media. */
const STALL_MS = 20_000
const QUEUE_LENGTH_MS = 3_000
const GOP_FRAMES = 25
/**
 * Two players that stall, one by RTMP and one by FLV, cost the server at most so much. Each format's log keeps the lag that
 * is allowed: 3 s of 12 Mbit/s are 4.5 MB, and memory comes in blocks that are not filled to the end. What is kept of the
 * newest GOP anyway, by the cache and by each format, differs by up to 6 MB from moment to moment. Unbounded, it would
 * be 60 MB.
 */
const MAX_STALL_BYTES = 24_000_000
/** What three publishers and thirty players may take altogether. */
const MAX_RSS_BYTES = 350_000_000

const KINDS = ['audio', 'video'] as const

const fileScope = new FileScope()
let folder: string
const sources: Record<string, string> = {}
beforeAll(async () => {
  folder = await mediaFolder(fileScope)
  const light = [...videoInput('160x120'), ...audioInput, ...h264({ gop: GOP_FRAMES }), ...aac]
  const heavyVideo = h264({ gop: GOP_FRAMES, bitRate: '12M' })
  const heavy = [...videoInput('640x360', 60), ...audioInput, ...heavyVideo, ...aac]
  const made = { heavy, first: light, second: light }
  await Promise.all(
    Object.entries(made).map(async ([name, args]) => {
      sources[name] = await makeFlv(folder, name, args, SECONDS)
    }),
  )
})
afterAll(() => fileScope.clean())

type Player = Readonly<{ stream: string; player: TagPlayer }>

/** So many players of each kind on a connection. */
async function playAll(
  scope: Scope,
  { rtmpUrl, httpUrl, wsUrl }: ServerProcess,
  stream: string,
  count: number,
): Promise<Player[]> {
  const players: Promise<TagPlayer>[] = []
  for (let index = 0; index < count; index++) {
    players.push(
      playRtmp(scope, `${rtmpUrl}/live/${stream}`),
      playHttpFlv(scope, `${httpUrl}/live/${stream}.flv`),
      playWebSocketFlv(scope, `${wsUrl}/live/${stream}.flv`),
    )
  }
  return (await Promise.all(players)).map((player) => ({ stream, player }))
}

function requireComplete({ player, stream }: Player, source: TagList): void {
  player.requireOpen()
  for (const kind of KINDS) {
    const sent = source.media(kind)
    const { end } = requireRun(player.media(kind), sent)
    expect(end, `${kind} of ${stream} to its end`).toBe(sent.length)
  }
}

/** Where the one jump is in what a stalled player got, as an index into its tags. */
function findJump(player: TagPlayer, source: TagList): number {
  const sent = source.media('video').map(({ hash }) => hash)
  const got = player.tags.flatMap(({ hash, kind, isMedia }, index) =>
    kind === 'video' && isMedia ? [{ index, place: sent.indexOf(hash) }] : [],
  )
  const jumps = got.filter(({ place }, at) => at > 0 && place !== (got[at - 1]?.place ?? 0) + 1)
  expect(got.every(({ place }) => place >= 0)).toBe(true)
  expect(jumps).toHaveLength(1)
  return jumps[0]?.index ?? 0
}

/** What a stalled player got: all up to a point, then all from a keyframe on, with the sequence headers before it. */
function requireContinuedAtKeyframe(player: TagPlayer, source: TagList): void {
  const jump = findJump(player, source)
  const landing = player.tags[jump]
  expect(landing?.keyframe).toBe(true)
  const before = player.tags.slice(0, jump)
  const lastMedia = before.findLastIndex(({ kind, isMedia }) => kind === 'video' && isMedia)
  const headers = before.slice(lastMedia + 1).filter(({ sequenceHeader }) => sequenceHeader)
  expect(headers.map(({ kind }) => kind).sort()).toEqual(['audio', 'video'])
  expect((landing?.dts ?? 0) - (before[lastMedia]?.dts ?? 0)).toBeGreaterThan(QUEUE_LENGTH_MS)
  // Time only goes forward, and nothing is missing on either side of the jump.
  for (const kind of KINDS) {
    const sent = source.media(kind)
    const first = requireRun(mediaOf(before, kind), sent)
    const second = requireRun(mediaOf(player.tags.slice(jump), kind), sent)
    expect(second.first).toBeGreaterThan(first.end)
    expect(second.end).toBe(sent.length)
  }
}

function mediaOf(tags: readonly Tag[], kind: Tag['kind']): Tag[] {
  return tags.filter((tag) => tag.kind === kind && tag.isMedia)
}

it('thirty players of three publishers get everything, whatever two that stop reading for 20 s do', async (context) => {
  const server = await ServerProcess.start(context, { broadcast: { queueLengthMs: QUEUE_LENGTH_MS } })
  const { rtmpUrl, httpUrl } = server
  // Four seconds come, and the rest when everybody is there.
  const publishers = await Promise.all(
    Object.entries(sources).map(([stream, file]) =>
      publishWithHold(context, file, `${rtmpUrl}/live/${stream}`, { share: 4 / SECONDS }),
    ),
  )
  await waitFor('the publications', async () => (await started(server, 'publish')) === publishers.length)

  const onConnections = (
    await Promise.all([
      playAll(context, server, 'heavy', 1),
      playAll(context, server, 'first', 3),
      playAll(context, server, 'second', 3),
    ])
  ).flat()
  const byHls = ['first', 'first', 'second', 'second'].map((stream) => ({
    stream,
    player: HlsPlayer.start(context, `${httpUrl}/live/${stream}.m3u8`),
  }))
  const byFfmpeg = [`${rtmpUrl}/live/first`, `${httpUrl}/live/second.flv`, `${httpUrl}/live/second.m3u8`].map(
    (url) => new FfmpegPlayer(context, { url }),
  )
  const stalling = await Promise.all([
    playHttpFlv(context, `${httpUrl}/live/heavy.flv`),
    playRtmp(context, `${rtmpUrl}/live/heavy`),
  ])
  const players = onConnections.length + byHls.length + byFfmpeg.length + stalling.length
  expect(players).toBe(30)
  await waitFor('all players', async () => (await started(server, 'play')) === players)

  // All play; then two stop reading until the others have had 20 s more.
  await Promise.all(
    [...stalling, ...onConnections.map(({ player }) => player)].map((each) => each.reaches(2_000)),
  )
  const before = await server.state()
  const stalledAt = Math.max(...stalling.map((player) => player.newestMs))
  for (const player of stalling) {
    player.pauseReading()
  }
  for (const { goOn } of publishers) {
    goOn()
  }
  await onConnections[0]?.player.reaches(stalledAt + STALL_MS)
  const during = await server.state()
  expect(during.usedBytes - before.usedBytes).toBeLessThan(MAX_STALL_BYTES)
  expect(during.rssBytes).toBeLessThan(MAX_RSS_BYTES)
  for (const player of stalling) {
    player.resumeReading()
  }

  await Promise.all(publishers.map(({ publisher }) => publisher.succeeded()))
  const tags = new Map(
    await Promise.all(
      Object.entries(sources).map(async ([name, file]) => [name, await readTags(file)] as const),
    ),
  )
  for (const { player, stream } of [
    ...onConnections,
    ...stalling.map((player) => ({ player, stream: 'heavy' })),
  ]) {
    await player.reaches(tags.get(stream)?.newestMs ?? 0)
  }
  for (const each of onConnections) {
    const source = tags.get(each.stream)
    expect(source).toBeDefined()
    if (source !== undefined) {
      requireComplete(each, source)
    }
  }
  for (const player of stalling) {
    requireContinuedAtKeyframe(player.requireOpen(), await readTags(sources.heavy ?? ''))
  }
  for (const [index, { player, stream }] of byHls.entries()) {
    const file = join(folder, `${stream}-${index}.ts`)
    const sent = await readPackets(sources[stream] ?? '', 'v', COMMON_OF_FLV)
    await player.waitFor('the whole stream', () => player.durationMs >= (SECONDS - 3) * 1000)
    await player.write(file)
    const { end } = requireRun(await readPackets(file, 'v', COMMON_OF_TS), sent)
    expect(end).toBe(sent.length)
  }
  for (const player of byFfmpeg) {
    await player.atLeast('v', 25 * (SECONDS - 6))
    player.requireWell()
  }
  const { log } = await server.state()
  expect(log.filter(({ level }) => level === 'error')).toEqual([])
  expect(log.filter(({ message }) => message === 'play stopped')).toEqual([])
  expect(await server.close()).toBe(0)
})

async function started(server: ServerProcess, what: 'publish' | 'play'): Promise<number> {
  return (await server.state()).log.filter(({ message }) => message === `${what} started`).length
}
