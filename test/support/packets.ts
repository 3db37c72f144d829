import { stat } from 'node:fs/promises'
import { runTool, startTool, type ToolProcess } from './ffmpeg.ts'
import type { Scope } from './server.ts'
import { waitFor } from './wait.ts'

/** One packet as FFmpeg reads it. */
export type Packet = Readonly<{
  /** Decode time, ms. */
  dts: number
  /** Presentation time, ms. */
  pts: number
  /** MD5 of the payload. */
  hash: string
}>

/** `v` for the video, `a` for the audio. */
export type Track = 'v' | 'a'

/** Bitstream filters that bring payloads of different containers to one form before they are hashed. */
export type Filters = Readonly<Partial<Record<Track, string>>>

/** Payloads as the container has them. */
export const AS_STORED: Filters = {}

/**
 * What FLV and MPEG-TS have in common: of H.264 the slices and SEI, with start codes; of AAC the raw frame. Left out are
 * what MPEG-TS adds or repeats: access unit delimiters, parameter sets and ADTS headers.
 */
export const COMMON_OF_FLV: Filters = { v: 'h264_mp4toannexb,filter_units=pass_types=1-6' }

/** See `COMMON_OF_FLV`. */
export const COMMON_OF_TS: Filters = { v: 'filter_units=pass_types=1-6', a: 'aac_adtstoasc' }

/** Reads the lines of FFmpeg's framehash muxer, as they come, for one track. */
export class FramehashParser {
  /** The packets so far. */
  readonly packets: Packet[] = []
  #rest = ''
  #msPerTick = 1

  /** Takes output, cut anywhere. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      this.#takeLine(line)
    }
  }

  #takeLine(line: string): void {
    const timeBase = /^#tb 0: (\d+)\/(\d+)$/.exec(line)
    if (timeBase !== null) {
      this.#msPerTick = (1000 * Number(timeBase[1])) / Number(timeBase[2])
    } else if (line !== '' && !line.startsWith('#')) {
      const [, dts, pts, , , hash = ''] = line.split(',')
      this.packets.push({
        dts: Math.round(Number(dts) * this.#msPerTick),
        pts: Math.round(Number(pts) * this.#msPerTick),
        hash: hash.trim(),
      })
    }
  }
}

function framehashArgs(track: Track, filters: Filters, target: string): string[] {
  const filter = filters[track]
  const filterArgs = filter === undefined ? [] : [`-bsf:${track}`, filter]
  const output = ['-flush_packets', '1', '-f', 'framehash', '-hash', 'md5', target]
  return ['-map', `0:${track}`, '-c', 'copy', ...filterArgs, ...output]
}

/** What FFmpeg has read of files: tests compare several players with the same source, and to ask again takes as long as to play. */
const known = new Map<string, Promise<readonly Packet[]>>()

/** The packets of one track of a file; of one that has not changed since, those that were read before. */
export async function readPackets(file: string, track: Track, filters: Filters): Promise<readonly Packet[]> {
  const { size, mtimeMs } = await stat(file)
  const key = JSON.stringify([file, size, mtimeMs, track, filters[track]])
  const packets = known.get(key) ?? readPacketsAnew(file, track, filters)
  known.set(key, packets)
  return await packets
}

async function readPacketsAnew(file: string, track: Track, filters: Filters): Promise<Packet[]> {
  const parser = new FramehashParser()
  const args = ['-v', 'error', '-copyts', '-i', file, ...framehashArgs(track, filters, 'pipe:1')]
  parser.push(await runTool('ffmpeg', args))
  return parser.packets
}

/** MPEG-TS does not say how long a packet is: FFmpeg knows one to be whole when the next one begins. */
export const HELD_BACK_OF_TS = 1

/** Decodes a whole file. @throws Error on the least complaint of the decoders */
export async function decodeWhole(file: string): Promise<void> {
  await runTool('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-map', '0', '-f', 'null', '-'])
}

/** What an `FfmpegPlayer` plays. */
export type FfmpegPlayerOptions = Readonly<{
  /** A URL, or `pipe:0` for what is written to `process.stdin`. */
  url: string
  /** Tracks that must be there; default both. */
  tracks?: readonly [Track] | readonly [Track, Track]
  /** Default `AS_STORED`. */
  filters?: Filters
  /** Options in front of the input. */
  inputArgs?: readonly string[]
}>

/** A program that plays and tells each packet it gets as it comes. */
export abstract class PacketPlayer {
  /** The program. */
  abstract readonly process: ToolProcess

  /** The packets of a track so far. */
  abstract packets(track: Track): readonly Packet[]

  /** Waits until a track has so many packets. @throws Error if the player ends or complains before */
  async atLeast(track: Track, count: number, timeoutMs?: number): Promise<void> {
    await this.waitFor(`${count} packets`, () => this.packets(track).length >= count, timeoutMs)
  }

