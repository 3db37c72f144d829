import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  defaultEngineOptions,
  type EngineOptions,
  encodersOf,
  engineArguments,
  engineForEncoders,
  replacedEncoders,
} from '../../../ffmpeg/index.ts'
import { inVhost, settingsOfText } from './testing/build.ts'
import { SAMPLE_ENGINES, SAMPLE_OUTPUT } from './testing/sample-engines.ts'

const FILES = new URL('../../../../test/fixtures/config/', import.meta.url)
const INPUT = 'rtmp://127.0.0.1:1935/live?vhost=v/a'
const OUTPUT = 'rtmp://127.0.0.1:1935/live?vhost=v/a_x'
const PLACES = { input: { options: [], address: INPUT }, output: { options: [], address: OUTPUT } }

function engineOf(text: string, name = 'x'): EngineOptions {
  const block = `transcode { enabled on; engine ${name} { enabled on; ${text} output ${SAMPLE_OUTPUT}; } }`
  const engine = settingsOfText(inVhost(block)).vhosts?.__defaultVhost__?.transcode?.[0]?.engines[0]
  return { ...defaultEngineOptions, output: '', ...engine }
}

/** Engines of a file by their virtual hosts and names. */
function enginesOf(file: string): Readonly<Record<string, EngineOptions>> {
  const { vhosts = {} } = settingsOfText(readFileSync(new URL(file, FILES), 'utf8'))
  const engines = Object.entries(vhosts).flatMap(([vhost, { transcode = [] }]) =>
    transcode.flatMap((each) => each.engines.map((engine) => [`${vhost} ${engine.name}`, engine] as const)),
  )
  return Object.fromEntries(engines.map(([name, engine]) => [name, { ...defaultEngineOptions, ...engine }]))
}

