import { describe, expect, it } from 'vitest'
import { inVhost, settingsOfText } from './testing/build.ts'

describe('the settings of a configuration', () => {
  it('are what is written, and nothing else', () => {
    expect(settingsOfText('listen 1935;')).toEqual({ rtmp: { host: '', port: 1935 } })
  })

  it('have listeners with certificates and proxies', () => {
    const settings = settingsOfText(`
      listen 127.0.0.1:1935;
      chunk_size 4096;
      rtmp { handshake_timeout 3; }
      rtmps { enabled on; listen 443; cert c.pem; key k.pem; }
      http_server { enabled on; listen 80; page off; https { enabled on; listen 8443; } }
      proxy_protocol rtmp https { trusted 10.0.0.0/8; kinds v2; }
      proxy_protocol http { enabled off; }
      limits { connections_per_address 7; streams 3; }`)
    const session = { chunkSize: 4096, handshakeTimeoutMs: 3000 }
    const proxyProtocol = { kinds: ['v2'], trustedProxies: ['10.0.0.0/8'] }
    expect(settings).toEqual({
      rtmp: { ...session, host: '127.0.0.1', port: 1935, proxyProtocol },
      rtmps: { ...session, host: '', port: 443, certificate: 'c.pem', key: 'k.pem' },
      http: { host: '', port: 80, page: false },
      https: {
        host: '',
        port: 8443,
        page: false,
        certificate: './conf/server.crt',
        key: './conf/server.key',
        proxyProtocol,
      },
      limits: { maxConnectionsPerAddress: 7 },
      streams: { maxStreams: 3 },
    })
  })

  it('have times in milliseconds, and no end where 0 means none', () => {
    expect(
      settingsOfText(
        inVhost(`
          play { queue_length 2.3; gop_cache_max_frames 0; mw_latency 350; }
          publish { normal_timeout 7000; grace 0; takeover refuse; }`),
      ),
    ).toMatchObject({
      rtmp: { mediaTimeoutMs: 7000 },
      broadcast: { queueLengthMs: 2300, mergeWriteMs: 350 },
      streams: { gopCacheMaxFrames: Infinity, publisherGraceMs: Infinity, takeover: 'refuse' },
    })
  })

  it('have access rules of blocks that are on', () => {
    expect(
      settingsOfText(
        inVhost(`
          refer { enabled off; all a.example; }
          security { enabled on; allow play all; deny publish 10.0.0.0/8; }
          token { enabled on; key a 0123456789abcdef; key b fedcba9876543210; require publish; }`),
      ).access,
    ).toEqual({
      security: {
        rules: [
          { effect: 'deny', action: 'publish', address: '10.0.0.0/8' },
          { effect: 'allow', action: 'play', address: 'all' },
        ],
      },
      token: {
        require: ['publish'],
        keys: [
          { id: 'a', secret: '0123456789abcdef' },
          { id: 'b', secret: 'fedcba9876543210' },
        ],
      },
    })
  })

  it('refuse everybody where security is on without a rule, as in SRS', () => {
    expect(settingsOfText(inVhost('security { enabled on; }')).access).toEqual({ security: { rules: [] } })
  })
})
