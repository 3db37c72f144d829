import { connect } from 'node:net'
import { expect } from 'vitest'
import type { ReloadPlan, ServerSettings } from '../../src/index.ts'
import { ReloadScene, type Visitor } from './reload-scene.ts'
import type { Scope } from './server.ts'

/** RTMP and HTTP. */
export const BOTH: ServerSettings = { rtmp: { port: 0 }, http: { port: 0, page: false } }

/** Somebody on `live/demo`, called after what it is. */
export function visitor(kind: Visitor['kind'], vhost = '', who: string = kind): Visitor {
  return { who, kind, vhost, stream: 'demo' }
}

/** A server with a publisher and a player of each kind in a virtual host. */
export async function startWithAudience(
  scope: Scope,
  settings: ServerSettings,
  vhost = '',
): Promise<ReloadScene> {
  const scene = await ReloadScene.start(scope, settings)
  for (const kind of ['publisher', 'rtmp', 'flv', 'ws', 'hls'] as const) {
    await scene.enter(visitor(kind, vhost))
  }
  return scene
}

/** Everybody of `startWithAudience` is still there, and gets media. */
export async function expectAudience(scene: ReloadScene): Promise<void> {
  for (const kind of ['rtmp', 'flv', 'ws'] as const) {
    await scene.goesOn(visitor(kind))
  }
  const cut = (['publisher', 'rtmp', 'flv', 'ws', 'hls'] as const).filter((kind) =>
    scene.isCut(visitor(kind)),
  )
  expect(cut).toEqual([])
}

/** `update connections` and so on, without what stays. */
export function changed({ steps }: ReloadPlan): string[] {
  return steps
    .filter(({ action }) => action !== 'keep')
    .map(({ action, component }) => `${action} ${component}`)
}

/** e.g. `hls.windowMs 6000 7000 from the next segment on`. */
export function changesOf({ steps }: ReloadPlan): string[] {
  return steps.flatMap(({ changes }) =>
    changes.map(({ setting, before, after, effect }) => `${setting} ${before} ${after} ${effect}`),
  )
}

/** The port of a URL. */
export function portOf(url: string): number {
  return Number(new URL(url).port)
}

/** A port of 127.0.0.1 refuses connections. */
export async function refuses(port: number): Promise<void> {
  const client = connect({ host: '127.0.0.1', port })
  await expect(
    new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject)),
  ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
}
