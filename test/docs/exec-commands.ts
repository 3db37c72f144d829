import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { expect } from 'vitest'
import { readBlocks } from '../support/docs.ts'
import { built, startProgram } from '../support/program.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { Scope } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'

/** Judges the command of docs/exec.md: what the page's own file runs is run when a stream is published. */
export async function judgeExecCommand(scope: Scope, command: string): Promise<void> {
  const cwd = await mediaFolder(scope)
  const [config] = readBlocks('docs/exec.md', 'nginx')
  const text = config?.text.replace(/\blisten 1935;/, 'listen 127.0.0.1:0;')
  await writeFile(join(cwd, 'exec.conf'), text ?? '')
  const server = startProgram(scope, [execPath, built('cli/main.js'), ...command.split(' ').slice(1)], {
    cwd,
  })
  const [, rtmpUrl = ''] = await server.waitForOutput(/(rtmp:\/\/127\.0\.0\.1:\d+)\/live/)
  const client = await RtmpClient.connect(rtmpUrl)
  scope.onTestFinished(() => client.destroy())
  await client.publish('live/demo')
  const file = join(cwd, 'objs/live/demo.txt')
  const said = 'live/demo is published by 127.0.0.1\n'
  await waitFor('what the program says', () => existsSync(file) && readFileSync(file, 'utf8') === said)
  server.pressControlC()
  expect(await server.exited).toEqual({ code: 0, signal: null })
}
