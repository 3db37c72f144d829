import { Amf0EcmaArray, decodeAmf0, encodeAmf0 } from '../../src/media/index.ts'
import type { MicroBench } from './micro-bench.ts'

const connect = [
  'connect',
  1,
  {
    app: 'live',
    type: 'nonprivate',
    flashVer: 'FMLE/3.0 (compatible; FMSc/1.0)',
    swfUrl: 'rtmp://127.0.0.1:1935/live',
    tcUrl: 'rtmp://127.0.0.1:1935/live',
  },
]
const metadata = [
  '@setDataFrame',
  'onMetaData',
  new Amf0EcmaArray({
    duration: 0,
    fileSize: 0,
    width: 1280,
    height: 720,
    videocodecid: 'avc1',
    videodatarate: 2500,
    framerate: 30,
    audiocodecid: 'mp4a',
    audiodatarate: 160,
    audiosamplerate: 48_000,
    audiosamplesize: 16,
    audiochannels: 2,
    stereo: true,
    encoder: 'obs-output module (libobs version 30.0.2)',
  }),
]
/** A recording's index: the largest thing that is AMF in the field. */
const index = [
  'onMetaData',
  {
    keyframes: {
      times: Array.from({ length: 3600 }, (_none, second) => second),
      filepositions: Array.from({ length: 3600 }, (_none, second) => second * 62_500),
    },
  },
]

const samples = { 'a connect command': connect, metadata, 'an index of 3600 keyframes': index }

/** Commands and metadata, both ways. */
export const benches: readonly MicroBench[] = Object.entries(samples).flatMap(([name, values]) => {
  const bytes = encodeAmf0(...values)
  return [
    { name: `decode ${name}`, run: () => decodeAmf0(bytes) },
    { name: `encode ${name}`, run: () => encodeAmf0(...values) },
  ]
})
