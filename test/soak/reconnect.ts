import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FlvTag, FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP } from '../support/web.ts'

/** Where the server is. */
export type ReconnectTarget = Readonly<{ rtmpUrl: string; httpUrl: string; wsUrl: string }>

/** How a publication is cut off. `silent` keeps the connection, as a network that died does; the next one takes over. */
const CUTS = ['unpublish', 'close', 'mid-message', 'silent'] as const

/** What happened. */
export type ReconnectReport = {
  rounds: number
  cuts: Record<(typeof CUTS)[number], number>
  framesSent: number
  framesPlayed: number
}

/** What is done. */
export type ReconnectOptions = Readonly<{
  /** How often the publisher is cut off and comes back. */
  rounds: number
  /** Players at once, of RTMP, HTTP-FLV and WebSocket-FLV by turns. */
  players: number
  /** Of the random numbers: the same seed cuts at the same moments. */
  seed: number
  /** Called after each round. */
  onRound?(round: number): Promise<void> | void
}>

/** What is published. */
export const STREAM = 'live/reconnect'
/** A publication is cut after so many tags at most: 8 s of the clip. */
const MAX_TAGS = 600
const TAGS_AT_ONCE = 20

/**
 * Cuts a publisher off at random moments and lets it return, with other settings and another clock each time, while players
 * of every kind watch.
 * @throws Error if a player is disconnected, a decode time goes back, or a picture comes without its sequence header
 */
export async function reconnect(
  scope: Scope,
  target: ReconnectTarget,
  { rounds, players: count, seed, onRound }: ReconnectOptions,
): Promise<{ report: ReconnectReport; players: TagPlayer[] }> {
  const random = randomNumbers(seed)
  const takes = await makeTakes()
  const report: ReconnectReport = {
    rounds: 0,
    cuts: { unpublish: 0, close: 0, 'mid-message': 0, silent: 0 },
    framesSent: 0,
    framesPlayed: 0,
  }
  // HTTP players must find a stream; it has no end yet, so that they all see the first cut.
  const first = await publish(scope, target)
  report.framesSent += await send(first, takes[0] ?? [], 50, 0)
  const players = await Promise.all(Array.from({ length: count }, (_, index) => play(scope, target, index)))
  await cut(first, 'close')

  for (let round = 0; round < rounds; round++) {
    const take = takes[Math.floor(random() * takes.length)] ?? []
    const kind = CUTS[Math.floor(random() * CUTS.length)] ?? 'close'
    const publisher = await publish(scope, target)
    // Any clock: some wrap within the round.
    const start = random() < 0.3 ? 2 ** 32 - 1000 : Math.floor(random() * 2 ** 32)
    report.framesSent += await send(publisher, take, Math.floor(random() * MAX_TAGS), start)
    await cut(publisher, kind)
    report.cuts[kind]++
    report.rounds++
    for (const player of players) {
      player.requireOpen()
    }
    await onRound?.(round + 1)
  }

  const last = await publish(scope, target)
  const end = Buffer.concat([Buffer.from([0x27, 1, 0, 0, 0]), Buffer.from(`the end of ${seed}`)])
  report.framesSent += await send(last, takes[0] ?? [], 100, 0)
  last.sendVideo(60_000, end)
  // The end of the publication sends what was gathered for the next write.
  await cut(last, 'unpublish')
  const hash = md5(end)
  for (const player of players) {
    await waitFor('the last picture', () => player.requireOpen().media('video').at(-1)?.hash === hash)
    requireSound(player, takes)
    report.framesPlayed += player.media('video').length + player.media('audio').length
  }
  return { report, players }
}

/** The same clip with different settings: another sequence header, and pictures that tell which they belong to. */
async function makeTakes(): Promise<FlvTag[][]> {
  const tags: FlvTag[] = []
  const reader = new FlvTagReader()
  for await (const chunk of createReadStream(CLIP)) {
    reader.push(chunk as Uint8Array, (tag) => tags.push(tag))
  }
  return [0, 1, 2].map((take) =>
    tags.map((tag) => {
      if (tag.type !== FlvTagType.video) {
        return tag
      }
      const body = Buffer.concat([tag.body, Buffer.from([take])])
      return { ...tag, body }
    }),
  )
}

async function publish(scope: Scope, { rtmpUrl }: ReconnectTarget): Promise<RtmpClient> {
  const publisher = await RtmpClient.connect(`${rtmpUrl}/${STREAM}`)
  scope.onTestFinished(() => publisher.destroy())
  await publisher.publish()
  return publisher
}

/** Sends the first tags of a take, with a clock that begins at `start`. Returns how many. */
async function send(
  publisher: RtmpClient,
  take: readonly FlvTag[],
  count: number,
  start: number,
): Promise<number> {
  const tags = take.slice(0, count)
  for (const [index, { type, timestampMs, body }] of tags.entries()) {
    const timestamp = (start + timestampMs) % 2 ** 32
    if (type === FlvTagType.video) {
      publisher.sendVideo(timestamp, body)
    } else if (type === FlvTagType.audio) {
      publisher.sendAudio(timestamp, body)
    } else {
      publisher.sendData(timestamp, body)
    }
    if (index % TAGS_AT_ONCE === 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return tags.length
}

async function cut(publisher: RtmpClient, kind: (typeof CUTS)[number]): Promise<void> {
  switch (kind) {
    case 'unpublish':
      publisher.command('FCUnpublish', [null, STREAM])
      await publisher.waitForCommand(({ name }) => name === 'onFCUnpublish')
      await publisher.destroy()
      return
    case 'close':
      await publisher.destroy()
      return
    case 'mid-message':
      // The header of a picture of 64 KiB on a chunk stream of its own, and a little of it.
      publisher.write(Buffer.from([0x0a, 0, 0, 0, 1, 0, 0, 9, 1, 0, 0, 0, 0x17, 1, 0, 0, 0]))
      await new Promise((resolve) => setImmediate(resolve))
      await publisher.destroy()
      return
    case 'silent':
  }
}

async function play(scope: Scope, target: ReconnectTarget, index: number): Promise<TagPlayer> {
  switch (index % 3) {
    case 0:
      return await playRtmp(scope, `${target.rtmpUrl}/${STREAM}`)
    case 1:
      return await playHttpFlv(scope, `${target.httpUrl}/${STREAM}.flv`)
    default:
      return await playWebSocketFlv(scope, `${target.wsUrl}/${STREAM}.flv`)
  }
}

/** @throws Error if a decode time goes back, or a picture comes without its own sequence header before it */
function requireSound(player: TagPlayer, takes: readonly (readonly FlvTag[])[]): void {
  for (const kind of ['audio', 'video'] as const) {
    let last = Number.NEGATIVE_INFINITY
    for (const [index, { dts }] of player.media(kind).entries()) {
      if (dts < last) {
        throw new Error(`${kind} frame ${index}: decode time ${dts} after ${last}`)
      }
      last = dts
    }
  }
  const takeOf = new Map(
    takes.flatMap((take, index) =>
      take.filter(({ type }) => type === FlvTagType.video).map(({ body }) => [md5(body), index] as const),
    ),
  )
  let current: number | undefined
  for (const { kind, hash, sequenceHeader } of player.tags) {
    const take = kind === 'video' ? takeOf.get(hash) : undefined
    if (take === undefined) {
      continue
    }
    if (sequenceHeader) {
      current = take
    } else if (take !== current) {
      throw new Error(`a picture of take ${take} came after the sequence header of ${current}`)
    }
  }
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** Mulberry32: the same numbers from 0 to 1 for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
