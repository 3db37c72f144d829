import { SERVER_NAME } from '../base/index.ts'
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
}>

/**
 * Reads a publisher's script data: `@setDataFrame, onMetaData, {...}` or `onMetaData, {...}`. What only files have is
 * taken out, the server's name is put in.
 * @returns null for script data that is no metadata
 * @throws ProtocolError if it is no AMF0
 */
export function readMetadata(scriptData: Uint8Array): StreamMetadata | null {
  const values = decodeAmf0(scriptData)
  const [name, value] = values[0] === '@setDataFrame' ? values.slice(1) : values
  const published = propertiesOf(value)
  if (name !== 'onMetaData' || published === null) {
    return null
  }
  const kept = Object.entries(published).filter(([key]) => !FILE_PROPERTIES.has(key))
  const properties = { ...Object.fromEntries(kept), server: SERVER_NAME }
  return { properties, body: encodeAmf0('onMetaData', properties) }
}

function propertiesOf(value: Amf0Value): Amf0Object | null {
  if (value instanceof Amf0EcmaArray) {
    return value.entries
  }
  return isAmf0Object(value) ? value : null
}
