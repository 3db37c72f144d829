import { type StreamName, type StreamRequest, streamKey } from '../../live/index.ts'
import {
  type EngineOptions,
  encodersOf,
  engineArguments,
  outputFolderOf,
  outputSecrets,
  showPass,
} from '../engine/index.ts'
import { streamPublishedHere } from '../ingest/index.ts'
import type { ProgramTask } from '../program/index.ts'
import {
  expandAddress,
  expandVariables,
  type FfmpegAddress,
  type VariableValues,
  variableValuesOf,
  wholeAddress,
} from '../variables/index.ts'
import type { EngineSpec } from './engine-spec.ts'
import type { OwnRtmpAddress, TranscodeServiceSetup } from './setup.ts'

/** What SRS names the logs of engines. */
const LOG_NAME = 'ffmpeg-encoder-[vhost]-[app]-[stream]'

/** Where an engine's output goes, by the settings and who publishes its source. */
export type EngineOutput = Readonly<{
  /** What FFmpeg is told. */
  place: FfmpegAddress
  /** The stream of this server that it becomes; null if it goes elsewhere. */
  stream: StreamName | null
}>

/**
 * Where an engine's output goes.
 * @throws UnusableValueError if what the publisher chose can't be said there; ServerError if FFmpeg can't reach this server
 */
export function outputOf(
  spec: EngineSpec,
  request: StreamRequest,
  setup: TranscodeServiceSetup,
): EngineOutput {
  const place = expandAddress(spec.engine.output, valuesOf(spec, request, setup, setup.address()))
  const { nameStream, isOurs } = setup
  return { place, stream: streamPublishedHere(place, { nameStream }, isOurs) }
}

/**
 * FFmpeg for one engine of a stream.
 * @param engine that of `spec`, as this FFmpeg can run it
 * @param request whose stream it is, asked for each start
 * @param isSilent whether its source has nothing at the moment
 * @throws what `outputOf` throws
 */
export function transcodeTask(
  spec: EngineSpec,
  engine: EngineOptions,
  request: () => StreamRequest,
  isSilent: () => boolean,
  setup: TranscodeServiceSetup,
): ProgramTask {
  const source = request().name
  const { place, stream } = outputOf(spec, request(), setup)
  const input = setup.passFor('play', source)
  const output = stream === null ? null : setup.passFor('publish', stream)
  const passes = [input, output].filter((pass) => pass !== null)
  const values = valuesOf(spec, request(), setup, setup.address())
  return {
    kind: 'transcode',
    vhost: source.vhost,
    stream: streamKey(source),
    name: engine.name,
    output: wholeAddress(place),
    secrets: [
      ...passes.map(({ word }) => word),
      ...(stream === null ? outputSecrets(spec.engine.output) : []),
    ],
    logName: expandVariables(`${LOG_NAME}${engine.name === '' ? '' : '-[engine]'}.log`, values, 'name'),
    isFfmpeg: true,
    encoders: encodersOf(engine),
    command: () => {
      const address = setup.address()
      const now = valuesOf(spec, request(), setup, address)
      const to = expandAddress(engine.output, now)
      const args = engineArguments(engine, {
        input: showPass(expandAddress(inputTemplate(address), now), input),
        output: showPass(to, output),
      })
      const folder = outputFolderOf(engine, to)
      return { file: spec.ffmpeg ?? 'ffmpeg', args, ...(folder === null ? {} : { folder }) }
    },
    onExit: () => {
      for (const pass of passes) {
        pass.close()
      }
    },
    isExpectedToWork: () => !isSilent(),
  }
}

/** As SRS writes it. */
function inputTemplate({ host, port }: OwnRtmpAddress): string {
  return `rtmp://${host}:${port}/[app]?vhost=[vhost]/[stream]`
}

function valuesOf(
  { engine: { name: engine } }: EngineSpec,
  request: StreamRequest,
  { clock, utcTime }: TranscodeServiceSetup,
  { port }: OwnRtmpAddress,
): VariableValues {
  return variableValuesOf(request, { port, time: clock.wallTime(), engine, utc: utcTime?.() ?? false })
}
