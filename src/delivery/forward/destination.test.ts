import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServerError } from '../../base/index.ts'
import { checkDestination, redactDestination, resolveDestination } from './destination.ts'

const name = { vhost: '__defaultVhost__', app: 'live', stream: 'demo' }
const inVhost = { ...name, vhost: 'a.example' }

describe('a destination', () => {
  it.each([
    // A server gets the stream under its own name, and its vhost.
    ['b.example', name, '', 'b.example:1935', 'rtmp://b.example/live', 'demo', 'rtmp://b.example/live/demo'],
    [
      'b.example:1936',
      name,
      '',
      'b.example:1936',
      'rtmp://b.example:1936/live',
      'demo',
      'rtmp://b.example:1936/live/demo',
    ],
    [
      '10.0.0.1',
      inVhost,
      '',
      '10.0.0.1:1935',
      'rtmp://a.example/live',
      'demo',
      'rtmp://10.0.0.1/live/demo?vhost=a.example',
    ],
    [
      'b.example?vhost=c',
      inVhost,
      '',
      'b.example:1935',
      'rtmp://c/live',
      'demo',
      'rtmp://b.example/live/demo?vhost=c',
    ],
    [
      'b.example:1936?vhost=[vhost]',
      inVhost,
      '',
      'b.example:1936',
      'rtmp://a.example:1936/live',
      'demo',
      'rtmp://b.example:1936/live/demo?vhost=a.example',
    ],
    ['b?vhost=__defaultVhost__', inVhost, '', 'b:1935', 'rtmp://b/live', 'demo', 'rtmp://b/live/demo'],
    ['[::1]:1936', name, '', '::1:1936', 'rtmp://[::1]:1936/live', 'demo', 'rtmp://[::1]:1936/live/demo'],
    [
      'rtmps://b.example',
      name,
      '',
      'b.example:443',
      'rtmps://b.example/live',
      'demo',
      'rtmps://b.example/live/demo',
    ],
    // The publisher's query goes along, its vhost excepted.
    [
      'b',
      name,
      '?vhost=x&token=s3cret&a=1',
      'b:1935',
      'rtmp://b/live',
      'demo?token=s3cret&a=1',
      'rtmp://b/live/demo?token=***&a=1',
    ],
    ['b?key=2', name, '?a=1', 'b:1935', 'rtmp://b/live', 'demo?a=1&key=2', 'rtmp://b/live/demo?a=1&key=2'],
    // An application.
    ['b/backup', name, '', 'b:1935', 'rtmp://b/backup', 'demo', 'rtmp://b/backup/demo'],
    ['rtmp://b/backup', name, '', 'b:1935', 'rtmp://b/backup', 'demo', 'rtmp://b/backup/demo'],
    ['rtmp://b/[app]_copy/', name, '', 'b:1935', 'rtmp://b/live_copy', 'demo', 'rtmp://b/live_copy/demo'],
    // Whole addresses are taken as they are; a stream that is written out is a key.
    [
      'rtmps://live.example.com:443/app/KEY?x=1',
      inVhost,
      '?a=1',
      'live.example.com:443',
      'rtmps://live.example.com/app',
      'KEY?x=1',
      'rtmps://live.example.com/app/***',
    ],
    [
      'rtmp://b:1936/x/y/[stream]?token=t0p',
      name,
      '',
      'b:1936',
      'rtmp://b:1936/x/y',
      'demo?token=t0p',
      'rtmp://b:1936/x/y/demo?token=***',
    ],
    [
      'RTMP://b/[vhost]/[app]-[stream]',
      inVhost,
      '',
      'b:1935',
      'rtmp://b/a.example',
      'live-demo',
      'rtmp://b/a.example/live-demo',
    ],
  ])('%s', (written, stream, param, place, tcUrl, published, shown) => {
    const { target, ...destination } = resolveDestination(written, { name: stream, param })
    expect([`${target.host}:${target.port}`, target.tcUrl, target.stream]).toEqual([place, tcUrl, published])
    expect(target.tls).toBe(written.startsWith('rtmps'))
    expect(target.app).toBe(tcUrl.replace(/^rtmps?:\/\/[^/]+\//, ''))
    expect(destination.shown).toBe(shown)
    checkDestination(written)
  })

  it.each([
    '',
    'rtmp://',
    'http://b/live/x',
    'b:0',
    'b:65536',
    'user:SECRET@b',
    'rtmp://user:SECRET@b/app/SECRET',
    'rtmp://b/app/a b?SECRET',
    'rtmp://b/app/x#SECRET',
    '[::1',
  ])('is not %j, and no secret is told', (written) => {
    for (const read of [checkDestination, (text: string) => resolveDestination(text, { name, param: '' })]) {
      expect(() => read(written)).toThrow(ServerError)
      expect(() => read(written)).toThrow(/^forward destination '(?!.*SECRET)/)
    }
    expect(redactDestination(written)).not.toContain('SECRET')
  })

  it.each([
    '[stream]',
    '[app]:1935',
    'rtmp://[app].example.com/live/[stream]',
    'rtmps://cdn-[stream]/app/key',
  ])('does not let publishers choose the server: %s', (written) => {
    const sent = { name: { ...name, app: 'evil', stream: 'evil' }, param: '' }
    for (const read of [checkDestination, (text: string) => resolveDestination(text, sent)]) {
      expect(() => read(written)).toThrow(
        /^forward destination: \[(app|stream)\] can't be part of the server/,
      )
    }
  })

  it.each([
    ['b.example:1936?vhost=x', 'b.example:1936?vhost=x'],
    ['rtmps://b/app/KEY?x=KEY', 'rtmps://b/app/***'],
    ['rtmp://b/[app]/[stream]?token=KEY', 'rtmp://b/[app]/[stream]?token=***'],
    ['no such thing KEY', '***'],
  ])('is shown without its secrets as written, too: %s', (written, shown) => {
    expect(redactDestination(written)).toBe(shown)
  })

  it('is the same place by its id only', () => {
    const ids = ['b', 'b:1935', 'rtmp://b/live/demo', 'rtmp://b/live/[stream]', 'b:1936', 'rtmps://b'].map(
      (written) => resolveDestination(written, { name, param: '' }).id,
    )
    expect(new Set(ids).size).toBe(3)
  })

  it('never shows a key, whatever it is', () => {
    const key = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abcXYZ0189-_.~%=&') })
    fc.assert(
      fc.property(key, key, (stream, value) => {
        const written = `rtmps://b.example/app/KEY${stream}?k=KEY${value}`
        const { shown, secret, target } = resolveDestination(written, { name, param: '' })
        expect(shown).toBe('rtmps://b.example/app/***')
        expect(secret).toBe(target.stream)
        expect(redactDestination(written)).not.toContain('KEY')
      }),
    )
  })
})
