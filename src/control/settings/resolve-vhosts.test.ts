import { describe, expect, it } from 'vitest'
import { DEFAULT_VHOST, ServerError } from '../../base/index.ts'
import { DEFAULT_HLS_OPTIONS, defaultForwardOptions } from '../../delivery/index.ts'
import { defaultEngineOptions } from '../../ffmpeg/index.ts'
import { defaultEdgeOptions } from '../../ingest/index.ts'
import { defaultBroadcastOptions, defaultStreamOptions } from '../../live/index.ts'
import { defaultOriginClusterOptions } from '../cluster/index.ts'
import { resolveVhosts } from './resolve-vhosts.ts'
import type { ServerSettings } from './settings.ts'

/** What a program gives that is not type-checked. */
function untyped(settings: object): ServerSettings {
  return settings as ServerSettings
}

describe('the virtual hosts of settings', () => {
  it('are one for every name, with the defaults, where none are given', () => {
    expect(resolveVhosts({})).toEqual([
      {
        name: DEFAULT_VHOST,
        enabled: true,
        streams: defaultStreamOptions,
        broadcast: defaultBroadcastOptions,
        rtmp: {},
        access: {},
        hooks: {},
        flv: { enabled: true },
        hls: DEFAULT_HLS_OPTIONS,
        edge: defaultEdgeOptions,
        originCluster: defaultOriginClusterOptions,
        forward: defaultForwardOptions,
        transcode: [],
        ingest: [],
        exec: { publish: [] },
      },
    ])
  })

  it('have the settings of the server, and over them their own, field by field', () => {
    const [first, second, third] = resolveVhosts({
      streams: { maxStreams: 5, lingerMs: 1, timeJitter: 'zero', takeover: 'refuse' },
      broadcast: { queueLengthMs: 2, gopCache: false },
      hls: { fragmentMs: 3000, windowMs: 9000 },
      flv: { enabled: false },
      access: { refer: { all: ['page.example'] }, token: { keys: [] } },
      vhosts: {
        'A.example': {
          streams: { lingerMs: 10, atc: true },
          broadcast: { minLatency: true, gopCache: true },
          hls: { windowMs: 12_000 },
          flv: { enabled: true },
          rtmp: { chunkSize: 4096 },
          edge: { mode: 'remote', origins: ['origin.example:19350'] },
          forward: { destinations: ['backup.example'] },
          exec: { publish: [['true']] },
          access: { refer: { play: ['play.example'] } },
        },
        'b.example': { enabled: false, hls: { enabled: false } },
        __defaultVhost__: {},
      },
    })
    expect(first).toEqual({
      name: 'a.example',
      enabled: true,
      streams: { ...defaultStreamOptions, lingerMs: 10, timeJitter: 'zero', takeover: 'refuse', atc: true },
      broadcast: { ...defaultBroadcastOptions, queueLengthMs: 2, gopCache: true, minLatency: true },
      rtmp: { chunkSize: 4096 },
      access: { refer: { play: ['play.example'] }, token: { keys: [] } },
      hooks: {},
      flv: { enabled: true },
      hls: { ...DEFAULT_HLS_OPTIONS, fragmentMs: 3000, windowMs: 12_000 },
      edge: { ...defaultEdgeOptions, mode: 'remote', origins: ['origin.example:19350'] },
      originCluster: defaultOriginClusterOptions,
      forward: { ...defaultForwardOptions, destinations: ['backup.example'] },
      transcode: [],
      ingest: [],
      exec: { publish: [['true']] },
    })
    expect(second).toMatchObject({ name: 'b.example', enabled: false, hls: null, flv: { enabled: false } })
    expect(third).toMatchObject({
      name: DEFAULT_VHOST,
      streams: { lingerMs: 1 },
      broadcast: { gopCache: false },
    })
  })

  it('take a field that is given as undefined for one that is left out', () => {
    const [vhost] = resolveVhosts(
      untyped({
        broadcast: { queueLengthMs: 2, mergeWriteMs: null },
        vhosts: { 'a.example': { broadcast: { queueLengthMs: undefined, mergeWriteMs: undefined } } },
      }),
    )
    expect(vhost?.broadcast).toEqual({ ...defaultBroadcastOptions, queueLengthMs: 2 })
  })

  it.each([
    [
      { 'a.example': {}, 'A.EXAMPLE:80': {} },
      "vhosts has both 'a.example' and 'A.EXAMPLE:80', which are one name",
    ],
    [{ '': {} }, "vhosts has '', which is no host: it takes a domain, an IP address or __defaultVhost__"],
    [{ 'a/b': {} }, "vhosts has 'a/b', which is no host"],
    [{ 'a b': {} }, "vhosts has 'a b', which is no host"],
    [{ 'a.example': { streams: { timeJitter: 'fast' } } }, 'virtual host a.example: timeJitter is "fast"'],
    [
      { 'a.example': { hls: { fragmentMs: 0 } } },
      'virtual host a.example: hls fragmentMs must be more than 0',
    ],
    [
      { 'a.example': { rtmp: { chunkSize: 0 } } },
      'virtual host a.example: rtmp chunkSize is 0: must be 1 to',
    ],
    [
      { 'a.example': { originCluster: { enabled: true } } },
      'virtual host a.example: originCluster coworkers is empty: a cluster needs the APIs of the other origins, host:port',
    ],
    [
      { 'a.example': { originCluster: { coworkers: ['http://b'] } } },
      "virtual host a.example: originCluster coworker 'http://b' is not host or host:port",
    ],
    [
      { 'a.example': { forward: { destinations: ['http://b/SECRET'] } } },
      "virtual host a.example: forward destination 'http...' is neither host[:port] nor rtmp://host[:port]/app/stream, nor the same with rtmps://",
    ],
    [
      { 'a.example': { forward: { destinations: Array(33).fill('b') } } },
      'virtual host a.example: forward has 33 destinations: at most MAX_DESTINATIONS (32)',
    ],
    [
      { 'a.example': { forward: { backend: 'b/c' } } },
      'virtual host a.example: forward backend is no URL: it takes http://host/path or the same with https://',
    ],
    [
      { 'a.example': { forward: { destinations: ['b'] }, streams: { unwatchedTimeoutMs: 5 } } },
      'virtual host a.example: forward and unwatchedTimeoutMs exclude each other: a stream that is forwarded has a use without players',
    ],
    [
      { 'a.example': { edge: { mode: 'remote' } } },
      'virtual host a.example: edge origins is empty: an edge (mode remote) needs one',
    ],
    [
      { 'a.example': { edge: { origins: ['rtmp://origin'] } } },
      "virtual host a.example: edge origin 'rtmp://origin' is not host or host:port",
    ],
    [
      { 'a.example': { edge: { protocol: 'srt' } } },
      'virtual host a.example: edge protocol is "srt": must be one of rtmp, rtmps, flv, flvs',
    ],
    [
      { 'a.example': { edge: { silenceTimeoutMs: 0 } } },
      'virtual host a.example: edge silenceTimeoutMs is 0: must be more than 0',
    ],
    [
      { 'a.example': { transcode: [{ engines: [{ name: 'ld', videoCodec: 'libx264', output: 'a' }] }] } },
      "virtual host a.example: transcode engine 'ld': profile is missing: expected one for libx264, e.g. main",
    ],
    [
      { 'a.example': { transcode: [{ scope: 'live', engines: [{ audioCodec: 'copy' }] }] } },
      "virtual host a.example: transcode live engine '': output is missing: expected a URL or a file",
    ],
    [
      { 'a.example': { transcode: [{ engines: [{ audioCodec: 'aac', output: 'a', channels: -1 }] }] } },
      "virtual host a.example: transcode engine '': channels is -1: expected 0 or more",
    ],
    [
      {
        'a.example': {
          ingest: [
            { id: 'x', url: 'a.flv', engines: [{ output: 'a' }] },
            { id: 'x', url: 'b.flv', engines: [{ output: 'b' }] },
          ],
        },
      },
      "virtual host a.example: ingest 'x': there are two of this id",
    ],
    [
      { 'a.example': { ingest: [{ id: 'x', type: 'tape', url: 'a.flv', engines: [{ output: 'a' }] }] } },
      'virtual host a.example: ingest \'x\': type is "tape": must be one of file, stream, device',
    ],
    [
      { 'a.example': { ingest: [{ id: 'x', url: 'a.flv', engines: [] }] } },
      "virtual host a.example: ingest 'x': engines is empty: expected one with an output",
    ],
  ])('are refused as %j', (vhosts, message) => {
    expect(() => resolveVhosts(untyped({ vhosts }))).toThrow(ServerError)
    expect(() => resolveVhosts(untyped({ vhosts }))).toThrow(message)
  })

  it('have engines with every default, without those that are off, and ingests that copy where a codec is missing', () => {
    const [vhost] = resolveVhosts({
      vhosts: {
        'a.example': {
          transcode: [
            {
              engines: [
                { name: 'audio', videoCodec: 'copy', output: 'a' },
                { enabled: false, output: '' },
              ],
            },
          ],
          ingest: [{ url: 'a.flv', engines: [{ audioCodec: 'aac', output: 'b' }] }],
        },
      },
    })
    const engine = { ...defaultEngineOptions, name: 'audio', videoCodec: 'copy', output: 'a' }
    expect(vhost?.transcode).toEqual([{ scope: '', ffmpeg: null, engines: [engine] }])
    expect(vhost?.ingest).toMatchObject([
      { id: '', type: 'file', onDemand: false, idleMs: 10_000, engines: [{ enabled: false, output: 'b' }] },
    ])
  })

  it('name none in an error of settings that have none', () => {
    expect(() => resolveVhosts(untyped({ streams: { atc: 1 } }))).toThrow(/^atc is 1/)
  })
})
