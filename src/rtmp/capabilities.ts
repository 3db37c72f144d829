import { Amf0EcmaArray, type Amf0Object, type Amf0Value, isAmf0Object } from '../media/index.ts'

/** Bits of `capsEx`: what a peer knows of Enhanced RTMP v2 ("Enhancing NetConnection connect Command", CapsExMask). */
export const CapsEx = {
  /** Follows a reconnect request. */
  reconnect: 0x01,
  /** Reads bodies of several tracks. */
  multitrack: 0x02,
  /** Reads ModEx prefixes. */
  modEx: 0x04,
  /** Uses nanosecond offsets; these come in ModEx prefixes. */
  timestampNanoOffset: 0x08,
} as const

/** Bits of the values of `videoFourCcInfoMap` and `audioFourCcInfoMap` (FourCcInfoMask). */
export const FourCcInfo = {
  /** Decodes the codec. */
  canDecode: 0x01,
  /** Encodes it. */
  canEncode: 0x02,
  /** Passes it on: relays and servers do. */
  canForward: 0x04,
} as const

/** Bits of `videoFunction` (SUPPORT_VID_CLIENT_*); the first is of Flash, the others of Enhanced RTMP. */
export const VideoFunction = {
  /** Seeks to any frame by itself. */
  clientSeek: 0x01,
  /** Shows high dynamic range. */
  clientHdr: 0x02,
  /** Reads VideoPacketType.Metadata. */
  videoPacketTypeMetadata: 0x04,
  /** Knows the large-scale tile mode of AV1. */
  largeScaleTile: 0x08,
} as const

/** FourCCs one peer may announce in each list; the rest is not read. There are twelve. */
export const MAX_ANNOUNCED_FOURCCS = 64

/** Stands for every codec, as a FourCC. */
const ANY_FOURCC = '*'

/**
 * What a peer says in the first object of connect, or of its result, about what it can take: Enhanced RTMP v1 and v2,
 * "Enhancing NetConnection connect Command"; the classic fields: Adobe RTMP 1.0, 7.2.1.1.
 */
export type RtmpCapabilities = Readonly<{
  /** It said anything of Enhanced RTMP. Who did not is not to be sent what only Enhanced RTMP knows, and is not told ours. */
  announced: boolean
  /** `fourCcList` of v1: codecs by FourCC, audio and video; '*' is all. */
  fourCcs: ReadonlySet<string>
  /** `videoFourCcInfoMap`: `FourCcInfo` bits by FourCC; '*' is all. */
  videoFourCcs: ReadonlyMap<string, number>
  /** `audioFourCcInfoMap`, alike. */
  audioFourCcs: ReadonlyMap<string, number>
  /** `CapsEx` bits; 0 if not said. */
  capsEx: number
  /** `VideoFunction` bits; 0 if not said. */
  videoFunction: number
  /** SUPPORT_VID_* bits of classic codecs; 0 if not said. Clients claim what they can't do here, and the reverse. */
  videoCodecs: number
  /** SUPPORT_SND_* bits, alike. */
  audioCodecs: number
}>

/** Shared by all who say nothing, as there are thousands of them. */
const NO_INFO: ReadonlyMap<string, number> = new Map()

/** What a peer can do that says nothing. */
export const noRtmpCapabilities: RtmpCapabilities = {
  announced: false,
  fourCcs: new Set(),
  videoFourCcs: NO_INFO,
  audioFourCcs: NO_INFO,
  capsEx: 0,
  videoFunction: 0,
  videoCodecs: 0,
  audioCodecs: 0,
}

/** What this server says to clients that announced something: it passes every codec on, and reads all of v2. */
export const serverCapabilities: RtmpCapabilities = {
  ...noRtmpCapabilities,
  announced: true,
  fourCcs: new Set([ANY_FOURCC]),
  videoFourCcs: new Map([[ANY_FOURCC, FourCcInfo.canForward]]),
  audioFourCcs: new Map([[ANY_FOURCC, FourCcInfo.canForward]]),
  capsEx: CapsEx.reconnect | CapsEx.multitrack | CapsEx.modEx | CapsEx.timestampNanoOffset,
  videoFunction: VideoFunction.videoPacketTypeMetadata,
}

