import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from './server.ts'
import { waitFor } from './wait.ts'

/** How often the playlist is asked for, ms. */
const RELOAD_INTERVAL_MS = 250

/** A segment that the playlist listed. */
export type SeenSegment = Readonly<{
  /** Media sequence number. */
  sequence: number
  /** Discontinuities before it and at it, since the stream began. */
  discontinuitySequence: number
  durationMs: number
  bytes: Uint8Array
}>

/** A media playlist's text, taken apart (RFC 8216, 4.3). */
type Playlist = Readonly<{
  mediaSequence: number
  segments: readonly Readonly<{
    uri: string
    sequence: number
    discontinuitySequence: number
    durationMs: number
  }>[]
}>

/** A player of HLS: reloads the playlist, fetches every segment once, and notes whatever a player would stumble over. */
export class HlsPlayer {
  /** The segments, in the order they were listed. */
  readonly segments: SeenSegment[] = []
  /** What went wrong; empty if nothing did. */
  readonly problems: string[] = []
  readonly #url: string
  readonly #stop = new AbortController()
  #playlist: Playlist = { mediaSequence: 0, segments: [] }

  private constructor(url: string) {
    this.#url = url
  }

  /** Starts to play; ended after the test. */
  static start(scope: Scope, url: string): HlsPlayer {
    const player = new HlsPlayer(url)
    const ended = player.#run()
    scope.onTestFinished(async () => {
      player.#stop.abort()
      await ended
    })
    return player
  }

  /** Media so far, ms. */
  get durationMs(): number {
    return this.segments.reduce((sum, segment) => sum + segment.durationMs, 0)
  }

  /** Waits for a condition. @throws Error if the player stumbles over something before */
  async waitFor(what: string, probe: () => boolean, timeoutMs?: number): Promise<void> {
    const soFar = () => `${what}; HLS has ${this.segments.length} segments of ${this.durationMs} ms`
    await waitFor(soFar, () => this.requireWell() && probe(), timeoutMs)
  }

  /** @throws Error if the player stumbled over something */
  requireWell(): true {
    if (this.problems.length > 0) {
      throw new Error(`HLS: ${this.problems.join('; ')}`)
    }
    return true
  }

  /** Writes segments, from index `first` on and before index `end`, one after the other into a file. */
  async write(file: string, first = 0, end: number = this.segments.length): Promise<void> {
    await writeFile(file, Buffer.concat(this.segments.slice(first, end).map(({ bytes }) => bytes)))
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    try {
      const master = await this.#fetchText(this.#url)
      const uri = master.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? ''
      const mediaUrl = new URL(uri, this.#url).href
      while (!signal.aborted) {
        await this.#takePlaylist(parsePlaylist(await this.#fetchText(mediaUrl)), mediaUrl)
        await delay(RELOAD_INTERVAL_MS, undefined, { signal })
      }
    } catch (error) {
      if (!signal.aborted) {
        this.problems.push(String(error))
      }
    }
  }

  async #takePlaylist(playlist: Playlist, url: string): Promise<void> {
    const before = this.#playlist
    if (playlist.mediaSequence < before.mediaSequence) {
      this.problems.push(
        `EXT-X-MEDIA-SEQUENCE went from ${before.mediaSequence} to ${playlist.mediaSequence}`,
      )
    }
    this.#playlist = playlist
    for (const listed of playlist.segments) {
      const known = before.segments.find(({ sequence }) => sequence === listed.sequence)
      if (known !== undefined) {
        // RFC 8216, 6.2.1: what is listed does not change.
        if (JSON.stringify(known) !== JSON.stringify(listed)) {
          this.problems.push(`${JSON.stringify(known)} became ${JSON.stringify(listed)}`)
        }
        continue
      }
      const last = this.segments.at(-1)
      if (last !== undefined && listed.sequence !== last.sequence + 1) {
        this.problems.push(`segment ${listed.sequence} comes behind ${last.sequence}`)
      }
      const { sequence, discontinuitySequence, durationMs } = listed
      const bytes = await this.#fetchBytes(new URL(listed.uri, url).href)
      this.segments.push({ sequence, discontinuitySequence, durationMs, bytes })
    }
  }

  async #fetchText(url: string): Promise<string> {
    return Buffer.from(await this.#fetchBytes(url)).toString()
  }

  async #fetchBytes(url: string): Promise<Uint8Array> {
    const response = await fetch(url, { signal: this.#stop.signal })
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (response.status !== 200) {
      throw new Error(`${url}: ${response.status} ${Buffer.from(bytes).toString()}`)
    }
    return bytes
  }
}

function parsePlaylist(text: string): Playlist {
  const mediaSequence = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m.exec(text)?.[1] ?? 0)
  const segments: { uri: string; sequence: number; discontinuitySequence: number; durationMs: number }[] = []
  let discontinuitySequence = Number(/^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$/m.exec(text)?.[1] ?? 0)
  let durationMs = 0
  for (const line of text.split('\n')) {
    if (line === '#EXT-X-DISCONTINUITY') {
      discontinuitySequence++
    } else if (line.startsWith('#EXTINF:')) {
      durationMs = Math.round(Number.parseFloat(line.slice('#EXTINF:'.length)) * 1000)
    } else if (line !== '' && !line.startsWith('#')) {
      segments.push({
        uri: line,
        sequence: mediaSequence + segments.length,
        discontinuitySequence,
        durationMs,
      })
    }
  }
  return { mediaSequence, segments }
}
