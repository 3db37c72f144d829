import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import { built, REPOSITORY, runProgram } from '../support/program.ts'

/** Each example with its arguments and the lines it prints. */
const EXAMPLES: Readonly<Record<string, { args: readonly string[]; output: RegExp }>> = {
  'ask-for-a-token.ts': {
    args: [],
    output: lines(
      String.raw`A publisher would say rtmp://127\.0\.0\.1:\d+/live/demo\?token=secret`,
      String.raw`/live/demo\.flv: 403, play refused: the token is missing or wrong`,
      String.raw`/live/demo\.flv\?token=guess: 403, play refused: the token is missing or wrong`,
      String.raw`/live/demo\.flv\?token=secret: 200, it plays`,
    ),
  },
  'look-at-frames.ts': {
    args: ['3'],
    output: lines(
      ...Array<string>(3).fill(String.raw`avc and aac: a keyframe after 1000 ms, [1-9]\d\d kbit/s`),
    ),
  },
  'two-servers.ts': {
    args: [],
    output: lines(
      'rehearsal: file publishes live/band',
      'stage: file publishes live/band',
      'stage: http-flv plays live/band',
      String.raw`stage: http-flv no longer plays live/band \(disconnected: the client closed the connection\)`,
      String.raw`rehearsal: file no longer publishes live/band \(unpublished: stopped\)`,
      String.raw`stage: file no longer publishes live/band \(unpublished: stopped\)`,
    ),
  },
}

function lines(...patterns: string[]): RegExp {
  return new RegExp(`^${patterns.map((pattern) => `${pattern}\n`).join('')}$`)
}

describe('the examples', () => {
  it('are all known here', async () => {
    const files = await readdir(join(REPOSITORY, 'examples'))
    // That of a hook server is a program that does not end: hook-server.test.ts.
    const others = ['tsconfig.json', 'hook-server']
    expect(files.filter((file) => !others.includes(file)).sort()).toEqual(Object.keys(EXAMPLES).sort())
  })

  it('pass the type check against the built package', async (scope) => {
    built('index.d.ts')
    const result = await runProgram(scope, ['tsc', '-p', 'examples'])
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })
})

describe.each(Object.entries(EXAMPLES))('examples/%s', (file, { args, output }) => {
  it('runs as it is and ends by itself', async (scope) => {
    built('index.js')
    const { code, stdout, stderr } = await runProgram(scope, [execPath, join('examples', file), ...args])
    expect(stderr).toBe('')
    expect(stdout).toMatch(output)
    expect(code).toBe(0)
  })

  it('is short, and says at its head how to run it', async () => {
    const text = await readFile(join(REPOSITORY, 'examples', file), 'utf8')
    expect(text.slice(0, text.indexOf('import'))).toContain(`npm run build && node examples/${file}`)
    expect(text.split('\n').length).toBeLessThanOrEqual(35)
  })
})
