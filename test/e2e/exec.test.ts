import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RtmpPublisher } from '../../src/index.ts'
import { isAlive, type RecordedCall, Recorder } from '../support/recorder.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

const HOSTILE = `x -y; rm -rf "$HOME" $(id) '`
const LONG = 'n'.repeat(300)

const fileScope = new FileScope()
const folder = new TemporaryFolder()
let given: TestServer
let recorder: Recorder
let publish: string[][]
/** Where programs write: files and logs. */
let output: string
beforeAll(async () => {
  output = folder.write({ logs: null, files: null, above: 'not to be touched' })
  recorder = new Recorder(folder.write({}))
  const { program, folder: to } = recorder
  publish = [
    [
      program,
      to,
      'all',
      '[vhost]',
      '[app]',
      '[stream]',
      '[param]',
      '[url]',
      '[tcUrl]',
      '[swfUrl]',
      '[pageUrl]',
      '[port]',
      '[2006]',
      '[engine]',
    ],
    [
      program,
      to,
      'file',
      '[stream]',
      '>',
      join(output, 'files', '[app]', '[stream].out'),
      '2>',
      join(output, 'files', '[app]', '[stream].err'),
    ],
    ['/bin/sh', '-c', `echo [stream] >> ${join(output, 'files', 'shell')}`],
  ]
  given = await startServer(fileScope, {
    rtmp: { firstMediaTimeoutMs: 0 },
    programs: { logDirectory: join(output, 'logs'), stopTimeoutMs: 500 },
    vhosts: { 'exec.example': { exec: { publish } }, 'reload.example': { exec: { publish: [] } } },
  })
})
afterAll(async () => {
  await fileScope.clean()
  // The server has ended them all.
  for (const { pid } of recorder.calls) {
    expect(isAlive(pid)).toBe(false)
  }
  folder.remove()
})

async function publishAs(stream: string, vhost = 'exec.example', app = 'live'): Promise<RtmpPublisher> {
  const { hostname: host, port } = new URL(given.rtmpUrl)
  const tcUrl = `rtmp://${vhost}/${app}`
  const options = {
    connectProperties: { swfUrl: 'http://page.example/a.swf', pageUrl: 'http://page.example/' },
  }
  return await RtmpPublisher.publish({ tls: false, host, port: Number(port), app, tcUrl, stream }, options)
}

/** The call of one of the programs for a stream, when it was made. */
function callOf(kind: string, stream: string): Promise<RecordedCall> {
  return waitFor(`${kind} of ${stream}`, () =>
    recorder.calls.find(({ args }) => args[0] === kind && args.includes(stream)),
  )
}

/** What the shell has said so far, line by line. */
function said(): string[] {
  const file = join(output, 'files/shell')
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
}

function allFiles(): string[] {
  return readdirSync(output, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(output, path)).isFile())
    .sort()
}

