import { request } from 'node:http'
import { resolve } from 'node:path'
import { type Clock, type Logger, ServerError, toError } from '../../base/index.ts'
import { HttpRouter, HttpServer } from '../../http/index.ts'
import { ConnectionLimits, defaultConnectionLimits } from '../../net/index.ts'
import type { ReloadPlan } from '../../server/index.ts'

/** What a running server answers when it is to reload its configuration, or to say what that would do. */
export type ReloadAnswer =
  | Readonly<{
      /** What was done, or would be done. */
      plan: ReloadPlan
    }>
  | Readonly<{
      /** Why nothing was done: everything that is wrong with the configuration, or what failed; lines for people. */
      faults: string
    }>

/** What can be asked at the door. */
export type DoorKeeper = Readonly<{
  /** What a reload would do. */
  plan(): Promise<ReloadAnswer>
  /** Reloads. */
  reload(): Promise<ReloadAnswer>
}>

/** Only the user who runs the server may ask. */
const DOOR_MODE = 0o600

/** An answer of the door in bytes at most; a plan that cuts thousands of clients is long. */
const MAX_DOOR_ANSWER_BYTES: number = 64 * 1024 * 1024

/** Where the door of the server with that pid file is: a Unix socket beside it. */
export function doorPathOf(pidFile: string): string {
  return `${resolve(pidFile)}.sock`
}

/**
 * Opens a door through which other commands of the same user reach a running server: HTTP over a Unix socket, `GET /reload` for
 * a plan and `POST /reload` to do it.
 * @returns closes it
 * @throws ServerError ERR_LISTEN if the socket can't be had
 */
export async function openControlDoor(
  path: string,
  keeper: DoorKeeper,
  { logger, clock }: Readonly<{ logger: Logger; clock: Clock }>,
): Promise<() => Promise<void>> {
  const http = new HttpServer({ logger, limits: new ConnectionLimits(defaultConnectionLimits, clock) })
  const router = new HttpRouter()
  router.route('reload', async (_request, reply) => {
    reply.send(200, 'application/json', JSON.stringify(await keeper.plan()))
  })
  router.handle(['POST'], 'reload', async (_request, reply) => {
    reply.send(200, 'application/json', JSON.stringify(await keeper.reload()))
  })
  const site = { routers: [router], roots: [], crossOrigin: false }
  await http.listen({ path, mode: DOOR_MODE }, { site, credentials: null, purpose: 'control' })
  return () => http.close()
}

/**
 * Asks a running server through its door.
 * @param method GET for a plan, POST to reload
 * @returns null if no server listens there
 * @throws ServerError ERR_CONNECTION if what answers is no server of ours
 */
export function askControlDoor(path: string, method: 'GET' | 'POST'): Promise<ReloadAnswer | null> {
  return new Promise((resolveAnswer, reject) => {
    const fail = (cause: unknown): void =>
      reject(
        new ServerError('ERR_CONNECTION', `no answer from unix:${path}: ${toError(cause).message}`, {
          cause,
        }),
      )
    const asked = request({ socketPath: path, path: '/reload', method, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
        if (text.length > MAX_DOOR_ANSWER_BYTES) {
          response.destroy(new Error('the answer is too long (MAX_DOOR_ANSWER_BYTES)'))
        }
      })
      response.on('error', fail)
      response.on('end', () => {
        try {
          resolveAnswer(readAnswer(response.statusCode ?? 0, text))
        } catch (error) {
          fail(error)
        }
      })
    })
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
        resolveAnswer(null)
      } else {
        fail(error)
      }
    })
    asked.end()
  })
}

function readAnswer(status: number, text: string): ReloadAnswer {
  const answer: unknown = status === 200 ? JSON.parse(text) : null
  if (typeof answer !== 'object' || answer === null || !('plan' in answer || 'faults' in answer)) {
    throw new Error(`HTTP ${status} is no answer of this version of the server`)
  }
  return answer as ReloadAnswer
}
