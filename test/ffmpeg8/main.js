/**
 * FFmpeg 8 as a command, made of its libraries as the package node-av carries them (it brings no program).
 *
 *   publish [--fast] [--hold] FILE URL
 *                                   copies a file's packets as FLV to a URL or a file, in real time or as fast as it goes; with
 *                                   --hold no more than a second of it before something comes on standard input
 *   read [--option=K=V ...] URL     prints each stream and each packet as a line of JSON, and decodes it
 *   version                         prints FFmpeg's version
 *
 * As with FFmpeg's `-v error`, anything on standard error is a complaint. See test/support/ffmpeg8.ts for the lines.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  AV_LOG_ERROR,
  AV_PKT_FLAG_KEY,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_NOFILE,
  AVIO_FLAG_WRITE,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import {
  avGetCodecName,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  getFFmpegInfo,
  IOContext,
  Log,
  Packet,
} from 'node-av/lib'

/** `AV_NOPTS_VALUE` */
const NO_TIME = -(2n ** 63n)
const TRACKS = new Map([
  [AVMEDIA_TYPE_VIDEO, 'v'],
  [AVMEDIA_TYPE_AUDIO, 'a'],
])

function require(code, what) {
  FFmpegError.throwIfError(code, what)
}

async function openInput(url, options = {}) {
  const input = new FormatContext()
  input.allocContext()
  require(await input.openInput(url, null, Dictionary.fromObject(options)), `opening ${url}`)
  require(await input.findStreamInfo(), `looking at ${url}`)
  return input
}

async function* packetsOf(input) {
  const packet = new Packet()
  packet.alloc()
  for (;;) {
    const code = await input.readFrame(packet)
    if (FFmpegError.is(code, AVERROR_EOF)) {
      return
    }
    require(code, 'reading')
    yield packet
    packet.unref()
  }
}

function toMs(ticks, { num, den }) {
  return ticks === NO_TIME ? null : Math.round((Number(ticks) * 1000 * num) / den)
}

async function publish(file, url, { fast, hold }) {
  const input = await openInput(file)
  const output = new FormatContext()
  require(output.allocOutputContext2(null, 'flv', url), `an output for ${url}`)
  const targets = input.streams.map((stream) => {
    const target = output.newStream()
    require(stream.codecpar.copy(target.codecpar), 'copying parameters')
    target.codecpar.codecTag = 0
    target.timeBase = stream.timeBase
    return target
  })
  const io = new IOContext()
  if (!output.oformat.hasFlags(AVFMT_NOFILE)) {
    require(await io.open2(url, AVIO_FLAG_WRITE), `opening ${url}`)
    output.pb = io
  }
  require(await output.writeHeader(), 'writing the header')
  let startMs = null
  let holdAtMs = hold ? null : Number.POSITIVE_INFINITY
  for await (const packet of packetsOf(input)) {
    const source = input.streams[packet.streamIndex]
    // Matroska has no decode times; near enough to keep the pace.
    const timeMs = toMs(packet.dts, source.timeBase) ?? toMs(packet.pts, source.timeBase)
    holdAtMs ??= timeMs + 1000
    if (timeMs >= holdAtMs) {
      await once(process.stdin, 'data')
      holdAtMs = Number.POSITIVE_INFINITY
      process.stdin.unref()
      startMs = null
    }
    startMs ??= performance.now() - timeMs
    const waitMs = fast ? 0 : startMs + timeMs - performance.now()
    if (waitMs > 0) {
      await delay(waitMs)
    }
    packet.rescaleTs(source.timeBase, targets[packet.streamIndex].timeBase)
    require(await output.interleavedWriteFrame(packet), 'writing')
  }
  require(await output.writeTrailer(), 'writing the end')
  require(await io.closep(), 'closing')
}

async function openDecoder({ codecpar }) {
  const codec = Codec.findDecoder(codecpar.codecId)
  if (codec === null) {
    return null
  }
  const decoder = new CodecContext()
  decoder.allocContext3(codec)
  require(decoder.parametersToContext(codecpar), 'setting up a decoder')
  require(await decoder.open2(codec), 'opening a decoder')
  return decoder
}

async function decode(decoder, packet, frame) {
  require(await decoder.sendPacket(packet), 'decoding')
  for (;;) {
    const code = await decoder.receiveFrame(frame)
    if (FFmpegError.is(code, AVERROR_EAGAIN) || FFmpegError.is(code, AVERROR_EOF)) {
      return
    }
    require(code, 'decoding')
    frame.unref()
  }
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function read(url, options) {
  const input = await openInput(url, options)
  const decoders = []
  const frame = new Frame()
  frame.alloc()

  /** FLV says what is in it only as it comes: a stream may turn up late. */
  async function openDecoders() {
    for (const stream of input.streams.slice(decoders.length)) {
      const { index, codecpar } = stream
      const track = TRACKS.get(codecpar.codecType) ?? 'd'
      const extraData = codecpar.extradata?.toString('hex') ?? ''
      print({ stream: index, track, codec: avGetCodecName(codecpar.codecId), extraData })
      decoders.push(await openDecoder(stream))
    }
  }

  await openDecoders()
  for await (const packet of packetsOf(input)) {
    if (packet.streamIndex >= decoders.length) {
      await openDecoders()
    }
    const { timeBase } = input.streams[packet.streamIndex]
    print({
      packet: packet.streamIndex,
      dts: toMs(packet.dts, timeBase),
      pts: toMs(packet.pts, timeBase),
      keyframe: packet.hasFlags(AV_PKT_FLAG_KEY),
      hash: createHash('md5').update(packet.data).digest('hex'),
    })
    const decoder = decoders[packet.streamIndex]
    if (decoder !== null) {
      await decode(decoder, packet, frame)
    }
  }
}

Log.setLevel(AV_LOG_ERROR)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fast: { type: 'boolean', default: false },
    hold: { type: 'boolean', default: false },
    option: { type: 'string', multiple: true, default: [] },
  },
})
const [command, first, second] = positionals
switch (command) {
  case 'publish':
    await publish(first, second, values)
    break
  case 'read':
    await read(first, Object.fromEntries(values.option.map((option) => option.split(/=(.*)/s).slice(0, 2))))
    break
  case 'version':
    process.stdout.write(`${getFFmpegInfo().version}\n`)
    break
  default:
    throw new Error(`publish, read or version, not '${command}'`)
}
