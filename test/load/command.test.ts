import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import type { LoadReport } from '../../src/load/index.ts'
import { atServer, readBlocks } from '../support/docs.ts'
import { built, runProgram, startProgram } from '../support/program.ts'
import { FileScope, startServer } from '../support/server.ts'
import { publishClip } from '../support/web.ts'

/** In which everybody has an answer, also on a machine that is busy. */
const SECONDS = '3'

function command(...args: readonly string[]): string[] {
  return [execPath, built('cli/main.js'), 'load', ...args]
}

describe('srs load', () => {
  it('shows progress and a table, and ends with 0 when all is well', async (scope) => {
    const { rtmpUrl } = await startServer(scope)
    const args = ['--publishers', '1', '--players', '4', '--sample', '2', '--duration', '2.5']
    const { code, stdout, stderr } = await runProgram(scope, command(...args, `${rtmpUrl}/live/demo`))
    expect(stderr).toMatch(
      /^ +\d s {2}1 of 1 publishers, [\d.]+ Mbit\/s out \| 4 of 4 players, [\d.]+ Mbit\/s in/m,
    )
    expect(stdout).toMatch(/^Players +4 of 4 accepted$/m)
    expect(stdout).toMatch(/^ {2}time went back +0 times$/m)
    expect(stdout.match(/^demo +\d+ +\d+ +0 +0 /gm)).toHaveLength(2)
    expect(code).toBe(0)
  })

  it('gives the report as JSON, made by several processes', async (scope) => {
    const { rtmpUrl, httpUrl } = await startServer(scope)
    const load = [
      '--publishers',
      '2',
      '--publish-to',
      `${rtmpUrl}/live/load`,
      '--players',
      '4',
      '--bitrate',
      '1M',
    ]
    const other = [
      '--duration',
      SECONDS,
      '--processes',
      '2',
      '--audio',
      'off',
      '--json',
      `${httpUrl}/live/load.flv`,
    ]
    const { code, stdout } = await runProgram(scope, command(...load, ...other))
    const report = JSON.parse(stdout) as LoadReport
    expect(report.players).toMatchObject({ requested: 4, accepted: 4 })
    expect(report.publishers).toMatchObject({ requested: 2, accepted: 2 })
    expect(report.sampled.players.map(({ stream, audioFrames }) => [stream, audioFrames]).sort()).toEqual([
      ['load0', 0],
      ['load0', 0],
      ['load1', 0],
      ['load1', 0],
    ])
    expect(code).toBe(0)
  })

  it('goes on until Ctrl-C with --duration 0, and then reports', async (scope) => {
    const { rtmpUrl } = await startServer(scope)
    const args = ['--publishers', '2', '--processes', '2', '--duration', '0', `${rtmpUrl}/live/load`]
    const program = startProgram(scope, command(...args))
    await program.waitForOutput(/2 of 2 publishers/)
    program.pressControlC()
    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(program.stdout).toMatch(/^Publishers +2 of 2 accepted$/m)
  })

  it('ends with 1 and the reasons when somebody is refused', async (scope) => {
    const { httpUrl } = await startServer(scope)
    const args = ['--players', '3', '--duration', SECONDS, `${httpUrl}/live/nothing.flv`]
    const { code, stdout } = await runProgram(scope, command(...args))
    expect(stdout).toMatch(/^Players +0 of 3 accepted, 3 refused$/m)
    expect(stdout).toMatch(/^ {2}3 x +HTTP 404$/m)
    expect(code).toBe(1)
  })

  it.concurrent.each([
    [['rtmp://127.0.0.1/live/demo'], /nothing to do/],
    [['--players', '1', 'ftp://127.0.0.1/live/demo.flv'], /rtmp:\/\/, http:\/\/, .* and wss:\/\//],
    [['--players', 'many', 'rtmp://127.0.0.1/live/demo'], /whole number/],
    [['--publishers', '1', '--bitrate', '5x', 'rtmp://127.0.0.1/live/demo'], /500k or 2\.5M/],
    [['--publishers', '1', '--bitrate', '5k', 'rtmp://127.0.0.1/live/demo'], /too few/],
    [['--players', '1'], /missing required argument/],
  ])('%j ends with 2 and a hint', async (args, hint) => {
    const scope = new FileScope()
    const { code, stdout, stderr } = await runProgram(scope, command(...args))
    await scope.clean()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(hint)
  })
})

describe('the examples of docs/load.md', () => {
  const lines = readBlocks('docs/load.md', 'console').flatMap(({ text }) => text.trim().split('\n'))

  it.concurrent.each(lines)('%s', async (line) => {
    const scope = new FileScope()
    const { server } = await startServer(scope)
    if (!line.includes('--publishers')) {
      await publishClip(server)
    }
    const smaller = atServer(line, server)
      .replace(/--players \d+/, '--players 6')
      .replace(/--publishers \d{2,}/, '--publishers 3')
      .replace(/--ramp \d+/, '--ramp 0.5')
    const [program, subcommand, ...args] = smaller.split(' ')
    expect([program, subcommand]).toEqual(['srs', 'load'])
    const { code, stdout } = await runProgram(scope, command('--duration', SECONDS, ...args))
    await scope.clean()
    expect(stdout).toMatch(/^(Players|Publishers) +(\d) of \2 accepted$/m)
    expect(code).toBe(0)
  })

  it('are there', () => {
    expect(lines.length).toBeGreaterThan(3)
  })
})
