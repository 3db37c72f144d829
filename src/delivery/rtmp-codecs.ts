import {
  type AudioTrackInfo,
  classicDialect,
  type StreamState,
  type VideoTrackInfo,
  type WireDialect,
} from '../live/index.ts'
import { CapsEx, type RtmpCapabilities, takesFourCc } from '../rtmp/index.ts'

type Kind = 'audio' | 'video'
type TrackInfo = VideoTrackInfo | AudioTrackInfo

/** FourCCs of codecs that have a classic form, which everybody reads. */
const CLASSIC_FOURCCS: Readonly<Record<Kind, readonly string[]>> = {
  video: ['avc1'],
  audio: ['mp4a', '.mp3'],
}

/**
 * Whether a player can take a default track: it is classic, or could be made so, or its FourCC was announced.
 * @param track null as long as it is not known
 * @param sendUnannounced see `RtmpPlayOptions`
 */
export function takesTrack(
  kind: Kind,
  track: TrackInfo | null,
  capabilities: RtmpCapabilities,
  sendUnannounced: boolean,
): boolean {
  if (track === null || track.fourCc === null || CLASSIC_FOURCCS[kind].includes(track.fourCc)) {
    return true
  }
  const isOpen = sendUnannounced && !announcesCodecs(capabilities)
  return isOpen || takesFourCc(capabilities, kind, track.fourCc)
}

/**
 * What a player is to get of a stream. Of a kind whose codec it can't take, nothing is sent that has no classic form;
 * before the codec is known, what it announced of any counts.
 */
export function dialectOf(
  capabilities: RtmpCapabilities,
  { video, audio }: Pick<StreamState, 'video' | 'audio'>,
  sendUnannounced: boolean,
): WireDialect {
  const { capsEx } = capabilities
  const isEnhanced = announcesCodecs(capabilities) || sendUnannounced
  if (!isEnhanced) {
    return classicDialect
  }
  const announcesClassic = (kind: Kind): boolean =>
    CLASSIC_FOURCCS[kind].every((fourCc) => takesFourCc(capabilities, kind, fourCc))
  return {
    enhancedVideo: takesTrack('video', video, capabilities, sendUnannounced),
    enhancedAudio: takesTrack('audio', audio, capabilities, sendUnannounced),
    classicCodecsByFourCc: announcesClassic('video') && announcesClassic('audio'),
    multitrack: (capsEx & CapsEx.multitrack) !== 0,
    modEx: (capsEx & CapsEx.modEx) !== 0,
  }
}

/** What a player is told that can't take a track of the stream: what the stream is, and what to do. */
export function unsupportedDescription(
  key: string,
  { video, audio }: Pick<StreamState, 'video' | 'audio'>,
): string {
  const tracks = [video, audio].filter((track) => track !== null)
  const fourCcs = tracks.map(({ fourCc }) => fourCc).filter((fourCc) => fourCc !== null)
  const codecs = tracks.map(({ codec, fourCc }) => (fourCc === null ? codec : `${codec} (${fourCc})`))
  return (
    `${key} is ${codecs.join(' with ')}, which this player did not announce: play it by HTTP-FLV (/${key}.flv), or ` +
    `announce the codec in fourCcList, as FFmpeg does with -rtmp_enhanced_codecs ${fourCcs.join(',')}`
  )
}

function announcesCodecs({ fourCcs, videoFourCcs, audioFourCcs }: RtmpCapabilities): boolean {
  return fourCcs.size > 0 || videoFourCcs.size > 0 || audioFourCcs.size > 0
}
