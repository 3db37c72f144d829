import { describe, expect, it } from 'vitest'
import { hex, toHex } from '../../test/support/chunks.ts'
import { readScriptData } from './metadata.ts'

/** A name, or a string behind the marker 02, of AMF0. */
function text(value: string): string {
  return `${Buffer.byteLength(value).toString(16).padStart(4, '0')}${toHex(Buffer.from(value))}`
}

// Built by hand after the reports that are named: nobody has published the bytes themselves.
describe('Metadata that others crashed on', () => {
  it.each([
    [
      'an ECMA array without its end (Node-Media-Server#88)',
      `02 ${text('onMetaData')} 08 00000001 ${text('width')} 00 4084000000000000`,
    ],
    [
      'an ECMA array with far too large a count, in a strict array (Node-Media-Server#65)',
      `02 ${text('onMetaData')} 03 ${text('width')} 00 4084000000000000 ${text('tracks')} 0a 00000001 08 0000ffff 000009 000009`,
    ],
    [
      'a strict array in an ECMA array (Node-Media-Server#127)',
      `02 ${text('onMetaData')} 08 00000002 ${text('list')} 0a 00000002 05 06 ${text('width')} 00 4084000000000000 000009`,
    ],
    [
      'a date (srs#185)',
      `02 ${text('onMetaData')} 03 ${text('creationdate')} 0b 42743d7cd33a4000 0000 ${text('width')} 00 4084000000000000 000009`,
    ],
    [
      'a codec by its FourCC as a number (mediamtx#2217)',
      `02 ${text('onMetaData')} 03 ${text('videocodecid')} 00 41da1d98cc400000 ${text('width')} 00 4084000000000000 000009`,
    ],
  ])('is read: %s', (_name, bytes) => {
    expect(readScriptData(hex(bytes))).toMatchObject({
      kind: 'metadata',
      metadata: { properties: { width: 640 } },
    })
  })

  it('that is none, FFmpeg’s timecode track, is no AMF0 and left to be counted', () => {
    expect(() => readScriptData(hex('30 30 3a 30 30'))).toThrow('marker 0x30')
  })
})
