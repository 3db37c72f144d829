/**
 * An encoder that publishes the same to several servers and begins again where it is cut off, and viewers of others; on one machine
 * of the lab. Run by `NodeProcess`; a `ClientsSetup` comes as JSON in the first argument.
 */
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { type MediaPacket, RtmpPublisher } from '../../src/index.ts'
import { readPacketsOf } from '../support/clip.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { FileScope } from '../support/server.ts'
import { describeTag, type Tag } from '../support/tags.ts'

/** Whom they go to. */
export type ClientsSetup = Readonly<{
  /** `rtmp://host/app/stream` each; published to from the start. */
  origins: readonly string[]
  /** `host` each. */
  edges: readonly string[]
  /** `app/stream` */
  stream: string
}>

/** `watch` so many at each edge; `mark`: gaps are measured from now on; `report`. */
export type ClientsQuestion = Readonly<{ watch: number }> | 'mark' | 'report'

/** How viewers are. */
export type ClientsAnswer = Readonly<{
  viewers: number
  /** Why those are gone who are gone. */
  closed: readonly string[]
  /** Media that everybody has, ms of the encoder's clock; -1 if somebody has none. */
  everybodyHasMs: number
  /** What the encoder has sent to all that it is connected to, ms of its clock. */
  sentMs: number
  /** The longest time in which a viewer got nothing, since the last mark, ms. */
  longestGapMs: number
  /** Frames that a viewer got twice, late, or that are not what was sent at their time. */
  wrong: readonly string[]
  /** Pictures that viewers missed, on average. */
  missedPictures: number
}>

const CLIP_MS = 32_000
const TICK_MS = 20
const RECONNECT_MS = 250

const { origins, edges, stream }: ClientsSetup = JSON.parse(process.argv[2] ?? '{}')
const clip = (await readPacketsOf(CLIP_MS / 1000)).map((packet) => ({
  packet,
  tag: describeTag(packet.kind, packet.timestamp, packet.body),
}))
const headers = clip.filter(({ tag }) => !tag.isMedia).map(({ packet }) => packet)
const media = clip.filter(({ tag }) => tag.isMedia)
/** What was sent, by kind and time. */
const sent = new Map<string, string>()
const pictures: number[] = []
let sentMs = -1
const publishers = new Set<RtmpPublisher>()
const scope = new FileScope()

class Viewer {
  readonly player: TagPlayer
  longestGapMs = 0
  #newestMs = -1
  #since = performance.now()

  constructor(player: TagPlayer) {
    this.player = player
  }

  look(now: number): void {
    this.longestGapMs = Math.max(this.longestGapMs, now - this.#since)
    if (this.player.newestMs !== this.#newestMs) {
      this.#newestMs = this.player.newestMs
      this.#since = now
    }
  }

  mark(): void {
    this.longestGapMs = 0
    this.#since = performance.now()
  }

  get wrong(): string[] {
    const newest = { audio: -1, video: -1, data: -1 }
    return this.player.tags.filter((tag) => tag.isMedia && !isRight(tag, newest)).map(describe)
  }

  get missedPictures(): number {
    const got = this.player.media('video')
    const [first, last] = [got[0]?.dts ?? 0, got.at(-1)?.dts ?? 0]
    return pictures.filter((time) => time >= first && time <= last).length - got.length
  }
}

const viewers: Viewer[] = []

/** Each kind's time goes on, and what has a time is what was sent at it. */
function isRight(tag: Tag, newest: Record<Tag['kind'], number>): boolean {
  const goesOn = tag.dts > newest[tag.kind]
  newest[tag.kind] = Math.max(newest[tag.kind], tag.dts)
  return goesOn && sent.get(`${tag.kind} ${tag.dts}`) === tag.hash
}

function describe({ kind, dts }: Tag): string {
  return `${kind} at ${dts} ms`
}

/** Keeps a publication going for ever. */
async function publishTo(url: string): Promise<void> {
  for (;;) {
    try {
      const publisher = await RtmpPublisher.publish(url, { connectTimeoutMs: 1000, answerTimeoutMs: 2000 })
      for (const packet of headers) {
        publisher.send({ ...packet, timestamp: Math.max(0, sentMs) })
      }
      publishers.add(publisher)
      await publisher.closed
      publishers.delete(publisher)
    } catch {
      // Nobody is there: an encoder tries again.
    }
    await delay(RECONNECT_MS)
  }
}

function startEncoder(): void {
  const start = performance.now()
  let index = 0
  setInterval(() => {
    const now = performance.now()
    for (;;) {
      const next = media[index % media.length]
      const timestamp = (next?.packet.timestamp ?? 0) + CLIP_MS * Math.floor(index / media.length)
      if (next === undefined || timestamp > now - start) {
        break
      }
      index++
      send({ ...next.packet, timestamp }, next.tag)
    }
    for (const viewer of viewers) {
      viewer.look(now)
    }
  }, TICK_MS)
}

function send(packet: MediaPacket, { hash }: Tag): void {
  sentMs = packet.timestamp
  sent.set(`${packet.kind} ${packet.timestamp}`, hash)
  if (packet.kind === 'video') {
    pictures.push(packet.timestamp)
  }
  for (const publisher of publishers) {
    publisher.send(packet)
  }
}

/** A third each by RTMP, HTTP-FLV and WebSocket-FLV. */
async function watch(count: number): Promise<void> {
  const ways = [
    (edge: string) => playRtmp(scope, `rtmp://${edge}/${stream}`),
    (edge: string) => playHttpFlv(scope, `http://${edge}:8080/${stream}.flv`),
    (edge: string) => playWebSocketFlv(scope, `ws://${edge}:8080/${stream}.flv`),
  ]
  const asked = edges.flatMap((edge) =>
    Array.from({ length: count }, (_, index) => ways[index % ways.length]?.(edge) ?? Promise.reject()),
  )
  viewers.push(...(await Promise.all(asked)).map((player) => new Viewer(player)))
}

function report(): ClientsAnswer {
  return {
    viewers: viewers.length,
    closed: viewers.flatMap(({ player: { closed } }) => (closed === null ? [] : [closed])),
    everybodyHasMs: Math.min(...viewers.map(({ player }) => player.newestMs)),
    sentMs,
    longestGapMs: Math.max(0, ...viewers.map(({ longestGapMs }) => longestGapMs)),
    wrong: [...new Set(viewers.flatMap(({ wrong }) => wrong))],
    missedPictures: viewers.reduce((sum, { missedPictures }) => sum + missedPictures, 0) / viewers.length,
  }
}

process.on('message', (question: ClientsQuestion) => {
  void answer(question)
})
process.on('disconnect', () => process.exit())
for (const url of origins) {
  void publishTo(url)
}
startEncoder()
process.send?.({})

async function answer(question: ClientsQuestion): Promise<void> {
  if (typeof question === 'object') {
    await watch(question.watch)
  } else if (question === 'mark') {
    for (const viewer of viewers) {
      viewer.mark()
    }
  }
  process.send?.(report())
}
