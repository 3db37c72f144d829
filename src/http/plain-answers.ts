import type { FastifyReply } from 'fastify'
import { nodeHttp } from '../net/index.ts'

/** The type of answers in words. */
export const TEXT = 'text/plain; charset=utf-8'

/** 400: the URL can't be used; the connection ends, as who asks so may not be read right further on, either. */
export function badUrl(reply: FastifyReply, fault: string): FastifyReply {
  if (reply.raw instanceof nodeHttp.ServerResponse) {
    reply.header('connection', 'close')
  }
  return reply.code(400).type(TEXT).send(`${fault}\n`)
}

/** 405. */
export function methodNotAllowed(reply: FastifyReply, allow: readonly string[]): FastifyReply {
  return reply.code(405).type(TEXT).header('allow', allow.join(', ')).send('Method Not Allowed')
}
