import { createServer, type RequestListener } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeFlv, flvTag } from '../../test/support/flv.ts'
import { waitFor } from '../../test/support/wait.ts'
import { ProtocolError, TimeoutError } from '../base/index.ts'
import type { FlvTag } from '../media/index.ts'
import { type HttpFlvOptions, readHttpFlv } from './http-flv-client.ts'

const TAGS = [flvTag.videoHeader(0), flvTag.key(0), flvTag.inter(40)]

async function serve(listener: RequestListener): Promise<{ url: string; connections(): Promise<number> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const connections = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
  return { url: `http://127.0.0.1:${port}/live/demo.flv`, connections }
}

async function collect(url: string, options?: HttpFlvOptions): Promise<FlvTag[]> {
  const tags: FlvTag[] = []
  for await (const tag of readHttpFlv(url, options)) {
    tags.push(tag)
  }
  return tags
}

describe('readHttpFlv', () => {
  it('reads the tags of a stream, cut anywhere, behind a redirect', async () => {
    const { url } = await serve(async ({ url: path }, reply) => {
      if (path === '/live/demo.flv') {
        reply.writeHead(302, { location: '/other.flv' }).end()
        return
      }
      for (const byte of encodeFlv(TAGS)) {
        reply.write(Uint8Array.of(byte))
      }
      reply.end()
    })
    expect(await collect(url)).toEqual(TAGS)
  })

  it('says so if there is no stream, no server, or no FLV', async () => {
    const { url } = await serve((_, reply) => reply.writeHead(404).end('none'))
    await expect(collect(url)).rejects.toMatchObject({
      code: 'ERR_CONNECTION',
      message: `${url} answers HTTP 404: none`,
      status: 404,
    })
    await expect(collect('http://127.0.0.1:1/live/demo.flv')).rejects.toMatchObject({
      code: 'ERR_CONNECTION',
      message: expect.stringMatching(/can't be read: .+/),
    })
    const page = await serve((_, reply) => reply.end('<html></html>'))
    await expect(collect(page.url)).rejects.toBeInstanceOf(ProtocolError)
  })

  it('repeats nothing of a server that it was sent on to, and nothing that would steer a terminal', async () => {
    const inside = await serve((_, reply) => reply.writeHead(500).end('swordfish'))
    const { url } = await serve((_, reply) => reply.writeHead(302, { location: inside.url }).end())
    await expect(collect(url)).rejects.toMatchObject({ message: `${url} answers HTTP 500` })
    const rude = await serve((_, reply) => reply.writeHead(403).end('\x1b[2Jgo\u009b31m away'))
    await expect(collect(rude.url)).rejects.toMatchObject({ said: '[2Jgo 31m away' })
  })

  it('tells a connection that is lost', async () => {
    const { url } = await serve((_, reply) => {
      reply.write(encodeFlv(TAGS))
      setImmediate(() => reply.destroy())
    })
    await expect(collect(url)).rejects.toMatchObject({ code: 'ERR_CONNECTION' })
  })

  it('gives up a server that falls silent', async () => {
    const { url } = await serve((_, reply) => reply.write(encodeFlv(TAGS)))
    await expect(collect(url, { idleTimeoutMs: 50 })).rejects.toEqual(
      new TimeoutError('the server sent nothing for 50 ms (idleTimeoutMs)'),
    )
  })

  it('closes the connection when the loop is left, and when its signal aborts', async () => {
    const { url, connections } = await serve((_, reply) => reply.write(encodeFlv(TAGS)))
    for await (const _tag of readHttpFlv(url)) {
      break
    }
    await waitFor('the end', async () => (await connections()) === 0)
    const abort = new AbortController()
    const reason = new Error('enough')
    const reading = collect(url, { signal: abort.signal })
    await waitFor('a connection', async () => (await connections()) === 1)
    abort.abort(reason)
    await expect(reading).rejects.toBe(reason)
    await waitFor('the end', async () => (await connections()) === 0)
  })
})