/**
 * Reads a peer's capabilities out of the first object of connect or of its result. Never an error: encoders send
 * `fourCcList` as a strict array, as an ECMA array, as one string with commas; what is of no use is left out.
 * @param properties null if there is no such object
 */
export function decodeCapabilities(properties: Amf0Object | null): RtmpCapabilities {
  if (properties === null) {
    return noRtmpCapabilities
  }
  const { fourCcList, videoFourCcInfoMap, audioFourCcInfoMap, capsEx } = properties
  const { fourCcs } = noRtmpCapabilities
  return {
    announced: [fourCcList, videoFourCcInfoMap, audioFourCcInfoMap, capsEx].some(isSaid),
    fourCcs: isSaid(fourCcList)
      ? new Set(limited(readList(fourCcList).map(readFourCc).filter(isFourCc)))
      : fourCcs,
    videoFourCcs: isSaid(videoFourCcInfoMap) ? readInfoMap(videoFourCcInfoMap) : NO_INFO,
    audioFourCcs: isSaid(audioFourCcInfoMap) ? readInfoMap(audioFourCcInfoMap) : NO_INFO,
    capsEx: readBits(capsEx),
    videoFunction: readBits(properties.videoFunction),
    videoCodecs: readBits(properties.videoCodecs),
    audioCodecs: readBits(properties.audioCodecs),
  }
}

/**
 * The properties that state what is new in Enhanced RTMP, for the first object of connect or of its result; none if
 * nothing is announced. The classic fields, `videoCodecs` and `audioCodecs`, are left to the caller: they stand in the
 * middle of the object.
 */
export function encodeCapabilities(capabilities: RtmpCapabilities): Amf0Object {
  if (!capabilities.announced) {
    return {}
  }
  return {
    fourCcList: [...capabilities.fourCcs],
    videoFourCcInfoMap: Object.fromEntries(capabilities.videoFourCcs),
    audioFourCcInfoMap: Object.fromEntries(capabilities.audioFourCcs),
    capsEx: capabilities.capsEx,
    videoFunction: capabilities.videoFunction,
  }
}

/** Whether a peer announced that it takes a codec: it decodes it, or passes it on. */
export function takesFourCc(
  capabilities: RtmpCapabilities,
  kind: 'audio' | 'video',
  fourCc: string,
): boolean {
  const { fourCcs } = capabilities
  if (fourCcs.has(fourCc) || fourCcs.has(ANY_FOURCC)) {
    return true
  }
  const map = kind === 'video' ? capabilities.videoFourCcs : capabilities.audioFourCcs
  const info = map.get(fourCc) ?? map.get(ANY_FOURCC) ?? 0
  return (info & (FourCcInfo.canDecode | FourCcInfo.canForward)) !== 0
}

function isSaid(value: Amf0Value): boolean {
  return value !== undefined && value !== null
}

function readList(value: Amf0Value): readonly Amf0Value[] {
  if (Array.isArray(value)) {
    return value
  }
  if (typeof value === 'string') {
    return value.split(',').map((part) => part.trim())
  }
  if (typeof value === 'number') {
    return [value]
  }
  return Object.values(readProperties(value))
}

function readProperties(value: Amf0Value): Amf0Object {
  if (value instanceof Amf0EcmaArray) {
    return value.entries
  }
  return isAmf0Object(value) ? value : {}
}

/** A FourCC by name, or as the big-endian number that metadata has it as. */
function readFourCc(value: Amf0Value): string {
  if (typeof value === 'number') {
    const bits = readBits(value)
    return String.fromCharCode(bits >>> 24, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff)
  }
  return typeof value === 'string' ? value : ''
}

function isFourCc(text: string): boolean {
  return text === ANY_FOURCC || /^[\x20-\x7e]{4}$/.test(text)
}

function readInfoMap(value: Amf0Value): Map<string, number> {
  const entries = Object.entries(readProperties(value)).filter(([fourCc]) => isFourCc(fourCc))
  return new Map(limited(entries).map(([fourCc, info]) => [fourCc, readBits(info)]))
}

function limited<T>(entries: readonly T[]): readonly T[] {
  return entries.slice(0, MAX_ANNOUNCED_FOURCCS)
}

/** A bit field; 0 if it is none. */
function readBits(value: Amf0Value): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff ? value : 0
}