describe('exec', () => {
  it('runs each program for a stream with all that is known of it, and ends it with the publication', async () => {
    const publisher = await publishAs('plain?token=1')
    const { port } = new URL(given.rtmpUrl)
    const url = `rtmp://127.0.0.1:${port}/live/plain?token=1&vhost=exec.example`
    const call = await callOf('all', 'plain')
    const known = [
      'exec.example',
      'live',
      'plain',
      '?token=1',
      url,
      'rtmp://exec.example/live',
      'http://page.example/a.swf',
      'http://page.example/',
    ]
    expect(call.args).toEqual(['all', ...known, port, expect.stringMatching(/^20\d\d$/), ''])
    const environment = Object.entries(call.environment).filter(([name]) => name.startsWith('SRS_'))
    expect(Object.fromEntries(environment)).toEqual({
      SRS_VHOST: 'exec.example',
      SRS_APP: 'live',
      SRS_STREAM: 'plain',
      SRS_PARAM: '?token=1',
      SRS_URL: url,
      SRS_TC_URL: 'rtmp://exec.example/live',
      SRS_SWF_URL: 'http://page.example/a.swf',
      SRS_PAGE_URL: 'http://page.example/',
      SRS_PORT: port,
      SRS_CLIENT_ID: expect.stringMatching(/^c\d+$/),
      SRS_CLIENT_ADDRESS: '127.0.0.1',
      SRS_CLIENT_PROTOCOL: 'rtmp',
    })
    expect(call.environment.PATH).toBe(process.env.PATH)
    const file = await callOf('file', 'plain')
    expect(readFileSync(join(output, 'files/live/plain.out'), 'utf8')).toBe('to the output\n')
    expect(readFileSync(join(output, 'files/live/plain.err'), 'utf8')).toBe('to the errors\n')
    await waitFor('what the shell says', () => said().includes('plain'))
    const { body } = await ask(`${given.httpUrl}/api/v1/programs/`)
    expect(JSON.parse(body ?? '').programs).toContainEqual(
      expect.objectContaining({
        kind: 'exec',
        vhost: 'exec.example',
        name: '1',
        state: 'running',
        pid: call.pid,
      }),
    )
    await publisher.close()
    await waitFor('their end', () => given.server.programs.length === 0)
    expect([call, file].map(({ pid }) => isAlive(pid))).toEqual([false, false])
    expect(readFileSync(join(output, 'logs/exec-exec.example-live-plain-1.log'), 'utf8')).toContain(
      'to the output\nto the errors\n',
    )
  })

  it('takes changed programs for streams that are published: what stays the same goes on', async () => {
    const { server } = given
    const { program, folder: to } = recorder
    const use = (...programs: string[][]) =>
      server.reload({
        ...server.settings,
        vhosts: { ...server.settings.vhosts, 'reload.example': { exec: { publish: programs } } },
      })
    const publisher = await publishAs('changing', 'reload.example')
    const [stays, goes, comes] = ['stays', 'goes', 'comes'].map((kind) => [program, to, kind, '[stream]'])
    const plan = await use(stays ?? [], goes ?? [])
    expect(plan.steps.filter(({ component }) => component.startsWith('exec '))).toEqual(
      [1, 2].map(() => ({
        component: `exec of ${program} for //reload.example/live/changing`,
        action: 'add',
        changes: [],
      })),
    )
    const [kept, gone] = [await callOf('stays', 'changing'), await callOf('goes', 'changing')]
    await use(comes ?? [], stays ?? [])
    await callOf('comes', 'changing')
    await waitFor('its end', () => !isAlive(gone.pid))
    expect(isAlive(kept.pid)).toBe(true)
    expect(recorder.calls.filter(({ args }) => args[0] === 'stays')).toHaveLength(1)
    await expect(use(['/bin/[stream]'])).rejects.toThrow("[stream] can't be part of the program")
    await use()
    await waitFor('the end of all', () => !isAlive(kept.pid))
    await publisher.close()
  })
})

describe('a name that shells and programs would read as something else', () => {
  it.each([
    [HOSTILE, 'live', 'x=20-y=3B=20rm=20-rf=20=22=24HOME=22=20=24=28id=29=20=27'],
    ['Grüße-流', 'live', 'Grüße-流'],
    ['%d%n%s', 'live', '=25d=25n=25s'],
    ['.htaccess', 'a/.b', '=2Ehtaccess'],
    [LONG, 'live', `${'n'.repeat(218)}==`],
  ])(
    'is given to programs whole, and to files so that they stay in their folder: %s',
    async (stream, app, name) => {
      const publisher = await publishAs(stream, 'exec.example', app)
      const call = await callOf('all', stream)
      expect(call.args.slice(1, 4)).toEqual(['exec.example', app, stream])
      expect(call.environment).toMatchObject({ SRS_APP: app, SRS_STREAM: stream })
      await callOf('file', stream)
      const at = app.replace('/.', '/=2E')
      const files = allFiles().filter((file) => file.startsWith(`files/${at}/${name}`))
      expect(files.map((file) => file.replace(/==[0-9a-f]{16}/, '=='))).toEqual([
        `files/${at}/${name}.err`,
        `files/${at}/${name}.out`,
      ])
      await publisher.close()
    },
  )

  it('is not given to programs that would read it as an option or an instruction: these are not started, and the log says why', async () => {
    const publishers = [await publishAs('-y'), await publishAs(HOSTILE)]
    await callOf('all', HOSTILE)
    const refused = given.log.withMessage('program not started').map(({ fields }) => fields)
    expect(refused).toContainEqual(
      expect.objectContaining({
        stream: '//exec.example/live/-y',
        reason: expect.stringContaining("[stream] begins with '-'"),
      }),
    )
    expect(refused).toContainEqual(
      expect.objectContaining({
        program: '/bin/sh',
        reason: expect.stringContaining('[stream] has what the program'),
      }),
    )
    await Promise.all(publishers.map((publisher) => publisher.close()))
  })

  it.each(['../../etc/x', 'a\nb', 'a/../../b'])('is refused where it is none: %j', async (stream) => {
    await expect(publishAs(stream)).rejects.toThrow(/names no stream|control characters/)
  })

  it('has touched nothing outside of the folders of its files and logs', () => {
    expect(
      allFiles().filter(
        (file) => !/^files\/(a\/=2Eb|live)\/[^/]+$|^logs\/exec-[^/]+$|^files\/shell$|^above$/.test(file),
      ),
    ).toEqual([])
    expect(readFileSync(join(output, 'above'), 'utf8')).toBe('not to be touched')
    // Only ordinary names come to a shell.
    expect(said().filter((line) => !/^[\w.üß%流-]+$/.test(line))).toEqual([])
  })
})
