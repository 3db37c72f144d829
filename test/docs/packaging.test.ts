import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { listEnvironmentNames, ROOT_ROWS } from '../../src/control/index.ts'
import { readSettings } from '../../src/index.ts'
import { built, REPOSITORY, startProgram } from '../support/program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8')
}

/** `NAME=VALUE NAME=VALUE` */
function readVariables(text: string): Record<string, string> {
  return Object.fromEntries(text.split(' ').map((pair) => pair.split('=') as [string, string]))
}

const UNIT = new Map(
  [...read('packaging/systemd/srs.service').matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)

/** The instructions of the Dockerfile, continued lines joined. */
const INSTRUCTIONS = read('packaging/docker/Dockerfile')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line): [string, string] => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)])

/** What follows each instruction of that name. */
function instructions(name: string): string[] {
  return INSTRUCTIONS.filter(([each]) => each === name).map(([, words]) => words)
}

describe('the systemd unit', () => {
  it('starts, tests, reloads and stops the server as the command does it', () => {
    expect(UNIT.get('ExecStart')).toBe('/usr/local/bin/srs -c /etc/srs/srs.conf')
    expect(UNIT.get('ExecStartPre')).toBe('/usr/local/bin/srs -t -c /etc/srs/srs.conf')
    expect(UNIT.get('ExecReload')).toBe('/bin/kill -HUP $MAINPID')
    expect(UNIT.get('KillSignal')).toBe('SIGQUIT')
    // The program that tells is not the main process.
    expect([UNIT.get('Type'), UNIT.get('NotifyAccess')]).toEqual(['notify', 'all'])
    // Longer than the default of grace_deadline, with the waits around it, and what the end may take (MAX_ENDING_MS).
    expect(Number(UNIT.get('TimeoutStopSec'))).toBeGreaterThan(600 + 2.3 + 3.2 + 20)
  })

  it('keeps a server in the foreground and its log on the console, whatever its file says', async (scope) => {
    const cwd = folder.write({
      'srs.conf':
        'listen 127.0.0.1:0; daemon on; disable_daemon_for_docker off; srs_log_tank file; pithy_print_ms 0;',
    })
    const env = readVariables(UNIT.get('Environment') ?? '')
    const program = startProgram(scope, [execPath, built('cli/main.js'), '-c', 'srs.conf'], { cwd, env })
    await program.waitForOutput(/Ctrl-C ends the server/)
    expect(existsSync(join(cwd, 'objs'))).toBe(false)
    program.kill('SIGTERM')
    expect(await program.exited).toEqual({ code: 0, signal: null })
  })
})

describe('the Dockerfile', () => {
  it('copies what is there, and runs what the package has', () => {
    const sources = instructions('COPY').map((words) => words.split(' ')[0] ?? '')
    expect(sources.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([])
    expect(instructions('RUN')[0]).toBe('npm ci && npm pack --pack-destination /tmp')
    // `npm pack` builds before it packs.
    expect(manifest.scripts.prepack).toContain('npm run build')
    expect(instructions('RUN')[1]).toContain(`/packages/${manifest.name}-*.tgz`)
    const [entry = ''] = JSON.parse(instructions('ENTRYPOINT')[0] ?? '[]')
    expect(Object.keys(manifest.bin)).toContain(entry)
  })

  it('starts with a file that it has, and exposes the ports of that', async () => {
    const [copied = '', to] = instructions('COPY').at(-1)?.split(' ') ?? []
    expect(JSON.parse(instructions('CMD')[0] ?? '[]')).toEqual(['-c', to])
    const { rtmp, http } = await readSettings(join(REPOSITORY, copied))
    expect([rtmp, http]).toMatchObject(
      instructions('EXPOSE')[0]
        ?.split(' ')
        .map((port) => ({ port: Number(port) })) ?? [],
    )
  })

  it('uses a Node.js that the package runs on, and variables that the server knows', () => {
    const [version] = /(?<=^node:)\d+/.exec(instructions('FROM').at(-1) ?? '') ?? []
    expect(Number(version)).toBeGreaterThanOrEqual(Number(/\d+/.exec(manifest.engines.node)?.[0]))
    const names = Object.keys(readVariables(instructions('ENV')[0] ?? ''))
    expect(names).toEqual(Object.keys(readVariables(UNIT.get('Environment') ?? '')))
    expect(names.filter((name) => !listEnvironmentNames(ROOT_ROWS).includes(name))).toEqual([])
  })
})

describe('the Compose file', () => {
  const text = read('packaging/docker/compose.yaml')

  it('builds by the Dockerfile, and publishes its ports', () => {
    const [, context = ''] = /context: (.*)/.exec(text) ?? []
    const [, dockerfile = ''] = /dockerfile: (.*)/.exec(text) ?? []
    expect(existsSync(join(REPOSITORY, 'packaging/docker', context, dockerfile))).toBe(true)
    const ports = [...text.matchAll(/- "(\d+):(\d+)"/g)].map(([, , inside]) => inside)
    expect(ports).toEqual(instructions('EXPOSE')[0]?.split(' '))
  })

  it('mounts a file that is there where the server looks for it', () => {
    const [, outside = '', inside] = /- (\S+):(\S+):ro/.exec(text) ?? []
    expect(existsSync(join(REPOSITORY, 'packaging/docker', outside))).toBe(true)
    expect(JSON.parse(instructions('CMD')[0] ?? '[]')).toContain(inside)
  })
})
