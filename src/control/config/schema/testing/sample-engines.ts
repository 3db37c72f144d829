/** Where the samples of SRS send what they make. */
export const SAMPLE_OUTPUT = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]'

/** An engine, as a configuration file has it, and what FFmpeg is told. */
export type SampleEngine = Readonly<{
  /** Which of which sample. */
  of: string
  /** Name of the engine. */
  name: string
  /** What stands in it. */
  text: string
  /** What FFmpeg is told between the input and the output. */
  args: readonly string[]
}>

const SIZE = 'vwidth 768; vheight 320;'
const SMALL = `vcodec libx264; vbitrate 300; vfps 20; ${SIZE} vthreads 2; vprofile baseline; vpreset superfast;`
const SMALL_ARGS =
  '-vcodec libx264 -b:v 300000 -r 20.00 -s 768x320 -aspect 768:320 -threads 2 -profile:v baseline -preset superfast'
const FDK = 'acodec libfdk_aac; abitrate 45; asample_rate 44100; achannels 2; aparams { }'
const FDK_ARGS = '-acodec libfdk_aac -b:a 45000 -ar 44100 -ac 2'
const PLUS = FDK.replace('libfdk_aac', 'libaacplus')
const PLUS_ARGS = FDK_ARGS.replace('libfdk_aac', 'aac')
const SUPER = `iformat flv; vfilter { i ./doc/ffmpeg-logo.png; filter_complex 'overlay=10:10'; }
  vcodec libx264; vbitrate 1500; vfps 25; ${SIZE} vthreads 12; vprofile main; vpreset medium;
  vparams { t 100; coder 1; b_strategy 2; bf 3; refs 10; }
  acodec libfdk_aac; abitrate 70; asample_rate 44100; achannels 2; aparams { profile:a aac_low; } oformat flv;`
const SUPER_ARGS =
  '-i ./doc/ffmpeg-logo.png -filter_complex overlay=10:10 ' +
  '-vcodec libx264 -b:v 1500000 -r 25.00 -s 768x320 -aspect 768:320 -threads 12 -profile:v main -preset medium ' +
  '-t 100 -coder 1 -b_strategy 2 -bf 3 -refs 10 -acodec libfdk_aac -b:a 70000 -ar 44100 -ac 2 -profile:a aac_low -f flv'
const MIRROR = 'split [main][tmp]; [tmp] crop=iw:ih/2:0:0, vflip [flip]; [main][flip] overlay=0:H/2'
const TEXT = 'drawtext=text=SRS:x=10:y=10:fontcolor=#cccccc:fontfile=./doc/FreeSans.ttf'
const ENCODED = (kbps: number, [w, h]: readonly [number, number], threads: number, preset: string): string =>
  `vcodec libx264; vbitrate ${kbps}; vfps 25; vwidth ${w}; vheight ${h}; vthreads ${threads}; vprofile main; vpreset ${preset}; vparams { }`
const ENCODED_ARGS = (...[kbps, [w, h], threads, preset]: Parameters<typeof ENCODED>): string =>
  `-vcodec libx264 -b:v ${kbps}000 -r 25.00 -s ${w}x${h} -aspect ${w}:${h} -threads ${threads} -profile:v main -preset ${preset}`

const words = (text: string): string[] => text.split(' ')

