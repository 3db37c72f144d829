import { RELAY_TRAIL_PROPERTY, type RelayTrail, readRelayTrail, SERVER_NAME } from '../base/index.ts'
import {
  Amf0EcmaArray,
  type Amf0Object,
  type Amf0Value,
  decodeAmf0,
  encodeAmf0,
  isAmf0Object,
} from '../media/index.ts'

/** Properties that describe a file and are wrong for a live stream. */
const FILE_PROPERTIES: ReadonlySet<string> = new Set(['duration', 'filesize', 'keyframes'])

/** Metadata of a live stream: its properties, and the script data body that says the same. */
export type StreamMetadata = Readonly<{
  /** The properties, e.g. width, framerate, encoder. */
  properties: Amf0Object
  /** AMF0: 'onMetaData' and the properties. */
  body: Uint8Array
  /** Servers that it says the stream has come through; it is no property of what players get. */
  relayTrail: RelayTrail
}>

/** What a publisher's script data says. */
export type ScriptData =
  /** The stream's metadata from now on. */
  | Readonly<{ kind: 'metadata'; metadata: StreamMetadata }>
  /** The stream has no metadata any more. */
  | Readonly<{ kind: 'clear' }>
  /** Something for the players, e.g. onTextData or onCuePoint; `body` is what they get. */
  | Readonly<{ kind: 'other'; body: Uint8Array }>

/**
 * Reads a publisher's script data. Of `@setDataFrame, onMetaData, {...}` and `onMetaData, {...}` what only files have is
 * taken out, and the server's name is put in. Other data is for the players, with or without `@setDataFrame`.
 * @param scriptData body of a data message or FLV script tag; what is for the players may be this very array
 * @returns null for what is left out: values without a name, and names that the server speaks with itself
 * @throws ProtocolError if it is no AMF0
 */
export function readScriptData(scriptData: Uint8Array): ScriptData | null {
  const values = decodeAmf0(scriptData)
  const isSet = values[0] === '@setDataFrame'
  const [name, value] = isSet ? values.slice(1) : values
  if (name === '@clearDataFrame') {
    return value === undefined || value === METADATA_NAME ? { kind: 'clear' } : null
  }
  if (name === METADATA_NAME) {
    const published = propertiesOf(value)
    return published === null ? null : { kind: 'metadata', metadata: liveMetadata(published) }
  }
  if (typeof name !== 'string' || SERVER_NAMES.test(name)) {
    return null
  }
  return { kind: 'other', body: isSet ? encodeAmf0(...values.slice(1)) : scriptData }
}

/** Whether a script data body, as players get it, is the stream's metadata. */
export function isMetadataBody(body: Uint8Array): boolean {
  return METADATA_START.every((byte, index) => body[index] === byte)
}

const METADATA_NAME = 'onMetaData'
const METADATA_START: Uint8Array = encodeAmf0(METADATA_NAME)

/** Commands about data, statuses, and `|RtmpSampleAccess`: players take these for the server's word. */
const SERVER_NAMES = /^[@|]|^onStatus$|^$/

function liveMetadata(published: Amf0Object): StreamMetadata {
  // The trail is for servers: FFmpeg passes on what it plays, and one that transcodes publishes here what it has played here.
  const { [RELAY_TRAIL_PROPERTY]: relayTrail, ...shown } = published
  const kept = Object.entries(shown).filter(([key]) => !FILE_PROPERTIES.has(key))
  const properties = { ...Object.fromEntries(kept), server: SERVER_NAME }
  return {
    properties,
    body: encodeAmf0(METADATA_NAME, properties),
    relayTrail: readRelayTrail(relayTrail),
  }
}

function propertiesOf(value: Amf0Value): Amf0Object | null {
  if (value instanceof Amf0EcmaArray) {
    return value.entries
  }
  return isAmf0Object(value) ? value : null
}
