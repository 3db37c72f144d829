import { describe, expect, it } from 'vitest'
import { build, configOf, inVhost } from './testing/build.ts'

describe('a value', () => {
  it('knows the line and column it is from', () => {
    const { values } = configOf('listen 1935;\n  chunk_size 4096;')
    expect(values.chunk_size).toEqual({
      value: 4096,
      origin: { from: 'file', place: { file: 'srs.conf', line: 2, column: 3 } },
    })
    expect(values.max_connections).toEqual({ value: 10_000, origin: { from: 'default' } })
  })

  it('is taken from the environment before the file', () => {
    const { values } = configOf('listen 1935;\nchunk_size 4096;', { SRS_CHUNK_SIZE: '5000' })
    expect(values.chunk_size).toEqual({
      value: 5000,
      origin: { from: 'environment', name: 'SRS_CHUNK_SIZE' },
    })
  })

  it('outside of all blocks is the default of vhosts that have none of their own', () => {
    const { values } = configOf('vhost a { }\nvhost b { chunk_size 300; }\nlisten 1935;\nchunk_size 4096;')
    expect(values.vhost.map(({ values: { chunk_size } }) => chunk_size.value)).toEqual([4096, 300])
  })

  it('that is given twice is the first one, and that is told', () => {
    const { config, notices } = build('listen 1935;\nchunk_size 4096;\nchunk_size 5000;')
    expect(config.values.chunk_size.value).toBe(4096)
    expect(notices).toEqual(["srs.conf:3:1: 'chunk_size' is given again: the one at srs.conf:2:1 counts"])
  })

  it('in quotes with nothing between them is an empty text', () => {
    const { values } = configOf(inVhost('bandcheck { key ""; }'))
    expect(values.vhost[0]?.values.bandcheck.values.key.value).toBe('')
  })
})

describe('a vhost', () => {
  it('is there, with all defaults, if none is written', () => {
    const { values } = configOf('listen 1935;')
    expect(values.vhost.map(({ names, origin }) => ({ names, origin }))).toEqual([
      { names: ['__defaultVhost__'], origin: { from: 'default' } },
    ])
  })

  it('gets the variables for all vhosts', () => {
    const { values } = configOf('listen 1935; vhost a { } vhost b { hls { hls_fragment 5; } }', {
      SRS_VHOST_HLS_HLS_FRAGMENT: '7',
    })
    expect(values.vhost.map((vhost) => vhost.values.hls.values.hls_fragment.value)).toEqual([7000, 7000])
  })
})

describe('what is wrong', () => {
  it.each([
    ['chunk_size 10;', "srs.conf:1:12: chunk_size: expected a whole number from 128 to 65536; not '10'"],
    ['daemon yes;', "srs.conf:1:8: daemon: expected on or off; not 'yes' (write on)"],
    ['daemon On;', "srs.conf:1:8: daemon: expected on or off; not 'On' (write on)"],
    ['daemon;', 'srs.conf:1:1: daemon: expected on or off; there is none'],
    ['daemon on off;', "srs.conf:1:11: daemon: expected one value: on or off; not 'off'"],
    ['lisen 1935;', "srs.conf:1:1: 'lisen' is no directive outside of all blocks: did you mean 'listen'?"],
    [
      'hls_fragment 5;',
      "srs.conf:1:1: 'hls_fragment' means nothing outside of all blocks: expected it in 'vhost.hls'",
    ],
    [
      'vhost a { gop_cach on; }',
      "srs.conf:1:11: 'gop_cach' is no directive in 'vhost': did you mean 'vhost.play.gop_cache'?",
    ],
    ['vhost { }', "srs.conf:1:1: 'vhost' has no name: expected 'vhost NAME... { ... }'"],
    [
      'http_server on;',
      "srs.conf:1:1: 'http_server' is a block: expected 'http_server { ... }', not 'http_server on;'",
    ],
    [
      'chunk_size { }',
      "srs.conf:1:1: 'chunk_size' has no block: expected 'chunk_size VALUE;' with a whole number from 128 to 65536",
    ],
    ['http_server a { }', "srs.conf:1:13: unexpected 'a' before the block: expected 'http_server { ... }'"],
    [
      'http_server { } http_server { }',
      "srs.conf:1:17: 'http_server' is given again: expected one such block, and there is one at srs.conf:1:1",
    ],
    [
      'constructor on;',
      "srs.conf:1:1: 'constructor' is no directive outside of all blocks: expected one such as listen, max_connections, chunk_size, rtmp, rtmps, http_server",
    ],
  ])('is told with its place: %s', (text, message) => {
    expect(build(`${text}\nlisten 1935;`).faults).toEqual([message])
  })

  it('is told all at once, in the order of the file', () => {
    const { faults } = build('listen x;\nvhost a {\n  hls { hls_fragment -1; }\n  mode far;\n}\nfoo 1;\n')
    expect(faults.map((fault) => fault.replace(/: .*/, ''))).toEqual([
      'srs.conf:1:8',
      'srs.conf:3:22',
      'srs.conf:4:8',
      'srs.conf:6:1',
      'nothing is listened for',
    ])
  })

  it('is told of variables, too', () => {
    expect(build('listen 1935;', { SRS_CHUNK_SIZE: 'many' }).faults).toEqual([
      "environment SRS_CHUNK_SIZE: expected a whole number from 128 to 65536; not 'many'",
    ])
  })
})

describe('a block that is off', () => {
  it('says nothing that has no effect', () => {
    expect(build(inVhost('enabled off; forward b; hls { enabled off; hls_path x; }')).notices).toEqual([])
    expect(
      build(inVhost('hls { enabled off; hls_path x; } dvr { enabled off; dvr_path x; }')).notices,
    ).toEqual([])
  })
})

describe('what cannot be meant', () => {
  it.each([
    [
      'listen 1935; http_server { enabled on; }',
      [
        "srs.conf:1:28: http_server is on, and no vhost has anything to watch over HTTP: say 'http_remux { enabled on; }' for FLV or 'hls { enabled on; }' in it",
      ],
    ],
    ['listen 1935; http_server { enabled on; dir ./html; }', []],
    ['listen 1935; http_server { enabled on; } vhost a { hls { enabled on; } }', []],
    [
      'listen 1935; vhost a { hls { enabled on; } }',
      [
        "srs.conf:1:30: hls is on, and http_server is off: say 'http_server { enabled on; }' outside of all vhosts",
      ],
    ],
  ])('is told, and is no fault: %s', (text, notices) => {
    expect(build(text)).toMatchObject({ faults: [], notices })
  })
})
