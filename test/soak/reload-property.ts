import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { DEFAULT_VHOST } from '../../src/base/index.ts'
import { type ReloadPlan, ServerError, type ServerSettings } from '../../src/index.ts'
import { type PlayerKind, ReloadScene, type Visitor } from '../support/reload-scene.ts'
import { FileScope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** A server's settings, who is there, and the settings that it is reloaded with. */
type Case = Readonly<{ before: ServerSettings; after: ServerSettings; visitors: readonly Visitor[] }>

const VHOSTS = ['a.example', 'b.example', DEFAULT_VHOST]
/** `other.example` is nobody's own. */
const ASKED = ['a.example', 'b.example', 'other.example']
/** Stands for a Unix socket in the folder of the test. */
const UNIX = 'UNIX'

const some = <T extends object>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
): fc.Arbitrary<Partial<T>> => fc.record(arbitraries, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

function mostly(value: boolean): fc.Arbitrary<boolean> {
  return fc.constantFrom(value, value, value, value, !value)
}

/** Options that change how somebody is served, but not whether. */
const MEDIA = {
  broadcast: some({
    queueLengthMs: fc.integer({ min: 1_000, max: 30_000 }),
    gopCache: fc.boolean(),
    minLatency: fc.boolean(),
    mergeWriteMs: fc.constantFrom(null, 0, 20),
    tcpNoDelay: fc.boolean(),
  }),
  streams: some({
    timeJitter: fc.constantFrom('full', 'zero', 'off'),
    mixCorrect: fc.boolean(),
    atc: fc.boolean(),
    lingerMs: fc.integer({ min: 0, max: 60_000 }),
    publisherGraceMs: fc.integer({ min: 60_000, max: 600_000 }),
    unwatchedTimeoutMs: fc.constantFrom(0, 3_600_000),
    gopCacheMaxFrames: fc.integer({ min: 0, max: 100 }),
  }),
  rtmp: some({
    chunkSize: fc.integer({ min: 128, max: 65_536 }),
    firstMediaTimeoutMs: fc.integer({ min: 30_000, max: 60_000 }),
    mediaTimeoutMs: fc.integer({ min: 30_000, max: 60_000 }),
  }),
}

const HLS = {
  fragmentMs: fc.integer({ min: 500, max: 5_000 }),
  windowMs: fc.integer({ min: 5_000, max: 60_000 }),
}

/** Who may come from now on; nobody who is there is asked again. */
const ACCESS = some({
  refer: fc.constant({ all: ['page.example'] }),
  security: fc.constantFrom({ rules: [] }, { rules: [{ effect: 'deny', action: 'play', address: 'all' }] }),
})

/** Nobody answers there: who is there is not asked again, and what is told waits. */
const HOOK_URLS = fc.constantFrom<string[]>([], ['http://127.0.0.1:9/hooks'])
const HOOKS = some({ onConnect: HOOK_URLS, onPublish: HOOK_URLS, onPlay: HOOK_URLS, onStop: HOOK_URLS })

/** Nobody answers there: who waits waits on, and what is published here already is so. */
const EDGE = fc.constantFrom<object>(
  { mode: 'local' },
  { mode: 'remote', origins: ['127.0.0.1:9'] },
  { mode: 'remote', origins: ['127.0.0.1:9', '127.0.0.2:9'], protocol: 'flv', idleMs: 100 },
)

/** Programs beside the server: they are never FFmpeg, so that none takes the processor; who is there goes on all the same. */
const TRANSCODE = fc.subarray(
  ['', 'live', 'live/demo', 'live/other'].map((scope) => ({
    scope,
    ffmpeg: '/bin/true',
    engines: [{ name: 'ld', videoCodec: 'copy', audioCodec: 'an', output: '[stream]_[engine].flv' }],
  })),
)
const INGEST = fc.subarray(
  ['a', 'b'].map((id) => ({
    id,
    type: 'stream',
    url: 'udp://127.0.0.1:9',
    ffmpeg: '/bin/true',
    engines: [{ output: 'rtmp://127.0.0.1:[port]/live?vhost=[vhost]/ingested' }],
  })),
)
const EXEC = some({ publish: fc.subarray([['/bin/true'], ['/bin/sleep', '1000']]) })

/** A virtual host in which everybody can watch. */
const openVhost = some({ ...MEDIA, hls: some(HLS) })
/** Any virtual host. */
const anyVhost = some({
  ...MEDIA,
  enabled: mostly(true),
  access: ACCESS,
  hooks: HOOKS,
  edge: EDGE,
  transcode: TRANSCODE,
  ingest: INGEST,
  exec: EXEC,
  flv: some({ enabled: mostly(true) }),
  hls: some({ ...HLS, enabled: mostly(true) }),
})

const anyAddress = fc.constantFrom<object>(
  { port: 0 },
  { port: 0, backlog: 10 },
  { port: 0, proxyProtocol: true },
  { host: '127.0.0.2', port: 0 },
  { path: UNIX },
  { addresses: [{ port: 0 }, { host: '127.0.0.3', port: 0 }] },
  { addresses: [{ path: UNIX }, { port: 0 }] },
)

const beforeSettings = fc
  .tuple(some({ ...MEDIA, hls: some(HLS) }), fc.option(fc.array(openVhost, { minLength: 3, maxLength: 3 })))
  .map(([{ rtmp, ...common }, vhosts]) => ({
    ...common,
    rtmp: { port: 0, ...rtmp },
    http: { port: 0, page: false },
    ...(vhosts === null ? {} : { vhosts: namedVhosts(VHOSTS, vhosts) }),
  }))

const afterSettings = fc
  .record({
    common: anyVhost,
    rtmp: fc.option(anyAddress, { freq: 5 }),
    http: fc.option(anyAddress, { freq: 5 }),
    api: fc.constantFrom<unknown>(undefined, undefined, false, { port: 0 }, { path: `${UNIX}-api` }),
    crossOrigin: fc.boolean(),
    programs: some({
      ffmpegLogLevel: fc.constantFrom('info', 'warning'),
      maxPrograms: fc.integer({ min: 1, max: 100 }),
    }),
    maxConnections: fc.option(fc.integer({ min: 1, max: 1_000 })),
    hookDelivery: some({
      connections: fc.integer({ min: 1, max: 10 }),
      whenUnavailable: fc.constantFrom('refuse', 'allow'),
    }),
    names: fc.option(fc.oneof(fc.constant(VHOSTS), fc.subarray(VHOSTS, { minLength: 1 }))),
    vhosts: fc.array(anyVhost, { minLength: 3, maxLength: 3 }),
  })
  .map(
    ({
      common: { rtmp, enabled: _1, edge: _2, transcode: _3, ingest: _4, exec: _5, ...common },
      names,
      vhosts,
      ...more
    }) => ({
      ...common,
      ...(more.rtmp === null ? {} : { rtmp: { ...more.rtmp, ...rtmp } }),
      ...(more.http === null ? {} : { http: { ...more.http, page: false, crossOrigin: more.crossOrigin } }),
      ...(more.api === undefined ? {} : { api: more.api }),
      hookDelivery: more.hookDelivery,
      programs: more.programs,
      ...(more.maxConnections === null ? {} : { limits: { maxConnections: more.maxConnections } }),
      ...(names === null ? {} : { vhosts: namedVhosts(names, vhosts) }),
    }),
  )

function namedVhosts(names: readonly string[], vhosts: readonly object[]): object {
  return Object.fromEntries(names.map((name, index) => [name, vhosts[index] ?? {}]))
}

const visitors = fc
  .tuple(
    fc.constantFrom(...ASKED),
    fc.array(
      fc.record({
        kind: fc.constantFrom<PlayerKind>('rtmp', 'flv', 'ws', 'hls'),
        // Mostly what is published; RTMP players may also wait for what nobody publishes yet.
        waitsIn: fc.option(fc.constantFrom(...ASKED), { freq: 4, nil: undefined }),
      }),
      { minLength: 3, maxLength: 3 },
    ),
  )
  .map(([vhost, players]): Visitor[] => [
    { who: 'publisher', kind: 'publisher', vhost, stream: 'demo' },
    ...players.map(({ kind, waitsIn }, index): Visitor => {
      const who = `${kind}${index}`
      return kind === 'rtmp' && waitsIn !== undefined
        ? { who, kind, vhost: waitsIn, stream: 'waited-for' }
        : { who, kind, vhost, stream: 'demo' }
    }),
  ])

const anyCase: fc.Arbitrary<Case> = fc.record({
  before: beforeSettings,
  after: afterSettings,
  visitors,
}) as unknown as fc.Arbitrary<Case>

/**
 * For random pairs of settings, with a publisher and three players: whoever is disconnected by a reload was named by its plan, and
 * the other way round; the others play on. A reload that fails disconnects nobody.
 * @param runs how many pairs
 * @param seed the same seed makes the same pairs
 * @returns how many reloads were made, and how many clients they cut
 * @throws Error with the pair that fails, made as small as can be
 */
export async function checkReloads(runs: number, seed?: number): Promise<{ reloads: number; cut: number }> {
  const counts = { reloads: 0, cut: 0 }
  await fc.assert(
    fc.asyncProperty(anyCase, async (given) => {
      const scope = new FileScope()
      try {
        const cut = await checkReload(scope, given)
        counts.reloads++
        counts.cut += cut
      } finally {
        await scope.clean()
      }
    }),
    // Shrinking starts servers, too: a few steps must do.
    { numRuns: runs, ...(seed === undefined ? {} : { seed }), interruptAfterTimeLimit: 3_600_000 },
  )
  return counts
}

async function checkReload(scope: FileScope, { before, after, visitors: all }: Case): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  scope.onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const settings = JSON.parse(JSON.stringify(after).replaceAll(UNIX, join(folder, 'u'))) as ServerSettings
  const scene = await ReloadScene.start(scope, before)
  for (const visitor of all) {
    await scene.enter(visitor)
  }
  const watching = all.filter(
    ({ kind, stream }) => kind !== 'publisher' && kind !== 'hls' && stream === 'demo',
  )
  await Promise.all(watching.map((visitor) => scene.goesOn(visitor, 1)))

  const planned = await attempt(() => scene.server.planReload(settings))
  const done = await attempt(() => scene.server.reload(settings))
  const named = [...new Set(done?.cut.map(({ client }) => scene.nameOf(client.id)))].sort()
  if (JSON.stringify(planned?.cut.length) !== JSON.stringify(done?.cut.length)) {
    throw new Error(`planned ${planned?.cut.length} cuts, made ${done?.cut.length}`)
  }
  await waitFor(
    () => `${named} are cut, of whom ${all.filter((each) => scene.isCut(each)).map(({ who }) => who)} are`,
    () => all.every((visitor) => scene.isCut(visitor) || !named.includes(visitor.who)),
    10_000,
  )
  const publishes = !named.includes('publisher')
  await Promise.all(
    watching.filter(({ who }) => publishes && !named.includes(who)).map((visitor) => scene.goesOn(visitor)),
  )
  const cut = all.filter((visitor) => scene.isCut(visitor)).map(({ who }) => who)
  if (JSON.stringify(cut.sort()) !== JSON.stringify(named)) {
    throw new Error(`the plan named ${JSON.stringify(named)}, cut were ${JSON.stringify(cut)}`)
  }
  if (scene.log.errors.length > 0) {
    throw new Error(`the server logged faults: ${JSON.stringify(scene.log.errors)}`)
  }
  return cut.length
}

/** The plan; null if the settings can't be used, which is told as it should be. */
async function attempt(work: () => Promise<ReloadPlan>): Promise<ReloadPlan | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ServerError && error.code === 'ERR_CONFIGURATION') {
      return null
    }
    throw error
  }
}
