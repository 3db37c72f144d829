import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../base/index.ts'
import {
  encodeFlvFileHeader,
  FlvTagType,
  writeFlvPreviousTagSize,
  writeFlvTagHeader,
} from '../media/index.ts'
import { FlvPlay } from './flv-play.ts'
import { parseLoadTarget } from './target.ts'

function tag(type: FlvTagType, timestampMs: number, length: number): Uint8Array {
  const bytes = new Uint8Array(11 + length + 4)
  writeFlvTagHeader(bytes, 0, type, length, timestampMs)
  writeFlvPreviousTagSize(bytes, 11 + length, length)
  return bytes
}

const FLV = Buffer.concat([
  encodeFlvFileHeader({ hasAudio: true, hasVideo: true }),
  tag(FlvTagType.script, 0, 9),
  tag(FlvTagType.video, 40, 100),
  tag(FlvTagType.audio, 41, 5),
])
const MEDIA = ['data 0 9', 'video 40 100', 'audio 41 5']

function open(url: string): { play: FlvPlay; seen: string[]; sent: string[] } {
  const target = parseLoadTarget(url)
  const seen: string[] = []
  const sent: string[] = []
  const listener = {
    onAsked: () => seen.push('asked'),
    onAccepted: () => seen.push('accepted'),
    onEnd: (reason: string) => seen.push(`end: ${reason}`),
    onMedia: (kind: string, timestampMs: number, body: Uint8Array) =>
      seen.push(`${kind} ${timestampMs} ${body.length}`),
  }
  const play = new FlvPlay(target, target.stream, listener, (bytes) =>
    sent.push(Buffer.from(bytes).toString('latin1')),
  )
  play.begin()
  return { play, seen, sent }
}

const HTTP = 'http://127.0.0.1:8080/live/demo.flv'
const WEB_SOCKET = 'ws://127.0.0.1:8080/live/demo.flv'
const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: video/x-flv\r\n\r\n')
const CHUNKED = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
const UPGRADED = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n')

describe('an HTTP-FLV player', () => {
  it('asks for its stream', () => {
    const { sent, seen } = open('http://127.0.0.1:8080/live/some%20name é.flv?token=%2F')
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatch(
      /^GET \/live\/some%20name%20%C3%A9\.flv\?token=%2F HTTP\/1\.1\r\nhost: 127\.0\.0\.1:8080\r\n/,
    )
    expect(sent[0]).toMatch(/\r\n\r\n$/)
    expect(seen).toEqual(['asked'])
  })

  it('reads a body that ends with the connection', () => {
    const { play, seen } = open(HTTP)
    play.push(Buffer.concat([OK, FLV.subarray(0, 50)]))
    play.push(FLV.subarray(50))
    expect(seen).toEqual(['asked', 'accepted', ...MEDIA])
  })

  it('reads a chunked body, and notices its end', () => {
    const { play, seen } = open(HTTP)
    play.push(Buffer.concat([CHUNKED, Buffer.from(`${FLV.length.toString(16)}\r\n`), FLV]))
    play.push(Buffer.from('\r\n0\r\n\r\n'))
    expect(seen).toEqual(['asked', 'accepted', ...MEDIA, 'end: the server ended the response'])
  })

  it('tells what the server answered if that is not 200', () => {
    const { play, seen } = open(HTTP)
    play.push(Buffer.from('HTTP/1.1 404 Not Found\r\n\r\nno stream'))
    expect(seen).toEqual(['asked', 'end: HTTP 404'])
  })

  it('takes nothing but FLV', () => {
    const { play } = open(HTTP)
    expect(() => play.push(Buffer.concat([OK, Buffer.from('<!doctype html>')]))).toThrow(ProtocolError)
  })

  it('has nothing to say once it plays', () => {
    const { play, sent } = open(HTTP)
    play.push(OK)
    play.stopParsing()
    play.keepAlive()
    expect(sent).toHaveLength(1)
  })
})

describe('a WebSocket-FLV player', () => {
  it('asks for an upgrade', () => {
    const { sent } = open(WEB_SOCKET)
    expect(sent[0]).toContain('\r\nupgrade: websocket\r\n')
    expect(sent[0]).toMatch(/\r\nsec-websocket-key: [A-Za-z0-9+/]{22}==\r\n/)
  })

  it('reads FLV from messages, answers pings, and notices a close', () => {
    const { play, seen, sent } = open(WEB_SOCKET)
    const message = Buffer.concat([Uint8Array.of(0x82, 126, 0, FLV.length), FLV])
    play.push(Buffer.concat([UPGRADED, message]))
    play.push(Uint8Array.of(0x89, 2, 0x68, 0x69))
    play.push(Buffer.concat([Uint8Array.of(0x88, 5, 0x03, 0xe8), Buffer.from('end')]))
    expect(seen).toEqual(['asked', 'accepted', ...MEDIA, 'end: WebSocket 1000: end'])
    expect(sent.slice(1)).toEqual(['\x8a\x82\0\0\0\0hi'])
  })

  it('says that it is there once it only counts', () => {
    const { play, sent } = open(WEB_SOCKET)
    play.keepAlive()
    expect(sent).toHaveLength(1)
    play.push(UPGRADED)
    play.stopParsing()
    play.keepAlive()
    expect(sent.slice(1)).toEqual(['\x8a\x80\0\0\0\0'])
  })

  it('is refused by any answer but 101', () => {
    const { play, seen } = open(WEB_SOCKET)
    play.push(OK)
    expect(seen).toEqual(['asked', 'end: HTTP 200'])
  })
})
