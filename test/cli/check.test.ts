import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CheckReport } from '../../src/check/index.ts'
import { built, type ProgramExit, runProgram } from '../support/program.ts'
import { FileScope, type Scope, startServer } from '../support/server.ts'

const scope = new FileScope()
let url: string
let refusing: string
beforeAll(async () => {
  url = `${(await startServer(scope)).rtmpUrl}/live`
  refusing = `${(await startServer(scope, { onPublish: () => 'nobody may' })).rtmpUrl}/live`
})
afterAll(() => scope.clean())

type Run = ProgramExit & Readonly<{ stdout: string; stderr: string }>

function check(context: Scope, ...args: string[]): Promise<Run> {
  return runProgram(context, [execPath, built('cli/main.js'), 'check', ...args])
}

describe('srs check', () => {
  it('prints a line for each probe and ends with 0 if none failed', async (context) => {
    const { code, stdout, stderr } = await check(context, '--only', 'connect.result,chunk.abort', url)
    expect(stdout).toMatch(
      /^ok {4}chunk\.abort +Abort.*\nok {4}connect\.result .*\n\n2 probes: 2 passed, 0 failed/,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('ends with 1 if a probe failed, and prints the report as JSON if it is to', async (context) => {
    const { code, stdout } = await check(context, '--json', '--only', 'dialect.flash', refusing)
    const report = JSON.parse(stdout) as CheckReport
    expect(report).toMatchObject({ url: refusing, counts: { pass: 0, fail: 1, unknown: 0 } })
    expect(report.probes[0]).toMatchObject({ id: 'dialect.flash', outcome: 'fail' })
    expect(report.probes[0]?.reason).toMatch(/publish was refused: .*nobody may/)
    expect(code).toBe(1)
  })

  it('ends with 2 if it can not begin, and says why', async (context) => {
    for (const [args, reason] of [
      [['--only', 'nothing', url], /there is no probe 'nothing'/],
      [['rtmp://127.0.0.1:1/live'], /nothing takes connections on 127\.0\.0\.1 port 1/],
    ] as const) {
      const { code, stderr } = await check(context, ...args)
      expect(stderr).toMatch(reason)
      expect(code).toBe(2)
    }
  })
})
