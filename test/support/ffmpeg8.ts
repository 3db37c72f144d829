import { type HeldPublisher, runTool, startTool, type ToolProcess } from './ffmpeg.ts'
import { type Packet, PacketPlayer, type Track } from './packets.ts'
import type { Scope } from './server.ts'

/**
 * FFmpeg 8, which knows Enhanced RTMP (HEVC, AV1, VP9, Opus, multitrack) where the system's may not. test/ffmpeg8 makes a
 * command of it; `npm test` installs it first, and so does `npm ci --ignore-scripts --prefix test/ffmpeg8`.
 */

/** A stream of a file or URL, as FFmpeg 8 sees it. */
export type Ffmpeg8Stream = Readonly<{
  /** `d`: neither video nor audio. */
  track: Track | 'd'
  /** FFmpeg's name of the codec: `hevc`, `av1`, `vp9`, `h264`, `opus`, `aac`. */
  codec: string | null
  /** The decoder's configuration (avcC, hvcC, av1C, OpusHead), hexadecimal. */
  extraData: string
  /** Its packets so far; decode times may be null where the container has none (Matroska). */
  packets: readonly (Packet & Readonly<{ keyframe: boolean }>)[]
}>

type StreamLine = Readonly<{ stream: number } & Omit<Ffmpeg8Stream, 'packets'>>
type PacketLine = Readonly<{ packet: number } & Ffmpeg8Stream['packets'][number]>

/** Takes the lines that `read` prints. */
class StreamList {
  readonly streams: (Ffmpeg8Stream & { packets: Ffmpeg8Stream['packets'][number][] })[] = []
  #rest = ''

  /** Takes output, cut anywhere. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      this.#take(JSON.parse(line) as StreamLine | PacketLine)
    }
  }

  #take(line: StreamLine | PacketLine): void {
    if ('stream' in line) {
      const { stream, ...rest } = line
      this.streams[stream] = { ...rest, packets: [] }
    } else {
      const { packet, ...rest } = line
      this.streams[packet]?.packets.push(rest)
    }
  }
}

/** Publishes a file as it is (FLV, Matroska, MP4), in real time; ended after the test. */
export function publishWithFfmpeg8(scope: Scope, file: string, url: string): ToolProcess {
  return startTool(scope, 'ffmpeg8', ['publish', file, url])
}

/** Publishes a file as `publishWithFfmpeg8` does, but no more than a second of it before it is told to go on. */
export function publishHeldWithFfmpeg8(scope: Scope, file: string, url: string): HeldPublisher {
  const publisher = startTool(scope, 'ffmpeg8', ['publish', '--hold', file, url], { withInput: true })
  return { publisher, goOn: () => publisher.stdin.end('\n') }
}

/**
 * Makes an FLV file of another file's packets, at once: Enhanced FLV, where the codecs ask for it. Its packets are what
 * `publishWithFfmpeg8` of it sends: compare with those.
 */
export async function makeFlvWithFfmpeg8(file: string, flvFile: string): Promise<void> {
  await runTool('ffmpeg8', ['publish', '--fast', file, flvFile])
}

/** The streams of a file, with all their packets. @throws Error on the least complaint, also of the decoders */
export async function readWithFfmpeg8(file: string): Promise<readonly Ffmpeg8Stream[]> {
  const list = new StreamList()
  list.push(await runTool('ffmpeg8', ['read', file]))
  return list.streams
}

/** FFmpeg 8 as a player: decodes everything, and tells each packet it gets as it comes. */
export class Ffmpeg8Player extends PacketPlayer {
  readonly process: ToolProcess
  readonly #list = new StreamList()

  /**
   * Starts to play; ended after the test.
   * @param options options of the protocol or demuxer, e.g. `{ rtmp_enhanced_codecs: 'hvc1,av01,vp09' }`
   */
  constructor(scope: Scope, url: string, options: Readonly<Record<string, string>> = {}) {
    super()
    const optionArgs = Object.entries(options).map(([key, value]) => `--option=${key}=${value}`)
    const outputs = [(text: string) => this.#list.push(text)]
    this.process = startTool(scope, 'ffmpeg8', ['read', ...optionArgs, url], { outputs })
  }

  /** Every stream so far, in FFmpeg's order. */
  get streams(): readonly Ffmpeg8Stream[] {
    return this.#list.streams
  }

  /** The first stream of a kind; undefined before it is known. */
  stream(track: Track): Ffmpeg8Stream | undefined {
    return this.streams.find((stream) => stream.track === track)
  }

  packets(track: Track): readonly Packet[] {
    return this.stream(track)?.packets ?? []
  }
}
