import { describe, expect, it } from 'vitest'
import { flvTag, type PlainTag } from '../../test/support/flv.ts'
import { ProtocolError } from '../base/index.ts'
import {
  Amf0EcmaArray,
  decodeAmf0,
  encodeAmf0,
  type FlvTag,
  FlvTagReader,
  FlvTagType,
} from '../media/index.ts'
import type { MediaPacket } from '../rtmp/index.ts'
import { FlvRecording, type RecordingOutput } from './flv-recording.ts'

const KINDS = { 8: 'audio', 9: 'video', 18: 'data' } as const
const { videoHeader, audioHeader, key, inter, audio, script } = flvTag

function packet({ type, timestampMs, body }: PlainTag): MediaPacket {
  return { kind: KINDS[type], timestamp: timestampMs, body }
}

/** A file in memory; or a pipe, which can't be written over. */
class MemoryOutput implements RecordingOutput {
  readonly overwrite: RecordingOutput['overwrite']
  #bytes: Buffer = Buffer.alloc(0)

  constructor(pipe = false) {
    this.overwrite = pipe
      ? null
      : async (position, bytes) => {
          expect(position + bytes.length).toBeLessThanOrEqual(this.#bytes.length)
          this.#bytes.set(bytes, position)
        }
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
  }

  /** The file, read again. */
  read(): { tags: FlvTag[]; hasAudio: boolean; hasVideo: boolean; metadata: unknown } {
    const reader = new FlvTagReader()
    const tags: FlvTag[] = []
    reader.push(this.#bytes, (tag) => tags.push(tag))
    const { hasAudio = false, hasVideo = false } = reader.header ?? {}
    const [name, value] = decodeAmf0(tags[0]?.body ?? new Uint8Array(0))
    expect(name).toBe('onMetaData')
    return { tags: tags.slice(1), hasAudio, hasVideo, metadata: (value as Amf0EcmaArray).entries }
  }
}

async function record(tags: readonly PlainTag[], output = new MemoryOutput()): Promise<MemoryOutput> {
  const recording = new FlvRecording(output)
  for (const tag of tags) {
    await recording.write(packet(tag))
  }
  await recording.end()
  return output
}

describe('FlvRecording', () => {
  it('begins at 0, whatever the time of the stream, and tells the duration', async () => {
    const metadata = script(0, encodeAmf0('onMetaData', { width: 640, duration: 7, framerate: 25 }))
    const output = await record([
      metadata,
      videoHeader(0),
      audioHeader(0),
      key(3_600_000, 1),
      audio(3_600_010, 2),
      inter(3_600_040, 3),
    ])
    const { tags, ...rest } = output.read()
    expect(rest).toEqual({
      hasAudio: true,
      hasVideo: true,
      metadata: { duration: 0.04, width: 640, framerate: 25 },
    })
    expect(tags).toEqual([videoHeader(0), audioHeader(0), key(0, 1), audio(10, 2), inter(40, 3)])
  })

  it('goes on over 2^32', async () => {
    const output = await record([key(2 ** 32 - 40), inter(0), inter(40)])
    expect(output.read().tags.map(({ timestampMs }) => timestampMs)).toEqual([0, 40, 80])
  })

  it('goes on over a clock that begins anew', async () => {
    const output = await record([key(60_000), inter(60_040), videoHeader(0), key(0), inter(40)])
    const times = output.read().tags.map(({ timestampMs }) => timestampMs)
    expect(times.slice(0, 3)).toEqual([0, 40, 40])
    const [newKey = 0, newInter = 0] = times.slice(3)
    expect(newKey).toBeGreaterThan(40)
    expect(newKey).toBeLessThan(200)
    expect(newInter).toBe(newKey + 40)
  })

  it('says what is in it, metadata or not, and keeps other data', async () => {
    const text = script(0, encodeAmf0('onTextData', { text: 'hello' }))
    const output = await record([audioHeader(0), audio(100), text, audio(123)])
    const { tags, ...rest } = output.read()
    expect(rest).toEqual({ hasAudio: true, hasVideo: false, metadata: { duration: 0.023 } })
    expect(tags).toEqual([audioHeader(0), audio(0), { ...text, timestampMs: 0 }, audio(23)])
  })

  it('keeps metadata that comes later', async () => {
    const later = encodeAmf0('onMetaData', new Amf0EcmaArray({ width: 320 }))
    const output = await record([key(0), script(0, later), inter(40)])
    expect(output.read().tags.map(({ type }) => type)).toEqual([
      FlvTagType.video,
      FlvTagType.script,
      FlvTagType.video,
    ])
  })

  it('is a file without media if nothing came', async () => {
    const { tags, ...rest } = (await record([])).read()
    expect(tags).toEqual([])
    expect(rest).toEqual({ hasAudio: false, hasVideo: false, metadata: { duration: 0 } })
  })

  it('into a pipe announces both and no duration', async () => {
    const { tags, ...rest } = (await record([audio(0), audio(23)], new MemoryOutput(true))).read()
    expect(tags).toHaveLength(2)
    expect(rest).toEqual({ hasAudio: true, hasVideo: true, metadata: { duration: 0 } })
  })

  it('leaves out what it cannot read, and says so', async () => {
    const output = new MemoryOutput()
    const recording = new FlvRecording(output)
    const broken = { type: FlvTagType.video, timestampMs: 0, body: new Uint8Array(0) }
    await expect(recording.write(packet(broken))).rejects.toBeInstanceOf(ProtocolError)
    await recording.write(packet(key(10)))
    await recording.write(packet(inter(50)))
    expect(recording.lengthMs).toBe(40)
    await recording.end()
    expect(output.read().tags).toHaveLength(2)
  })
})
