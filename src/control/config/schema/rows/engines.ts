/** `engine NAME { }` in `transcode` and `ingest`: one output of FFmpeg. */
export const ENGINE = {
  kind: 'block',
  names: { says: 'NAME', min: 0, max: 1 },
  repeatable: true,
  since: '2014',
  says: 'One output of FFmpeg.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '2014', says: 'Whether it is made.' },
    perfile: { kind: 'pairs', secret: 'value', since: '3.0', says: 'Options of FFmpeg before its input.' },
    iformat: { kind: 'text', default: 'flv', since: '2.0', says: 'Format of the input; off names none.' },
    oformat: { kind: 'text', default: 'flv', since: '2.0', says: 'Format of the output; off names none.' },
    vfilter: { kind: 'pairs', since: '2014', says: 'Options of FFmpeg after its input, such as filters.' },
    vcodec: { kind: 'text', default: '', since: '2014', says: 'Video encoder; copy, or vn for none.' },
    vbitrate: {
      kind: 'integer',
      default: '0',
      since: '2014',
      says: 'Video bitrate in kbit/s; 0 leaves it open.',
    },
    vfps: { kind: 'number', default: '0', since: '2014', says: 'Frames a second; 0 leaves it open.' },
    vwidth: { kind: 'integer', default: '0', since: '2014', says: 'Width in pixels; 0 leaves it open.' },
    vheight: { kind: 'integer', default: '0', since: '2014', says: 'Height in pixels; 0 leaves it open.' },
    vthreads: { kind: 'integer', default: '1', since: '2014', says: 'Threads of the encoder.' },
    vprofile: { kind: 'text', default: '', since: '2014', says: 'Profile, such as baseline, main or high.' },
    vpreset: { kind: 'text', default: '', since: '2014', says: 'Preset, from ultrafast to placebo.' },
    vparams: { kind: 'pairs', since: '2014', says: 'More options of the video encoder.' },
    acodec: { kind: 'text', default: '', since: '2014', says: 'Audio encoder; copy, or an for none.' },
    abitrate: {
      kind: 'integer',
      default: '0',
      since: '2014',
      says: 'Audio bitrate in kbit/s; 0 leaves it open.',
    },
    asample_rate: {
      kind: 'integer',
      default: '0',
      since: '2014',
      says: 'Sample rate in Hz; 0 leaves it open.',
    },
    achannels: { kind: 'integer', max: 8, default: '0', since: '2014', says: 'Channels; 0 leaves it open.' },
    aparams: { kind: 'pairs', since: '2014', says: 'More options of the audio encoder.' },
    output: {
      kind: 'text',
      unset: 'none',
      secret: 'path',
      since: '2014',
      says: 'Where it goes: a URL or a file.',
    },
  },
} as const

/** `vhost.transcode`: FFmpeg makes other streams of a stream. */
export const TRANSCODE: Readonly<{
  kind: 'block'
  names: Readonly<{ says: string; min: 0; max: 1 }>
  repeatable: true
  since: string
  says: string
  rows: Readonly<{
    enabled: Readonly<{ kind: 'on-off'; default: string; since: string; says: string }>
    ffmpeg: Readonly<{ kind: 'path'; unset: string; since: string; says: string }>
    engine: typeof ENGINE
  }>
}> = {
  kind: 'block',
  names: { says: '[APP[/STREAM]]', min: 0, max: 1 },
  repeatable: true,
  since: '2014',
  says: 'FFmpeg makes other streams of each stream of a vhost, an app, or of one stream.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '2014', says: 'Whether it does.' },
    ffmpeg: {
      kind: 'path',
      unset: '`ffmpeg` in PATH',
      since: '2014',
      says: 'The program FFmpeg; where it is not there, the one in PATH is taken.',
    },
    engine: ENGINE,
  },
}

/** `ingest.input`: what is published. */
export const INGEST_INPUT = {
  kind: 'block',
  since: '1.0',
  says: 'What is published.',
  rows: {
    type: {
      kind: 'word',
      words: ['file', 'stream', 'device'],
      default: 'file',
      since: '1.0',
      says: 'A file, published at its own pace, or a stream; here also a device.',
    },
    url: { kind: 'text', unset: 'none', since: '1.0', says: 'Where it is.' },
  },
} as const

/** `vhost.ingest`: FFmpeg publishes files and other streams here. */
export const INGEST: Readonly<{
  kind: 'block'
  names: Readonly<{ says: string; min: 0; max: 1 }>
  repeatable: true
  since: string
  says: string
  rows: Readonly<{
    enabled: Readonly<{ kind: 'on-off'; default: string; since: string; says: string }>
    on_demand: Readonly<{ kind: 'on-off'; default: string; since: string; says: string }>
    idle_timeout: Readonly<{ kind: 'seconds'; default: string; since: string; says: string }>
    input: typeof INGEST_INPUT
    ffmpeg: Readonly<{ kind: 'path'; unset: string; since: string; says: string }>
    engine: typeof ENGINE
  }>
}> = {
  kind: 'block',
  names: { says: '[ID]', min: 0, max: 1 },
  repeatable: true,
  since: '1.0',
  says: 'Publishes a file, another stream or a device here. Each has an ID of its own.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '1.0', says: 'Whether it does.' },
    on_demand: { kind: 'on-off', default: 'off', since: 'here', says: 'Runs only while somebody watches.' },
    idle_timeout: {
      kind: 'seconds',
      default: '10',
      since: 'here',
      says: 'How long one that runs on demand goes on when nobody watches any more.',
    },
    input: INGEST_INPUT,
    ffmpeg: {
      kind: 'path',
      unset: '`ffmpeg` in PATH',
      since: '1.0',
      says: 'The program FFmpeg; where it is not there, the one in PATH is taken.',
    },
    engine: ENGINE,
  },
}

/** `vhost.exec`: programs that run while a stream is published. */
export const EXEC = {
  kind: 'block',
  since: '2.0',
  says: 'Programs that run while a stream is published.',
  rows: {
    enabled: { kind: 'on-off', default: 'off', since: '2.0', says: 'Whether they run.' },
    publish: {
      kind: 'texts',
      to: 'exec.publish',
      repeatable: true,
      // An argument may be anything, e.g. a header with a password.
      secret: 'value',
      since: '2.0',
      says: 'A program and its arguments, with variables such as [stream]; > FILE and 2> FILE take what it writes.',
    },
  },
} as const
