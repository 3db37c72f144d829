import { readFile } from 'node:fs/promises'
import type { MediaPacket } from '../../src/index.ts'
import { type FlvTag, FlvTagReader, FlvTagType } from '../../src/media/index.ts'
import { describeTag, type Tag } from './tags.ts'
import { CLIP } from './web.ts'

const KINDS = {
  [FlvTagType.audio]: 'audio',
  [FlvTagType.video]: 'video',
  [FlvTagType.script]: 'data',
} as const

/** The packets of an FLV file's first seconds. @param path default: the bundled clip */
export async function readPacketsOf(seconds: number, path: string = CLIP): Promise<MediaPacket[]> {
  const tags: FlvTag[] = []
  new FlvTagReader().push(await readFile(path), (tag) => tags.push(tag))
  return tags
    .filter(({ timestampMs }) => timestampMs < seconds * 1000)
    .map(({ type, timestampMs, body }) => ({ kind: KINDS[type], timestamp: timestampMs, body }))
}

/** Audio and video, each in its order: servers change metadata, and which kind comes first where times are equal. */
export function mediaOf(packets: readonly MediaPacket[]): Readonly<Record<'audio' | 'video', Tag[]>> {
  const tags = packets.map(({ kind, timestamp, body }) => describeTag(kind, timestamp, body))
  return {
    audio: tags.filter(({ kind }) => kind === 'audio'),
    video: tags.filter(({ kind }) => kind === 'video'),
  }
}

/** Reads until there are as many audio and video packets as in `expected`, and leaves. */
export async function readLike(
  packets: AsyncIterable<MediaPacket>,
  expected: readonly MediaPacket[],
): Promise<MediaPacket[]> {
  const count = expected.filter(({ kind }) => kind !== 'data').length
  const read: MediaPacket[] = []
  let media = 0
  for await (const packet of packets) {
    read.push(packet)
    media += packet.kind === 'data' ? 0 : 1
    if (media === count) {
      break
    }
  }
  return read
}
