/** An option of FFmpeg and its value, e.g. `['filter_complex', 'overlay=10:10']`; the name with or without `-`. */
export type FfmpegOption = readonly [name: string, value: string]

/** One output of FFmpeg. What is 0, '' or empty is left to FFmpeg. */
export type EngineOptions = Readonly<{
  /** e.g. 'ld'; stands for `[engine]` in `output`. '' if it has none. */
  name: string
  /** Default true. SRS: engine.enabled, which is off by default. */
  enabled: boolean
  /** Options before the input. SRS: perfile. */
  inputOptions: readonly FfmpegOption[]
  /** Format of an RTMP input; 'off' names none. Default 'flv'. SRS: iformat. */
  inputFormat: string
  /** Format of the output; 'off' names none. Default 'flv'. SRS: oformat. */
  outputFormat: string
  /** Options after the input, such as filters and a logo. SRS: vfilter. */
  filters: readonly FfmpegOption[]
  /** An encoder's name, 'copy', or 'vn' for no video. SRS: vcodec. */
  videoCodec: string
  /** kbit/s. SRS: vbitrate. */
  videoBitrateKbps: number
  /** Frames a second. SRS: vfps. */
  framesPerSecond: number
  /** Pixels; odd ones are lowered by one. SRS: vwidth. */
  width: number
  /** Pixels; odd ones are lowered by one. SRS: vheight. */
  height: number
  /** Threads of the encoder. Default 1. SRS: vthreads. */
  threads: number
  /** e.g. 'main'. SRS: vprofile. */
  profile: string
  /** e.g. 'medium'. SRS: vpreset. */
  preset: string
  /** More options of the video encoder. SRS: vparams. */
  videoOptions: readonly FfmpegOption[]
  /** An encoder's name, 'copy', or 'an' for no audio. SRS: acodec. */
  audioCodec: string
  /** kbit/s. SRS: abitrate. */
  audioBitrateKbps: number
  /** Hz. SRS: asample_rate. */
  sampleRateHz: number
  /** SRS: achannels. */
  channels: number
  /** More options of the audio encoder. SRS: aparams. */
  audioOptions: readonly FfmpegOption[]
  /** A URL or a file, with `[vhost]`, `[port]`, `[app]`, `[stream]`, `[engine]`, `[param]` and times in it. SRS: output. */
  output: string
}>