describe('what FFmpeg is told', () => {
  it.each(SAMPLE_ENGINES)('for $name of $of is what SRS tells it', ({ name, text, args }) => {
    expect(engineArguments(engineOf(text, name), PLACES)).toEqual([
      '-f',
      'flv',
      '-i',
      INPUT,
      ...args,
      '-y',
      OUTPUT,
    ])
  })

  it('for each engine of the file of 2014 is what SRS tells it', () => {
    const engines = Object.entries(enginesOf('srs-2014.conf')).map(
      ([name, engine]) => [name, engineArguments(engine, PLACES).slice(4, -2)] as const,
    )
    const common = '-r 20.00 -s 768x320 -aspect 768:320 -threads 2 -profile:v baseline'
    const text = 'drawtext=text=SimpleRtmpServer(SRS):x=10:y=10:fontcolor=#cccccc:fontfile=./doc/FreeSans.ttf'
    const aac = '-ar 44100 -ac 2'
    expect(Object.fromEntries(engines)).toEqual({
      'all.transcode.vhost.com ffsuper':
        `-i ./doc/ffmpeg-logo.png -filter_complex overlay=10:10 -vcodec libx264 -b:v 1500000 -r 25.00 -s 768x320 -aspect 768:320 -threads 12 -profile:v main -preset medium -t 100 -coder 1 -b_strategy 2 -bf 3 -refs 10 -acodec aac -b:a 70000 ${aac} -profile:a aac_low -f flv`.split(
          ' ',
        ),
      'drawtext.transcode.vhost.com ff':
        `-vf ${text} -vcodec libx264 -b:v 500000 ${common} -preset ultrafast -acodec copy -f flv`.split(' '),
      'ffempty.transcode.vhost.com empty':
        `-vcodec libx264 -b:v 300000 ${common} -preset superfast -acodec aac -b:a 45000 ${aac} -f flv`.split(
          ' ',
        ),
    })
  })

  it('for the engine of the file of today is what SRS tells it', () => {
    const [engine] = Object.values(enginesOf('srs-today.conf'))
    expect(engine && engineArguments(engine, PLACES).slice(4, -2)).toEqual([
      '-vcodec',
      'png',
      '-threads',
      '1',
      '-an',
      '-f',
      'image2',
    ])
  })

  it.each<[string, string, Partial<EngineOptions>, string]>([
    [
      'options before the input',
      INPUT,
      {
        inputOptions: [
          ['re', ''],
          ['-rw_timeout', '9000000'],
        ],
      },
      `-re -rw_timeout 9000000 -f flv -i ${INPUT} -vcodec copy -acodec copy -f flv -y o`,
    ],
    [
      'no format of the input',
      INPUT,
      { inputFormat: 'off' },
      `-i ${INPUT} -vcodec copy -acodec copy -f flv -y o`,
    ],
    [
      'no format of what is not RTMP',
      'udp://192.0.2.1:2222',
      {},
      '-i udp://192.0.2.1:2222 -vcodec copy -acodec copy -f flv -y o',
    ],
    [
      'no format of the output',
      INPUT,
      { outputFormat: 'off' },
      `-f flv -i ${INPUT} -vcodec copy -acodec copy -y o`,
    ],
    [
      'nothing for a video encoder where video is copied',
      INPUT,
      {
        width: 2,
        height: 2,
        profile: 'main',
        preset: 'fast',
        filters: [['vf', 'vflip']],
        videoOptions: [['g', '1']],
      },
      `-f flv -i ${INPUT} -vcodec copy -acodec copy -f flv -y o`,
    ],
    [
      'nothing for an audio encoder where audio is left out',
      INPUT,
      { audioCodec: 'an', channels: 1, audioOptions: [['q:a', '1']] },
      `-f flv -i ${INPUT} -vcodec copy -an -f flv -y o`,
    ],
    [
      'of options of copied audio the filter of AAC alone',
      INPUT,
      {
        audioOptions: [
          ['profile:a', 'x'],
          ['-bsf:a', 'aac_adtstoasc'],
          ['bsf:a', 'other'],
        ],
      },
      `-f flv -i ${INPUT} -vcodec copy -acodec copy -bsf:a aac_adtstoasc -f flv -y o`,
    ],
    [
      'even sizes',
      INPUT,
      { videoCodec: 'x', width: 321, height: 181 },
      `-f flv -i ${INPUT} -vcodec x -s 320x180 -aspect 320:180 -threads 1 -acodec copy -f flv -y o`,
    ],
    [
      'no size of which half is missing',
      INPUT,
      { videoCodec: 'x', width: 320, threads: 0 },
      `-f flv -i ${INPUT} -vcodec x -acodec copy -f flv -y o`,
    ],
    [
      'what is left to FFmpeg',
      INPUT,
      { videoCodec: '', audioCodec: 'aac', framesPerSecond: 29.97 },
      `-f flv -i ${INPUT} -r 29.97 -threads 1 -acodec aac -f flv -y o`,
    ],
  ])('has %s', (_, address, options, expected) => {
    const engine = { ...defaultEngineOptions, videoCodec: 'copy', audioCodec: 'copy', output: '', ...options }
    const output = { options: [], address: 'o' }
    expect(engineArguments(engine, { input: { options: [], address }, output }).join(' ')).toBe(expected)
  })

  it('begins with what an ingest has in front, and has the options of places before these', () => {
    const engine = { ...defaultEngineOptions, videoCodec: 'copy', audioCodec: 'copy', output: '' }
    const place = (address: string) => ({ options: [['rtmp_app', address]] as const, address })
    expect(
      engineArguments(engine, { first: ['-re'], input: place('rtmp://i'), output: place('rtmp://o') }).join(
        ' ',
      ),
    ).toBe(
      '-re -f flv -rtmp_app rtmp://i -i rtmp://i -vcodec copy -acodec copy -f flv -rtmp_app rtmp://o -y rtmp://o',
    )
  })
})

describe('the encoders of engines', () => {
  const engine = (videoCodec: string, audioCodec: string): EngineOptions => ({
    ...defaultEngineOptions,
    videoCodec,
    audioCodec,
    output: '',
  })

  it('are those that FFmpeg must have, by today’s names', () => {
    expect(encodersOf(engine('libx264', 'libaacplus'))).toEqual(['libx264', 'aac'])
    expect(encodersOf(engine('copy', 'an'))).toEqual([])
    expect(encodersOf(engine('vn', ''))).toEqual([])
  })

  it('that are gone are named once, with those in their places', () => {
    const engines = [engine('nvenc', 'libaacplus'), engine('copy', 'libaacplus'), engine('libx264', 'aac')]
    expect(replacedEncoders(engines)).toEqual([
      ['nvenc', 'h264_nvenc'],
      ['libaacplus', 'aac'],
    ])
  })

  it('that an FFmpeg does not have for their licence are replaced by others', () => {
    const fdk = engine('copy', 'libfdk_aac')
    expect(engineForEncoders(fdk, new Set(['aac'])).audioCodec).toBe('aac')
    expect(engineForEncoders(fdk, new Set(['aac', 'libfdk_aac']))).toBe(fdk)
    expect(engineForEncoders(fdk, new Set(['libmp3lame']))).toBe(fdk)
    expect(engineForEncoders(fdk, null)).toBe(fdk)
  })
})
