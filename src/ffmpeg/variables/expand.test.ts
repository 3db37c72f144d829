import { describe, expect, it } from 'vitest'
import type { StreamRequest } from '../../live/index.ts'
import { HOSTILE_NAME, SOME_TIME, someValues } from '../testing/variable-values.ts'
import { expandVariables } from './expand.ts'
import { variableValuesOf, variableValuesOfName } from './values.ts'

const TEMPLATE = '[vhost]/[app]/[stream]'

function requestOf(request: Partial<StreamRequest>): StreamRequest {
  return {
    name: { vhost: '__defaultVhost__', app: 'live', stream: 'demo' },
    client: { id: 'c1', protocol: 'rtmp', address: '10.0.0.1' },
    vhost: '',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: 'rtmp://evil.example/live',
    pageUrl: '',
    ...request,
  }
}

describe('variables', () => {
  it.each([
    ['url', `rtmp://h/${TEMPLATE}`, 'rtmp://h/__defaultVhost__/live/livestream'],
    ['file', TEMPLATE, '__defaultVhost__/live/livestream'],
    ['name', '[vhost]-[app]-[stream]', '__defaultVhost__-live-livestream'],
    ['argument', TEMPLATE, '__defaultVhost__/live/livestream'],
  ] as const)('give in a %s what SRS gives for ordinary names', (use, template, text) => {
    expect(expandVariables(template, someValues(), use)).toBe(text)
  })

  it('give no URL of a name that FFmpeg would misread there', () => {
    expect(() =>
      expandVariables('rtmp://h/live/[stream]', someValues({ stream: HOSTILE_NAME }), 'url'),
    ).toThrow('a value has what FFmpeg reads as something else')
  })
})

describe('the values of a publisher', () => {
  const setup = { port: 1935, time: SOME_TIME }

  it.each([
    [{}, 'rtmp://127.0.0.1:1935/live/demo'],
    [{ param: '?token=1' }, 'rtmp://127.0.0.1:1935/live/demo?token=1'],
    [
      { param: '?token=a/b&slist=x&u=.mp4' },
      'rtmp://127.0.0.1:1935/live/demo?token=a%2Fb&slist%3Dx&u=%2Emp4',
    ],
    [{ param: '?vhost=v.example&a=1' }, 'rtmp://127.0.0.1:1935/live/demo?vhost=v.example&a=1'],
    [
      { name: { vhost: 'v.example', app: 'a/b', stream: 'x' } },
      'rtmp://127.0.0.1:1935/a/b/x?vhost=v.example',
    ],
    [
      { name: { vhost: 'v.example', app: 'live', stream: 'x y?#' }, param: '?a= b' },
      'rtmp://127.0.0.1:1935/live/x%20y%3F%23?a=%20b&vhost=v.example',
    ],
  ])('have the address of the stream at this server, whatever host it says: %o', (request, url) => {
    expect(variableValuesOf(requestOf(request), setup).url).toBe(url)
  })

  it('are what it said, and empty where it said nothing', () => {
    const values = variableValuesOf(requestOf({ swfUrl: 'http://a/b.swf', pageUrl: 'http://a/' }), {
      ...setup,
      engine: 'ld',
    })
    expect(values).toMatchObject({
      tcUrl: 'rtmp://evil.example/live',
      swfUrl: 'http://a/b.swf',
      pageUrl: 'http://a/',
      engine: 'ld',
    })
    expect(variableValuesOf(requestOf({}), setup)).toMatchObject({ swfUrl: '', engine: '', utc: false })
  })

  it('are those of the name alone where this server publishes itself', () => {
    expect(variableValuesOfName({ vhost: 'v', app: 'a', stream: 's' }, setup)).toMatchObject({
      url: 'rtmp://127.0.0.1:1935/a/s?vhost=v',
      tcUrl: '',
      param: '',
    })
  })
})
