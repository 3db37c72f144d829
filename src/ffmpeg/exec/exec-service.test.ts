import { beforeEach, describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { ms } from '../../base/index.ts'
import { defaultVhost, parseStreamName, type StreamRequest, Vhosts } from '../../live/index.ts'
import { FakePrograms } from '../testing/fake-programs.ts'
import { HOSTILE_NAME } from '../testing/variable-values.ts'
import { ExecService, type ExecVhost } from './exec-service.ts'

type Publish = ExecVhost['exec']['publish']

function vhostWith(publish: Publish): ExecVhost {
  return { ...defaultVhost, exec: { publish } }
}

function requestOf(path = 'live/demo', param = ''): StreamRequest {
  const client = { id: 'c7', protocol: 'rtmp', address: '192.0.2.1' } as const
  const rest = { vhost: '', parameters: new URLSearchParams(), param, tcUrl: '', pageUrl: '' }
  return { name: parseStreamName(path), client, ...rest }
}

describe('ExecService', () => {
  let programs: FakePrograms
  let log: RecordingLogger
  let vhosts: Vhosts<ExecVhost>
  let service: ExecService

  beforeEach(() => {
    programs = new FakePrograms()
    log = new RecordingLogger()
    vhosts = new Vhosts([vhostWith([])])
    const clock = { now: () => ms(0), wallTime: () => ms(1_700_000_001_000) }
    service = new ExecService({ vhosts, programs, port: () => 1935, utcTime: () => true, clock, logger: log })
  })

  function use(...publish: Publish): void {
    vhosts.replace([vhostWith(publish)])
    service.update()
  }

  /** What runs, as it would be called. */
  function running(): string[] {
    return [...programs.running].map(({ task }) => {
      const { file, args } = task.command()
      return [file, ...args].join(' ')
    })
  }

  it('runs each program for each stream that is published, and ends it with the publication', async () => {
    use(['a', '[app]', '[stream]'], ['b', '[timestamp]'])
    const [one, two] = [requestOf('live/one'), requestOf('x/y/two')]
    service.begin(one)
    service.begin(two)
    expect(running()).toEqual(['a live one', 'b 1700000001000', 'a x/y two', 'b 1700000001000'])
    expect([...programs.running].map(({ task }) => task)).toMatchObject([
      {
        kind: 'exec',
        vhost: '__defaultVhost__',
        stream: 'live/one',
        name: '1',
        logName: 'exec-__defaultVhost__-live-one-1.log',
        isFfmpeg: false,
      },
      { stream: 'live/one', name: '2' },
      { stream: 'x/y/two', name: '1', logName: 'exec-__defaultVhost__-x=2Fy-two-1.log' },
      { stream: 'x/y/two', name: '2' },
    ])
    service.end(one)
    await expect.poll(running).toEqual(['a x/y two', 'b 1700000001000'])
    service.end(one)
    await service.close()
    expect(running()).toEqual([])
  })

  it('starts a program for a publisher that returns when that of the last publication is gone: they may write to one file', async () => {
    use(['a', '[param]'])
    const [first, second, third] = [
      requestOf('live/a', '?1'),
      requestOf('live/a', '?2'),
      requestOf('live/a', '?3'),
    ]
    service.begin(first)
    const gone = Promise.withResolvers<void>()
    programs.newest.whenStopped = gone.promise
    service.end(first)
    service.begin(second)
    service.end(second)
    service.begin(third)
    expect(running()).toEqual(['a ?1'])
    gone.resolve()
    await expect.poll(running).toEqual(['a ?3'])
    expect(programs.all).toHaveLength(2)
    await service.close()
  })

  it('takes changed settings for what is published: what stays the same goes on', async () => {
    use(['a'], ['b', '1'])
    service.begin(requestOf())
    const [kept] = programs.all
    const next = new Vhosts([vhostWith([['c'], ['a'], ['a']])])
    expect(service.plan(next)).toEqual([
      { stream: 'live/demo', program: 'a', action: 'keep' },
      { stream: 'live/demo', program: 'b', action: 'remove' },
      { stream: 'live/demo', program: 'c', action: 'add' },
      { stream: 'live/demo', program: 'a', action: 'add' },
    ])
    use(['c'], ['a'], ['a'])
    await expect.poll(running).toEqual(['a', 'c', 'a'])
    expect(kept?.stops).toBe(0)
    vhosts.replace([])
    service.update()
    await expect.poll(running).toEqual([])
  })

  it('does not start a program whose arguments would take the name of a stream for more than a name, says so, and runs the others', async () => {
    use(['sh', '-c', 'echo [stream]'], ['b', '[stream]'])
    service.begin(requestOf(`live/${HOSTILE_NAME}`))
    expect([...programs.running].map(({ task }) => task.command().args)).toEqual([[HOSTILE_NAME]])
    expect(log.withMessage('program not started')).toMatchObject([
      {
        level: 'warn',
        fields: {
          program: 'sh',
          client: 'c7',
          reason: expect.stringContaining('[stream] has what the program'),
        },
      },
    ])
    await service.close()
  })
})
