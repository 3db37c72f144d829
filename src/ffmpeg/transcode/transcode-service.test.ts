import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServerError } from '../../base/index.ts'
import { streamKey, Vhosts } from '../../live/index.ts'
import { engineCalled, requestOf, TranscodeRig, vhostWith } from './testing/transcode-rig.ts'

const LEFT = { code: 'unpublished', message: 'left' } as const

/** Lets what has been promised happen. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const both = vhostWith({ engines: [engineCalled('ld'), engineCalled('sd')] })

describe('engines', () => {
  it('are told what SRS tells them, and where the stream is', async () => {
    const rig = new TranscodeRig([vhostWith({ ffmpeg: '/opt/ffmpeg', engines: [engineCalled('ld')] })])
    await rig.publish('live/a')
    await settle()
    const { task } = rig.programs.newest
    expect(task.command()).toEqual({
      file: '/opt/ffmpeg',
      args: `-f flv -i rtmp://127.0.0.1:1935/live?vhost=__defaultVhost__/a -vcodec copy -acodec copy -f flv -y rtmp://127.0.0.1:1935/live?vhost=__defaultVhost__/a_ld`.split(
        ' ',
      ),
    })
    expect(task).toMatchObject({
      kind: 'transcode',
      vhost: '__defaultVhost__',
      stream: 'live/a',
      name: 'ld',
      logName: 'ffmpeg-encoder-__defaultVhost__-live-a-ld.log',
      output: 'rtmp://127.0.0.1:1935/live?vhost=__defaultVhost__/a_ld',
      isFfmpeg: true,
      encoders: [],
    })
  })

  it('have the folder made that an output needs which is a file', async () => {
    const engine = { ...engineCalled('ld'), output: './clips/[app]/[stream]_[engine].mp4' }
    const rig = new TranscodeRig([vhostWith({ engines: [engine] })])
    await rig.publish('live/a')
    await settle()
    expect(rig.programs.newest.task.command()).toMatchObject({ folder: './clips/live' })
  })

  it('begin with the stream, go on while its publisher is expected back, and end when it is over', async () => {
    const rig = new TranscodeRig([both])
    const publication = await rig.publish('live/a')
    await settle()
    expect(rig.running).toEqual(['live/a ld', 'live/a sd'])
    expect(rig.programs.newest.task.isExpectedToWork?.()).toBe(true)
    publication.end(LEFT)
    await vi.advanceTimersByTimeAsync(29_000)
    expect(rig.running).toHaveLength(2)
    expect(rig.programs.newest.task.isExpectedToWork?.()).toBe(false)
    const again = await rig.publish('live/a')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(rig.programs.all).toHaveLength(2)
    again.end(LEFT)
    await vi.advanceTimersByTimeAsync(31_000)
    expect(rig.running).toEqual([])
  })

  it('go on while somebody watches the stream, or what they make of it, until the grace period is over', async () => {
    const grace = { ...both, streams: { ...both.streams, publisherGraceMs: 600_000 } }
    const rig = new TranscodeRig([grace])
    // Engines that watch, as they do.
    const publication = await rig.publish('live/a')
    await rig.watch('live/a')
    await rig.watch('live/a')
    const made = await rig.publish('live/a_ld')
    const leave = await rig.watch('live/a_ld')
    publication.end(LEFT)
    await vi.advanceTimersByTimeAsync(200_000)
    expect(rig.running).toHaveLength(2)
    leave()
    await vi.advanceTimersByTimeAsync(31_000)
    expect(rig.running).toEqual([])
    made.end(LEFT)
    const returned = await rig.publish('live/a')
    await rig.watch('live/a')
    await settle()
    expect(rig.running).toHaveLength(2)
    returned.end(LEFT)
    await vi.advanceTimersByTimeAsync(599_000)
    expect(rig.running).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(rig.running).toEqual([])
  })

  it('do not pile up when a publisher comes and goes', async () => {
    const rig = new TranscodeRig([both])
    for (let round = 0; round < 10; round++) {
      const publication = await rig.publish('live/a')
      await vi.advanceTimersByTimeAsync(100)
      publication.end(LEFT)
      await vi.advanceTimersByTimeAsync(round < 5 ? 100 : 40_000)
      expect(rig.running.length).toBeLessThanOrEqual(2)
    }
    await rig.service.close()
    expect(rig.running).toEqual([])
  })

  it('are tried again for a publisher that returns where they could not be run for the one before', async () => {
    const output = 'rtmp://127.0.0.1:[port]/[app]/[stream]_[engine][param]'
    const rig = new TranscodeRig([vhostWith({ engines: [engineCalled('ld', { output })] })])
    const publication = await rig.publish('live/a', { param: '?a=\u0007' })
    await settle()
    expect(rig.running).toEqual([])
    publication.end(LEFT)
    await rig.publish('live/a', { param: '?a=b' })
    await settle()
    expect(rig.args).toMatch(/\/a_ld\?a=b$/)
  })

  it('begin anew only when those before them have ended', async () => {
    const rig = new TranscodeRig([vhostWith({ engines: [engineCalled('ld')] })])
    const publication = await rig.publish('live/a')
    await settle()
    let end = (): void => {}
    rig.programs.newest.whenStopped = new Promise((resolve) => {
      end = resolve
    })
    publication.end(LEFT)
    await vi.advanceTimersByTimeAsync(31_000)
    expect(rig.programs.newest.stops).toBe(1)
    await rig.publish('live/a')
    await settle()
    expect(rig.programs.all).toHaveLength(1)
    end()
    await settle()
    expect(rig.programs.all).toHaveLength(2)
  })

  it('are those of all blocks that the stream is in the scope of', async () => {
    const rig = new TranscodeRig([
      vhostWith(
        { scope: 'live/a', engines: [engineCalled('own')] },
        { scope: '', engines: [engineCalled('all')] },
        { scope: 'live', engines: [engineCalled('app'), engineCalled('app')] },
        { scope: '', engines: [engineCalled('second')] },
        { scope: 'other', engines: [engineCalled('none')] },
      ),
    ])
    await rig.publish('live/a')
    await settle()
    expect(rig.running.map((each) => each.split(' ')[1])).toEqual(['all', 'second', 'app', 'app', 'own'])
    await rig.publish('live/b')
    await settle()
    expect(rig.running.slice(5)).toEqual(['live/b all', 'live/b second', 'live/b app', 'live/b app'])
  })

  it('make nothing of what an engine makes, whatever the address says it by', async () => {
    const output = 'rtmp://127.0.0.1:1935/[app]/[stream]_[engine]?vhost=[vhost]'
    const rig = new TranscodeRig([
      vhostWith({ engines: [engineCalled('ld'), engineCalled('sd', { output })] }),
    ])
    await rig.publish('live/a')
    await settle()
    await rig.publish('live/a_ld')
    await rig.publish('live/a_sd')
    await settle()
    expect(rig.running).toEqual(['live/a ld', 'live/a sd'])
    rig.service.update()
    await settle()
    expect(rig.running).toEqual(['live/a ld', 'live/a sd'])
    await rig.publish('live/b_ld')
    await settle()
    expect(rig.running.slice(2)).toEqual(['live/b_ld ld', 'live/b_ld sd'])
  })

  it('never publish the stream that they read', async () => {
    const rig = new TranscodeRig([
      vhostWith({ engines: [engineCalled('ld', { output: 'rtmp://127.0.0.1:1935/[app]/[stream]' })] }),
    ])
    await rig.publish('live/a')
    await settle()
    expect(rig.running).toEqual([])
    expect(rig.told).toEqual(['not transcoded | live/a | ld | the output of the engine is the stream itself'])
  })

  it('make nothing of what is fetched from an origin', async () => {
    const rig = new TranscodeRig([both])
    const request = requestOf('live/a', { client: { id: 'e1', protocol: 'edge', address: 'local' } })
    rig.live.bring(request, { onRevoked: () => {} })
    await settle()
    expect(rig.running).toEqual([])
  })

  it('are not started for a stream whose name they can’t be told, and the log says why', async () => {
    const rig = new TranscodeRig([both])
    await rig.publish('live/what?is=this')
    await settle()
    expect(rig.running).toEqual([])
    expect(rig.told[0]).toMatch(/^not transcoded \| live\/what\?is=this \| ld \| /)
  })

  it('are not started where FFmpeg can’t reach this server, and the log says what to do', async () => {
    const rig = new TranscodeRig([both])
    rig.address = new ServerError('ERR_CONFIGURATION', 'no RTMP listener: give one')
    await rig.publish('live/a')
    await settle()
    expect(rig.running).toEqual([])
    expect(rig.told[0]).toBe('not transcoded | live/a | ld | no RTMP listener: give one')
  })

  it('use aac where FFmpeg does not have the encoder of Fraunhofer', async () => {
    const rig = new TranscodeRig([vhostWith({ engines: [engineCalled('a', { audioCodec: 'libfdk_aac' })] })])
    rig.encoders = new Set(['aac'])
    await rig.publish('live/a')
    await settle()
    expect(rig.programs.newest.task.encoders).toEqual(['aac'])
    expect(rig.args).toContain('-acodec aac')
    expect(rig.told).toEqual([
      'this FFmpeg does not have that encoder: another is used | live/a | a | libfdk_aac | aac',
    ])
  })
})

describe('a reload', () => {
  it('touches the engines only whose settings have changed', async () => {
    const rig = new TranscodeRig([both])
    await rig.publish('live/a')
    await settle()
    const next = vhostWith({
      engines: [engineCalled('ld'), engineCalled('sd', { width: 640 }), engineCalled('hd')],
    })
    const plan = (): string[] =>
      rig.service.plan(new Vhosts([next])).map(({ engine, action }) => `${engine} ${action}`)
    expect(plan()).toEqual(['ld keep', 'sd restart', 'hd add'])
    rig.reload(next)
    await settle()
    expect(rig.running).toEqual(['live/a ld', 'live/a hd', 'live/a sd'])
    expect(rig.programs.all.map(({ stops }) => stops)).toEqual([0, 1, 0, 0])
    expect(plan()).toEqual(['ld keep', 'sd keep', 'hd keep'])
    rig.reload(vhostWith())
    await settle()
    expect(rig.running).toEqual([])
  })

  it('begins with what is published already, and not with what is made of it', async () => {
    const rig = new TranscodeRig([vhostWith()])
    await rig.publish('live/a')
    rig.reload(both)
    await settle()
    await rig.publish('live/a_ld')
    rig.reload({ ...both })
    await settle()
    expect(rig.running).toEqual(['live/a ld', 'live/a sd'])
  })

  it('that switches the virtual host off ends its engines', async () => {
    const rig = new TranscodeRig([both])
    await rig.publish('live/a')
    await settle()
    rig.reload({ ...both, enabled: false })
    await settle()
    expect(rig.running).toEqual([])
  })
})

describe('the pass of an engine', () => {
  it('is a parameter of its addresses where it needs one, and good while its process lives', async () => {
    const rig = new TranscodeRig([vhostWith({ engines: [engineCalled('ld')] })])
    rig.passesFor.add('play').add('publish')
    await rig.publish('live/a')
    await settle()
    const { task } = rig.programs.newest
    expect(task.secrets).toEqual(['play-a', 'publish-a_ld'])
    expect(rig.passes.map(({ isOpen }) => isOpen)).toEqual([false, false])
    expect(rig.args).toContain(
      '-i rtmp://127.0.0.1:1935/live?vhost=__defaultVhost__/a?srs_pass=play-a -vcodec',
    )
    expect(rig.args).toMatch(/vhost=__defaultVhost__\/a_ld\?srs_pass=publish-a_ld$/)
    expect(rig.passes.map(({ isOpen }) => isOpen)).toEqual([true, true])
    task.onExit?.()
    expect(rig.passes.map(({ isOpen }) => isOpen)).toEqual([false, false])
  })

  it('has company among what is not shown: the stream key of another server', async () => {
    const engines = [
      engineCalled('a', { output: 'rtmps://live.example/app2/abcd-efgh-1234?backup=1' }),
      engineCalled('b', { output: 'rtmp://live.example/app?vhost=x.example/short' }),
      engineCalled('c', { output: 'rtmp://live.example/app/[stream]' }),
    ]
    const rig = new TranscodeRig([vhostWith({ engines })])
    await rig.publish('live/a')
    await settle()
    expect(rig.programs.all.map(({ task }) => task.secrets?.slice(1))).toEqual([
      ['abcd-efgh-1234'],
      ['/short'],
      [],
    ])
  })

  it('goes behind other parameters, and is not told to other servers', async () => {
    const rig = new TranscodeRig([
      vhostWith({
        engines: [
          engineCalled('a', { output: 'rtmp://127.0.0.1:1935/live/x?b=c' }),
          engineCalled('b', { output: 'rtmp://192.0.2.9/live/x' }),
        ],
      }),
    ])
    rig.passesFor.add('publish')
    await rig.publish('live/a')
    await settle()
    const outputs = rig.programs.all.map(({ task }) => task.command().args.at(-1))
    expect(outputs).toEqual([
      'rtmp://127.0.0.1:1935/live/x?b=c&srs_pass=publish-x',
      'rtmp://192.0.2.9/live/x',
    ])
  })
})

it('it is known what engines would make of a stream: what becomes one here, and can be said', async () => {
  const elsewhere = engineCalled('cdn', { output: 'rtmp://192.0.2.1/live/[stream]' })
  const unusable = engineCalled('x', { output: 'rtmp://127.0.0.1:[port]/live/[stream]/../[app]' })
  const rig = new TranscodeRig([
    vhostWith({ scope: 'live', engines: [engineCalled('ld'), elsewhere, unusable] }),
  ])
  const made = (path: string): string[] => rig.service.madeOf(requestOf(path).name).map(streamKey)
  expect(made('live/a')).toContain('live/a_ld')
  expect(made('live/a')).not.toContain('live/a')
  expect(made('other/a')).toEqual([])
  rig.address = new ServerError('ERR_LISTEN', 'nothing listens')
  expect(made('live/a')).toEqual([])
})

it('what an engine publishes may be silent while its source is', async () => {
  const rig = new TranscodeRig([both])
  const publication = await rig.publish('live/a')
  await settle()
  const made = requestOf('live/a_ld')
  expect(rig.service.mayBeSilent(made)).toBe(false)
  await vi.advanceTimersByTimeAsync(1_500)
  expect(rig.service.mayBeSilent(made)).toBe(true)
  expect(rig.service.mayBeSilent(requestOf('live/a_hd'))).toBe(false)
  publication.end(LEFT)
  expect(rig.service.mayBeSilent(made)).toBe(true)
})