  /**
   * Waits for the end of what was sent.
   * @param heldBack packets at the end that FFmpeg may hold back
   * @throws Error if the player ends or complains before
   */
  async reachEnd(track: Track, sent: readonly Packet[], heldBack = 0): Promise<void> {
    const last = sent.slice(-1 - heldBack).map(({ hash }) => hash)
    const hasEnd = () => last.includes(this.packets(track).at(-1)?.hash ?? '')
    await this.waitFor(`the last of ${sent.length} packets (${track})`, hasEnd)
  }

  /** Waits for a condition on what came. @throws Error if the player ends or complains before */
  async waitFor(what: string, probe: () => boolean, timeoutMs?: number): Promise<void> {
    const soFar = () => `${what}; there are ${this.packets('v').length} v, ${this.packets('a').length} a`
    await waitFor(
      soFar,
      () => {
        // In this order: a player that has ended has said all it will.
        const { exit } = this.process
        const holds = probe()
        if (!holds || exit === null) {
          this.requireWell()
        }
        return holds
      },
      timeoutMs,
    )
  }

  /** @throws Error if the player has ended or complained, e.g. about what it decodes */
  requireWell(): void {
    const { exit, stderr } = this.process
    if (exit !== null || stderr !== '') {
      throw new Error(
        `FFmpeg ${exit === null ? 'complains' : `ended with ${exit.code ?? exit.signal}`}: ${stderr}`,
      )
    }
  }
}

/** FFmpeg as a player: decodes everything, and tells each packet it gets as it comes. */
export class FfmpegPlayer extends PacketPlayer {
  readonly process: ToolProcess
  readonly #parsers: Partial<Record<Track, FramehashParser>> = {}

  /** Starts to play; ended after the test. */
  constructor(
    scope: Scope,
    { url, tracks = ['v', 'a'], filters = AS_STORED, inputArgs = [] }: FfmpegPlayerOptions,
  ) {
    super()
    const outputs = tracks.map((track) => {
      const parser = new FramehashParser()
      this.#parsers[track] = parser
      return (text: string) => parser.push(text)
    })
    const hashes = tracks.flatMap((track, index) =>
      framehashArgs(track, filters, index === 0 ? 'pipe:1' : 'pipe:3'),
    )
    const input = ['-v', 'error', '-xerror', '-copyts', ...inputArgs, '-i', url]
    const args = [...input, ...hashes, '-map', '0', '-f', 'null', '-']
    this.process = startTool(scope, 'ffmpeg', args, { outputs, withInput: url === 'pipe:0' })
  }

  packets(track: Track): readonly Packet[] {
    return this.#parsers[track]?.packets ?? []
  }
}

/** Where a run of packets is in its source. */
export type Run = Readonly<{
  /** Index in the source of the first packet received. */
  first: number
  /** Index in the source after the last packet received. */
  end: number
  /** What was added to the source's timestamps, ms. */
  offsetMs: number
}>

/**
 * Checks that what was received is a contiguous run of the source: the same payloads, decode and presentation times
 * shifted by one constant, decode times strictly rising.
 * @throws Error that names the first packet that differs
 */
export function requireRun(received: readonly Packet[], source: readonly Packet[]): Run {
  const head = received[0]
  if (head === undefined) {
    throw new Error('nothing was received')
  }
  const runs = source.flatMap((packet, first) =>
    packet.hash === head.hash ? [longestRun(received, source, first)] : [],
  )
  const longest = runs.reduce((a, b) => (b.length > a.length ? b : a), { first: -1, length: 0 })
  const { first, length } = longest
  if (length < received.length) {
    const where =
      first < 0 ? 'its first packet is not in the source' : `it was the source's ${first + length}th`
    throw new Error(
      `packet ${length} of ${received.length} is not the source's next one: ${where}, ${JSON.stringify(received[length])}`,
    )
  }
  return { first, end: first + length, offsetMs: requireTimes(received, source, first) }
}

function longestRun(
  received: readonly Packet[],
  source: readonly Packet[],
  first: number,
): { first: number; length: number } {
  const end = received.findIndex((packet, index) => packet.hash !== source[first + index]?.hash)
  return { first, length: end < 0 ? received.length : end }
}

function requireTimes(received: readonly Packet[], source: readonly Packet[], first: number): number {
  const offsetMs = (received[0]?.dts ?? 0) - (source[first]?.dts ?? 0)
  let last = Number.NEGATIVE_INFINITY
  for (const [index, packet] of received.entries()) {
    const sent = source[first + index]
    if (packet.dts - offsetMs !== sent?.dts || packet.pts - offsetMs !== sent.pts) {
      throw new Error(
        `packet ${index}: times ${JSON.stringify(packet)} differ from ${JSON.stringify(sent)} by other than ${offsetMs} ms`,
      )
    }
    if (packet.dts <= last) {
      throw new Error(`packet ${index}: decode time ${packet.dts} does not rise above ${last}`)
    }
    last = packet.dts
  }
  return offsetMs
}
