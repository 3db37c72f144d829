import { createReadStream } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type FlvTag, FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import { MessageType } from '../../src/rtmp/index.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope } from '../support/server.ts'
import { CLIP } from '../support/web.ts'

/** Where the server is. */
type Target = Readonly<{ rtmpUrl: string }>

/** What players saw, and who came and went meanwhile. */
export type HookLoadReport = Readonly<{
  /** Time between two pictures at a player, ms. */
  gapMs: Readonly<{ p50: number; p99: number; max: number; count: number }>
  /** Players that came and left, by stream: each said its number as `?n=`. */
  visits: readonly number[]
}>

/** Streams that players come to and leave, one after the other. */
export const VISITED: readonly string[] = ['live/visited-a', 'live/visited-b', 'live/visited-c']

const WATCHED = 'live/watched'
const SEND_INTERVAL_MS = 10

/**
 * Publishes a stream in real time to players that stay, while others come and leave as fast as they can; measures the gaps between
 * pictures at those that stay.
 */
export async function loadWithVisits(
  target: Target,
  { seconds, players }: Readonly<{ seconds: number; players: number }>,
): Promise<HookLoadReport> {
  const scope = new FileScope()
  try {
    const publisher = await connect(scope, target, `${WATCHED}?keep`)
    await publisher.publish()
    const gaps: number[] = []
    for (let index = 0; index < players; index++) {
      await watch(scope, target, gaps)
    }
    const end = performance.now() + seconds * 1000
    const [visits] = await Promise.all([
      Promise.all(VISITED.map((path) => visit(scope, target, path, end))),
      sendClip(publisher, end),
    ])
    gaps.sort((a, b) => a - b)
    const at = (part: number): number => Math.round((gaps[Math.floor(gaps.length * part)] ?? 0) * 10) / 10
    return { gapMs: { p50: at(0.5), p99: at(0.99), max: at(0.999999), count: gaps.length }, visits }
  } finally {
    await scope.clean()
  }
}

async function connect(scope: FileScope, { rtmpUrl }: Target, path: string): Promise<RtmpClient> {
  const client = await RtmpClient.connect(`${rtmpUrl}/${path}`)
  scope.onTestFinished(() => client.destroy())
  return client
}

async function watch(scope: FileScope, target: Target, gaps: number[]): Promise<void> {
  const client = await connect(scope, target, WATCHED)
  let last: number | null = null
  client.on('message', ({ type }) => {
    if (type === MessageType.video) {
      const now = performance.now()
      if (last !== null) {
        gaps.push(now - last)
      }
      last = now
    }
  })
  await client.play()
}

/** Comes and leaves until the end. Returns how often. */
async function visit(scope: FileScope, target: Target, path: string, end: number): Promise<number> {
  const publisher = await connect(scope, target, path)
  await publisher.publish()
  let visits = 0
  while (performance.now() < end) {
    const client = await RtmpClient.connect(`${target.rtmpUrl}/${path}?n=${visits}`)
    await client.play()
    await client.destroy()
    visits++
    await delay(50)
  }
  return visits
}

/** Sends the clip again and again, each tag at its time. */
async function sendClip(publisher: RtmpClient, end: number): Promise<void> {
  const tags: FlvTag[] = []
  const reader = new FlvTagReader()
  for await (const chunk of createReadStream(CLIP)) {
    reader.push(chunk as Uint8Array, (tag) => tags.push(tag))
  }
  const durationMs = (tags.at(-1)?.timestampMs ?? 0) + 40
  const start = performance.now()
  let sent = 0
  while (performance.now() < end) {
    const now = performance.now() - start
    for (;;) {
      const tag = tags[sent % tags.length]
      const timestamp = Math.floor(sent / tags.length) * durationMs + (tag?.timestampMs ?? 0)
      if (tag === undefined || timestamp > now) {
        break
      }
      if (tag.type === FlvTagType.video) {
        publisher.sendVideo(timestamp, tag.body)
      } else if (tag.type === FlvTagType.audio) {
        publisher.sendAudio(timestamp, tag.body)
      }
      sent++
    }
    await delay(SEND_INTERVAL_MS)
  }
}
