import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError, SERVER_NAME } from '../base/index.ts'
import { Amf0EcmaArray, type Amf0Value, decodeAmf0, encodeAmf0 } from '../media/index.ts'
import { isMetadataBody, readScriptData, type StreamMetadata } from './metadata.ts'

function readMetadata(body: Uint8Array): StreamMetadata | null {
  const data = readScriptData(body)
  return data?.kind === 'metadata' ? data.metadata : null
}

const properties = { width: 1280, height: 720, videocodecid: 7, encoder: 'test' }

describe('metadata', () => {
  it.each<[name: string, values: Amf0Value[]]>([
    ['@setDataFrame and an object', ['@setDataFrame', 'onMetaData', properties]],
    ['@setDataFrame and an ECMA array', ['@setDataFrame', 'onMetaData', new Amf0EcmaArray(properties)]],
    ['an object alone', ['onMetaData', properties]],
    ['an ECMA array alone, with more behind it', ['onMetaData', new Amf0EcmaArray(properties), 5]],
  ])('is read from %s', (_name, values) => {
    const metadata = readMetadata(encodeAmf0(...values))
    expect(metadata?.properties).toEqual({ ...properties, server: SERVER_NAME })
  })

  it('loses what only files have, and names the server in place of the publisher’s', () => {
    const file = { duration: 12.5, filesize: 1000, keyframes: { times: [0, 1] }, server: 'other' }
    const metadata = readMetadata(encodeAmf0('onMetaData', { ...properties, ...file }))
    expect(metadata?.properties).toEqual({ ...properties, server: SERVER_NAME })
  })

  it('tells the servers that the stream has come through, and its players nothing of them', () => {
    const metadata = readMetadata(encodeAmf0('onMetaData', { ...properties, srs_relay_trail: 'a,b' }))
    expect(metadata?.relayTrail).toEqual(['a', 'b'])
    expect(metadata?.properties).toEqual({ ...properties, server: SERVER_NAME })
    expect(Buffer.from(metadata?.body ?? []).toString('latin1')).not.toContain('srs_relay_trail')
  })

  it('has a body that says the same, without @setDataFrame', () => {
    const metadata = readMetadata(encodeAmf0('@setDataFrame', 'onMetaData', properties))
    const [name, value, ...rest] = decodeAmf0(metadata?.body ?? new Uint8Array(0))
    expect(name).toBe('onMetaData')
    expect({ ...(value as object) }).toEqual({ ...metadata?.properties })
    expect(rest).toEqual([])
    expect(isMetadataBody(metadata?.body ?? new Uint8Array(0))).toBe(true)
  })

  it('takes property names for names, whatever they are', () => {
    const odd = Object.fromEntries([
      ['__proto__', 'x'],
      ['constructor', 1],
    ])
    const metadata = readMetadata(encodeAmf0('onMetaData', odd))
    expect(Object.entries(metadata?.properties ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 1],
      ['server', SERVER_NAME],
    ])
    expect(Object.getPrototypeOf(metadata?.properties)).not.toBe('x')
  })

  it.each<[name: string, values: Amf0Value[]]>([
    ['nothing', []],
    ['another name', ['onTextData', properties]],
    ['@setDataFrame of another name', ['@setDataFrame', 'onCuePoint', properties]],
    ['@setDataFrame alone', ['@setDataFrame']],
    ['a clearing', ['@clearDataFrame', 'onMetaData']],
    ['no properties', ['onMetaData']],
    ['a number for properties', ['onMetaData', 5]],
    ['null for properties', ['onMetaData', null]],
    ['a list for properties', ['onMetaData', [properties]]],
    ['a date for properties', ['onMetaData', new Date(0)]],
  ])('is not %s', (_name, values) => {
    expect(readMetadata(encodeAmf0(...values))).toBeNull()
  })

  it('is no metadata, or an error of the protocol, whatever the bytes', () => {
    const body = encodeAmf0('@setDataFrame', 'onMetaData', properties)
    const cut = fc.nat({ max: body.length }).map((length) => body.subarray(0, length))
    fc.assert(
      fc.property(fc.oneof(cut, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          readMetadata(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
    expect(() => readMetadata(body.subarray(0, 20))).toThrow(ProtocolError)
  })
})

describe('script data', () => {
  it.each<[name: string, values: Amf0Value[], body: Amf0Value[]]>([
    ['onTextData', ['onTextData', { text: 'a' }], ['onTextData', { text: 'a' }]],
    ['onCuePoint behind @setDataFrame', ['@setDataFrame', 'onCuePoint', 5], ['onCuePoint', 5]],
    ['a name of the publisher’s own', ['score', 1, 'b'], ['score', 1, 'b']],
    ['a name that begins like metadata', ['onMetaDataX', {}], ['onMetaDataX', {}]],
  ])('is for the players if it is %s', (_name, values, body) => {
    const data = readScriptData(encodeAmf0(...values))
    expect(data).toEqual({ kind: 'other', body: encodeAmf0(...body) })
    expect(data?.kind === 'other' && isMetadataBody(data.body)).toBe(false)
  })

  it('for the players is handed on as it came', () => {
    const body = encodeAmf0('onTextData', new Amf0EcmaArray({ text: 'a' }))
    const data = readScriptData(body)
    expect(data?.kind === 'other' && data.body).toBe(body)
  })

  it.each<[name: string, values: Amf0Value[]]>([
    ['with its name', ['@clearDataFrame', 'onMetaData']],
    ['alone', ['@clearDataFrame']],
  ])('clears metadata: %s', (_name, values) => {
    expect(readScriptData(encodeAmf0(...values))).toEqual({ kind: 'clear' })
  })

  it.each<[name: string, values: Amf0Value[]]>([
    ['nothing', []],
    ['no name', [5, 'onTextData']],
    ['an empty name', ['']],
    ['@setDataFrame alone', ['@setDataFrame']],
    ['a clearing of something else', ['@clearDataFrame', 'onCuePoint']],
    ['a command about data', ['@whatever', 1]],
    ['|RtmpSampleAccess, which the server says itself', ['|RtmpSampleAccess', true, true]],
    ['|RtmpSampleAccess behind @setDataFrame', ['@setDataFrame', '|RtmpSampleAccess', true]],
    ['a status, which the server says itself', ['onStatus', { code: 'NetStream.Play.Stop' }]],
    ['metadata without properties', ['onMetaData', 5]],
  ])('is left out if it is %s', (_name, values) => {
    expect(readScriptData(encodeAmf0(...values))).toBeNull()
  })
})
