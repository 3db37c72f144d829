import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type Clock, type Ms, ms } from '../../src/base/index.ts'
import { FlvFormat, HlsSegmenter, RtmpFormat } from '../../src/delivery/index.ts'
import { RtmpSource } from '../../src/ingest/index.ts'
import { parseStreamName, type Stream, type WireFormat } from '../../src/live/index.ts'
import { SocketSink } from '../../src/net/index.ts'
import { ChunkReader } from '../../src/rtmp/index.ts'
import { type ChunkDialect, DialectWriter } from './dialect-writer.ts'
import { audioHeader, END, picture, sound, videoHeader } from './hls.ts'
import { LiveRig, type LiveRigOptions } from './live.ts'
import { idleConnection } from './rtmp-connection.ts'
import { readFlv, readRtmp, readSegment, type WireFrame } from './wire-times.ts'

const PLAYER_CHUNK_SIZE = 128
const COMPOSITION_OFFSET_MS = 80
const AUDIO_DELAY_MS = 15
/** What HLS adds to all times but the clock references. */
const LEAD_TICKS = 63_000
const NO_DETAILS = { vhost: '', parameters: new URLSearchParams(), param: '', tcUrl: '', pageUrl: '' }

/** One of several chunks, at the encoder and at the player; the others of one. */
const KEYFRAME = pictureBody(true, 150)
const INTER_FRAME = pictureBody(false, 20)
const SOUND = sound(0).body

type Kind = 'audio' | 'video'

/** Compares what comes out with what went in, frame by frame; keeps the first difference only, for there may be millions. */
export class TimeCheck {
  frames = 0
  firstWrong: string | null = null
  readonly #modulus: number
  readonly #toWire: (timeMs: number) => number
  readonly #expected: Readonly<Record<Kind, number[]>> = { audio: [], video: [] }
  readonly #mayMiss: number
  #missed = 0

  /**
   * @param bits of the format's times
   * @param toWire turns ms into the format's unit
   * @param mayMiss frames that may be missing, before others have come
   */
  constructor(bits: number, toWire: (timeMs: number) => number, mayMiss = 0) {
    this.#modulus = 2 ** bits
    this.#toWire = toWire
    this.#mayMiss = mayMiss
  }

  expect(kind: Kind, timeMs: number): void {
    this.#expected[kind].push(timeMs)
  }

  see({ kind, dts, pts }: WireFrame): void {
    const expected = this.#expected[kind]
    let timeMs = expected.shift() ?? Number.NaN
    while (dts !== this.#wire(timeMs) && this.#missed < this.#mayMiss && expected.length > 0) {
      this.#missed++
      timeMs = expected.shift() ?? Number.NaN
    }
    this.frames++
    const offset = kind === 'video' ? COMPOSITION_OFFSET_MS : 0
    const shown = (this.#wire(timeMs) + this.#toWire(offset) - this.#toWire(0)) % this.#modulus
    if (dts !== this.#wire(timeMs) || pts % this.#modulus !== shown) {
      this.firstWrong ??= `${kind} of ${timeMs} ms has ${dts} and ${pts}`
    }
  }

  /** Frames that went in and have not come out. */
  get missing(): number {
    return this.#missed + this.#expected.audio.length + this.#expected.video.length
  }

  #wire(timeMs: number): number {
    return this.#toWire(timeMs) % this.#modulus
  }
}

/** A stream published in RTMP's chunks, read back from the bytes of an RTMP player, an FLV player and HLS segments. */
export class LongPublish {
  readonly rtmp: TimeCheck = new TimeCheck(32, (timeMs) => timeMs)
  readonly flv: TimeCheck = new TimeCheck(32, (timeMs) => timeMs)
  readonly hls: TimeCheck
  /** Clock references of HLS that are no frame's decode time. */
  wrongClocks = 0
  readonly #writer = new DialectWriter({ deltas: 'none', extended: 'repeated' })
  readonly #reader: ChunkReader
  readonly #segmenter: HlsSegmenter
  readonly #rig: LiveRig
  readonly #clock: StreamClock
  #segments = 0
  #frames = 0

