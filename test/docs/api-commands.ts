import { expect } from 'vitest'
import { createServer, type Server } from '../../src/index.ts'
import { runProgram } from '../support/program.ts'
import type { Scope } from '../support/server.ts'
import { publishClip } from '../support/web.ts'

/** Asks a server that is configured as the page says, with the clip as live/demo. */
export async function judgeApiCommand({
  scope,
  command,
}: Readonly<{ scope: Scope; command: string }>): Promise<void> {
  const auth = { username: 'admin', password: 'change-me' }
  const server: Server = await createServer({ api: { port: 0, page: false }, apiAccess: { auth } })
  scope.onTestFinished(() => server.close())
  await publishClip(server)
  const url = `http://127.0.0.1:${server.apiAddress?.port}/`
  const shell = ['sh', '-c', command.replace('http://localhost:1985/', url)]
  const { code, stdout } = await runProgram(scope, shell)
  expect({ code, answer: JSON.parse(stdout) }).toMatchObject({ code: 0, answer: { code: 0 } })
}

/** What it prints is long enough for a token. */
export async function judgeRandomToken({
  scope,
  command,
}: Readonly<{ scope: Scope; command: string }>): Promise<void> {
  const { code, stdout } = await runProgram(scope, command.split(' '))
  expect(code).toBe(0)
  expect(stdout).toMatch(/^[0-9a-f]{64}\n$/)
}
