import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { FrameKind } from '../../src/live/index.ts'
import {
  type FlvTag,
  FlvTagReader,
  FlvTagType,
  parseAudioTagBody,
  parseVideoTagBody,
} from '../../src/media/index.ts'
import type { Packet } from './packets.ts'

/** An FLV tag or RTMP message, without its body. A `Packet` too: `hash` is that of the body. */
export type Tag = Packet &
  Readonly<{
    kind: FrameKind
    keyframe: boolean
    sequenceHeader: boolean
    /** A picture or a sound: no sequence header, no end of sequence (which FFmpeg ends H.264 with), no data. */
    isMedia: boolean
  }>

/** Looks at a tag body. @param timestamp decode time, ms */
export function describeTag(kind: FrameKind, timestamp: number, body: Uint8Array): Tag {
  const hash = createHash('md5').update(body).digest('hex')
  const plain = { kind, dts: timestamp, pts: timestamp, hash, keyframe: false }
  switch (kind) {
    case 'data':
      return { ...plain, sequenceHeader: false, isMedia: false }
    case 'audio': {
      const { sequenceHeader } = parseAudioTagBody(body)
      return { ...plain, sequenceHeader, isMedia: !sequenceHeader }
    }
    case 'video': {
      const { keyframe, sequenceHeader, endOfSequence, compositionOffset } = parseVideoTagBody(body)
      const isMedia = !sequenceHeader && !endOfSequence
      return { ...plain, pts: timestamp + compositionOffset, keyframe, sequenceHeader, isMedia }
    }
  }
}

/** Looks at a tag of an FLV stream. */
export function describeFlvTag({ type, timestampMs, body }: FlvTag): Tag {
  const kind = type === FlvTagType.video ? 'video' : type === FlvTagType.audio ? 'audio' : 'data'
  return describeTag(kind, timestampMs, body)
}

/** Tags in order, as a file has them or a player got them. */
export class TagList {
  /** All of them. */
  readonly tags: Tag[] = []

  /** Those of one kind that are media; see `Tag.isMedia`. */
  media(kind: 'audio' | 'video'): Tag[] {
    return this.tags.filter((tag) => tag.kind === kind && tag.isMedia)
  }

  /** Those that are sequence headers of one kind. */
  sequenceHeaders(kind: 'audio' | 'video'): Tag[] {
    return this.tags.filter((tag) => tag.kind === kind && tag.sequenceHeader)
  }

  /** Decode time of the newest media; -1 before the first. */
  get newestMs(): number {
    return this.tags.findLast(({ isMedia }) => isMedia)?.dts ?? -1
  }
}

/** The tags of an FLV file. */
export async function readTags(file: string): Promise<TagList> {
  const list = new TagList()
  const reader = new FlvTagReader()
  for await (const chunk of createReadStream(file)) {
    reader.push(chunk as Uint8Array, (tag) => list.tags.push(describeFlvTag(tag)))
  }
  return list
}
