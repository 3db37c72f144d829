import { type Signal, signal } from '@preact/signals'
import { HOLE_MS, HOLE_SECONDS, PATIENCE_MS, PAUSED_LOADING_MS } from './patience.ts'
import { derivePlayback, retryDelay } from './playback-state.ts'
import { INITIAL_VIEW, type PlaybackView, showsTheSame } from './playback-view.ts'
import { undecodable } from './players/decodable.ts'
import { type ExpectedTracks, expectTracks, misses } from './players/expected-tracks.ts'
import { loadPlayer } from './players/load-player.ts'
import { bufferedAhead, isPausedByViewer } from './players/media-element.ts'
import type { PlaybackFailure, Player, PlayerOptions } from './players/player.ts'
import { Playhead } from './playhead.ts'
import type { Via } from './route.ts'
import { NO_STATS, type PlaybackStats, StatsMeter } from './stats.ts'
import { clearStill, drawStill } from './still.ts'
import type { StreamInfo } from './stream-feed.ts'
import { mediaUrl } from './urls.ts'

/** A stream and the way to play it. */
export type Selection = Readonly<{ path: string; via: Via }>

const TICK_MS = 250
const STATS_INTERVAL_MS = 1_000

/** How a playback differs from that of the page's own player. */
export type SessionOptions = Readonly<{
  /** Leaves the sound of streams with a picture alone: it is neither decoded nor heard. Default false. */
  soundless?: boolean
}>

/**
 * Keeps the chosen stream playing: makes a player, watches the playhead, and starts anew whenever that can help.
 * There is one player at most, and it is destroyed before the next is made.
 */
export class Session {
  /** What to show; set only when something in it changes. */
  readonly view: Signal<PlaybackView> = signal(INITIAL_VIEW)
  /** Measured about once a second. */
  readonly stats: Signal<PlaybackStats> = signal(NO_STATS)

  readonly #base: () => string
  readonly #soundless: boolean
  readonly #meter = new StatsMeter()
  readonly #playhead = new Playhead()
  #video: HTMLVideoElement | null = null
  #still: HTMLCanvasElement | null = null
  #selection: Selection | null = null
  #source: StreamInfo | undefined
  #reachable: boolean | undefined
  #live: boolean | undefined

  #player: Player | null = null
  /** What the player was told of the stream. */
  #tracks: ExpectedTracks = {}
  /** Counts the players; what an earlier one still reports is ignored. */
  #generation = 0
  /** The player has failed; what it buffered may still be playing. */
  #spent = false
  #failure: PlaybackFailure | null = null
  /** Whose stream that was, by the id of the client; what another one publishes may be something else. */
  #failedPublisher: string | undefined
  #failures = 0
  /** When to make the next player, if there is none; on the clock of `performance.now()`, as all times here. */
  #retryAt: number | null = null
  /** When to give up on a player that brings nothing. */
  #deadline = 0
  #hasPlayed = false
  #pausedAt: number | null = null
  #needsGesture = false
  #measuredAt = Number.NEGATIVE_INFINITY

  /** @param base says what the addresses of streams are relative to */
  constructor(base: () => string, { soundless = false }: SessionOptions = {}) {
    this.#base = base
    this.#soundless = soundless
  }

