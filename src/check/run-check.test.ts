import { describe, expect, it, type TestContext } from 'vitest'
import { waitFor } from '../../test/support/wait.ts'
import { createServer } from '../server/index.ts'
import type { ProbeResult } from './probe.ts'
import { PROBES } from './probes/all-probes.ts'
import { type CheckReport, runCheck } from './run-check.ts'
import { type Fault, FaultyServer } from './testing/faulty-server.ts'

/**
 * For servers with a fault. A wait that is too short fails a probe, so where probes must pass the default is used; and one that is
 * shorter than a busy machine takes to connect leaves it unknown.
 */
const TIMEOUT_MS = 1500

async function check(context: TestContext, fault: Fault, ...only: string[]): Promise<CheckReport> {
  const server = await FaultyServer.start(fault)
  context.onTestFinished(() => server.stop())
  return await runCheck({ url: server.url, only, ...(fault === 'none' ? {} : { timeoutMs: TIMEOUT_MS }) })
}

/** Checks by probes or groups, each probe at a server of its own, all at once: most of the time they wait. */
async function checkEach(context: TestContext, fault: Fault, ...only: string[]): Promise<ProbeResult[]> {
  const ids = PROBES.map(({ id }) => id).filter((id) =>
    only.some((name) => id === name || id.startsWith(`${name}.`)),
  )
  const reports = await Promise.all(ids.map((id) => check(context, fault, id)))
  return reports.flatMap(({ probes }) => probes)
}

const idsThat = (outcome: string, probes: readonly ProbeResult[]): string[] =>
  probes.filter((probe) => probe.outcome === outcome).map(({ id }) => id)

/** What a fault is noticed by; each of these probes passes where the fault is not, see below. */
const NOTICED: readonly (readonly [Fault, ...string[]])[] = [
  ['S0 is 9', 'handshake.simple', 'handshake.wrong-version'],
  ['S2 is random', 'handshake.simple'],
  ['wants C1 in one packet', 'handshake.byte-by-byte'],
  ['wants C2 alone', 'handshake.c2-with-connect'],
  ['wants C2 soon', 'handshake.late-c2'],
  [
    'refuses connect',
    'connect.result',
    'connect.amf3',
    'connect.fourcc-list',
    'control.ping',
    'command.unknown',
  ],
  ['refuses publish', 'dialect.fmle', 'dialect.flash', 'dialect.publish-uncreated', 'dialect.pipelined'],
  ['relays nothing', 'chunk'],
  ['relays nothing', 'command.play-before-publish', 'dialect.ffmpeg-play', 'dialect.close-and-play-again'],
  ['relays nothing', 'media'],
  ['relays nothing', 'timestamp'],
  ['relays no data messages', 'dialect.ffmpeg-publish'],
  ['cuts long messages', 'chunk.size-65536', 'chunk.size-2-31'],
  ['masks timestamps to 24 bits', 'timestamp'],
  ['sends no headers at first', 'media.headers-first'],
  ['lets everybody publish', 'command.second-publisher'],
  ['one slow player stops all', 'robust.slow-reader'],
  ['dies of a bad client', 'connect.no-tcurl'],
  ['dies of a bad client', 'robust.http'],
  ['dies of a bad client', 'robust.garbage'],
  ['dies of a bad client', 'robust.huge-messages'],
  ['dies of a bad client', 'robust.deep-amf'],
  ['dies of a bad client', 'robust.cut-publisher'],
]

describe.concurrent('a server that', () => {
  it.for(NOTICED)('%s fails %s', async ([fault, ...only], context) => {
    const probes = await checkEach(context, fault, ...only)
    expect(probes.length).toBeGreaterThanOrEqual(only.length)
    expect(idsThat('pass', probes)).toEqual([])
    expect(idsThat('unknown', probes)).toEqual([])
    expect(probes.every(({ reason }) => reason !== '')).toBe(true)
  })
})

