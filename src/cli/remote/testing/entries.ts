import type { RefusalInfo, StreamInfo } from '../../../control/index.ts'
import type { ListedClient } from '../listed.ts'

/** A stream as the API lists it. */
export function streamEntry(changes: Partial<StreamInfo> = {}): StreamInfo {
  return {
    id: 'vid-0000001',
    name: 'demo',
    vhost: 'vid-1234567',
    app: 'live',
    tcUrl: 'rtmp://localhost/live',
    url: '/live/demo',
    live_ms: 1_700_000_000_000,
    clients: 3,
    frames: 100,
    send_bytes: 12_000_000,
    recv_bytes: 4_000_000,
    kbps: { recv_30s: 2500, send_30s: 5000 },
    publish: { active: true, cid: 'c1' },
    video: { codec: 'H264', profile: 'High', level: '3.1', width: 1280, height: 720, rfc6381: '' },
    audio: { codec: 'AAC', sample_rate: 44_100, channel: 2, profile: 'LC', rfc6381: '' },
    ...changes,
  } as StreamInfo
}

/** A client as the API lists it. */
export function clientEntry(changes: Partial<ListedClient> = {}): ListedClient {
  return {
    id: 'c2',
    vhost: 'vid-1234567',
    stream: 'vid-0000001',
    ip: '192.0.2.7',
    pageUrl: '',
    swfUrl: '',
    tcUrl: 'rtmp://localhost/live',
    url: '/live/demo',
    name: 'demo',
    type: 'rtmp-play',
    publish: false,
    alive: 75,
    send_bytes: 1000,
    recv_bytes: 200,
    kbps: { recv_30s: 0, send_30s: 2500 },
    protocol: 'rtmp',
    lag_ms: 40,
    skips: 1,
    ...changes,
  }
}

/** A refusal as the API lists it. */
export function refusalEntry(changes: Partial<RefusalInfo> = {}): RefusalInfo {
  return {
    at_ms: 1_700_000_000_000,
    action: 'publish',
    protocol: 'rtmp',
    address: '192.0.2.9',
    client: 'c3',
    vhost: '',
    app: 'live',
    stream: 'demo',
    page_url: '',
    link: 'token',
    code: 'token_expired',
    srs_code: null,
    reason: 'the token is no longer valid',
    ...changes,
  }
}
