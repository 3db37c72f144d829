/**
 * Starts a server, publishes, plays every way and closes, many times over in one process. Run by `lifecycle.test.ts` with
 * `--expose-gc`; arguments: an FLV file and the number of cycles. Prints a `LifecycleReport` as JSON.
 */
import { createHook } from 'node:async_hooks'
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createServer } from '../../src/index.ts'
import { type FlvTag, FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv } from './players.ts'
import { RtmpClient } from './rtmp-client.ts'
import { FileScope, RecordingLogger } from './server.ts'
import { waitFor } from './wait.ts'

/** What is in the process at one moment. */
export type LifecycleState = Readonly<{
  /** What keeps the process running: `process.getActiveResourcesInfo()`, sorted. */
  active: readonly string[]
  /** Timers, sockets and listeners, those that keep nothing running included, by the type that async_hooks gives them. */
  live: Readonly<Record<string, number>>
  /** Listeners of events of the process. */
  processListeners: Readonly<Record<string, number>>
  /** After garbage collections, buffers included. */
  heapBytes: number
}>

/** What the process prints. */
export type LifecycleReport = Readonly<{
  /** In the midst of a cycle, all clients being there: proof that the counters see them. */
  busy: LifecycleState
  /** Before the first cycle. */
  fresh: LifecycleState
  /** After the cycles that warm up. */
  warm: LifecycleState
  /** After all cycles. */
  end: LifecycleState
  /** Warnings of Node, e.g. of too many listeners. */
  warnings: readonly string[]
  /** Faults that a server logged. */
  faults: readonly string[]
}>

/** Cycles before the heap is measured first: code is compiled, caches fill. */
const WARM_UP_CYCLES = 15

/** What a collection finalizes, later ones free; the least of so many measurements is taken. */
const COLLECTIONS = 8

const WATCHED = ['Timeout', 'TCPWRAP', 'TCPSERVERWRAP', 'TCPCONNECTWRAP', 'GETADDRINFOREQWRAP', 'FSEVENTWRAP']

/** In the midst of a cycle: both listeners, and both ends of a publisher's and three players' connections. */
const BUSY = { TCPSERVERWRAP: 2, TCPWRAP: 8 }

const live = new Map<number, string>()
createHook({
  init: (id, type) => {
    if (WATCHED.includes(type)) {
      live.set(id, type)
    }
  },
  destroy: (id) => {
    live.delete(id)
  },
}).enable()

const warnings: string[] = []
process.on('warning', (warning) => warnings.push(String(warning)))
const faults: string[] = []
let busy: LifecycleState | null = null

const [file = '', cycles = '1'] = process.argv.slice(2)
const tags: FlvTag[] = []
new FlvTagReader().push(readFileSync(file), (tag) => tags.push(tag))

const fresh = await stateOf()
for (let cycle = 0; cycle < WARM_UP_CYCLES; cycle++) {
  await runCycle()
}
const warm = await settledState(fresh.live)
for (let cycle = 0; cycle < Number(cycles); cycle++) {
  await runCycle()
}
const end = await settledState(fresh.live)
const report: LifecycleReport = { busy: busy ?? fresh, fresh, warm, end, warnings, faults }
process.stdout.write(JSON.stringify(report))

async function runCycle(): Promise<void> {
  const scope = new FileScope()
  const logger = new RecordingLogger()
  const server = await createServer({
    rtmp: { port: 0 },
    http: { port: 0 },
    hls: { fragmentMs: 400 },
    logger,
  })
  const publisher = await RtmpClient.connect(server.rtmpUrl)
  await publisher.publish('live/show')
  const wsUrl = server.httpUrl.replace(/^http/, 'ws')
  const players = await Promise.all([
    playRtmp(scope, `${server.rtmpUrl}/live/show`),
    playHttpFlv(scope, `${server.httpUrl}/live/show.flv`),
    playWebSocketFlv(scope, `${wsUrl}/live/show.flv`),
  ])
  const master = await fetchText(`${server.httpUrl}/live/show.m3u8`)
  for (const { type, timestampMs, body } of tags) {
    if (type === FlvTagType.video) {
      publisher.sendVideo(timestampMs, body)
    } else if (type === FlvTagType.audio) {
      publisher.sendAudio(timestampMs, body)
    }
  }
  await Promise.all(players.map((player) => player.reaches(1_000)))
  await playHls(server.httpUrl, master)
  busy ??= await settledState(BUSY, Object.keys(BUSY))
  // The clients stay: closing is the server's.
  await server.close()
  await publisher.closed
  await waitFor('the players being closed', () => players.every(({ closed }) => closed !== null))
  await scope.clean()
  faults.push(...logger.errors.map(({ message }) => message))
}

async function playHls(httpUrl: string, master: string): Promise<void> {
  const playlist = await fetchText(`${httpUrl}/live/${uriIn(master)}`)
  await fetchText(`${httpUrl}/live/${uriIn(playlist)}`)
}

function uriIn(playlist: string): string {
  return playlist.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? ''
}

/** Without a pool of connections, which would be resources of its own. */
function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false })
    get(url, { agent }, (response) => {
      let text = ''
      response.setEncoding('latin1').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => {
        agent.destroy()
        if (response.statusCode === 200) {
          resolve(text)
        } else {
          reject(new Error(`${url}: ${response.statusCode} ${text}`))
        }
      })
    }).on('error', reject)
  })
}

/** What is there once what goes by itself has gone; if something does not, it shows. */
async function settledState(
  wanted: Readonly<Record<string, number>>,
  types: readonly string[] = WATCHED,
): Promise<LifecycleState> {
  const isSettled = async () => {
    const { live: there } = await stateOf()
    return types.every((type) => there[type] === wanted[type])
  }
  await waitFor('nothing being left', isSettled, 60_000).catch(() => {})
  return stateOf()
}

async function stateOf(): Promise<LifecycleState> {
  let heapBytes = Number.POSITIVE_INFINITY
  for (let round = 0; round < COLLECTIONS; round++) {
    globalThis.gc?.()
    await nextTurn()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    heapBytes = Math.min(heapBytes, heapUsed + arrayBuffers)
  }
  const active = process.getActiveResourcesInfo().sort()
  const processListeners = Object.fromEntries(
    process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  )
  const counts: Record<string, number> = {}
  for (const type of [...live.values()].sort()) {
    counts[type] = (counts[type] ?? 0) + 1
  }
  return { active, live: counts, processListeners, heapBytes }
}
