import { toError } from '../../base/index.ts'
import { checkAddressTemplate } from '../variables/index.ts'
import type { EngineOptions } from './engine-options.ts'

/** What prevents that an engine works, and at which of its settings. */
export type EngineProblem = Readonly<{
  /** Which setting. */
  setting: keyof EngineOptions
  /** Fit to follow its name in a sentence. */
  problem: string
}>

/** Encoders that need a profile and a preset, as in SRS: those of H.264 and H.265. */
const NEEDS_PROFILE = /264|265|hevc/i

/** What an output looks like, for messages. */
const OUTPUT_EXAMPLE = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]'

const NUMBERS = [
  'videoBitrateKbps',
  'framesPerSecond',
  'width',
  'height',
  'threads',
  'audioBitrateKbps',
  'sampleRateHz',
  'channels',
] as const

/** All that is wrong with an engine, by itself; nothing if it may be tried. Of one that is not enabled, the output alone counts. */
export function engineProblems(engine: EngineOptions): readonly EngineProblem[] {
  const output = outputProblems(engine)
  return engine.enabled ? [...codecProblems(engine), ...numberProblems(engine), ...output] : output
}

/** Whether a codec is an encoder: neither copied nor left out. '' leaves the encoder to FFmpeg. */
export function isEncoded(codec: string): boolean {
  return !['copy', 'vn', 'an'].includes(codec)
}

function outputProblems({ output }: EngineOptions): readonly EngineProblem[] {
  if (output === '') {
    return [{ setting: 'output', problem: `is missing: expected a URL or a file, e.g. ${OUTPUT_EXAMPLE}` }]
  }
  try {
    checkAddressTemplate(output)
    return []
  } catch (error) {
    return [{ setting: 'output', problem: toError(error).message }]
  }
}

function codecProblems(engine: EngineOptions): readonly EngineProblem[] {
  const { videoCodec, audioCodec } = engine
  if (videoCodec === '' && audioCodec === '') {
    const problem = 'is missing, and so is that of audio: expected an encoder, copy, vn or an'
    return [{ setting: 'videoCodec', problem }]
  }
  if (videoCodec === 'vn' && audioCodec === 'an') {
    return [{ setting: 'audioCodec', problem: 'is an, and that of video is vn: expected one of them' }]
  }
  return (['profile', 'preset'] as const)
    .filter((setting) => NEEDS_PROFILE.test(videoCodec) && engine[setting] === '')
    .map((setting) => {
      const example = setting === 'profile' ? 'main' : 'veryfast'
      return { setting, problem: `is missing: expected one for ${videoCodec}, e.g. ${example}` }
    })
}

function numberProblems(engine: EngineOptions): readonly EngineProblem[] {
  return NUMBERS.filter((setting) => !(Number.isFinite(engine[setting]) && engine[setting] >= 0)).map(
    (setting) => ({ setting, problem: `is ${engine[setting]}: expected 0 or more` }),
  )
}
