import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IngestSettings, RtmpPublisher, type ServerSettings } from '../../src/index.ts'
import { HlsPlayer } from '../support/hls-player.ts'
import { playHttpFlv, playRtmp, playWebSocketFlv, type TagPlayer } from '../support/players.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP } from '../support/web.ts'

const file = new FileScope()
let folder = ''
let running: TestServer

/** A file that becomes live/{id}, as it is. */
function ingestOf(id: string, url: string, more: Partial<IngestSettings> = {}): IngestSettings {
  const output = `rtmp://127.0.0.1:[port]/live/${id}`
  return { id, url, engines: [{ enabled: false, output }], ...more }
}

function settingsWith(...ingest: readonly IngestSettings[]): Pick<ServerSettings, 'vhosts'> {
  return { vhosts: { __defaultVhost__: { ingest, hls: { fragmentMs: 1000 } } } }
}

const onDemand = (id: string): IngestSettings => ingestOf(id, CLIP, { onDemand: true, idleMs: 200 })

beforeAll(async () => {
  folder = await mediaFolder(file)
  await writeFile(join(folder, 'broken.flv'), 'this is no FLV')
  running = await startServer(
    file,
    settingsWith(
      ingestOf('clip', CLIP),
      ingestOf('broken', join(folder, 'broken.flv')),
      ingestOf('late', join(folder, 'late.flv')),
      ingestOf('taken', join(folder, 'taken.flv')),
      ...['rtmp', 'flv', 'ws', 'hls', 'lost'].map(onDemand),
      { ...onDemand('none'), url: join(folder, 'none.flv') },
    ),
  )
})

afterAll(() => file.clean())

function isPublished(path: string): boolean {
  return (running.server.stream(`live/${path}`)?.publication ?? null) !== null
}

describe('a file that is ingested as it is', () => {
  it.concurrent('is played from the start of the server on, without a program', async (scope) => {
    await waitFor('the clip', () => isPublished('clip'))
    const player = await playHttpFlv(scope, `${running.httpUrl}/live/clip.flv`)
    await player.reaches(500)
    expect(player.media('video').length).toBeGreaterThan(10)
    expect(player.media('audio').length).toBeGreaterThan(10)
    const [publisher] = running.server.clients.list.filter(({ id }) => id === 'file-live-clip')
    expect(publisher?.role).toBe('publisher')
  })

  it.concurrent('is waited for if it is missing, and said to be', async (scope) => {
    const path = join(folder, 'late.flv')
    const message = 'a file can not be ingested, and is tried again'
    const said = await waitFor('the reason', () =>
      running.log.withMessage(message).find(({ fields }) => fields.ingest === 'late'),
    )
    expect(said.fields.reason).toContain(`${path} can't be played: ENOENT`)
    await copyFile(CLIP, path)
    const player = await playRtmp(scope, `${running.rtmpUrl}/live/late`)
    await player.reaches(100)
    const broken = running.log.withMessage(message).find(({ fields }) => fields.ingest === 'broken')
    expect(broken?.fields.reason).toContain('neither FLV nor MP4')
  })

  it.concurrent("takes nobody's place, and comes when it is free", async (scope) => {
    const encoder = await RtmpPublisher.publish(`${running.rtmpUrl}/live/taken`)
    scope.onTestFinished(() => encoder.close())
    await copyFile(CLIP, join(folder, 'taken.flv'))
    await waitFor('a refusal', () =>
      running.log.lines.some(({ fields }) => /live\/taken is published by/.test(`${fields.reason}`)),
    )
    await encoder.close()
    await waitFor('the file', () => running.server.clients.get('file-live-taken')?.isActive)
  })
})

describe('a file that is ingested on demand', () => {
  /** Plays by a protocol until there is media, and leaves. */
  const ways: Record<string, (scope: Scope) => Promise<void>> = {
    rtmp: async (scope) => watch(await playRtmp(scope, `${running.rtmpUrl}/live/rtmp`)),
    flv: async (scope) => watch(await playHttpFlv(scope, `${running.httpUrl}/live/flv.flv`)),
    ws: async (scope) => watch(await playWebSocketFlv(scope, `${running.wsUrl}/live/ws.flv`)),
    hls: async () => {
      const scope = new FileScope()
      const player = HlsPlayer.start(scope, `${running.httpUrl}/live/hls.m3u8`)
      await player.waitFor('a segment', () => player.segments.length > 0)
      await scope.clean()
    },
  }

  async function watch(player: TagPlayer): Promise<void> {
    await player.reaches(100)
    player.leave()
  }

  it.concurrent.each(['rtmp', 'flv', 'ws', 'hls'])(
    'is published from the first viewer by %s on, until nobody watches',
    async (way) => {
      expect(isPublished(way)).toBe(false)
      const scope = new FileScope()
      await ways[way]?.(scope)
      expect(isPublished(way)).toBe(true)
      if (way === 'hls') {
        // Who watches by HLS is gone when nothing was asked for in a while: not to wait for that, it is kicked.
        const [viewer] = [...(running.server.stream('live/hls')?.viewers ?? [])]
        running.server.clients.kick(viewer?.id ?? '', 'enough')
      }
      await waitFor('its end', () => !isPublished(way))
      await scope.clean()
    },
  )

  it.concurrent('is told of as missing to who asks by HTTP', async () => {
    const answer = await fetch(`${running.httpUrl}/live/none.flv`)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('the ingest none fails; the log of the server says why')
    const [status] = running.server.programs.filter(({ name }) => name === 'none')
    expect(status?.lastError).toMatch(/none\.flv can't be played: ENOENT/)
  })
})

describe('a reload of ingests', () => {
  it.concurrent('starts, stops and changes those it is about, and no other', async (scope) => {
    const here = await mediaFolder(scope)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(here, `${name}.flv`)) as [string, string, string]
    await Promise.all([a, b, c].map((path) => copyFile(CLIP, path)))
    const { server } = await startServer(scope, settingsWith(ingestOf('a', a), ingestOf('b', b)))
    const beginOf = (id: string): Promise<number> =>
      waitFor(`the file ${id}`, () => {
        const client = server.clients.get(`file-live-${id}`)
        return client?.isActive === true && client.startedAt
      })
    const [startOfA, startOfB] = [await beginOf('a'), await beginOf('b')]
    const plan = await server.reload({
      ...server.settings,
      ...settingsWith(ingestOf('a', a), ingestOf('b', c), ingestOf('c', c)),
    })
    const steps = plan.steps.filter(({ component }) => component.startsWith('ingest'))
    expect(steps.map(({ component, action }) => `${action} ${component}`)).toEqual([
      'keep ingest a of __defaultVhost__ to live/a',
      'restart ingest b of __defaultVhost__ to live/b',
      'add ingest c of __defaultVhost__ to live/c',
    ])
    await beginOf('c')
    await waitFor('b anew', async () => (await beginOf('b')) !== startOfB)
    expect(await beginOf('a')).toBe(startOfA)
    await server.reload({ ...server.settings, ...settingsWith(ingestOf('a', a)) })
    await waitFor('the end of the others', () => server.clients.list.length === 1)
    expect(await beginOf('a')).toBe(startOfA)
    await rm(a)
    await server.close()
    expect(server.clients.list).toEqual([])
  })
})
