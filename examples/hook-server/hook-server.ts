// A server of HTTP hooks to copy: prints each event, decides who may publish and play, and checks signatures. It needs Node 22.18 or
// newer, and nothing else.
//
//   node examples/hook-server/hook-server.ts
//
// PORT (8085) and HOST (127.0.0.1) say where it listens; PUBLISH_TOKEN what publishers have to say, as in rtmp://.../live/demo?token=...;
// HOOK_SECRET_FILE the file that the media server names in `secret_file`.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'

/** What a hook is sent. Each event has some of these. */
type HookEvent = Readonly<{
  action: 'on_connect' | 'on_publish' | 'on_play' | 'on_close' | 'on_unpublish' | 'on_stop'
  server_id: string
  client_id: string
  ip: string
  vhost: string
  app: string
  stream?: string
  /** The query of the URL, with its `?`. */
  param?: string
}>

const { PORT = '8085', HOST = '127.0.0.1', PUBLISH_TOKEN, HOOK_SECRET_FILE } = process.env
const keys = HOOK_SECRET_FILE === undefined ? null : readKeys(readFileSync(HOOK_SECRET_FILE, 'utf8'))

/** Each line that is no comment is a secret: base64 behind `whsec_`, or else a text. */
function readKeys(text: string): Buffer[] {
  const lines = text.split('\n').map((line) => line.trim())
  const secrets = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return secrets.map((secret) =>
    secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret),
  )
}

/** The rule: change it. Returns why a client is refused; null lets it in. */
function refusal({ action, param = '' }: HookEvent): string | null {
  if (action === 'on_publish' && PUBLISH_TOKEN !== undefined) {
    return new URLSearchParams(param).get('token') === PUBLISH_TOKEN ? null : 'the token is missing or wrong'
  }
  return null
}

/** How old a call may be: an old one that somebody recorded is not taken. */
const TOLERANCE_SECONDS = 300

/** Whether a call comes from who has a secret of ours (Standard Webhooks: HMAC-SHA256 of ID.TIMESTAMP.BODY, base64). */
function isGenuine(headers: IncomingHttpHeaders, body: string): boolean {
  if (keys === null) {
    return true
  }
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name]),
  )
  const expected = keys.map((key) => createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest())
  const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS
  return (
    isFresh &&
    String(signatures)
      .split(' ')
      .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
      .some((given) => expected.some((each) => given.length === each.length && timingSafeEqual(given, each)))
  )
}

/** The newest ids: what is told (on_close, on_unpublish, on_stop) may come again if our answer was lost. Keep them with your data. */
const seen = new Set<string>()

function isRepeated(id: string): boolean {
  if (seen.has(id)) {
    return true
  }
  seen.add(id)
  for (const oldest of seen) {
    if (seen.size <= 10_000) {
      break
    }
    seen.delete(oldest)
  }
  return false
}

/** Characters of a call; the media server sends far less. */
const MAX_BODY_LENGTH = 65_536

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    // Whoever can reach this port may send anything: that must not end the server.
    console.log(`what is no hook: ${printable(String(error))}`)
    response.writeHead(400).end()
  })
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const text of request.setEncoding('utf8')) {
    body += text
    if (body.length > MAX_BODY_LENGTH) {
      throw new Error(`it has more than ${MAX_BODY_LENGTH} characters`)
    }
  }
  if (!isGenuine(request.headers, body)) {
    console.log('a call that is not signed with the secret')
    response.writeHead(401).end()
    return
  }
  const event = JSON.parse(body) as HookEvent
  const { action, client_id, ip, app, stream = '' } = event
  const reason = refusal(event)
  const repeated = isRepeated(String(request.headers['webhook-id'])) ? ' (again)' : ''
  console.log(
    printable(
      `${action} ${app}/${stream} by ${client_id} (${ip})${repeated}${reason === null ? '' : `: ${reason}`}`,
    ),
  )
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(reason === null ? { code: 0 } : { code: 403, msg: reason }))
}

/** Clients choose the names of their streams: what would control the terminal, or begin another line, is not printed. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}

server.listen(Number(PORT), HOST, () => {
  const { address, port } = server.address() as AddressInfo
  console.log(`Hooks: http://${address}:${port}/`)
})