/** The engines of the samples of SRS, of 2014 and of today, with their parameters, in words of our own. */
export const SAMPLE_ENGINES: readonly SampleEngine[] = [
  {
    of: 'all, 2014',
    name: 'ffsuper',
    text: SUPER.replace('libfdk_aac', 'libaacplus'),
    args: words(SUPER_ARGS.replace('libfdk_aac', 'aac')),
  },
  { of: 'all', name: 'ffsuper', text: SUPER, args: words(SUPER_ARGS) },
  {
    of: 'all',
    name: 'ffhd',
    text: `${ENCODED(1200, [1382, 576], 6, 'medium')} ${FDK.replace('45', '70')}`,
    args: words(`${ENCODED_ARGS(1200, [1382, 576], 6, 'medium')} ${FDK_ARGS.replace('45', '70')} -f flv`),
  },
  {
    of: 'all',
    name: 'ffsd',
    text: `${ENCODED(800, [1152, 480], 4, 'fast')} ${FDK.replace('45', '60')}`,
    args: words(`${ENCODED_ARGS(800, [1152, 480], 4, 'fast')} ${FDK_ARGS.replace('45', '60')} -f flv`),
  },
  {
    of: 'all',
    name: 'fffast',
    text: `${SMALL} vparams { } ${FDK}`,
    args: words(`${SMALL_ARGS} ${FDK_ARGS} -f flv`),
  },
  {
    of: 'all, and audio',
    name: 'vcopy',
    text: `vcodec copy; ${FDK}`,
    args: words(`-vcodec copy ${FDK_ARGS} -f flv`),
  },
  {
    of: 'all',
    name: 'acopy',
    text: `${SMALL} acodec copy;`,
    args: words(`${SMALL_ARGS} -acodec copy -f flv`),
  },
  {
    of: 'all, and copy',
    name: 'ffcopy',
    text: 'vcodec copy; acodec copy;',
    args: words('-vcodec copy -acodec copy -f flv'),
  },
  { of: 'vn', name: 'vn', text: `vcodec vn; ${FDK}`, args: words(`-vn ${FDK_ARGS} -f flv`) },
  {
    of: 'audio only to HLS',
    name: 'ff',
    text: 'vcodec copy; acodec libfdk_aac; aparams { }',
    args: words('-vcodec copy -acodec libfdk_aac -f flv'),
  },
  {
    of: 'mirror',
    name: 'mirror',
    text: `vfilter { vf '${MIRROR}'; } ${SMALL} ${PLUS}`,
    args: ['-vf', MIRROR, ...words(`${SMALL_ARGS} ${PLUS_ARGS} -f flv`)],
  },
  {
    of: 'crop',
    name: 'crop',
    text: `vfilter { vf 'crop=in_w-20:in_h-160:10:80'; } ${SMALL} ${PLUS}`,
    args: words(`-vf crop=in_w-20:in_h-160:10:80 ${SMALL_ARGS} ${PLUS_ARGS} -f flv`),
  },
  {
    of: 'logo',
    name: 'logo',
    text: `vfilter { i ./doc/ffmpeg-logo.png; filter_complex 'overlay=10:10'; } ${SMALL} ${FDK}`,
    args: words(`-i ./doc/ffmpeg-logo.png -filter_complex overlay=10:10 ${SMALL_ARGS} ${FDK_ARGS} -f flv`),
  },
  {
    of: 'drawtext',
    name: 'ff',
    text: `vfilter { vf '${TEXT}'; } ${SMALL.replace('300', '500')} acodec copy;`,
    args: words(`-vf ${TEXT} ${SMALL_ARGS.replace('300', '500')} -acodec copy -f flv`),
  },
  {
    of: 'ffempty, app and stream',
    name: 'empty',
    text: `vfilter { } ${SMALL} vparams { } ${PLUS}`,
    args: words(`${SMALL_ARGS} ${PLUS_ARGS} -f flv`),
  },
  {
    of: 'ffmpeg.transcode',
    name: 'ff',
    text: `vfilter { } ${ENCODED(500, [768, 320], 12, 'medium')} ${FDK.replace('45', '70')}`,
    args: words(`${ENCODED_ARGS(500, [768, 320], 12, 'medium')} ${FDK_ARGS.replace('45', '70')} -f flv`),
  },
  {
    of: 'demo',
    name: 'ld',
    text: `vfilter { vf '${TEXT}:fontsize=30'; } ${SMALL.replace('vthreads 2', 'vthreads 1')} ${PLUS}`,
    args: words(
      `-vf ${TEXT}:fontsize=30 ${SMALL_ARGS.replace('threads 2', 'threads 1')} ${PLUS_ARGS} -f flv`,
    ),
  },
  {
    of: 'demo, players',
    name: 'hls',
    text: `vfilter { vf '${TEXT}'; } ${SMALL} vparams { g 100; } ${PLUS}`,
    args: words(`-vf ${TEXT} ${SMALL_ARGS} -g 100 ${PLUS_ARGS} -f flv`),
  },
  {
    of: 'snapshots',
    name: 'png',
    text: 'vcodec png; acodec an; vparams { vf fps=1; } oformat image2;',
    args: words('-vcodec png -threads 1 -vf fps=1 -an -f image2'),
  },
]
