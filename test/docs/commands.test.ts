import { chmod, copyFile, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate, type TestCertificate } from '../support/certificate.ts'
import { atServer, type Block, PAGES, readBlocks, readPage } from '../support/docs.ts'
import { proxyHeader2, startForwarder } from '../support/forwarder.ts'
import { built, runProgram, startProgram } from '../support/program.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { ask, CLIP, publishClip } from '../support/web.ts'
import { judgeApiCommand, judgeRandomToken } from './api-commands.ts'
import { judgeConfigs, judgeNewKey, judgeSecureConfig, judgeSigned, makeKeyFile } from './config-commands.ts'
import { judgeExecCommand } from './exec-commands.ts'
import { judgeHookCommand } from './hook-commands.ts'
import { judgeRemoteCommand } from './remote-commands.ts'
import { judgeCertificate, judgeRenewal, judgeSecuredServer } from './secured-commands.ts'
import { startCommand, type Trial, withSrs } from './trial.ts'

/** Which commands there may be, and how each is judged; the first that fits counts. */
const JUDGES: readonly [RegExp, (trial: Trial) => Promise<void>][] = [
  [/^srs publish /, judgeFilePublisher],
  [/^srs play /, judgePlayer],
  [/^ffmpeg .*rtmps?:\/\//, judgePublisher],
  [/^ffmpeg .* (\S+\.(mp4|png))$/, judgeFile],
  [/^ffprobe /, judgeOutput],
  [/^ffplay /, judgeFfplay],
  [/^vlc /, judgeVlc],
  [/^openssl req /, judgeCertificate],
  [/^srs .*--tls-certificate/, judgeSecuredServer],
  [/^srs .*--proxy-protocol/, judgeBehindProxy],
  [/^srs .*--listen .*--listen /, judgeAddresses],
  [/^srs sign --new-key /, judgeNewKey],
  [/^srs sign rtmp:/, judgeSigned],
  [/^srs -c secure\.conf$/, judgeSecureConfig],
  [/^srs -c exec\.conf$/, ({ scope, command }) => judgeExecCommand(scope, command)],
  [/hooks\.(conf|secret)/, ({ scope, command }) => judgeHookCommand(scope, command)],
  [/^srs (-t |config )?-c srs\.conf$/, judgeConfigs],
  [
    /^srs (streams|clients|kick|refusals|top)\b/,
    ({ scope, server, command }) => judgeRemoteCommand(scope, server, command),
  ],
  [/^kill -HUP /, judgeRenewal],
  [/^curl -s -u .*\/api\/v1\//, judgeApiCommand],
  [/^openssl rand -hex 32$/, judgeRandomToken],
  [/^npm ci && npm start$/, judgeScript],
  [/^npm ci && npm test$/, judgeScript],
]

/** What `srs play` and `srs publish` say each second. How much a second was is up to the machine, too. */
const PROGRESS = /^ +\d+ s {2}\d\.\d\d Mbit\/s {2}[1-9]\d*\.\d fps {2}avc, aac {2}\d\.\d MB/m

const fileScope = new FileScope()
/** Where the commands run: the files that pages name are here. */
let folder: string
let certificate: TestCertificate
/** A file of keys, made by the documentation's own command. */
let keyFile: string
beforeAll(async () => {
  folder = await mediaFolder(fileScope)
  for (const name of ['input.mp4', 'input.mkv', 'clip.mp4']) {
    const remux = ['ffmpeg', '-v', 'error', '-i', CLIP, '-t', '8', '-c', 'copy', join(folder, name)]
    expect(await runProgram(fileScope, remux)).toMatchObject({ code: 0, stderr: '' })
  }
  certificate = await makeCertificate(fileScope)
  await copyFile(CLIP, join(folder, 'clip.flv'))
  keyFile = await makeKeyFile(fileScope)
  // VLC runs as somebody else where the tests run as root.
  await chmod(folder, 0o755)
})
afterAll(() => fileScope.clean())

/** Of all pages but those that clusters.test.ts and demo.test.ts run. */
const BLOCKS = PAGES.filter((page) => !['docs/clusters.md', 'docs/demo.md'].includes(page)).flatMap((page) =>
  readBlocks(page, 'sh'),
)

describe('every command of the documentation', () => {
  it.concurrent.each(BLOCKS.map((block) => ({ ...block, where: `${block.page}:${block.line}` })))(
    '$where runs and does what the page says: $text',
    async (block) => {
      const scope = new FileScope()
      try {
        await judge(scope, block)
      } finally {
        await scope.clean()
      }
    },
  )

  it('has a block before it if it is output', () => {
    for (const page of PAGES) {
      const outputs = readBlocks(page, 'text').map(({ text }) => text)
      const wanted = readBlocks(page, 'sh').flatMap(({ output }) => (output === null ? [] : [output]))
      expect(outputs).toEqual(wanted)
    }
  })
})

describe('the settings that publish-with-obs.md gives', () => {
  it('publish the stream that the page then speaks of', async (scope) => {
    const { server } = await startServer(scope)
    const page = readPage('docs/publish-with-obs.md')
    const settings = new Map(
      [...page.matchAll(/^\| (\w[\w ]+) \| `?([^|`]+)`? \|$/gm)].map(([, k = '', v = '']) => [k, v]),
    )
    const url = atServer(`${settings.get('Server')}/`, server)
    // OBS makes the connection to the server's address, and says the key when it publishes.
    const obs = await RtmpClient.connect(url.slice(0, -1))
    scope.onTestFinished(() => obs.destroy())
    await obs.publish(`${new URL(url).pathname.slice(1, -1)}/${settings.get('Stream Key')}`)
    expect(server.streams.map(({ key }) => key)).toEqual(['live/demo'])
    expect(page).toContain('http://localhost:8080/#/live/demo')
  })
})

async function judge(scope: Scope, block: Block): Promise<void> {
  const text = block.text.replace(/\\\n\s*/g, '').trim()
  const found = JUDGES.find(([pattern]) => pattern.test(text))
  if (found === undefined || text.includes('\n')) {
    throw new Error(`no judge for: ${text}`)
  }
  const secured = /(rtmps|https):\/\/localhost/.test(text) ? { tls: certificate } : {}
  const { server } = await startServer(scope, { onPublish: tokenOrFree, ...secured })
  const command = atServer(text, server)
  await found[1]({ scope, block, server, command, cwd: folder, certificate, keyFile })
}

/** Who says a token must have the right one. */
function tokenOrFree({ parameters }: { parameters: URLSearchParams }): boolean {
  return !parameters.has('token') || parameters.get('token') === 'secret'
}

async function judgePublisher(trial: Trial): Promise<void> {
  const { command, server } = trial
  const [, path = ''] = /rtmps?:\/\/[^/]+\/([^?"\s]+)/.exec(command) ?? []
  const program = startCommand(trial, `${command} -loglevel error`)
  await waitFor(
    () => `${path} is published: ${program.output}`,
    () => {
      const stream = server.stream(path)
      return (stream?.publication ?? null) !== null && (stream?.counters.frames ?? 0) > 50
    },
  )
  const { streams } = JSON.parse((await ask(`${server.httpUrl}/api/v1/streams/`)).body ?? '')
  expect(streams[0]).toMatchObject({
    url: `/${path}`,
    video: command.includes(' -vn ') ? null : { codec: 'H264' },
    audio: { codec: 'AAC' },
  })
  expect(server.stream(path)?.counters.framesDropped).toBe(0)
  expect(program.output).toBe('')
  program.pressControlC()
  await program.exited
  await waitFor('it is over', () => (server.stream(path)?.publication ?? null) === null)
}

async function judgeFilePublisher(trial: Trial): Promise<void> {
  const { command, server } = trial
  const program = startCommand(trial, withSrs(command))
  await program.waitForOutput(PROGRESS)
  expect(server.stream('live/demo')?.publication).not.toBeNull()
  expect(server.stream('live/demo')?.counters.framesDropped).toBe(0)
  program.pressControlC()
  expect(await program.exited).toEqual({ code: 0, signal: null })
  await waitFor('it is over', () => (server.stream('live/demo')?.publication ?? null) === null)
}

async function judgePlayer(trial: Trial): Promise<void> {
  const { command } = trial
  await publishClip(trial.server)
  const pipe = command.includes('|')
  const program = pipe
    ? startProgram(trial.scope, ['sh', '-c', withSrs(command)], { cwd: trial.cwd })
    : startCommand(trial, withSrs(command))
  if (!command.includes('--seconds')) {
    await program.waitForOutput(PROGRESS)
    program.pressControlC()
  }
  expect({ ...(await program.exited), output: program.output }).toMatchObject({ code: 0 })
  expect(program.stderr).toMatch(/^srs play: in all \d+ s {2}\d\.\d\d Mbit\/s/m)
  const [file] = /out\.\w+/.exec(command) ?? []
  if (file !== undefined) {
    await requireDecodable(trial.scope, join(trial.cwd, file))
  }
}

async function judgeFile(trial: Trial): Promise<void> {
  await publishClip(trial.server)
  const program = startCommand(trial, trial.command)
  expect({ ...(await program.exited), output: program.output }).toMatchObject({ code: 0 })
  const file = join(trial.cwd, trial.command.split(' ').at(-1) ?? '')
  expect((await stat(file)).size).toBeGreaterThan(1000)
  await requireDecodable(trial.scope, file)
}

async function requireDecodable(scope: Scope, file: string): Promise<void> {
  const decode = ['ffmpeg', '-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']
  expect(await runProgram(scope, decode)).toMatchObject({ code: 0, stderr: '' })
}

async function judgeOutput(trial: Trial): Promise<void> {
  await publishClip(trial.server)
  const program = startCommand(trial, trial.command)
  expect(await program.exited).toEqual({ code: 0, signal: null })
  expect(program.stderr).toBe('')
  expect(program.stdout).toBe(trial.block.output)
}

/** Without a screen or a loudspeaker, ffplay plays all the same; its clock runs, and it shows that. */
async function judgeFfplay(trial: Trial): Promise<void> {
  await publishClip(trial.server)
  const program = startCommand(trial, trial.command, { SDL_VIDEODRIVER: 'dummy', SDL_AUDIODRIVER: 'dummy' })
  const [, start = ''] = await program.waitForOutput(/\r *(\d+\.\d+) A-V:/)
  await waitFor(
    () => `the clock runs from ${start}: ${program.output}`,
    () => {
      const clocks = [...program.output.matchAll(/\r *(\d+\.\d+) A-V:/g)].map(([, clock]) => Number(clock))
      return (clocks.at(-1) ?? 0) > Number(start) + 1
    },
  )
  expect(program.output).toMatch(/Video: h264/)
  expect(program.output).toMatch(/Audio: aac/)
  program.kill('SIGINT')
  await program.exited
}

/** VLC without a window, said at length. It refuses to run as root. */
async function judgeVlc(trial: Trial): Promise<void> {
  await publishClip(trial.server)
  const home = await makeHome(trial.scope)
  const asNobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups '
  const vlc = `${process.getuid?.() === 0 ? asNobody : ''}cvlc -vv --no-color --vout vdummy --aout adummy`
  const program = startCommand(trial, trial.command.replace(/^vlc/, vlc), { HOME: home })
  await program.waitForOutput(/Received first picture/)
  await program.waitForOutput(/using audio decoder module/)
  expect(trial.server.stream('live/demo')?.viewers.size).toBe(1)
  program.kill('SIGTERM')
  await program.exited
}

async function judgeBehindProxy(trial: Trial): Promise<void> {
  const args = trial.command.replace('srs ', '--demo --listen 127.0.0.1:0 --http-listen 127.0.0.1:0 ')
  const program = startProgram(trial.scope, [execPath, built('cli/main.js'), ...args.split(' ')])
  await program.waitForOutput(/Ctrl-C ends the server/)
  const [, httpUrl = ''] = /^ {2}Page +(http:\S+)\/$/m.exec(program.stdout) ?? []
  await expect(ask(`${httpUrl}/live/demo.flv`)).rejects.toThrow()
  const url = await startForwarder(trial.scope, httpUrl, [proxyHeader2('203.0.113.1')])
  expect((await ask(`${url}/live/demo.flv`)).status).toBe(200)
  program.pressControlC()
  expect(await program.exited).toEqual({ code: 0, signal: null })
}

/** The page's addresses, but free ports. */
async function judgeAddresses({ scope, command, cwd }: Trial): Promise<void> {
  const args = command
    .replaceAll("'", '')
    .replaceAll(/:(1935|19350|8080)\b/g, ':0')
    .split(' ')
    .slice(1)
  const program = startProgram(scope, [execPath, built('cli/main.js'), ...args], { cwd })
  await program.waitForOutput(/Ctrl-C ends the server/)
  const [, listeners = ''] = /^ {2}Listening on +(.*)$/m.exec(program.stdout) ?? []
  expect(listeners.replaceAll(/\d{2,}/g, 'PORT')).toBe(
    '[::]:PORT (RTMP), [::1]:PORT (RTMP), PORT.0.0.1:PORT (HTTP), unix:http.sock (HTTP)',
  )
  for (const [, host, port] of listeners.matchAll(/(\[::1?\]):(\d+) \(RTMP\)/g)) {
    await (await RtmpClient.connect(`rtmp://${host}:${port}`)).destroy()
  }
  program.pressControlC()
  expect(await program.exited).toEqual({ code: 0, signal: null })
}

/** `npm start` has a test of its own, npm-start.test.ts; `npm test` is what runs this one. */
async function judgeScript({ command }: Trial): Promise<void> {
  const { scripts } = JSON.parse(readPage('package.json'))
  expect(scripts[command.split(' ').at(-1) ?? '']).toMatch(/node (--\S+ )*(scripts\/test|src\/cli\/main)\.ts/)
}

/** A folder that VLC may write to, whoever it runs as. */
async function makeHome(scope: Scope): Promise<string> {
  const home = join(await mediaFolder(scope), 'home')
  await mkdir(home)
  await chmod(join(home, '..'), 0o755)
  await chmod(home, 0o777)
  return home
}
