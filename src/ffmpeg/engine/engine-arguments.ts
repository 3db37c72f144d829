import type { FfmpegAddress } from '../variables/index.ts'
import { encoderOfToday } from './encoders.ts'
import type { EngineOptions, FfmpegOption } from './engine-options.ts'
import { isEncoded } from './engine-problems.ts'

/** What an engine reads and writes. */
export type EngineEnds = Readonly<{
  /** What is read. */
  input: FfmpegAddress
  /** Where it goes. */
  output: FfmpegAddress
  /** Arguments in front of all others, such as those that SRS gives to an ingest. Default: none. */
  first?: readonly string[]
}>

/**
 * What FFmpeg is told, in the order of SRS: the same arguments as today's, but for encoders that FFmpeg has no more. What an engine leaves
 * open is left out.
 */
export function engineArguments(engine: EngineOptions, { input, output, first = [] }: EngineEnds): string[] {
  const isRtmp = input.address.startsWith('rtmp://')
  return [
    ...first,
    ...optionArguments(engine.inputOptions),
    ...(isRtmp ? formatArguments(engine.inputFormat) : []),
    ...optionArguments(input.options),
    '-i',
    input.address,
    ...videoArguments(engine),
    ...audioArguments(engine),
    ...formatArguments(engine.outputFormat),
    ...optionArguments(output.options),
    '-y',
    output.address,
  ]
}

/** '' and 'off' name no format. */
function formatArguments(name: string): string[] {
  return name === '' || name === 'off' ? [] : ['-f', name]
}

function videoArguments(engine: EngineOptions): string[] {
  const { videoCodec, videoBitrateKbps, framesPerSecond, threads, profile, preset, filters, videoOptions } =
    engine
  if (!isEncoded(videoCodec)) {
    return videoCodec === 'vn' ? ['-vn'] : ['-vcodec', 'copy']
  }
  const [width, height] = [even(engine.width), even(engine.height)]
  return [
    ...optionArguments(filters),
    ...given('-vcodec', encoderOfToday(videoCodec)),
    ...given('-b:v', positive(videoBitrateKbps * 1000)),
    ...given('-r', framesPerSecond > 0 ? framesPerSecond.toFixed(2) : ''),
    ...(width > 0 && height > 0 ? ['-s', `${width}x${height}`, '-aspect', `${width}:${height}`] : []),
    ...given('-threads', positive(threads)),
    ...given('-profile:v', profile),
    ...given('-preset', preset),
    ...optionArguments(videoOptions),
  ]
}

function audioArguments(engine: EngineOptions): string[] {
  const { audioCodec, audioBitrateKbps, sampleRateHz, channels, audioOptions } = engine
  if (audioCodec === 'an') {
    return ['-an']
  }
  if (audioCodec === 'copy') {
    return ['-acodec', 'copy', ...optionArguments(audioOptions.filter(isForCopies))]
  }
  return [
    ...given('-acodec', encoderOfToday(audioCodec)),
    ...given('-b:a', positive(audioBitrateKbps * 1000)),
    ...given('-ar', positive(sampleRateHz)),
    ...given('-ac', positive(channels)),
    ...optionArguments(audioOptions),
  ]
}

/** The one option of audio that SRS keeps where audio is copied: AAC of MPEG-TS becomes that of FLV. */
function isForCopies([name, value]: FfmpegOption): boolean {
  return name.replace(/^-/, '') === 'bsf:a' && value === 'aac_adtstoasc'
}

function optionArguments(options: readonly FfmpegOption[]): string[] {
  return options.flatMap(([name, value]) => [
    name.startsWith('-') ? name : `-${name}`,
    ...(value === '' ? [] : [value]),
  ])
}

function given(name: string, value: string): string[] {
  return value === '' ? [] : [name, value]
}

function positive(value: number): string {
  return value > 0 ? String(Math.round(value)) : ''
}

/** Encoders take even sizes. */
function even(pixels: number): number {
  return pixels - (pixels % 2)
}
