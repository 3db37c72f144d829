import { describe, expect, it } from 'vitest'
import { build } from './testing/build.ts'

/** Files that are wrong, and what is told of each. */
const WRONG: readonly (readonly [what: string, text: string, faults: readonly string[]])[] = [
  ['nothing at all', '', ["nothing is listened for: expected 'listen 1935;' for RTMP"]],
  [
    'no port',
    'listen ten;',
    [
      "srs.conf:1:8: listen: expected PORT, IP:PORT, [IPV6]:PORT or unix:/PATH, one or more, e.g. 1935 or 127.0.0.1:1935; not 'ten'",
      "nothing is listened for: expected 'listen 1935;' for RTMP",
    ],
  ],
  [
    'a port that is none',
    'listen 1935 70000;',
    [
      "srs.conf:1:13: listen: expected PORT, IP:PORT, [IPV6]:PORT or unix:/PATH, one or more, e.g. 1935 or 127.0.0.1:1935; not '70000'",
      "nothing is listened for: expected 'listen 1935;' for RTMP",
    ],
  ],
  [
    'a name with hyphens',
    'listen 1935; max-connections 5;',
    [
      "srs.conf:1:14: 'max-connections' is no directive outside of all blocks: did you mean 'max_connections'?",
    ],
  ],
  [
    'a name in capitals',
    'Listen 1935; listen 1935;',
    ["srs.conf:1:1: 'Listen' is no directive outside of all blocks: did you mean 'listen'?"],
  ],
  [
    'nginx’s name of a block',
    'listen 1935; server { }',
    [
      "srs.conf:1:14: 'server' is no directive outside of all blocks: expected one such as listen, max_connections, chunk_size, rtmp, rtmps, http_server",
    ],
  ],
  [
    'a directive of nginx-rtmp',
    'listen 1935; vhost a { live on; }',
    [
      "srs.conf:1:24: 'live' is no directive in 'vhost': expected one such as enabled, chunk_size, min_latency, tcp_nodelay, in_ack_size, out_ack_size",
    ],
  ],
  [
    'HLS outside of a vhost',
    'listen 1935; hls { enabled on; }',
    ["srs.conf:1:14: 'hls' means nothing outside of all blocks: expected it in 'vhost'"],
  ],
  [
    'a vhost within a vhost',
    'listen 1935; vhost a { vhost b { } }',
    [
      "srs.conf:1:24: 'vhost' means nothing in 'vhost': expected it outside of all blocks or in 'vhost.cluster'",
    ],
  ],
  [
    'a fragment of no length',
    'listen 1935; vhost a { hls { hls_fragment 0; } }',
    ["srs.conf:1:43: hls_fragment: expected seconds from 0.1, e.g. 10 or 10s; not '0'"],
  ],
  [
    'bits where bytes are meant',
    'listen 1935; vhost a { play { queue_max_bytes 4Mbit; } }',
    ["srs.conf:1:47: queue_max_bytes: expected bytes from 1, e.g. 65536 or 64k; not '4Mbit'"],
  ],
  [
    'a comma',
    'listen 1935; vhost a { hls { hls_fragment 2,5; } }',
    ["srs.conf:1:43: hls_fragment: expected seconds from 0.1, e.g. 10 or 10s; not '2,5'"],
  ],
  [
    'a negative time',
    'listen 1935; vhost a { publish { normal_timeout -5; } }',
    ["srs.conf:1:49: normal_timeout: expected milliseconds from 0, e.g. 1500 or 1.5s; not '-5'"],
  ],
  [
    'a word that is none of the list',
    'listen 1935; vhost a { play { time_jitter some; } }',
    ["srs.conf:1:43: time_jitter: expected full, zero or off; not 'some'"],
  ],
  [
    'a URL without a scheme',
    'listen 1935; vhost a { http_hooks { on_publish 127.0.0.1/x; } }',
    [
      "srs.conf:1:48: on_publish: expected one URL or more, e.g. http://127.0.0.1:8085/path; not '127.0.0.1/x'",
    ],
  ],
  [
    'a hook that is no web server',
    'listen 1935; vhost a { http_hooks { on_play ftp://b/x; } }',
    [
      "srs.conf:1:37: http_hooks.on_play: 'ftp://b/x' can't be called: expected an http or https URL, e.g. http://127.0.0.1:8085/path",
    ],
  ],
  [
    'a destination that is no RTMP server',
    'listen 1935; vhost a { forward http://b/live; }',
    [
      "srs.conf:1:32: destination: expected HOST, HOST:PORT, rtmp://HOST/APP/STREAM or the same with rtmps://, one or more, e.g. 192.168.1.2:1935; not 'http://b/live'",
    ],
  ],
  [
    'a rule without an action',
    'listen 1935; vhost a { security { enabled on; allow 10.0.0.1; } }',
    [
      "srs.conf:1:53: allow: expected publish or play, and all, an IP address or a network, e.g. publish 10.0.0.0/8; not '10.0.0.1'",
    ],
  ],
  [
    'a network that is none',
    'listen 1935; vhost a { security { deny play 10.0.0.0/33; } }',
    [
      "srs.conf:1:45: deny: expected publish or play, and all, an IP address or a network, e.g. publish 10.0.0.0/8; not '10.0.0.0/33'",
    ],
  ],
  [
    'a listener without a name',
    'listen 1935; listener { }',
    [
      "srs.conf:1:14: 'listener' has no name: expected 'listener rtmp|rtmps|http|https|api|api_https... { ... }'",
    ],
  ],
  [
    'a listener that is none',
    'listen 1935; listener htp { }',
    [
      "srs.conf:1:14: listener: 'htp' is no listener: expected each once of rtmp, rtmps, http, https, api, api_https, exporter",
    ],
  ],
  [
    'a listener twice',
    'listen 1935; listener rtmp { } listener http rtmp { }',
    [
      "srs.conf:1:32: listener: there are two for 'rtmp': expected each once of rtmp, rtmps, http, https, api, api_https, exporter",
    ],
  ],
  [
    'two vhosts of one name',
    'listen 1935;\nvhost a { }\nvhost b a { }',
    ["srs.conf:3:1: there are two vhosts 'a': expected one; the other is in line 2"],
  ],
  [
    'two ingests of one ID',
    'listen 1935; vhost a { ingest x { }\ningest x { } }',
    ["srs.conf:2:1: there are two ingests 'x' in this vhost: expected an ID of its own for each"],
  ],
  [
    'two blocks http_remux',
    'listen 1935; vhost a { http_remux { }\nhttp_remux { } }',
    ["srs.conf:2:1: 'http_remux' is given again: expected one such block, and there is one at srs.conf:1:24"],
  ],
  [
    'HTTPS without HTTP',
    'listen 1935; http_server { https { enabled on; } }',
    [
      "srs.conf:1:36: http_server.https is on, and http_server is off: expected 'http_server { enabled on; ... }' around it",
    ],
  ],
  [
    'daemon and asprocess',
    'listen 1935; asprocess on;',
    [
      "srs.conf:1:14: asprocess and daemon, which is on unless it is said to be off, exclude each other: expected 'daemon off;'",
    ],
  ],
  [
    'TS over HTTP beside HLS',
    'listen 1935; vhost a { hls { enabled on; } http_remux { enabled on; mount [vhost]/[app]/[stream].ts; } }',
    [
      'srs.conf:1:69: http_remux.mount ends in .ts, as the segments of hls do, which is on: expected another ending, or hls off',
    ],
  ],
  [
    'forward and kickoff_for_idle',
    'listen 1935; vhost a { forward b; publish { kickoff_for_idle 5; } }',
    [
      'srs.conf:1:45: kickoff_for_idle and forward are both on: expected one of them, for a stream that is forwarded has a use without players',
    ],
  ],
  [
    'an engine without a profile, a preset and an output',
    'listen 1935; vhost a { transcode { enabled on;\nengine ff { enabled on; vcodec libx264; acodec copy; } } }',
    [
      "srs.conf:2:1: engine 'ff': vprofile is missing: expected one for libx264, e.g. main",
      "srs.conf:2:1: engine 'ff': vpreset is missing: expected one for libx264, e.g. veryfast",
      "srs.conf:2:1: engine 'ff': output is missing: expected a URL or a file, e.g. rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]",
    ],
  ],
  [
    'an engine without codecs',
    'listen 1935; vhost a { transcode { enabled on; engine { enabled on; output a.flv; } } }',
    [
      'srs.conf:1:48: engine: vcodec is missing, and so is that of audio: expected an encoder, copy, vn or an',
    ],
  ],
  [
    'an output whose server any publisher could choose',
    'listen 1935; vhost a { transcode { enabled on; engine x { enabled on; vcodec copy; output rtmp://[stream]/a; } } }',
    [
      "srs.conf:1:84: engine 'x': output 'rtmp://[stream]/a': [stream] can't be part of the server, which any publisher could choose then",
    ],
  ],
  [
    'an engine that makes nothing',
    'listen 1935; vhost a { transcode { enabled on; engine { enabled on; vcodec vn; acodec an; output a.flv; } } }',
    ['srs.conf:1:80: engine: acodec is an, and that of video is vn: expected one of them'],
  ],
  [
    'an ingest of nothing to nowhere',
    'listen 1935; vhost a { ingest x { enabled on; } ingest y { enabled on; input { url a.flv; } engine { } } }',
    [
      "srs.conf:1:24: ingest 'x' has no input: expected 'input { type file; url PATH; }' in it",
      "srs.conf:1:24: ingest 'x' has no engine: expected 'engine { output rtmp://127.0.0.1:[port]/live?vhost=[vhost]/STREAM; }' in it",
      'srs.conf:1:93: engine: output is missing: expected a URL or a file, e.g. rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]',
    ],
  ],
  [
    'a level of logging that FFmpeg does not have',
    'listen 1935; ff_log_level warn;',
    [
      "srs.conf:1:27: ff_log_level: expected quiet, panic, fatal, error, warning, info, verbose, debug or trace; not 'warn'",
    ],
  ],
  [
    'tokens without a key',
    'listen 1935; vhost a { token { enabled on; } }',
    ["srs.conf:1:24: token is on without a key: expected 'key NAME SECRET;' or 'key_file FILE;' in it"],
  ],
  [
    'tokens without keys',
    'listen 1935; vhost a { jwt { enabled on; } }',
    [
      "srs.conf:1:24: jwt needs its keys from one place: expected either 'jwks_file FILE;' or 'jwks_url URL;' in it",
    ],
  ],
]

