import { request } from 'node:http'
import type { Server } from '../../src/index.ts'
import { REPOSITORY } from './program.ts'
import type { Scope } from './server.ts'

/** The bundled clip: H.264 and AAC, 32 s, a keyframe each second. */
export const CLIP: string = `${REPOSITORY}assets/demo.flv`

/** An answer to an HTTP request; `body` is null for one without end. */
export type Answer = Readonly<{ status: number; headers: Headers; body: string | null }>

/** Makes a request and reads the answer; of one without a length the body is left. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const { status, headers } = response
  const endless = status === 200 && !headers.has('content-length')
  if (endless) {
    await response.body?.cancel()
  }
  return { status, headers, body: endless ? null : await response.text() }
}

/** Asks for a WebSocket; returns the server's answer, 101 for yes. */
export function askUpgrade(
  url: string,
  more: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    ...more,
  }
  return new Promise((resolve, reject) => {
    const asked = request(url.replace(/^ws/, 'http'), { headers })
    asked.on('error', reject)
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, body: '' })
    })
    asked.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.end()
  })
}

/** Watches a stream over HTTP-FLV until `leave` is called or the test is over. */
export async function watchFlv(
  scope: Scope,
  url: string,
): Promise<{ leave: () => void; ended: Promise<void> }> {
  const leaving = new AbortController()
  scope.onTestFinished(() => leaving.abort())
  const response = await fetch(url, { signal: leaving.signal })
  if (response.status !== 200) {
    throw new Error(`${url}: ${response.status} ${await response.text()}`)
  }
  const ended = (async () => {
    for await (const _bytes of response.body ?? []) {
      // Read, so that the server can go on.
    }
  })().catch(() => {})
  return { leave: () => leaving.abort(), ended }
}

/** The address of the first media playlist, as the master playlist says it. */
export async function mediaPlaylistUrl(masterUrl: string): Promise<string> {
  const { status, body } = await ask(masterUrl)
  const line = body?.split('\n').find((each) => each !== '' && !each.startsWith('#'))
  if (status !== 200 || line === undefined) {
    throw new Error(`${masterUrl}: ${status} ${body}`)
  }
  return new URL(line, masterUrl).href
}

/** Publishes the bundled clip. */
export function publishClip(server: Server, path = 'live/demo'): Promise<() => Promise<void>> {
  return server.publishFile(path, { path: CLIP })
}
