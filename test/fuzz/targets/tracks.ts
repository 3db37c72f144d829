import { ms } from '../../../src/base/index.ts'
import {
  bodyInDialect,
  classicDialect,
  type Frame,
  isReadable,
  plainDialect,
  type WireDialect,
} from '../../../src/live/index.ts'
import {
  type AudioTagInfo,
  fourCcOf,
  hasClassicForm,
  isEnhancedTagBody,
  MAX_TRACKS,
  parseAudioTagBody,
  parseVideoTagBody,
  prefixNanosecondOffset,
  splitTracks,
  type TrackTagBody,
  toClassicTagBody,
  type VideoTagInfo,
  wrapTrack,
} from '../../../src/media/index.ts'
import { enhancedBody } from '../generators/media.ts'
import { attempt, Finding, kindOf, type Target } from '../lib/target.ts'
import { parser } from './parsers.ts'

type Kind = 'audio' | 'video'

const everything: WireDialect = {
  ...plainDialect,
  classicCodecsByFourCc: true,
  multitrack: true,
  modEx: true,
}
const DIALECTS: readonly WireDialect[] = [
  classicDialect,
  plainDialect,
  everything,
  { ...everything, classicCodecsByFourCc: false },
  { ...everything, multitrack: false },
]

/** What becomes of one message of Enhanced RTMP: it is taken apart by tracks, and put together again for each dialect. */
export const trackTargets: readonly Target[] = (['video', 'audio'] as const).map((kind) =>
  parser(
    `${kind}-tracks`,
    (random) => enhancedBody(random, kind),
    (input) => describe(kind, splitTracks(kind, input)),
    // As it comes, too: what is not taken apart before must do no harm.
    (input) => describe(kind, [{ trackId: 0, nanosecondOffset: 0, body: input }]),
  ),
)

function describe(kind: Kind, tracks: readonly TrackTagBody[]): string {
  if (tracks.length < 1 || tracks.length > MAX_TRACKS) {
    throw new Finding(`${tracks.length} tracks`)
  }
  if (tracks.slice(1).some(({ trackId }) => trackId === 0) && tracks[0]?.trackId !== 0) {
    throw new Finding('the default track does not come first')
  }
  return tracks.map((track) => describeTrack(kind, track)).join(' ')
}

function describeTrack(kind: Kind, track: TrackTagBody): string {
  const { trackId, nanosecondOffset, body } = track
  if (!(nanosecondOffset >= 0 && nanosecondOffset <= 999_999)) {
    throw new Finding(`${nanosecondOffset} ns`)
  }
  const { value: info, refusal } = attempt(() => parse(kind, body))
  if (refusal !== null) {
    return kindOf(refusal)
  }
  if (fourCcOf(kind, body) !== null && !info.multitrack && splitTracks(kind, body)[0]?.body === body) {
    expectSame(kind, wrapTrack(kind, body, trackId), {
      trackId,
      nanosecondOffset: 0,
      body: asWrapped(kind, body),
    })
    expectSame(kind, prefixNanosecondOffset(body, 77), { trackId: 0, nanosecondOffset: 77, body })
  }
  const classic = isEnhancedTagBody(kind, body) && hasClassicForm(kind, body)
  if (classic) {
    expectSaysTheSame(kind, info, body)
  }
  const frame = frameOf(kind, track)
  const sizes = DIALECTS.map((dialect) =>
    isReadable(frame, dialect) ? bodyInDialect(frame, dialect).length - body.length : '-',
  )
  return `${info.codec} ${info.packetType} ${classic} ${sizes.join(',')}`
}

/** A message of one track, taken apart, is that track. */
function expectSame(kind: Kind, message: Uint8Array, expected: TrackTagBody): void {
  const [track, ...others] = splitTracks(kind, message)
  const isSame =
    track !== undefined &&
    others.length === 0 &&
    track.trackId === expected.trackId &&
    track.nanosecondOffset === expected.nanosecondOffset &&
    Buffer.compare(track.body, expected.body) === 0
  if (!isSame) {
    throw new Finding('a track that is put into a message comes out of it as another')
  }
}

/** Metadata whose frame type is `command` gets another, since it means nothing there. */
function asWrapped(kind: Kind, body: Uint8Array): Uint8Array {
  const [first = 0, ...rest] = body
  return kind === 'video' && (first & 0x70) === 0x50
    ? Uint8Array.from([(first & 0x8f) | 0x20, ...rest])
    : body
}

/** A classic body says what the enhanced one said. */
function expectSaysTheSame(kind: Kind, info: AudioTagInfo | VideoTagInfo, body: Uint8Array): void {
  const classic = toClassicTagBody(kind, body)
  if (isEnhancedTagBody(kind, classic)) {
    throw new Finding('a classic body is enhanced')
  }
  const again = parse(kind, classic)
  const payload = body.subarray(info.dataOffset)
  if (again.codec !== info.codec || Buffer.compare(classic.subarray(again.dataOffset), payload) !== 0) {
    throw new Finding('a classic body has another payload')
  }
  const facts = (each: AudioTagInfo | VideoTagInfo): string =>
    'keyframe' in each
      ? `${each.sequenceHeader} ${each.endOfSequence} ${each.keyframe} ${each.compositionOffset}`
      : `${each.sequenceHeader}`
  if (facts(again) !== facts(info)) {
    throw new Finding(`enhanced: ${facts(info)}, classic: ${facts(again)}`)
  }
}

function parse(kind: Kind, body: Uint8Array): AudioTagInfo | VideoTagInfo {
  return kind === 'video' ? parseVideoTagBody(body) : parseAudioTagBody(body)
}

function frameOf(kind: Kind, { trackId, nanosecondOffset, body }: TrackTagBody): Frame {
  const { codec, sequenceHeader } = parse(kind, body)
  return {
    kind,
    timestamp: ms(0),
    compositionOffset: ms(0),
    codec,
    trackId,
    keyframe: false,
    sequenceHeader,
    description: false,
    nanosecondOffset,
    body,
  }
}
