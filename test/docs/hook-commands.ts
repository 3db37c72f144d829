import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { expect } from 'vitest'
import { readBlocks } from '../support/docs.ts'
import { built, type Program, REPOSITORY, runProgram, startProgram } from '../support/program.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import type { Scope } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { ask } from '../support/web.ts'

const PAGE = 'docs/hooks.md'

/** The page's command in which a text stands. */
function commandWith(text: string): string {
  const found = readBlocks(PAGE, 'sh').find((block) => block.text.includes(text))
  return found?.text.trim() ?? ''
}

/** Judges a command of docs/hooks.md; those before it are run first. */
export async function judgeHookCommand(scope: Scope, command: string): Promise<void> {
  const cwd = await mediaFolder(scope)
  expect(await runProgram(scope, ['sh', '-c', commandWith('> hooks.secret')], { cwd })).toMatchObject({
    code: 0,
  })
  if (command.includes('> hooks.secret')) {
    const file = join(cwd, 'hooks.secret')
    expect(await readFile(file, 'utf8')).toMatch(/^[\w+/]{43}=\n$/)
    expect((await stat(file)).mode & 0o077).toBe(0)
    return
  }
  await copyFile(join(REPOSITORY, 'examples/hook-server/hook-server.ts'), join(cwd, 'hook-server.ts'))
  const hooks = startProgram(scope, ['sh', '-c', `PORT=0 ${commandWith('node hook-server.ts')}`], { cwd })
  const [, url = ''] = await hooks.waitForOutput(/^Hooks: (http:\S+)\/$/m)
  if (command.startsWith('srs ')) {
    await judgeConfig(scope, cwd, { hooks, url, command })
  } else {
    expect((await ask(url, { method: 'POST', body: '{}' })).status).toBe(401)
  }
}

/** The page's own file, on free ports: the page's hook server decides, and is told. */
async function judgeConfig(
  scope: Scope,
  cwd: string,
  { hooks, url, command }: Readonly<{ hooks: Program; url: string; command: string }>,
): Promise<void> {
  const [config] = readBlocks(PAGE, 'nginx')
  const text = config?.text
    .replace(/\blisten (1935|8080);/g, 'listen 127.0.0.1:0;')
    .replaceAll('http://127.0.0.1:8085', url)
  await writeFile(join(cwd, 'hooks.conf'), text ?? '')
  const server = startProgram(scope, [execPath, built('cli/main.js'), ...command.split(' ').slice(1)], {
    cwd,
  })
  const [, rtmpUrl = ''] = await server.waitForOutput(/(rtmp:\/\/127\.0\.0\.1:\d+)\/live/)
  const publish = async (path: string): Promise<void> => {
    const client = await RtmpClient.connect(rtmpUrl)
    scope.onTestFinished(() => client.destroy())
    await client.publish(path)
  }
  await expect(publish('live/demo')).rejects.toThrow('the token is missing or wrong')
  await publish('live/demo?token=secret')
  server.pressControlC()
  expect(await server.exited).toEqual({ code: 0, signal: null })
  await hooks.waitForOutput(/^on_unpublish live\/demo by /m)
}
