import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createServerIdentity, streamIdOf } from '../../base/index.ts'
import { type ClientProtocol, type StreamRequest, streamKey } from '../../live/index.ts'
import { HookBodies } from './hook-bodies.ts'

/** What SRS 7.0.18 sent: the first of each event by kind of client. */
const CAPTURED: readonly Readonly<{
  client: 'rtmp' | 'flv' | 'hls'
  body: Readonly<Record<string, string | number>>
}>[] = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/hooks/srs-7.0.18.json', import.meta.url), 'utf8'),
)

const PROTOCOLS: Readonly<Record<string, ClientProtocol>> = { rtmp: 'rtmp', flv: 'http-flv', hls: 'hls' }

/** What SRS of 2014 sent. */
const KEYS_OF_2014: Readonly<Record<string, readonly string[]>> = {
  on_connect: ['action', 'client_id', 'ip', 'vhost', 'app', 'pageUrl'],
  on_close: ['action', 'client_id', 'ip', 'vhost', 'app'],
  on_publish: ['action', 'client_id', 'ip', 'vhost', 'app', 'stream'],
  on_unpublish: ['action', 'client_id', 'ip', 'vhost', 'app', 'stream'],
  on_play: ['action', 'client_id', 'ip', 'vhost', 'app', 'stream'],
  on_stop: ['action', 'client_id', 'ip', 'vhost', 'app', 'stream'],
}

function requestOf({ client, body }: (typeof CAPTURED)[number]): StreamRequest {
  const { param = '', pageUrl = '', tcUrl = '' } = body
  return {
    name: { vhost: String(body.vhost), app: String(body.app), stream: 'livestream' },
    client: {
      id: String(body.client_id),
      protocol: PROTOCOLS[client] ?? 'rtmp',
      address: String(body.ip),
    },
    vhost: '',
    parameters: new URLSearchParams(String(param)),
    param: String(param),
    // Of HTTP, ours has the port and is the same for FLV and HLS.
    tcUrl: client === 'rtmp' ? String(tcUrl) : 'http://127.0.0.1:8080/live',
    pageUrl: String(pageUrl),
  }
}

describe('the body of a hook', () => {
  const bodies = (body: Readonly<Record<string, string | number>>): HookBodies =>
    new HookBodies({ serverId: String(body.server_id), serviceId: String(body.service_id), pid: '1' })

  it.each(CAPTURED.map((each) => [String(each.body.action), each.client, each] as const))(
    'is what SRS sends, key by key: %s of %s',
    (action, _client, captured) => {
      const { body } = captured
      const request = requestOf(captured)
      const written =
        action === 'on_close'
          ? bodies(body).writeClose(request, {
              bytesSent: Number(body.send_bytes),
              bytesReceived: Number(body.recv_bytes),
            })
          : bodies(body).write(action as 'on_publish', request)
      const identity = { serverId: '', serviceId: String(body.service_id), pid: '' }
      const id = 'stream_id' in body ? { stream_id: streamIdOf(identity, streamKey(request.name)) } : {}
      expect(written).toBe(JSON.stringify({ ...body, ...id }))
      expect(Object.keys(JSON.parse(written))).toEqual(
        expect.arrayContaining([...(KEYS_OF_2014[action] ?? [])]),
      )
    },
  )

  it('of on_forward begins with the action', () => {
    const [captured] = CAPTURED
    const written = bodies({}).write('on_forward', requestOf(captured ?? { client: 'rtmp', body: {} }))
    expect(Object.keys(JSON.parse(written))).toEqual([
      'action',
      'server_id',
      'service_id',
      'client_id',
      'ip',
      'vhost',
      'app',
      'tcUrl',
      'stream',
      'param',
    ])
  })

  it('names the virtual host in the address of a stream, unless it is the default one', () => {
    const [captured] = CAPTURED
    const request = requestOf(captured ?? { client: 'rtmp', body: {} })
    const named = { ...request, name: { vhost: 'a.example', app: 'live', stream: 'x' } }
    expect(JSON.parse(bodies({}).write('on_play', named))).toMatchObject({
      vhost: 'a.example',
      stream_url: 'a.example/live/x',
    })
  })

  it('is JSON whatever clients say', () => {
    const [captured] = CAPTURED
    const request = requestOf(captured ?? { client: 'rtmp', body: {} })
    const said = { ...request, param: '?a="\\\u0000é\n', pageUrl: '</script>\u2028' }
    expect(JSON.parse(bodies({}).write('on_connect', said))).toMatchObject({
      param: said.param,
      pageUrl: said.pageUrl,
    })
  })
})

describe('the id of a stream', () => {
  it('is the same for a stream as long as the process runs, and another for others', () => {
    const [first, second] = [createServerIdentity(), createServerIdentity()]
    expect(streamIdOf(first, 'live/a')).toMatch(/^vid-[0-9a-z]{7}$/)
    expect(streamIdOf(first, 'live/a')).toBe(streamIdOf(first, 'live/a'))
    expect(streamIdOf(first, 'live/b')).not.toBe(streamIdOf(first, 'live/a'))
    expect(streamIdOf(second, 'live/a')).not.toBe(streamIdOf(first, 'live/a'))
  })
})