  private constructor({ rig, clock, stream, publisher }: Parts, options: LongPublishOptions) {
    this.#rig = rig
    this.#clock = clock
    this.#reader = new ChunkReader((message) => publisher.onMedia(message))
    this.#reader.lendsMedia = true
    const hlsOptions = { fragmentMs: options.fragmentMs }
    this.#segmenter = new HlsSegmenter({ name: 'demo', options: hlsOptions, wallClock: clock })
    this.hls = new TimeCheck(33, (timeMs) => timeMs * 90 + LEAD_TICKS, options.hlsMayMiss)
    stream.attach(this.#segmenter)
    const rtmp = new RtmpFormat(PLAYER_CHUNK_SIZE, 1)
    join(stream, rtmp, (bytes) => readRtmp(bytes, PLAYER_CHUNK_SIZE, (frame) => this.rtmp.see(frame)))
    join(stream, FlvFormat.http, (bytes) => readFlv(bytes, (frame) => this.flv.see(frame)))
    this.#send('video', 0, videoHeader().body)
    this.#send('audio', 0, audioHeader().body)
  }

  /** @param live options of the stream */
  static async begin(options: LongPublishOptions, live: LiveRigOptions = {}): Promise<LongPublish> {
    const clock = new StreamClock()
    const rig = new LiveRig(clock, live)
    const publisher = new RtmpSource(idleConnection())
    const name = parseStreamName('live/demo')
    const client = { id: 'encoder', protocol: 'rtmp', address: '192.0.2.1' } as const
    publisher.begin(await rig.live.publish({ name, client, ...NO_DETAILS }, publisher))
    return new LongPublish({ rig, clock, stream: rig.live.registry.open(name), publisher }, options)
  }

  /**
   * Publishes video, and audio with it.
   * @param fromMs of the encoder's clock, which has 32 bits on the wire
   * @returns the time of the next picture
   */
  publish(dialect: ChunkDialect, fromMs: number, toMs: number, cadence: Cadence): number {
    this.#writer.dialect = dialect
    let time = fromMs
    for (; time < toMs; time += cadence.stepMs) {
      this.#write('video', time, this.#frames % cadence.keyframeEvery === 0 ? KEYFRAME : INTER_FRAME)
      if (this.#frames % cadence.audioEvery === 0) {
        this.#write('audio', time + AUDIO_DELAY_MS, SOUND)
      }
      this.#frames++
    }
    return time
  }

  /** Ends it, and reads what is still to be read. */
  end(): void {
    this.#segmenter.onPublishEnd(END)
    this.#readSegments()
    this.#rig.live.registry.close()
  }

  /** Parts of the HLS playlist that do not lead on from the part before. */
  get discontinuities(): number {
    return this.#segmenter.continuation.firstDiscontinuitySequence
  }

  #write(kind: Kind, timeMs: number, body: Uint8Array): void {
    this.#clock.timeMs = timeMs
    this.rtmp.expect(kind, timeMs)
    this.flv.expect(kind, timeMs)
    this.hls.expect(kind, timeMs)
    this.#send(kind, timeMs, body)
    this.#readSegments()
  }

  #send(kind: Kind, timeMs: number, payload: Uint8Array): void {
    const [type, chunkStreamId] = kind === 'video' ? [9, 6] : [8, 4]
    const message = { type, chunkStreamId, streamId: 1, timestamp: timeMs % 2 ** 32, payload }
    for (const chunk of this.#writer.chunks(message)) {
      this.#reader.push(chunk)
    }
  }

  #readSegments(): void {
    for (; this.#segments < this.#segmenter.stats.segments; this.#segments++) {
      const bytes = this.#segmenter.segment(`demo-${this.#segments}.ts`) ?? new Uint8Array(1)
      const { frames, clocks } = readSegment(bytes, { audio: 0x101, video: 0x100 })
      const stamps = new Set(frames.map(({ dts }) => (dts - LEAD_TICKS + 2 ** 33) % 2 ** 33))
      this.wrongClocks += clocks.filter((clock) => !stamps.has(clock)).length
      for (const frame of frames) {
        this.hls.see(frame)
      }
    }
  }
}

type Parts = Readonly<{ rig: LiveRig; clock: StreamClock; stream: Stream; publisher: RtmpSource }>

/** A clock that shows the encoder's time: the days pass as fast as they are published. */
class StreamClock implements Clock {
  timeMs = 0

  now(): Ms {
    return ms(this.timeMs)
  }

  wallTime(): Ms {
    return ms(1_700_000_000_000 + this.timeMs)
  }
}

/** How often there is what. */
export type Cadence = Readonly<{
  /** From picture to picture. */
  stepMs: number
  /** Pictures from one with sound to the next. */
  audioEvery: number
  keyframeEvery: number
}>

/** Gives a player what the stream has in that format. */
function join(stream: Stream, format: WireFormat, onBytes: (bytes: Uint8Array) => void): void {
  const socket = new ReadingSocket(onBytes) as unknown as Socket
  stream.broadcast(format).join(new SocketSink(socket), { onEnd: () => {} })
}

/** How HLS is made of it. */
export type LongPublishOptions = Readonly<{
  fragmentMs: number
  /** Frames before the first keyframe of a part of the playlist. */
  hlsMayMiss: number
}>

/** A socket whose peer reads every write at once. */
class ReadingSocket extends Duplex {
  readonly #onBytes: (bytes: Uint8Array) => void

  constructor(onBytes: (bytes: Uint8Array) => void) {
    super()
    this.#onBytes = onBytes
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#onBytes(bytes)
    done()
  }

  override _read(): void {}

  setNoDelay(): this {
    return this
  }

  destroySoon(): void {
    this.destroy()
  }
}

function pictureBody(keyframe: boolean, bytes: number): Uint8Array {
  const { body } = picture(0, keyframe, bytes)
  body.set([0, 0, COMPOSITION_OFFSET_MS], 2)
  return body
}
