import type { Ms } from '../../base/index.ts'

/** One entry of a media playlist (RFC 8216, 4.3.2). */
export type MediaPlaylistSegment = Readonly<{
  /** URI as it is to stand in the playlist: already percent-encoded, no line break. */
  uri: string
  /** EXTINF; written in seconds with three decimals. */
  duration: Ms
  /** EXT-X-DISCONTINUITY stands before this entry. Default false. */
  discontinuity?: boolean
  /** EXT-X-PROGRAM-DATE-TIME: wall-clock time of the first sample, ms since the Unix epoch. Default none. */
  programDateTime?: Ms | null
}>

/** A media playlist (RFC 8216, 4.3.3). */
export type MediaPlaylist = Readonly<{
  /** EXT-X-TARGETDURATION, whole seconds: no less than any entry's duration rounded to the nearest second. */
  targetDuration: number
  /** EXT-X-MEDIA-SEQUENCE: the number of the first entry. */
  mediaSequence: number
  /** EXT-X-DISCONTINUITY-SEQUENCE: tagged entries that have left the playlist. Default 0, which writes no tag. */
  discontinuitySequence?: number
  /** Entries in order of play. */
  segments: readonly MediaPlaylistSegment[]
  /** EXT-X-ENDLIST: nothing will be added. Default false. */
  ended?: boolean
}>

/** The playlist's text, version 3 (decimal EXTINF), lines ended by LF. */
export function renderMediaPlaylist(playlist: MediaPlaylist): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`]
  if (playlist.discontinuitySequence !== undefined && playlist.discontinuitySequence > 0) {
    lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`)
  }
  lines.push(`#EXT-X-TARGETDURATION:${playlist.targetDuration}`)
  for (const segment of playlist.segments) {
    if (segment.discontinuity === true) {
      lines.push('#EXT-X-DISCONTINUITY')
    }
    if (segment.programDateTime !== undefined && segment.programDateTime !== null) {
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateTime).toISOString()}`)
    }
    lines.push(`#EXTINF:${(segment.duration / 1000).toFixed(3)},`, segment.uri)
  }
  if (playlist.ended === true) {
    lines.push('#EXT-X-ENDLIST')
  }
  return `${lines.join('\n')}\n`
}