describe.concurrent('the probes', () => {
  it('pass at this server, each of them', async (context) => {
    const server = await createServer({ rtmp: { port: 0 } })
    context.onTestFinished(() => server.close())
    const report = await runCheck({ url: `${server.rtmpUrl}/live` })
    const failed = report.probes.filter(({ outcome }) => outcome !== 'pass')
    expect(failed.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
    expect(report.probes.map(({ id }) => id)).toEqual(PROBES.map(({ id }) => id))
    await waitFor('the end of its connections', () => server.rtmpConnections === 0)
  })

  it('pass at a small relay without a fault, so that it is the fault they notice', async (context) => {
    const relay = await check(
      context,
      'none',
      'chunk',
      'command',
      'dialect',
      'media.headers-first',
      'timestamp',
      'robust',
    )
    expect(relay.counts).toEqual({ pass: relay.probes.length, fail: 0, unknown: 0 })
  })

  it('are not fooled by a server that says nothing', async (context) => {
    const probes = await checkEach(context, 'says nothing', 'handshake', 'connect', 'control', 'timestamp')
    expect(idsThat('pass', probes)).toEqual([])
    expect(idsThat('unknown', probes)).toEqual(['handshake.wrong-version'])
  })

  it('are not fooled by a server that closes every connection', async (context) => {
    const report = await check(context, 'closes at once')
    expect(idsThat('pass', report.probes)).toEqual([])
  })

  it('have ids of their own, titles and references', () => {
    expect(new Set(PROBES.map(({ id }) => id)).size).toBe(PROBES.length)
    for (const { id, title, reference } of PROBES) {
      expect(id).toMatch(/^[a-z]+\.[a-z0-9-]+$/)
      expect(title.length).toBeLessThanOrEqual(90)
      expect(reference).toMatch(/Adobe RTMP 1\.0|Enhanced RTMP|AMF0|ISO|field/)
    }
  })

  it('each fail at some server with a fault', async () => {
    const noticed = NOTICED.flatMap(([, ...names]) => names)
    const silent = ['handshake', 'control', 'connect']
    const named = ({ id }: { id: string }): boolean =>
      [...noticed, ...silent].some((name) => id === name || id.startsWith(`${name}.`))
    expect(PROBES.filter((probe) => !named(probe)).map(({ id }) => id)).toEqual([])
  })
})

describe('a check', () => {
  it.each([
    ['http://host/live', 'rtmp://host/app'],
    ['rtmp://host', 'rtmp://host/app'],
    ['rtmp://host:99999/live', 'rtmp://host/app'],
    ['nonsense', 'is not a URL'],
  ])('of %s says what a URL must be', async (url, reason) => {
    await expect(runCheck({ url })).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' })
    await expect(runCheck({ url })).rejects.toThrow(reason)
  })

  it('of a port where nothing listens says so', async () => {
    const server = await FaultyServer.start('none')
    const { url } = server
    await server.stop()
    await expect(runCheck({ url, timeoutMs: TIMEOUT_MS })).rejects.toThrow(
      'nothing takes connections on 127.0.0.1',
    )
  })

  it('with a probe that there is not names the groups there are', async () => {
    await expect(runCheck({ url: 'rtmp://127.0.0.1/live', only: ['chunk', 'nothing'] })).rejects.toThrow(
      "there is no probe 'nothing'; groups are handshake, chunk, control, connect, dialect",
    )
  })

  it('that is aborted ends after the probe it is at, with a report', async (context) => {
    const server = await FaultyServer.start('none')
    context.onTestFinished(() => server.stop())
    const interruption = new AbortController()
    const options = { url: server.url, signal: interruption.signal, timeoutMs: TIMEOUT_MS }
    const report = await runCheck(options, () => interruption.abort())
    expect(report.probes.map(({ id }) => id)).toEqual(['handshake.simple'])
  })

  it('says of the probes behind the end of the server that it is gone', async (context) => {
    const report = await check(
      context,
      'dies of a bad client',
      'connect.no-tcurl',
      'dialect.flash',
      'dialect.pipelined',
    )
    expect(report.probes.map(({ outcome }) => outcome)).toEqual(['fail', 'unknown', 'unknown'])
    expect(report.probes[2]?.reason).toContain('the server is gone')
  })

  it('gives a query to every publish and play', async (context) => {
    const asked: string[] = []
    const server = await createServer({
      rtmp: { port: 0 },
      onPublish: ({ parameters }) => void asked.push(`${parameters.get('token')}`),
      onPlay: ({ parameters }) => void asked.push(`${parameters.get('token')}`),
    })
    context.onTestFinished(() => server.close())
    await runCheck({ url: `${server.rtmpUrl}/live?token=secret`, only: ['chunk.size-128'] })
    expect(asked).toEqual(['secret', 'secret'])
  })
})
