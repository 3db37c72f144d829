import { createServer as createTcpServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { createServer } from '../../src/index.ts'
import { built, type Program, runProgram, startProgram } from '../support/program.ts'
import { FileScope, type Scope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask } from '../support/web.ts'

const FREE_PORTS = ['--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0']

function command(...args: readonly string[]): string[] {
  return [execPath, built('cli/main.js'), ...args]
}

function startSrs(scope: Scope, ...args: readonly string[]): Program {
  return startProgram(scope, command(...args))
}

/** What `srs` says that it offers, by the words in front. */
async function offers(program: Program): Promise<Map<string, string>> {
  await program.waitForOutput(/Ctrl-C ends the server/)
  const rows = program.stdout.matchAll(/^ {2}(\S.{14}) (\S.*)$/gm)
  return new Map([...rows].map(([, name = '', value = '']) => [name.trim(), value]))
}

/** Lines of the log that are JSON. */
function logLines(program: Program): Record<string, unknown>[] {
  return program.stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

async function takenPort(scope: Scope): Promise<number> {
  const blocker = createTcpServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  scope.onTestFinished(() => new Promise((resolve) => blocker.close(() => resolve())))
  const address = blocker.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe('srs', () => {
  it('--help names every option with its default, and shows examples', async (scope) => {
    const { code, stdout, stderr } = await runProgram(scope, command('--help'))
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const option of [
      '--listen <HOST:PORT>',
      '--http-listen <HOST:PORT>',
      '--rtmps-listen <HOST:PORT>',
      '--https-listen <HOST:PORT>',
      '--tls-certificate <FILE>',
      '--tls-key <FILE>',
      '--proxy-protocol <LISTENERS>',
      '--trusted-proxies <ADDRESSES>',
      '--demo',
      '--version',
      '--help',
    ]) {
      expect(stdout).toContain(option)
    }
    expect(stdout).toMatch(/--listen <HOST:PORT>.*\(default:\s+":1935"\)/s)
    expect(stdout).toMatch(/--http-listen <HOST:PORT>.*\(default:\s+":8080"\)/s)
    expect(stdout).toMatch(
      /--log-level <LEVEL>.*choices:\s+"debug",\s+"info",\s+"warn",\s+"error",\s+"silent"/s,
    )
    expect(stdout).toMatch(/--log-format <FORMAT>.*choices:\s+"auto",\s+"pretty",\s+"json"/s)
    expect(stdout).not.toContain('default: false')
    expect(stdout).toMatch(/Examples:\n {2}srs /)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it.each(['--version', '-v'])('%s prints the version of the package', async (option) => {
    const scope = new FileScope()
    const { code, stdout } = await runProgram(scope, command(option))
    await scope.clean()
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${manifest.version}\n` })
  })

  it('says where to publish and to play, and serves there', async (scope) => {
    const program = startSrs(scope, ...FREE_PORTS)
    const offered = await offers(program)
    expect([...offered.keys()]).toEqual([
      'Page',
      'Console',
      'Publish',
      'Play RTMP',
      'Play FLV',
      'Play WebSocket',
      'Play HLS',
      'Listening on',
    ])
    expect(offered.get('Publish')).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/live {3}stream key: any name/)
    const page = await ask(offered.get('Page') ?? '')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect((await ask(offered.get('Console') ?? '')).body).toContain('<title>SRS console</title>')
    expect((await ask(offered.get('Play FLV') ?? '')).status).toBe(404)
  })

  it('--demo publishes a clip as live/demo that every printed address plays', async (scope) => {
    const program = startSrs(scope, '--demo', ...FREE_PORTS)
    const offered = await offers(program)
    expect(program.stdout).toContain('A clip is being published as live/demo.')
    const { origin } = new URL(offered.get('Page') ?? '')
    const { streams } = JSON.parse((await ask(`${origin}/api/v1/streams/`)).body ?? '')
    expect(streams).toMatchObject([{ url: '/live/demo', publish: { active: true } }])
    expect((await ask(offered.get('Play FLV') ?? '')).headers.get('content-type')).toBe('video/x-flv')
    expect((await ask(offered.get('Play HLS') ?? '')).body).toContain('#EXTM3U')
    const webSocket = new WebSocket(offered.get('Play WebSocket') ?? '')
    scope.onTestFinished(() => webSocket.close())
    await new Promise((resolve, reject) => {
      webSocket.addEventListener('message', resolve)
      webSocket.addEventListener('error', reject)
    })
    const { stdout } = await runProgram(scope, [
      'ffprobe',
      ...[
        '-v',
        'error',
        '-show_entries',
        'stream=codec_name',
        '-of',
        'csv=p=0',
        offered.get('Play RTMP') ?? '',
      ],
    ])
    expect(stdout.trim().split('\n').sort()).toEqual(['aac', 'h264'])
  })
})

describe('--listen and --http-listen', () => {
  it.each([
    ['127.0.0.1:0', /^127\.0\.0\.1:\d+ \(RTMP\), 127\.0\.0\.1:\d+ \(HTTP\)$/, '127.0.0.1'],
    [':0', /^(\[::\]|0\.0\.0\.0):\d+ \(RTMP\), (\[::\]|0\.0\.0\.0):\d+ \(HTTP\)$/, 'localhost'],
    ['0', /^(\[::\]|0\.0\.0\.0):\d+ \(RTMP\), (\[::\]|0\.0\.0\.0):\d+ \(HTTP\)$/, 'localhost'],
    ['0.0.0.0:0', /^0\.0\.0\.0:\d+ \(RTMP\), 0\.0\.0\.0:\d+ \(HTTP\)$/, 'localhost'],
    ['localhost:0', /^(127\.0\.0\.1|\[::1\]):\d+ \(RTMP\), (127\.0\.0\.1|\[::1\]):\d+ \(HTTP\)$/, null],
  ])('take %s', async (address, bound, host) => {
    const scope = new FileScope()
    try {
      const program = startSrs(scope, '--listen', address, '--http-listen', address)
      const offered = await offers(program)
      expect(offered.get('Listening on')).toMatch(bound)
      const page = new URL(offered.get('Page') ?? '')
      expect(host === null || page.hostname === host).toBe(true)
      expect((await ask(page.href)).status).toBe(200)
    } finally {
      await scope.clean()
    }
  })

  it('take an IPv6 address where the machine has one, and say so where it has none', async (scope) => {
    const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(({ address }) => address === '::1'),
    )
    const program = startSrs(scope, '--listen', '[::1]:0', '--http-listen', '[::1]:0')
    if (hasIpv6) {
      const offered = await offers(program)
      expect(offered.get('Listening on')).toMatch(/^\[::1\]:\d+ \(RTMP\), \[::1\]:\d+ \(HTTP\)$/)
      expect((await ask(offered.get('Page') ?? '')).status).toBe(200)
    } else {
      expect(await program.exited).toEqual({ code: 2, signal: null })
      expect(program.stderr).toContain('cannot listen on [::1]:0 for RTMP')
    }
  })

  it.concurrent.each(['somewhere', ':99999', '::1:1935', ''])(
    'refuse %j and say what is meant',
    async (address) => {
      for (const option of ['--listen', '--http-listen']) {
        const scope = new FileScope()
        const { code, stdout, stderr } = await runProgram(scope, command(option, address))
        await scope.clean()
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
        expect(stderr).toContain(`${option} <HOST:PORT>`)
        expect(stderr).toContain(`'${address}' is not HOST:PORT, e.g. 0.0.0.0:1935, [::1]:8080 or :1935`)
      }
    },
  )

  it.each([
    ['--listen', 'RTMP'],
    ['--http-listen', 'HTTP'],
  ])('%s with a taken port ends with 2 and says which and what to do', async (option, purpose) => {
    const scope = new FileScope()
    try {
      const port = await takenPort(scope)
      const { code, stdout, stderr } = await runProgram(
        scope,
        command(...FREE_PORTS, option, `127.0.0.1:${port}`),
      )
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr:
          `srs: cannot listen on 127.0.0.1:${port} for ${purpose}: ` +
          'the port is taken by another program; stop that program or choose another port\n' +
          '     --listen HOST:PORT is for RTMP, --http-listen for HTTP, --rtmps-listen for RTMPS, --https-listen for HTTPS.\n',
      })
    } finally {
      await scope.clean()
    }
  })
})

describe('a mistake in the arguments', () => {
  it.concurrent.each([
    [['--lissten', ':1935'], /unknown option '--lissten'\n.*Did you mean --listen/s],
    [['srs.conf'], /there is no command 'srs.conf': srs --help lists them; -c names a configuration/],
    [['stream'], /there is no command 'stream': did you mean streams\?/],
    [['--log-level', 'loud'], /'loud' is invalid. Allowed choices are debug, info, warn, error, silent/],
    [['--log-format', 'xml'], /'xml' is invalid. Allowed choices are auto, pretty, json/],
    [['--listen'], /argument missing/],
    [['--https-listen', ':0'], /need --tls-certificate FILE and --tls-key FILE/],
    [['--tls-key', 'key.pem'], /are for --rtmps-listen or --https-listen: give one of these, too/],
    [['--proxy-protocol', 'rtmps'], /'rtmps' is no listener of this server; they are named rtmp, rtmps/],
    [['--trusted-proxies', '::1'], /is for --proxy-protocol/],
    [
      [...FREE_PORTS, '--proxy-protocol', 'rtmp,http', '--trusted-proxies', '::1,proxy'],
      /trustedProxies: 'proxy' is no IP address or network/,
    ],
    [
      [...FREE_PORTS, '--rtmps-listen', ':0', '--tls-certificate', 'missing.pem', '--tls-key', 'README.md'],
      /^srs: the certificate for RTMPS 'missing.pem' is not there\n$/,
    ],
  ])('%j ends with 2 and a hint', async (args, hint) => {
    const scope = new FileScope()
    const { code, stdout, stderr } = await runProgram(scope, command(...args))
    await scope.clean()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(hint)
  })
})

describe('the log', () => {
  it('is lines of JSON on standard error when that is no terminal', async (scope) => {
    const program = startSrs(scope, '--demo', ...FREE_PORTS)
    await program.waitForOutput(/publish started.*\n/)
    expect(logLines(program)).toMatchObject([
      {
        level: 30,
        msg: 'publish started',
        stream: 'live/demo',
        protocol: 'file',
        client: expect.any(String),
      },
    ])
    for (const { time } of logLines(program)) {
      expect(new Date(String(time)).getTime()).toBeGreaterThan(Date.parse('2026-01-01'))
    }
  })

  it('has one readable line each with --log-format pretty', async (scope) => {
    const program = startSrs(scope, '--demo', '--log-format', 'pretty', ...FREE_PORTS)
    await program.waitForOutput(/publish started.*\n/)
    const [line = ''] = program.stderr.split('\n')
    expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: publish started \{.*"stream":"live\/demo".*\}$/)
  })

  it.concurrent.each([
    ['debug', true, true],
    ['info', false, true],
    ['warn', false, false],
    ['error', false, false],
    ['silent', false, false],
  ])('of level %s has what is as important or more', async (level, debug, info) => {
    const scope = new FileScope()
    try {
      const program = startSrs(scope, '--demo', '--log-level', level, ...FREE_PORTS)
      const offered = await offers(program)
      const ended = startProgram(scope, ['ffprobe', '-v', 'quiet', offered.get('Play RTMP') ?? '']).exited
      await ended
      program.kill('SIGINT')
      expect(await program.exited).toEqual({ code: 0, signal: null })
      const levels = new Set(logLines(program).map((line) => line.level))
      expect({ debug: levels.has(20), info: levels.has(30) }).toEqual({ debug, info })
    } finally {
      await scope.clean()
    }
  })
})

describe('Ctrl-C', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '(%s) ends the server with 0 and frees its ports',
    async (signal) => {
      const scope = new FileScope()
      try {
        const program = startSrs(scope, '--demo', ...FREE_PORTS)
        const offered = await offers(program)
        const ports = [...(offered.get('Listening on') ?? '').matchAll(/:(\d+)/g)].map(([, port]) =>
          Number(port),
        )
        const player = startProgram(scope, [
          'ffmpeg',
          '-v',
          'quiet',
          '-i',
          offered.get('Play FLV') ?? '',
          '-f',
          'null',
          '-',
        ])
        await waitFor('somebody plays', () => program.stderr.includes('play started'))
        program.kill(signal)
        expect(await program.exited).toEqual({ code: 0, signal: null })
        expect(program.stdout).toMatch(/\nClosing: .*\n$/)
        await player.exited
        const [rtmpPort = 0, httpPort = 0] = ports
        const next = await createServer({ rtmp: { port: rtmpPort }, http: { port: httpPort } })
        await next.close()
      } finally {
        await scope.clean()
      }
    },
  )

  it('a second time, while the server is closing, ends it at once with 130', async (scope) => {
    // In this process listeners never say that they are closed, as if a client held one of them.
    const hang = "import { Server } from 'node:net'; Server.prototype.close = function () { return this }"
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hang)}` }
    const program = startProgram(scope, command('--demo', ...FREE_PORTS), { env })
    await offers(program)
    program.kill('SIGINT')
    await program.waitForOutput(/Press Ctrl-C again to end at once/)
    const pressing = setInterval(() => program.kill('SIGINT'), 100)
    expect(await program.exited).toEqual({ code: 130, signal: null })
    clearInterval(pressing)
  })

  it('twice in a moment, as npm passes it on, ends it in order', async (scope) => {
    const program = startSrs(scope, '--demo', ...FREE_PORTS)
    await offers(program)
    program.kill('SIGINT')
    await program.waitForOutput(/Press Ctrl-C again to end at once/)
    program.kill('SIGINT')
    expect(await program.exited).toEqual({ code: 0, signal: null })
  })

  it('says in the log why who was connected had to leave', async (scope) => {
    const program = startSrs(scope, '--demo', ...FREE_PORTS)
    const offered = await offers(program)
    startProgram(scope, ['ffmpeg', '-v', 'quiet', '-i', offered.get('Play RTMP') ?? '', '-f', 'null', '-'])
    await waitFor('somebody plays', () => program.stderr.includes('play started'))
    program.kill('SIGINT')
    await program.exited
    expect(logLines(program)).toContainEqual(
      expect.objectContaining({ msg: 'play stopped', reason: 'the server is closing' }),
    )
  })
})
