import { describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../test/support/server.ts'
import { silentLogger } from '../base/index.ts'
import type { ServerSettings } from '../control/index.ts'
import { Listeners, type ServerListener } from './listeners.ts'
import { overlap, type WantedListener, wantedListeners } from './wanted-listeners.ts'

/** Opens nothing, but remembers what would be open. */
class FakeSystem {
  readonly taken = new Set<string>()
  readonly events: string[] = []
  readonly #open: WantedListener[] = []

  open = async (wanted: WantedListener): Promise<ServerListener> => {
    const { options } = wanted
    const where = 'path' in options ? options.path : `${options.host}:${options.port}`
    if (this.taken.has(where) || this.#open.some((other) => overlap(other, wanted))) {
      throw new Error(`${where} is taken`)
    }
    this.#open.push(wanted)
    this.events.push(`open ${where}`)
    const address =
      'path' in options ? { path: options.path } : { host: options.host ?? '', port: options.port }
    const stop = (): void => {
      const index = this.#open.indexOf(wanted)
      if (index >= 0) {
        this.#open.splice(index, 1)
        this.events.push(`stop ${where}`)
      }
    }
    return {
      address,
      stop,
      release: () => this.events.push(`release ${where}`),
      useProxies: () => {},
      apply: (next) => this.events.push(`apply ${where} ${next.purposes.join('+')}`),
      drained: new Promise(() => {}),
      close: async () => stop(),
    }
  }
}

function wantedOf(settings: ServerSettings): WantedListener[] {
  return wantedListeners({ api: false, ...settings })
}

/** Listeners that have gone over into these settings. */
async function listenersFor(
  system: FakeSystem,
  settings: ServerSettings,
  logger = new RecordingLogger(),
): Promise<Listeners> {
  const listeners = new Listeners(system.open, logger)
  await change(listeners, settings)
  system.events.length = 0
  return listeners
}

async function change(listeners: Listeners, settings: ServerSettings): Promise<void> {
  const { commit } = await listeners.prepare(listeners.planChanges(wantedOf(settings)), () => null)
  commit()
}

const A = { host: '127.0.0.1', port: 1 }
const B = { host: '127.0.0.1', port: 2 }
const EVERYWHERE = { host: '', port: 1 }

describe('a set of listeners', () => {
  it('goes over into another: opens what is new, then closes what is not wanted, and leaves the rest', async () => {
    const system = new FakeSystem()
    const listeners = await listenersFor(system, { rtmp: A, http: { addresses: [B, { path: '/a' }] } })
    const [first] = listeners.running
    await change(listeners, { rtmp: { addresses: [{ path: '/b' }, A] }, http: B })
    expect(system.events).toEqual([
      'open /b',
      'apply 127.0.0.1:1 rtmp',
      'apply 127.0.0.1:2 http',
      'stop /a',
      'apply /b rtmp',
      'release /b',
    ])
    expect(listeners.running.map(({ listener }) => listener.address)).toEqual([{ path: '/b' }, A, B])
    expect(listeners.running[1]?.listener).toBe(first?.listener)
    expect(listeners.addressOf('rtmp')).toEqual(A)
  })

  it('is as it was if one of the new ones can’t be had', async () => {
    const system = new FakeSystem()
    const listeners = await listenersFor(system, { rtmp: A })
    const before = listeners.running
    system.taken.add('127.0.0.1:2')
    await expect(change(listeners, { rtmp: { addresses: [{ path: '/b' }, B] } })).rejects.toThrow('is taken')
    expect(system.events).toEqual(['open /b', 'stop /b'])
    expect(listeners.running).toEqual(before)
  })

  it('closes one first that is in the way of a new one, and opens it again if that can’t be had', async () => {
    const system = new FakeSystem()
    const listeners = await listenersFor(system, { rtmp: A })
    await change(listeners, { rtmp: EVERYWHERE })
    expect(system.events).toEqual(['stop 127.0.0.1:1', 'open :1', 'apply :1 rtmp', 'release :1'])
    system.events.length = 0
    system.taken.add('127.0.0.1:2')
    await expect(change(listeners, { rtmp: { addresses: [A] }, http: B })).rejects.toThrow('is taken')
    await expect(change(listeners, { rtmp: { addresses: [A, B] } })).rejects.toThrow('is taken')
    expect(system.events).toEqual([])
    system.taken.delete('127.0.0.1:2')
    system.taken.add('127.0.0.1:1')
    await expect(change(listeners, { rtmp: { addresses: [A, B] } })).rejects.toThrow('is taken')
    expect(system.events).toEqual([
      'open 127.0.0.1:2',
      'stop :1',
      'stop 127.0.0.1:2',
      'open :1',
      'apply :1 rtmp',
      'release :1',
    ])
    expect(listeners.addressOf('rtmp')).toEqual(EVERYWHERE)
  })

  it('says so if one that was closed for another can’t be opened again', async () => {
    const system = new FakeSystem()
    const log = new RecordingLogger()
    const listeners = await listenersFor(system, { rtmp: A }, log)
    system.taken.add(':1')
    system.taken.add('127.0.0.1:1')
    await expect(change(listeners, { rtmp: EVERYWHERE })).rejects.toThrow('is taken')
    expect(log.errors).toMatchObject([{ message: 'a listener that was closed could not be opened again' }])
    expect(listeners.running).toEqual([])
  })

  it('can be taken back after everything was opened', async () => {
    const system = new FakeSystem()
    const listeners = await listenersFor(system, { rtmp: A })
    const changes = listeners.planChanges(wantedOf({ rtmp: EVERYWHERE, http: B }))
    const { rollback } = await listeners.prepare(changes, () => null)
    await rollback()
    expect(listeners.addressOf('rtmp')).toEqual(A)
    expect(system.events.slice(-3)).toEqual([
      'open 127.0.0.1:1',
      'apply 127.0.0.1:1 rtmp',
      'release 127.0.0.1:1',
    ])
  })

  it('needs a new socket when how it is listened on changes', () => {
    const listeners = new Listeners(() => expect.unreachable(), silentLogger)
    expect(listeners.planChanges(wantedOf({ rtmp: A })).open).toHaveLength(1)
    const keys = [A, { ...A, backlog: 5 }, { ...A, proxyProtocol: true }].map(
      (rtmp) => wantedOf({ rtmp })[0]?.socketKey,
    )
    expect(keys[1]).not.toBe(keys[0])
    expect(keys[2]).toBe(keys[0])
  })
})

describe('wantedListeners', () => {
  const certificate = { certificate: 'c.pem', key: 'k.pem' }

  it('lets the API share an address of http, and lets it have its own', () => {
    const settings = { http: { addresses: [A, B] }, https: { path: '/s', ...certificate }, api: A }
    expect(wantedListeners(settings).map(({ purposes }) => purposes)).toEqual([
      ['http', 'api'],
      ['http'],
      ['https'],
    ])
    expect(wantedListeners({ http: A, api: B }).map(({ purposes }) => purposes)).toEqual([['http'], ['api']])
    expect(wantedListeners({ http: A }).map(({ purposes }) => purposes)).toEqual([['http', 'api']])
    expect(wantedListeners({ https: { ...A, ...certificate } })[0]?.purposes).toEqual(['https', 'apiHttps'])
    expect(wantedListeners({ http: A, api: false })[0]?.purposes).toEqual(['http'])
  })

  it('keeps IPv4 out of :: where 0.0.0.0 has the port', () => {
    const hosts = ['0.0.0.0', '::'].map((host) => ({ host, port: 80 }))
    expect(wantedListeners({ http: { addresses: hosts } }).map(({ options }) => options)).toEqual([
      { host: '0.0.0.0', port: 80 },
      { host: '::', port: 80, ipv6Only: true },
    ])
    expect(wantedListeners({ http: { host: '::', port: 80 } })[0]?.options).toEqual({ host: '::', port: 80 })
  })

  it('tells which addresses can’t be listened on at once', () => {
    const of = (options: object): WantedListener =>
      wantedListeners({ rtmp: options as typeof A })[0] as WantedListener
    expect(overlap(of(A), of(EVERYWHERE))).toBe(true)
    expect(overlap(of(A), of(A))).toBe(true)
    expect(overlap(of(A), of(B))).toBe(false)
    expect(overlap(of(A), of({ host: '127.0.0.2', port: 1 }))).toBe(false)
    expect(overlap(of({ port: 0 }), of({ port: 0 }))).toBe(false)
    expect(overlap(of({ path: '/a' }), of({ path: '/a' }))).toBe(true)
    expect(overlap(of({ path: '/a' }), of(A))).toBe(false)
  })
})
