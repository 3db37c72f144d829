import type { EngineOptions, FfmpegOption } from '../../../ffmpeg/index.ts'
import type { VhostSettings } from '../../settings/index.ts'
import type { Block, Pair } from './config.ts'
import type { ENGINE } from './rows/engines.ts'
import type { VhostConfig } from './schema.ts'

/** What the blocks `transcode` and `ingest` of a vhost that are on say; what is off, as it is without a word, is left out. */
export function enginesOf({
  transcode,
  ingest,
}: VhostConfig['values']): Pick<VhostSettings, 'transcode' | 'ingest'> {
  const transcodes = transcode
    .filter(({ values: { enabled } }) => enabled.value)
    .map(({ names: [scope = ''], values: { ffmpeg, engine } }) => ({
      scope,
      ffmpeg: ffmpeg.value,
      engines: engine.map(engineOf).filter(({ enabled }) => enabled),
    }))
  const ingests = ingest
    .filter(({ values: { enabled } }) => enabled.value)
    .map(({ names: [id = ''], values: { ffmpeg, input, on_demand, idle_timeout, engine } }) => ({
      id,
      type: input.values.type.value,
      url: input.values.url.value ?? '',
      ffmpeg: ffmpeg.value,
      onDemand: on_demand.value,
      idleMs: idle_timeout.value,
      engines: engine.map(engineOf),
    }))
  return {
    ...(transcodes.length === 0 ? {} : { transcode: transcodes }),
    ...(ingests.length === 0 ? {} : { ingest: ingests }),
  }
}

/** What a block `engine` says. */
export function engineOf({ names: [name = ''], values }: Block<(typeof ENGINE)['rows']>): EngineOptions {
  return {
    name,
    enabled: values.enabled.value,
    inputOptions: values.perfile.map(optionOf),
    inputFormat: values.iformat.value,
    outputFormat: values.oformat.value,
    filters: values.vfilter.map(optionOf),
    videoCodec: values.vcodec.value,
    videoBitrateKbps: values.vbitrate.value,
    framesPerSecond: values.vfps.value,
    width: values.vwidth.value,
    height: values.vheight.value,
    threads: values.vthreads.value,
    profile: values.vprofile.value,
    preset: values.vpreset.value,
    videoOptions: values.vparams.map(optionOf),
    audioCodec: values.acodec.value,
    audioBitrateKbps: values.abitrate.value,
    sampleRateHz: values.asample_rate.value,
    channels: values.achannels.value,
    audioOptions: values.aparams.map(optionOf),
    output: values.output.value ?? '',
  }
}

/** As in SRS, the first word is the value. */
function optionOf({ name, words: [value = ''] }: Pair): FfmpegOption {
  return [name, value]
}
