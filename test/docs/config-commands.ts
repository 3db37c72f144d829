import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { signStreamUrl } from '../../src/index.ts'
import { atServer, readBlocks } from '../support/docs.ts'
import { runProgram } from '../support/program.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { type Scope, startServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { ask, CLIP } from '../support/web.ts'
import { commandOfPages, startCommand, type Trial, withSrs } from './trial.ts'

/** Runs the command of the documentation that makes a file of keys; returns its path. */
export async function makeKeyFile(scope: Scope): Promise<string> {
  const cwd = await mediaFolder(scope)
  const made = await runProgram(
    scope,
    ['sh', '-c', `exec ${withSrs(commandOfPages('srs sign --new-key '))}`],
    { cwd },
  )
  expect(made).toMatchObject({ code: 0, stdout: '', stderr: '' })
  return join(cwd, 'token.keys')
}

/** A folder with the file of keys. */
async function folderWithKeys({ scope, keyFile }: Trial): Promise<string> {
  const cwd = await mediaFolder(scope)
  await copyFile(keyFile, join(cwd, 'token.keys'))
  return cwd
}

export async function judgeNewKey({ scope, block }: Trial): Promise<void> {
  const cwd = await mediaFolder(scope)
  const made = await runProgram(scope, ['sh', '-c', `exec ${withSrs(block.text.trim())}`], { cwd })
  expect(made).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await readFile(join(cwd, 'token.keys'), 'utf8')).toMatch(/^k1 [0-9a-f]{64}\n$/)
}

/** What the command prints is taken by a server with the key. */
export async function judgeSigned(trial: Trial): Promise<void> {
  const cwd = await folderWithKeys(trial)
  const access = { token: { keyFile: join(cwd, 'token.keys') } }
  const { server, rtmpUrl } = await startServer(trial.scope, { access })
  const program = startCommand({ ...trial, cwd }, withSrs(atServer(trial.block.text.trim(), server)))
  expect(await program.exited).toEqual({ code: 0, signal: null })
  const [, obsServer = '', streamKey = ''] =
    /^OBS server +(\S+)\nOBS stream key +(\S+)$/m.exec(program.stdout) ?? []
  expect(`${obsServer}/${streamKey}`).toBe(/^RTMP +(\S+)$/m.exec(program.stdout)?.[1])
  await publishTo(trial.scope, rtmpUrl, `live/${streamKey}`)
  expect(server.stream('live/demo')?.publication).not.toBeNull()
}

/** The page's own file, on free ports: it asks who publishes for a signed URL, and lets everybody watch. */
export async function judgeSecureConfig(trial: Trial): Promise<void> {
  const cwd = await folderWithKeys(trial)
  const [config] = readBlocks(trial.block.page, 'nginx')
  await writeFile(
    join(cwd, 'secure.conf'),
    config?.text.replace(/\blisten (1935|8080);/g, 'listen 127.0.0.1:0;') ?? '',
  )
  const program = startCommand({ ...trial, cwd }, withSrs(trial.command))
  const [, rtmpUrl = ''] = await program.waitForOutput(/(rtmp:\/\/127\.0\.0\.1:\d+)\/live/)
  const [, httpUrl = ''] = await program.waitForOutput(/(http:\/\/127\.0\.0\.1:\d+)\/live/)
  await expect(publishTo(trial.scope, rtmpUrl, 'live/demo')).rejects.toThrow('needs a signed URL')
  const [id = '', secret = ''] = (await readFile(join(cwd, 'token.keys'), 'utf8')).trim().split(' ')
  const options = { action: 'publish', expires: Date.now() + 60_000, key: { id, secret } } as const
  const signed = signStreamUrl(`${rtmpUrl}/live/demo`, options)
  await publishTo(trial.scope, rtmpUrl, signed.slice(rtmpUrl.length + 1))
  expect((await ask(`${httpUrl}/live/demo.flv`)).status).toBe(200)
  program.pressControlC()
  expect(await program.exited).toEqual({ code: 0, signal: null })
}

/** Every file of the page is one that the command takes; a server that is started listens, and ends in order. */
export async function judgeConfigs(trial: Trial): Promise<void> {
  const files = readBlocks(trial.block.page, 'nginx')
  expect(files.length).toBeGreaterThan(0)
  for (const { text } of files) {
    const cwd = await folderWithKeys(trial)
    await copyFile(CLIP, join(cwd, 'clip.flv'))
    await writeFile(join(cwd, 'srs.conf'), text.replace(/\blisten \d+;/g, 'listen 127.0.0.1:0;'))
    const program = startCommand({ ...trial, cwd }, withSrs(trial.command))
    if (trial.command.startsWith('srs -c')) {
      await program.waitForOutput(/Ctrl-C ends the server/)
      program.pressControlC()
    }
    expect(await program.exited).toEqual({ code: 0, signal: null })
    // What it does by itself it may tell, but it has nothing to complain of.
    const lines = program.stderr.split('\n').filter((line) => line !== '')
    expect(lines.filter((line) => !line.startsWith('{"level":30,'))).toEqual([])
  }
}

async function publishTo(scope: Scope, url: string, path: string): Promise<void> {
  const publisher = await RtmpClient.connect(url)
  scope.onTestFinished(() => publisher.destroy())
  await publisher.publish(path)
}
