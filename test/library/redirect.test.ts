import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RtmpPlayer, RtmpPublisher } from '../../src/index.ts'
import { readPacketsOf } from '../support/clip.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

const fileScope = new FileScope()
let here: TestServer
let there: TestServer
beforeAll(async () => {
  there = await startServer(fileScope)
  const redirect = () => ({ redirect: `${there.rtmpUrl}/other/demo?token=s3cret` })
  here = await startServer(fileScope, {
    onPublish: redirect,
    onPlay: ({ name }) => (name.stream === 'bad' ? { redirect: 'http://nowhere/' } : redirect()),
  })
})
afterAll(() => fileScope.clean())

describe('a cluster of origins', () => {
  it('sends players on to the origin that has the stream, and refuses them if none has', async (scope) => {
    const dead = '127.0.0.1:1'
    const one = await startServer(scope)
    const other = await startServer(scope)
    const coworkers = [dead, other.httpUrl.replace('http://', '')]
    const vhosts = { __defaultVhost__: {}, 'a.example': { originCluster: { enabled: true, coworkers } } }
    await one.server.reload({ ...one.server.settings, vhosts })
    const publisher = await RtmpPublisher.publish(`${other.rtmpUrl}/live/demo`)
    const player = await RtmpPlayer.play(`${one.rtmpUrl}/live/demo?vhost=a.example&token=s3cret`)
    expect(other.server.stream('live/demo')?.viewers.size).toBe(1)
    expect(one.server.streams).toEqual([])
    const dropped = one.log.withMessage('an origin of the cluster does not say what it has')
    expect(dropped.map(({ fields }) => fields.coworker)).toEqual([dead])
    await Promise.all([player.close(), publisher.close()])
    await expect(RtmpPlayer.play(`${one.rtmpUrl}/live/nowhere?vhost=a.example`)).rejects.toThrow(
      'it is published neither here nor at another origin of the cluster',
    )
    const [refusal] = one.log.withMessage('play refused').slice(-1)
    expect(refusal?.fields).toMatchObject({ link: 'cluster', code: 'origin_not_found', srsCode: 3092 })
    // What is published here is played here.
    const own = await RtmpPublisher.publish(`${one.rtmpUrl}/live/own?vhost=a.example`)
    const ownPlayer = await RtmpPlayer.play(`${one.rtmpUrl}/live/own?vhost=a.example`)
    expect(one.server.stream('//a.example/live/own')?.viewers.size).toBe(1)
    await Promise.all([own.close(), ownPlayer.close()])
  })
})

describe('a program that sends clients to another server', () => {
  it('has players and publishers go there that follow', async () => {
    const publisher = await RtmpPublisher.publish(`${here.rtmpUrl}/live/demo`)
    await waitFor('it is published there', () => there.server.stream('other/demo')?.publication != null)
    const player = await RtmpPlayer.play(`${here.rtmpUrl}/live/demo`)
    const clip = await readPacketsOf(1)
    for (const packet of clip) {
      await publisher.write(packet)
    }
    const { value } = await player.next()
    expect(value?.kind).toBe('data')
    await Promise.all([player.close(), publisher.close()])
    expect(here.server.streams).toEqual([])
    const refusals = here.log.withMessage('play refused').map(({ fields }) => fields)
    expect(refusals).toMatchObject([{ link: 'program', code: 'redirected' }])
    expect(JSON.stringify(here.log.lines)).not.toContain('s3cret')
  })

  it('tells others in the words of SRS', async () => {
    const told = await RtmpPlayer.play(`${here.rtmpUrl}/live/demo`, { maxRedirects: 0 }).catch(
      (error: unknown) => error,
    )
    expect(told).toMatchObject({
      refusal: {
        status: 'NetConnection.Connect.Rejected',
        description: 'RTMP 302 Redirect',
        redirect: { tcUrl: `${there.rtmpUrl}/other`, url: `${there.rtmpUrl}/other/demo?token=s3cret` },
        information: { level: 'error', ex: { code: 302 } },
      },
    })
  })

  it('refuses, if what it says is no address', async () => {
    await expect(RtmpPlayer.play(`${here.rtmpUrl}/live/bad`)).rejects.toThrow(/admission failed/)
  })
})
