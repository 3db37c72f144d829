import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../base/index.ts'
import { MAX_STREAM_NAME_LENGTH, parseStreamName, streamKey } from './stream-name.ts'

const longest = `live/${'x'.repeat(MAX_STREAM_NAME_LENGTH - 5)}`

describe('a stream name', () => {
  it.each([
    ['live/demo', 'live', 'demo'],
    ['/live/demo/', 'live', 'demo'],
    ['//live///demo', 'live', 'demo'],
    ['a/b/c/demo', 'a/b/c', 'demo'],
    ['live/demo.flv', 'live', 'demo.flv'],
    ['live/...', 'live', '...'],
    ['live/直播 1', 'live', '直播 1'],
    ['live/a?b', 'live', 'a?b'],
    ['__defaultVhost__/live/__proto__', '__defaultVhost__/live', '__proto__'],
    [longest, 'live', longest.slice(5)],
  ])('%j has its app and its stream', (path, app, stream) => {
    const name = parseStreamName(path)
    expect(name).toEqual({ app, stream })
    expect(parseStreamName(streamKey(name))).toEqual(name)
  })

  it.each([
    ['', 'names no stream'],
    ['/', 'names no stream'],
    ['demo', 'names no stream'],
    ['/demo/', 'names no stream'],
    ['live/../demo', 'are not names'],
    ['./live/demo', 'are not names'],
    ['live/..', 'are not names'],
    ['live/.', 'are not names'],
    ['live/de\nmo', 'control characters'],
    ['li\0ve/demo', 'control characters'],
    ['live/demo\u007f', 'control characters'],
    [`${longest}x`, `${MAX_STREAM_NAME_LENGTH + 1} characters exceeds MAX_STREAM_NAME_LENGTH (512)`],
  ])('%j is none', (path, message) => {
    expect(() => parseStreamName(path)).toThrow(ProtocolError)
    expect(() => parseStreamName(path)).toThrow(message)
  })
})
