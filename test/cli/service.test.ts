import { chmodSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { runProgram, startProgram } from '../support/program.ts'
import { FileScope, type Scope } from '../support/server.ts'
import {
  command,
  configured,
  FOREGROUND,
  httpUrl,
  isRefused,
  LISTEN,
  MAIN,
  play,
  startSrs,
} from '../support/srs-service.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

const BACKGROUND = 'daemon on; disable_daemon_for_docker off; grace_start_wait 0; grace_final_wait 0;'
/** Runs the command that starts a server in the background; it is ended after the test. */
async function startBackground(scope: Scope, cwd: string): Promise<{ pid: number; stdout: string }> {
  const { code, stdout, stderr } = await runProgram(scope, command(), { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const pid = Number(/in the background as process (\d+)/.exec(stdout)?.[1])
  scope.onTestFinished(() => {
    if (isAlive(pid)) {
      process.kill(pid, 'SIGKILL')
    }
  })
  return { pid, stdout }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function readLog(path: string): Record<string, unknown>[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

describe.concurrent('a server in the background', () => {
  it('is ready when the command ends, has its log and its number in files, and ends by a signal', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, BACKGROUND)
    const { pid, stdout } = await startBackground(scope, cwd)
    expect(await isRefused(`${httpUrl(stdout)}/`)).toBe(false)
    expect(readFileSync(join(cwd, 'objs/srs.pid'), 'utf8')).toBe(`${pid}\n`)
    expect(stdout).toContain('its log is ./objs/srs.log')
    expect(stdout).not.toContain('Ctrl-C')
    const second = await runProgram(scope, command(), { cwd })
    expect(second).toMatchObject({ code: 2, stdout: '' })
    expect(second.stderr).toContain(`already: process ${pid}; stop it (kill ${pid})`)
    process.kill(pid, 'SIGHUP')
    expect(await isRefused(`${httpUrl(stdout)}/`)).toBe(false)
    process.kill(pid, 'SIGTERM')
    await waitFor('it ends', () => !isAlive(pid))
    expect(existsSync(join(cwd, 'objs/srs.pid'))).toBe(false)
    await scope.clean()
  })

  it('that cannot listen lets the command say why, and leaves nothing behind', async () => {
    const scope = new FileScope()
    const blocker = createTcpServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    scope.onTestFinished(() => new Promise((resolve) => blocker.close(() => resolve())))
    const address = blocker.address()
    const port = typeof address === 'object' ? address?.port : 0
    const cwd = folder.write({ 'srs.conf': `listen 127.0.0.1:${port}; ${BACKGROUND}` })
    const { code, stdout, stderr } = await runProgram(scope, command(), { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`srs: cannot listen on 127.0.0.1:${port} for RTMP: the port is taken`)
    expect(existsSync(join(cwd, 'objs/srs.pid'))).toBe(false)
    await scope.clean()
  })

  it('that dies before it listens is told with its exit code', async () => {
    const scope = new FileScope()
    const die = "if (process.argv.at(-1).startsWith('--report-pipe')) throw new Error('dead')"
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(die)}` }
    const cwd = configured(folder, BACKGROUND)
    const { code, stderr } = await runProgram(scope, command(), { cwd, env })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        "srs: the process in the background ended with 1 before it listened; its log './objs/srs.log' may say why\n",
    })
    expect(readFileSync(join(cwd, 'objs/srs.log'), 'utf8')).toContain('Error: dead')
    await scope.clean()
  })
})

describe.concurrent('the log file', () => {
  it('is opened anew by SIGUSR1, and that starts no debugger', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} srs_log_tank file; srs_log_file logs/srs.log; pid srs.pid;`)
    const program = startSrs(scope, { cwd }, '--demo')
    await program.waitForOutput(/Ctrl-C ends the server/)
    const log = join(cwd, 'logs/srs.log')
    await waitFor('the first lines are written', () => readFileSync(log, 'utf8').includes('publish started'))
    renameSync(log, `${log}.1`)
    program.kill('SIGUSR1')
    await waitFor('there is a new file', () => existsSync(log) && readFileSync(log, 'utf8') !== '')
    program.kill('SIGTERM')
    expect(await program.exited).toEqual({ code: 0, signal: null })
    const lines = [...readLog(`${log}.1`), ...readLog(log)].map(({ msg }) => msg)
    expect(lines).toEqual(expect.arrayContaining(['publish started', 'log reopened', 'publish stopped']))
    expect(program.stderr).toBe('')
    await scope.clean()
  })

  it('has what is as important as the level says, with the times of the machine or of UTC', async () => {
    const scope = new FileScope()
    const log = 'srs_log_tank file; srs_log_file srs.log;'
    const settings = [
      ['srs_log_level warn;', 'Asia/Kathmandu', []],
      ['srs_log_level trace;', 'Asia/Kathmandu', [expect.stringMatching(/\+05:45$/)]],
      [
        'srs_log_level error; srs_log_level_v2 info; utc_time on;',
        'Asia/Kathmandu',
        [expect.stringMatching(/Z$/)],
      ],
    ] as const
    const tried = settings.map(async ([text, zone, times]) => {
      const cwd = configured(folder, `${FOREGROUND} ${log} ${text}`)
      const program = startSrs(scope, { cwd, env: { TZ: zone } }, '--demo')
      await program.waitForOutput(/Ctrl-C ends the server/)
      program.kill('SIGTERM')
      await program.exited
      const lines = readLog(join(cwd, 'srs.log')).filter(({ msg }) => msg === 'publish started')
      expect(lines.map(({ time }) => time)).toEqual(times)
    })
    await Promise.all(tried)
    await scope.clean()
  })

  it('that cannot be written prevents the start, in the background too', async () => {
    const scope = new FileScope()
    for (const text of [FOREGROUND, BACKGROUND]) {
      const cwd = configured(folder, `${text} srs_log_tank file; srs_log_file srs.conf/srs.log;`)
      const { code, stderr } = await runProgram(scope, command(), { cwd })
      expect(code).toBe(2)
      expect(stderr).toMatch(/^srs: the log file 'srs.conf\/srs.log' cannot be written: .*\n$/)
    }
    await scope.clean()
  })

  it('is open before anything can end the server: a start that fails says why, and nothing else', async (scope) => {
    const blocker = createTcpServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    scope.onTestFinished(() => void blocker.close())
    const address = blocker.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const cwd = folder.write({
      'srs.conf': `listen 127.0.0.1:${port}; daemon off; srs_log_tank file; srs_log_file srs.log;\n`,
    })
    const { code, stderr } = await runProgram(scope, command(), { cwd })
    expect(stderr.split('\n')[0]).toContain(`cannot listen on 127.0.0.1:${port} for RTMP: the port is taken`)
    expect(stderr).not.toContain('sonic')
    expect(code).toBe(2)
  })

  it('says every so often what publishers and players are doing', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} pithy_print { publish 100; play 100; }`)
    const program = startSrs(scope, { cwd }, '--demo', '--log-format', 'json')
    await program.waitForOutput(/Ctrl-C ends the server/)
    await play(scope, httpUrl(program.stdout))
    await program.waitForOutput(/"publishers":1,"kbps":[1-9]\d*,"msg":"publishing"/)
    await program.waitForOutput(/"players":1,"kbps":[1-9]\d*,"msg":"playing"/)
    await scope.clean()
  })
})

describe.concurrent('a signal while the server starts', () => {
  /** In this process nothing is listened on before SIGUSR2, of what the condition says. */
  const holding = (condition: string): Record<string, string> => ({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hold(condition))}`,
  })
  const hold = (condition: string): string => `import { Server } from 'node:net'
    const { listen } = Server.prototype
    const waiting = []
    const keepProcess = setInterval(() => {}, 1000)
    Server.prototype.listen = function (...args) {
      if (!(${condition})) return listen.apply(this, args)
      process.stderr.write('about to listen\\n')
      waiting.push(() => listen.apply(this, args))
      return this
    }
    process.on('SIGUSR2', () => {
      Server.prototype.listen = listen
      clearInterval(keepProcess)
      for (const begin of waiting) begin()
    })`
  const env = holding('true')

  it('to end leaves no door behind while another is being opened', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} pid srs.pid;`)
    const second = holding("String(args[0].path).includes('srs.pid.sock')")
    const program = startSrs(scope, { cwd, env: { ...second, XDG_RUNTIME_DIR: cwd } })
    await program.waitForOutput(/about to listen/)
    program.kill('SIGTERM')
    await program.waitForOutput(/Closing: /)
    program.kill('SIGUSR2')
    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(readdirSync(join(cwd, 'srs'))).toEqual([])
    expect(readdirSync(cwd).toSorted()).toEqual(['srs', 'srs.conf'])
    await scope.clean()
  })

  it('to end ends it in order: nothing is listened on any more, and nothing is left', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} pid srs.pid;`)
    const program = startSrs(scope, { cwd, env })
    await program.waitForOutput(/about to listen/)
    program.kill('SIGTERM')
    await program.waitForOutput(/Closing: /)
    program.kill('SIGUSR2')
    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(program.stdout).toMatch(/^\nClosing: .*\n$/)
    expect(existsSync(join(cwd, 'srs.pid'))).toBe(false)
    await scope.clean()
  })

  it('to reload or to open the log anew does neither end it nor start a debugger', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, FOREGROUND)
    const program = startSrs(scope, { cwd, env }, '--log-format', 'json')
    await program.waitForOutput(/about to listen/)
    program.kill('SIGHUP')
    program.kill('SIGUSR1')
    await program.waitForOutput(/log reopened/)
    program.kill('SIGUSR2')
    await program.waitForOutput(/"msg":"configuration reloaded"/)
    expect(program.stderr).not.toContain('Debugger')
    program.kill('SIGTERM')
    expect(await program.exited).toEqual({ code: 0, signal: null })
    await scope.clean()
  })

  it('is kept also while its modules are still being loaded', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, FOREGROUND)
    const signalled = `import { registerHooks } from 'node:module'
      const hooks = registerHooks({ load(url, context, next) {
        if (url.includes('/commander/')) {
          hooks.deregister()
          process.kill(process.pid, 'SIGHUP')
          process.kill(process.pid, 'SIGUSR1')
        }
        return next(url, context)
      } })`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(signalled)}` }
    const program = startSrs(scope, { cwd, env }, '--log-format', 'json')
    await program.waitForOutput(/log reopened/)
    await program.waitForOutput(/"msg":"configuration reloaded"/)
    expect(program.stderr).not.toContain('Debugger')
    await scope.clean()
  })
})

describe.concurrent('the process', () => {
  it('counts relative paths from its work directory, and makes the folder for logs of other programs', async () => {
    const scope = new FileScope()
    const cwd = folder.write({
      'srs.conf': `${LISTEN} ${FOREGROUND} work_dir run; ff_log_dir logs/ffmpeg; pid srs.pid;`,
      run: null,
    })
    const program = startSrs(scope, { cwd })
    await program.waitForOutput(/Ctrl-C ends the server/)
    expect(readFileSync(join(cwd, 'run/srs.pid'), 'utf8')).toBe(`${program.pid}\n`)
    expect(existsSync(join(cwd, 'run/logs/ffmpeg'))).toBe(true)
    await scope.clean()
  })

  it.each([
    ['work_dir none;', /^srs: the work directory 'none' cannot be entered: /],
    ['ff_log_dir srs.conf/logs;', /^srs: the log directory 'srs.conf\/logs' cannot be written to: /],
    ['pid srs.conf/srs.pid;', /^srs: the pid file 'srs.conf\/srs.pid' cannot be written: /],
  ])('does not start with %s, and says why', async (text, message) => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} ${text}`)
    const { code, stderr } = await runProgram(scope, command(), { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    await scope.clean()
  })

  it('ends with its parent if asprocess is on', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, `${FOREGROUND} asprocess on; pid srs.pid;`)
    const shell = startProgram(scope, ['sh', '-c', `"${execPath}" "${MAIN}" -c srs.conf & wait`], { cwd })
    await shell.waitForOutput(/Ctrl-C ends the server/)
    const pid = Number(readFileSync(join(cwd, 'srs.pid'), 'utf8'))
    expect(isAlive(pid)).toBe(true)
    shell.kill('SIGKILL')
    await waitFor('the server ends', () => !existsSync(join(cwd, 'srs.pid')))
    await scope.clean()
  })

  it('tells systemd when it is ready and when it stops, by systemd-notify', async () => {
    const scope = new FileScope()
    const cwd = folder.write({
      'srs.conf': `${LISTEN} ${FOREGROUND}`,
      'bin/systemd-notify': '#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> told\n',
    })
    chmodSync(join(cwd, 'bin/systemd-notify'), 0o755)
    const env = { NOTIFY_SOCKET: '/run/notify', PATH: `${join(cwd, 'bin')}:${process.env.PATH}` }
    const program = startSrs(scope, { cwd, env })
    const told = (): string => (existsSync(join(cwd, 'told')) ? readFileSync(join(cwd, 'told'), 'utf8') : '')
    await waitFor('it is told', () => told() === '/run/notify READY=1\n')
    program.kill('SIGTERM')
    await expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(told()).toBe('/run/notify READY=1\n/run/notify STOPPING=1\n')
    await scope.clean()
  })

  it('goes on, and says so, if systemd cannot be told', async () => {
    const scope = new FileScope()
    const cwd = configured(folder, FOREGROUND)
    const env = { NOTIFY_SOCKET: '/run/notify', PATH: '/nowhere' }
    const program = startSrs(scope, { cwd, env }, '--log-format', 'json')
    await program.waitForOutput(/"msg":"systemd could not be told by systemd-notify"/)
    await program.waitForOutput(/Ctrl-C ends the server/)
    expect(await isRefused(`${httpUrl(program.stdout)}/`)).toBe(false)
    await scope.clean()
  })
})