  /**
   * Takes the elements to play in: the video, and a canvas that keeps its last picture while it is reloaded.
   * The returned function ends the playback and lets go of them.
   */
  attach(video: HTMLVideoElement, still: HTMLCanvasElement): () => void {
    this.#video = video
    this.#still = still
    const listening = new AbortController()
    const { signal } = listening
    video.addEventListener('seeking', () => this.#meter.reset(), { signal })
    video.addEventListener('pause', () => this.#onPaused(), { signal })
    video.addEventListener('play', () => this.#onPlay(), { signal })
    document.addEventListener('visibilitychange', () => this.#onVisibility(), { signal })
    const timer = setInterval(() => this.#tick(), TICK_MS)
    if (this.#selection !== null) {
      this.#start()
    }
    return () => {
      listening.abort()
      clearInterval(timer)
      this.#stop()
      this.#video = null
      this.#still = null
    }
  }

  /** Chooses what to play; `null` for nothing. Choosing the same again changes nothing. */
  select(selection: Selection | null): void {
    const previous = this.#selection
    if (previous?.path === selection?.path && previous?.via === selection?.via) {
      return
    }
    this.#stop()
    this.#selection = selection
    this.#failure = null
    this.#failures = 0
    this.#pausedAt = null
    if (previous?.path !== selection?.path) {
      this.#hasPlayed = false
      this.#live = undefined
      this.#source = undefined
      if (this.#still !== null) {
        clearStill(this.#still)
      }
    }
    if (selection !== null) {
      this.#start()
    }
    this.#publish()
  }

  /**
   * Tells what the server says of the chosen stream.
   * @param reachable whether it says anything; `undefined` before its first answer
   * @param source the stream's entry in its list, if it has one
   */
  inform(reachable: boolean | undefined, source: StreamInfo | undefined): void {
    const wasLive = this.#live
    this.#reachable = reachable
    this.#source = source
    this.#live = reachable === true ? (source?.publish.active ?? false) : undefined
    if (this.#live === true && wasLive !== true && this.#selection !== null) {
      this.#onLive(this.#selection.via)
    }
    if (this.#isPlayerOfAnother()) {
      this.#failure = null
      this.#start()
    }
    this.#publish()
  }

  /** Whether what the server says now of the stream wants another player, or none, or one again. */
  #isPlayerOfAnother(): boolean {
    const codec = undecodable(this.#source)
    if (this.#failure?.kind === 'unsupported') {
      const publisher = this.#source?.publish.cid
      return (
        codec !== (this.#failure.codec ?? null) ||
        (publisher !== undefined && publisher !== this.#failedPublisher)
      )
    }
    const isStill = !this.#playhead.isMoving(performance.now())
    return (
      this.#player !== null &&
      this.#pausedAt === null &&
      (misses(this.#tracks, this.#source, this.#soundless) || (codec !== null && isStill))
    )
  }

  /** Tries again at once. */
  retry(): void {
    this.#failures = 0
    this.#failure = null
    this.#pausedAt = null
    this.#start()
    this.#publish()
  }

  /** Pauses or goes on, at the live end. */
  togglePause(): void {
    if (this.#pausedAt === null && !this.#needsGesture) {
      this.#pausedAt = performance.now()
      this.#video?.pause()
    } else {
      this.#pausedAt = null
      if (this.#player === null || this.#spent) {
        this.#start()
      } else {
        this.#player.goLive()
        this.#play()
      }
    }
    this.#publish()
  }

  /** Moves the playhead near to live. */
  goLive(): void {
    this.#player?.goLive()
  }

  #start(): void {
    const now = performance.now()
    const selection = this.#selection
    this.#stop()
    if (selection === null || this.#video === null) {
      return
    }
    const codec = undecodable(this.#source)
    if (codec !== null) {
      this.#fail({ kind: 'unsupported', detail: `it has no decoder for ${codec}`, codec })
      return
    }
    this.#deadline = now + PATIENCE_MS[selection.via].start
    void this.#open(selection, this.#generation)
  }

  async #open(selection: Selection, generation: number): Promise<void> {
    try {
      const createPlayer = await loadPlayer(selection.via)
      if (generation === this.#generation && this.#video !== null) {
        this.#player = createPlayer(this.#playerOptions(selection, this.#video, generation))
        this.#play()
      }
    } catch (thrown) {
      this.#onFailure(generation, {
        kind: 'network',
        detail: `the player could not be loaded (${String(thrown)})`,
      })
    }
  }

  #playerOptions({ path, via }: Selection, video: HTMLVideoElement, generation: number): PlayerOptions {
    this.#tracks = expectTracks(this.#source, this.#soundless)
    return {
      video,
      url: mediaUrl(path, via, this.#base()),
      onFailure: (failure) => this.#onFailure(generation, failure),
      ...this.#tracks,
    }
  }

  /** Ends the player, keeping its last picture. */
  #stop(): void {
    if (this.#video !== null && this.#still !== null && this.#player !== null) {
      drawStill(this.#video, this.#still)
    }
    this.#generation++
    this.#player?.destroy()
    this.#player = null
    this.#spent = false
    this.#retryAt = null
    this.#needsGesture = false
    this.#playhead.reset()
    this.#meter.reset()
    this.stats.value = NO_STATS
  }

  #play(): void {
    const generation = this.#generation
    this.#video?.play().catch((thrown: unknown) => {
      // An AbortError only says that the player was replaced meanwhile.
      if (
        generation === this.#generation &&
        thrown instanceof DOMException &&
        thrown.name === 'NotAllowedError'
      ) {
        this.#needsGesture = true
        this.#publish()
      }
    })
  }

  #onFailure(generation: number, failure: PlaybackFailure): void {
    if (generation !== this.#generation || this.#spent) {
      return
    }
    if (failure.kind === 'outgrown' && this.#playhead.isMoving(performance.now())) {
      // Else it would go on with what it had.
      this.#start()
      return
    }
    this.#spent = true
    this.#fail(failure)
    this.#tick()
  }

  #fail(failure: PlaybackFailure): void {
    this.#failure = failure
    this.#failedPublisher = this.#source?.publish.cid
  }

  /** The publisher is back (or the server, or the first list has come). */
  #onLive(via: Via): void {
    const now = performance.now()
    this.#failures = 0
    if (this.#pausedAt !== null || this.#playhead.isMoving(now)) {
      return
    }
    if (this.#retryAt !== null || this.#spent) {
      this.#start()
    } else {
      this.#deadline = now + PATIENCE_MS[via].comeback
    }
  }

  #onPaused(): void {
    if (this.#player !== null && !this.#spent && this.#video !== null && isPausedByViewer(this.#video)) {
      this.#pausedAt ??= performance.now()
      this.#publish()
    }
  }

