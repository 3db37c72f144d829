import { execPath } from 'node:process'
import { expect } from 'vitest'
import { built, type Program, type ProgramOptions, startProgram } from './program.ts'
import type { Scope } from './server.ts'
import type { TemporaryFolder } from './temporary-folder.ts'
import { ask } from './web.ts'

/** Listens on free ports; what is said of the process follows. */
export const LISTEN =
  'listen 127.0.0.1:0; http_server { enabled on; listen 127.0.0.1:0; } vhost __defaultVhost__ { http_remux { enabled on; } }'

/** Stays in the foreground, and ends without waiting. */
export const FOREGROUND = 'daemon off; grace_start_wait 0; grace_final_wait 0;'

/** The built command. */
export const MAIN: string = built('cli/main.js')

/** A folder with `srs.conf`. */
export function configured(folder: TemporaryFolder, text: string): string {
  return folder.write({ 'srs.conf': `${LISTEN}\n${text}\n` })
}

/** `srs` with `srs.conf` of the folder it runs in. */
export function command(...args: readonly string[]): string[] {
  return [execPath, MAIN, '-c', 'srs.conf', ...args]
}

/** Starts it; it is ended after the test. */
export function startSrs(
  scope: Scope,
  options: ProgramOptions & { cwd: string },
  ...args: readonly string[]
): Program {
  return startProgram(scope, command(...args), options)
}

/** Where it serves HTTP, by what it says at the start. */
export function httpUrl(stdout: string): string {
  return /Play FLV +(http:\S+)\/live\/demo\.flv\n/.exec(stdout)?.[1] ?? ''
}

/** Plays live/demo over HTTP-FLV until the test is over or it is cut off. */
export async function play(
  scope: Scope,
  url: string,
): Promise<{ leave: () => Promise<void>; over: Promise<void> }> {
  const leaving = new AbortController()
  const response = await fetch(`${url}/live/demo.flv`, { signal: leaving.signal })
  expect(response.status).toBe(200)
  const reader = response.body?.getReader()
  const over = (async () => {
    while ((await reader?.read())?.done === false) {
      // What is played does not matter here.
    }
  })().catch(() => {})
  const leave = async (): Promise<void> => {
    leaving.abort()
    await over
  }
  scope.onTestFinished(leave)
  return { leave, over }
}

/** Whether nobody answers there. */
export async function isRefused(url: string): Promise<boolean> {
  return ask(url).then(
    () => false,
    () => true,
  )
}
