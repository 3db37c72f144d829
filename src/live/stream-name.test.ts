import { describe, expect, it } from 'vitest'
import { DEFAULT_VHOST, ProtocolError } from '../base/index.ts'
import { MAX_STREAM_NAME_LENGTH, parseStreamName, streamKey } from './stream-name.ts'

const longest = `live/${'x'.repeat(MAX_STREAM_NAME_LENGTH - 5)}`

describe('a stream name', () => {
  it.each([
    ['live/demo', 'live', 'demo'],
    ['/live/demo/', 'live', 'demo'],
    ['/live///demo', 'live', 'demo'],
    ['///live/demo', 'live', 'demo'],
    ['a/b/c/demo', 'a/b/c', 'demo'],
    ['live/demo.flv', 'live', 'demo.flv'],
    ['live/...', 'live', '...'],
    ['live/直播 1', 'live', '直播 1'],
    ['live/a?b', 'live', 'a?b'],
    ['__defaultVhost__/live/__proto__', '__defaultVhost__/live', '__proto__'],
    [longest, 'live', longest.slice(5)],
  ])('%j has its app and its stream', (path, app, stream) => {
    const name = parseStreamName(path)
    expect(name).toEqual({ vhost: DEFAULT_VHOST, app, stream })
    expect(parseStreamName(streamKey(name))).toEqual(name)
  })

  it.each([
    ['//example.com/live/demo', 'example.com', 'live', '//example.com/live/demo'],
    ['//Example.COM/a//b/demo/', 'example.com', 'a/b', '//example.com/a/b/demo'],
    ['//192.0.2.1/live/demo', '192.0.2.1', 'live', '//192.0.2.1/live/demo'],
    ['//[2001:DB8::1]/live/demo', '2001:db8::1', 'live', '//[2001:db8::1]/live/demo'],
    ['//__defaultVhost__/live/demo', DEFAULT_VHOST, 'live', 'live/demo'],
  ])('%j has its virtual host', (path, vhost, app, key) => {
    const name = parseStreamName(path)
    expect(name).toEqual({ vhost, app, stream: 'demo' })
    expect(streamKey(name)).toBe(key)
    expect(parseStreamName(key)).toEqual(name)
  })

  it('takes the virtual host that is known, and then none out of the path', () => {
    const name = parseStreamName('//a.example/demo', 'b.example')
    expect(name).toEqual({ vhost: 'b.example', app: 'a.example', stream: 'demo' })
    expect(streamKey(name)).toBe('//b.example/a.example/demo')
  })

  it.each([
    ['', 'names no stream'],
    ['/', 'names no stream'],
    ['demo', 'names no stream'],
    ['//live/demo', "behind the virtual host 'live'"],
    ['//example.com/', 'names no stream'],
    ['/demo/', 'names no stream'],
    ['live/../demo', 'are not names'],
    ['./live/demo', 'are not names'],
    ['live/..', 'are not names'],
    ['live/.', 'are not names'],
    ['live/de\nmo', 'control characters'],
    ['li\0ve/demo', 'control characters'],
    ['live/demo\u007f', 'control characters'],
    ['live/\u009b2Jdemo', 'control characters'],
    [`${longest}x`, `${MAX_STREAM_NAME_LENGTH + 1} characters exceeds MAX_STREAM_NAME_LENGTH (512)`],
  ])('%j is none', (path, message) => {
    expect(() => parseStreamName(path)).toThrow(ProtocolError)
    expect(() => parseStreamName(path)).toThrow(message)
  })
})
