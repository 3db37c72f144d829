import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { execPath, pid } from 'node:process'
import { expect } from 'vitest'
import { silentLogger, systemClock } from '../../src/base/index.ts'
import { ControlDoor } from '../../src/cli/service/control-door.ts'
import type { Server } from '../../src/index.ts'
import { built, runProgram } from '../support/program.ts'
import type { Scope } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { publishClip } from '../support/web.ts'

/** What each command prints about a server with the clip as live/demo. */
const PRINTED: readonly [RegExp, RegExp][] = [
  [/^srs streams$/, /\nlive\/demo +file-live-demo +H264/],
  [/^srs clients /, /\nfile-live-demo +file-publish +live\/demo/],
  [/^srs kick /, /^file-live-demo is disconnected\.\n$/],
  [/^srs refusals$/, /^Nobody was refused\.\n$/],
  [/^srs top$/, /^srs .*\ncpu .*\nlive\/demo/s],
]

/** Opens the server's door where the command looks for it, and judges what that prints. */
export async function judgeRemoteCommand(scope: Scope, server: Server, command: string): Promise<void> {
  await publishClip(server)
  const folder = await mediaFolder(scope)
  mkdirSync(join(folder, 'srs'), { mode: 0o700 })
  const door = new ControlDoor({ router: server.doorRouter, logger: silentLogger, clock: systemClock })
  await door.open(join(folder, 'srs', `1935-${pid}.sock`))
  scope.onTestFinished(() => door.close())
  const env = { XDG_RUNTIME_DIR: folder }
  const srs = [execPath, built('cli/main.js'), ...command.split(' ').slice(1)]
  const { code, stdout, stderr } = await runProgram(scope, srs, { env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(PRINTED.find(([pattern]) => pattern.test(command))?.[1] ?? /^$/)
}
