/**
 * One piece of media as RTMP and FLV carry it. A `Frame` of the live core is one, too, and may be published as it is.
 */
export type MediaPacket = Readonly<{
  /** Audio, video, or data: script data, e.g. the stream's metadata. */
  kind: 'audio' | 'video' | 'data'
  /** Decode time, whole milliseconds. */
  timestamp: number
  /** An FLV tag body (Adobe Video File Format 10.1, E.4.2 and E.4.3; Enhanced RTMP v2), or values in AMF0. */
  body: Uint8Array
}>

/** The string that script data begins with, e.g. 'onMetaData'; null if it begins with something else. */
export function scriptDataName(body: Uint8Array): string | null {
  const [marker, high = 0, low = 0] = body
  const end = 3 + high * 256 + low
  return marker === STRING_MARKER && end <= body.length ? utf8.decode(body.subarray(3, end)) : null
}

/** AMF0, 2.4. */
const STRING_MARKER = 2

const utf8 = new TextDecoder()