  #onPlay(): void {
    this.#needsGesture = false
    this.#pausedAt = null
    this.#publish()
  }

  #onVisibility(): void {
    if (!document.hidden && this.#pausedAt === null && this.#player !== null && this.#selection !== null) {
      this.#deadline = performance.now() + PATIENCE_MS[this.#selection.via].stall
      if (this.#video?.paused === true) {
        this.#player.goLive()
        this.#play()
      }
    }
  }

  #tick(): void {
    const now = performance.now()
    const video = this.#video
    const selection = this.#selection
    if (video !== null && selection !== null) {
      if (this.#player !== null || this.#spent) {
        this.#watch(video, selection, now)
      } else if (this.#retryAt !== null && now >= this.#retryAt) {
        this.#start()
      }
    }
    this.#publish()
  }

  #watch(video: HTMLVideoElement, { via }: Selection, now: number): void {
    if (this.#playhead.read(video.currentTime, now)) {
      this.#onMoved(now + PATIENCE_MS[via].stall)
    }
    this.#measure(video, now)
    if (this.#pausedAt !== null) {
      if (now - this.#pausedAt > PAUSED_LOADING_MS) {
        this.#stop()
      }
      return
    }
    if (this.#playhead.isMoving(now)) {
      return
    }
    if (this.#spent) {
      this.#scheduleRetry(now)
    } else if (now > this.#deadline && this.#live !== false && !document.hidden && !this.#needsGesture) {
      this.#failure = { kind: 'network', detail: 'no media arrived for a while' }
      this.#scheduleRetry(now)
    } else if (this.#playhead.standstill(now) > HOLE_MS && bufferedAhead(video) > HOLE_SECONDS) {
      this.#player?.goLive()
    }
  }

  #onMoved(deadline: number): void {
    this.#deadline = deadline
    this.#hasPlayed = true
    this.#failures = 0
    if (!this.#spent) {
      this.#failure = null
    }
    if (this.#still !== null && this.#still.width > 0) {
      clearStill(this.#still)
    }
  }

  #scheduleRetry(now: number): void {
    const failure = this.#failure
    this.#stop()
    this.#failures++
    if (failure?.kind !== 'unsupported') {
      this.#retryAt = now + retryDelay(this.#failures, this.#live)
    }
  }

  #measure(video: HTMLVideoElement, now: number): void {
    if (this.#player !== null && now - this.#measuredAt >= STATS_INTERVAL_MS) {
      this.#measuredAt = now
      this.stats.value = this.#meter.read(video, this.#player)
    }
  }

  #publish(): void {
    const derived = derivePlayback({
      selected: this.#selection !== null,
      reachable: this.#reachable,
      live: this.#live,
      advancing: this.#playhead.isMoving(performance.now()),
      paused: this.#pausedAt !== null,
      hasPlayed: this.#hasPlayed,
      failure: this.#failure,
      failures: this.#failures,
    })
    const view = {
      ...derived,
      failure: this.#failure,
      paused: this.#pausedAt !== null,
      needsGesture: this.#needsGesture,
    }
    if (!showsTheSame(view, this.view.peek())) {
      this.view.value = view
    }
  }
}
