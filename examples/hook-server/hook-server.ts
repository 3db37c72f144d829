// A server of HTTP hooks to copy: prints each event, decides who may publish and play, and checks signatures. It needs Node 22.18 or
// newer, and nothing else.
//
//   node examples/hook-server/hook-server.ts
//
// PORT (8085) and HOST (127.0.0.1) say where it listens; PUBLISH_TOKEN what publishers have to say, as in rtmp://.../live/demo?token=...;
// HOOK_SECRET_FILE the file that the media server names in `secret_file`.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
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
const secret = HOOK_SECRET_FILE === undefined ? null : readFileSync(HOOK_SECRET_FILE, 'utf8').trim()

/** The rule: change it. Returns why a client is refused; null lets it in. */
function refusal({ action, param = '' }: HookEvent): string | null {
  if (action === 'on_publish' && PUBLISH_TOKEN !== undefined) {
    return new URLSearchParams(param).get('token') === PUBLISH_TOKEN ? null : 'the token is missing or wrong'
  }
  return null
}

/** How old a call may be: an old one that somebody recorded is not taken. */
const TOLERANCE_SECONDS = 300

/** Whether a call comes from who has the secret (Standard Webhooks: HMAC-SHA256 of ID.TIMESTAMP.BODY, base64). */
function isGenuine(headers: IncomingHttpHeaders, body: string): boolean {
  if (secret === null) {
    return true
  }
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name]),
  )
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  const isFresh = Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS
  return (
    isFresh &&
    String(signatures)
      .split(' ')
      .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
      .some((given) => given.length === expected.length && timingSafeEqual(given, expected))
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

const server = createServer(async (request, response) => {
  let body = ''
  for await (const text of request.setEncoding('utf8')) {
    body += text
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
    `${action} ${app}/${stream} by ${client_id} (${ip})${repeated}${reason === null ? '' : `: ${reason}`}`,
  )
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(reason === null ? { code: 0 } : { code: 403, msg: reason }))
})

server.listen(Number(PORT), HOST, () => {
  const { address, port } = server.address() as AddressInfo
  console.log(`Hooks: http://${address}:${port}/`)
})