describe('a wrong file', () => {
  it.each(WRONG)('is told what is wrong with it: %s', (_what, text, faults) => {
    expect(build(text).faults).toEqual(faults)
  })
})

describe('a file with many faults', () => {
  it.each([
    ['unknown names', 'foo 1;\n'],
    ['values that are wrong', 'vhost a { play { allow x; gop_cache maybe; } }\n'],
    ['old forms that are wrong', 'vhost a { gop_cache maybe; mode far; }\n'],
  ])('is told the first hundred, and that there are more: %s', (_what, text) => {
    const { faults } = build(text.repeat(5_000))
    expect(faults.length).toBe(101)
    expect(faults.at(-1)).toBe('more faults than maxConfigFaults (100): the rest is not told')
  })

  it('is told words that are long by their beginning', () => {
    const long = 'x'.repeat(100_000)
    expect(
      build(`listen 1935; ${long} 1; chunk_size ${long};`).faults.map((fault) => fault.length < 300),
    ).toEqual([true, true])
  })

  it('with thousands of rules is read as any other', () => {
    const rules = 'allow play 10.0.0.1;\n'.repeat(20_000)
    const { config, faults } = build(`listen 1935; vhost a { security { enabled on; ${rules} } }`)
    expect(faults).toEqual([])
    expect(config.values.vhost[0]?.values.security.values.allow.length).toBe(20_000)
  })
})
