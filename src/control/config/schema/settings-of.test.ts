import { describe, expect, it } from 'vitest'
import { defaultEngineOptions } from '../../../ffmpeg/index.ts'
import type { VhostSettings } from '../../settings/index.ts'
import { inVhost, settingsOfText } from './testing/build.ts'

/** What a vhost of a file serves that says nothing: as in SRS, FLV and HLS are off. */
const NOTHING_BUT_RTMP = { flv: { enabled: false }, hls: { enabled: false } }

/** The settings of a vhost with these directives. */
function vhostOf(text: string): VhostSettings | undefined {
  return settingsOfText(inVhost(text)).vhosts?.__defaultVhost__
}

describe('the settings of a configuration', () => {
  it('are what is written, and nothing else', () => {
    expect(settingsOfText('listen 1935;')).toEqual({
      rtmp: { host: '', port: 1935 },
      api: false,
      vhosts: { __defaultVhost__: NOTHING_BUT_RTMP },
    })
  })

  it('have listeners with certificates, proxies and several addresses', () => {
    const settings = settingsOfText(`
      listen 127.0.0.1:1935 [::1]:1936 unix:/run/rtmp.sock;
      chunk_size 4096;
      rtmp { handshake_timeout 3; }
      rtmps { enabled on; listen 443; cert c.pem; key k.pem; }
      http_server { enabled on; listen 80; dir ./html; crossdomain off; https { enabled on; listen 8443; } }
      http_api { enabled on; page off; https { enabled on; } }
      listener rtmp https { proxy_protocol { enabled on; trusted 10.0.0.0/8; kinds v2; header_timeout 2; } }
      listener http { backlog 9; tls_handshake_timeout 3; }
      limits { connections_per_address 7; streams 3; }`)
    const session = { chunkSize: 4096, handshakeTimeoutMs: 3000 }
    const proxyProtocol = { kinds: ['v2'], headerTimeoutMs: 2000, trustedProxies: ['10.0.0.0/8'] }
    const certificate = { certificate: './conf/server.crt', key: './conf/server.key' }
    expect(settings).toEqual({
      rtmp: {
        ...session,
        addresses: [
          { host: '127.0.0.1', port: 1935 },
          { host: '::1', port: 1936 },
          { path: '/run/rtmp.sock' },
        ],
        proxyProtocol,
      },
      rtmps: { ...session, host: '', port: 443, certificate: 'c.pem', key: 'k.pem' },
      http: {
        host: '',
        port: 80,
        root: './html',
        crossOrigin: false,
        backlog: 9,
        tlsHandshakeTimeoutMs: 3000,
      },
      https: { host: '', port: 8443, root: './html', crossOrigin: false, ...certificate, proxyProtocol },
      api: { host: '127.0.0.1', port: 1985, page: false },
      apiHttps: { host: '127.0.0.1', port: 1990, page: false, ...certificate },
      limits: { maxConnectionsPerAddress: 7 },
      streams: { maxStreams: 3 },
      vhosts: { __defaultVhost__: NOTHING_BUT_RTMP },
    })
  })

  it('have the permissions of a Unix socket', () => {
    expect(settingsOfText('listen unix:/run/a.sock 1935; listener rtmp { unix_mode 600; }').rtmp).toEqual({
      addresses: [
        { path: '/run/a.sock', mode: 0o600 },
        { host: '', port: 1935 },
      ],
    })
  })

  it('have times in milliseconds, and no end where 0 means none', () => {
    expect(
      vhostOf(`
        chunk_size 4096; min_latency on; tcp_nodelay off; in_ack_size 9000; out_ack_size 0;
        play { queue_length 2.3; gop_cache_max_frames 0; mw_latency 350; time_jitter off; }
        publish { firstpkt_timeout 9000; normal_timeout 7000; grace 0; takeover refuse; kickoff_for_idle 60; }
        hls { enabled on; hls_fragment 5; hls_window 1m; }
        http_remux { enabled on; }`),
    ).toEqual({
      rtmp: {
        chunkSize: 4096,
        firstMediaTimeoutMs: 9000,
        mediaTimeoutMs: 7000,
        inAcknowledgementWindowBytes: 9000,
        outAcknowledgementWindowBytes: 0,
      },
      broadcast: { minLatency: true, tcpNoDelay: false, queueLengthMs: 2300, mergeWriteMs: 350 },
      streams: {
        gopCacheMaxFrames: 0,
        timeJitter: 'off',
        publisherGraceMs: Infinity,
        takeover: 'refuse',
        unwatchedTimeoutMs: 60_000,
      },
      flv: { enabled: true },
      hls: { enabled: true, fragmentMs: 5000, windowMs: 60_000 },
    })
  })

  it('have each vhost by each of its names', () => {
    const { vhosts } = settingsOfText(
      'listen 1935; vhost a b { enabled off; } vhost c { http_remux { enabled on; } }',
    )
    expect(vhosts).toEqual({
      a: { ...NOTHING_BUT_RTMP, enabled: false },
      b: { ...NOTHING_BUT_RTMP, enabled: false },
      c: { ...NOTHING_BUT_RTMP, flv: { enabled: true } },
    })
  })

  it('have access rules of blocks that are on', () => {
    expect(
      vhostOf(`
        refer { enabled off; all a.example; }
        security { enabled on; allow play all; deny publish 10.0.0.0/8; }
        token { enabled on; key a 0123456789abcdef; key b fedcba9876543210; require publish; }`)?.access,
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

  it('have the engines and ingests that are on, with the defaults of SRS', () => {
    const output = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]'
    const { transcode, ingest, exec } =
      vhostOf(`
        transcode { enabled on; ffmpeg /usr/bin/ffmpeg;
          engine ld { enabled on; vfilter { i logo.png; -filter_complex 'overlay=10:10'; an; } vcodec libx264; vbitrate 500; vfps 12.5;
            vwidth 321; vheight 180; vprofile main; vpreset fast; vparams { bf 3; } acodec aac; abitrate 64; asample_rate 44100;
            achannels 2; aparams { profile:a aac_low; } output ${output}; }
          engine sd { vcodec copy; } }
        transcode live { engine hd { enabled on; } }
        transcode live/a { enabled on; engine { enabled on; perfile { re; } iformat off; oformat off; vcodec vn; acodec copy; output a; } }
        ingest x { enabled on; on_demand on; idle_timeout 3; input { type device; url /dev/video0; } engine { output ${output}; } }
        ingest y { input { url a.flv; } }
        exec { enabled on; publish /bin/echo [stream]; publish /bin/true; }`) ?? {}
    expect(transcode).toMatchObject([
      {
        scope: '',
        ffmpeg: '/usr/bin/ffmpeg',
        engines: [
          {
            ...defaultEngineOptions,
            name: 'ld',
            filters: [
              ['i', 'logo.png'],
              ['-filter_complex', 'overlay=10:10'],
              ['an', ''],
            ],
            videoCodec: 'libx264',
            videoBitrateKbps: 500,
            framesPerSecond: 12.5,
            width: 321,
            height: 180,
            profile: 'main',
            preset: 'fast',
            videoOptions: [['bf', '3']],
            audioCodec: 'aac',
            audioBitrateKbps: 64,
            sampleRateHz: 44_100,
            channels: 2,
            audioOptions: [['profile:a', 'aac_low']],
            output,
          },
        ],
      },
      {
        scope: 'live/a',
        ffmpeg: null,
        engines: [
          {
            ...defaultEngineOptions,
            inputOptions: [['re', '']],
            inputFormat: 'off',
            outputFormat: 'off',
            videoCodec: 'vn',
            audioCodec: 'copy',
            output: 'a',
          },
        ],
      },
    ])
    expect(ingest).toEqual([
      {
        id: 'x',
        type: 'device',
        url: '/dev/video0',
        ffmpeg: null,
        onDemand: true,
        idleMs: 3000,
        engines: [{ ...defaultEngineOptions, enabled: false, output }],
      },
    ])
    expect(exec).toEqual({ publish: [['/bin/echo', '[stream]'], ['/bin/true']] })
  })

  it('say how programs are run', () => {
    const programs = (text: string): unknown => settingsOfText(`listen 1935; ${text}`).programs
    expect(
      programs(`
        log_dir logs; ff_log_level warning;
        programs { max_programs 3; max_programs_per_vhost 2; failing_after 4; stall_timeout 5; stop_timeout 0.5; max_log_bytes 1m; max_log_files 7; }`),
    ).toEqual({
      logDirectory: 'logs',
      ffmpegLogLevel: 'warning',
      maxPrograms: 3,
      maxProgramsPerVhost: 2,
      failingAfter: 4,
      stallTimeoutMs: 5000,
      stopTimeoutMs: 500,
      maxLogBytes: 1_048_576,
      maxLogFiles: 7,
    })
    expect(programs('ff_log_dir /dev/null;')).toEqual({ logDirectory: null })
  })

  it('refuse everybody where security is on without a rule, as in SRS', () => {
    expect(vhostOf('security { enabled on; }')?.access).toEqual({ security: { rules: [] } })
  })
})
