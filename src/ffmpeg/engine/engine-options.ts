/**
 * An option of FFmpeg and its value, e.g. `['filter_complex', 'overlay=10:10']`; the name with or without `-`, the value '' if it has
 * none.
 */
export type FfmpegOption = readonly [name: string, value: string]

/** One output of FFmpeg. What is 0, '' or empty is left to FFmpeg. */
export type EngineOptions = Readonly<{
  /** e.g. 'ld'; stands for `[engine]` in `output`. Default '': none. */
  name: string
  /** Default true. SRS: engine.enabled, which is off by default. */
  enabled: boolean
  /** Options before the input. Default: none. SRS: perfile. */
  inputOptions: readonly FfmpegOption[]
  /** Format of an RTMP input; 'off' names none. Default 'flv'. SRS: iformat. */
  inputFormat: string
  /** Format of the output; 'off' names none. Default 'flv'. SRS: oformat. */
  outputFormat: string
  /** Options after the input, such as filters and a logo. They count where video is encoded. Default: none. SRS: vfilter. */
  filters: readonly FfmpegOption[]
  /** An encoder's name, 'copy', or 'vn' for no video. Default ''. SRS: vcodec. */
  videoCodec: string
  /** kbit/s. Default 0. SRS: vbitrate. */
  videoBitrateKbps: number
  /** Frames a second. Default 0. SRS: vfps. */
  framesPerSecond: number
  /** Pixels; odd ones are lowered by one. Counts with `height` alone. Default 0. SRS: vwidth. */
  width: number
  /** Pixels; odd ones are lowered by one. Counts with `width` alone. Default 0. SRS: vheight. */
  height: number
  /** Threads of the video encoder. Default 1. SRS: vthreads. */
  threads: number
  /** e.g. 'main'; encoders of H.264 and H.265 need one. Default ''. SRS: vprofile. */
  profile: string
  /** e.g. 'medium'; encoders of H.264 and H.265 need one. Default ''. SRS: vpreset. */
  preset: string
  /** More options of the video encoder. Default: none. SRS: vparams. */
  videoOptions: readonly FfmpegOption[]
  /** An encoder's name, 'copy', or 'an' for no audio. Default ''. SRS: acodec. */
  audioCodec: string
  /** kbit/s. Default 0. SRS: abitrate. */
  audioBitrateKbps: number
  /** Hz. Default 0. SRS: asample_rate. */
  sampleRateHz: number
  /** Default 0. SRS: achannels. */
  channels: number
  /** More options of the audio encoder; where audio is copied, `bsf:a aac_adtstoasc` alone counts. Default: none. SRS: aparams. */
  audioOptions: readonly FfmpegOption[]
  /** A URL or a file, with `[vhost]`, `[port]`, `[app]`, `[stream]`, `[engine]`, `[param]` and times in it. SRS: output. */
  output: string
}>

/** An engine as a program gives it: what is left out has its default. */
export type EngineSettings = Partial<EngineOptions> & Pick<EngineOptions, 'output'>

/** The defaults of `EngineOptions`; an output has none. */
export const defaultEngineOptions: Omit<EngineOptions, 'output'> = {
  name: '',
  enabled: true,
  inputOptions: [],
  inputFormat: 'flv',
  outputFormat: 'flv',
  filters: [],
  videoCodec: '',
  videoBitrateKbps: 0,
  framesPerSecond: 0,
  width: 0,
  height: 0,
  threads: 1,
  profile: '',
  preset: '',
  videoOptions: [],
  audioCodec: '',
  audioBitrateKbps: 0,
  sampleRateHz: 0,
  channels: 0,
  audioOptions: [],
}
