import { statSync } from 'node:fs'
import { createServer, type ListenOptions, type Server } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { ServerError } from '../base/index.ts'
import { boundAddress, listen } from './index.ts'

describe('listen', () => {
  const servers: Server[] = []

  function newServer(): Server {
    const server = createServer()
    servers.push(server)
    return server
  }

  afterEach(async () => {
    await Promise.all(
      servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
  })

  it('takes a free port of the loopback interface and tells which', async () => {
    const server = newServer()
    const { address } = await listen(server, { port: 0 }, 'RTMP')
    expect(address).toEqual(boundAddress(server))
    expect(boundAddress(server).host).toBe('127.0.0.1')
    expect(boundAddress(server).port).toBeGreaterThan(0)
  })

  it('listens on every interface if the host is empty', async () => {
    const server = newServer()
    await listen(server, { host: '', port: 0 }, 'RTMP')
    expect(['::', '0.0.0.0']).toContain(boundAddress(server).host)
  })

  it('says of a taken port which it is, what it was for and what to do', async () => {
    const first = newServer()
    await listen(first, { port: 0 }, 'RTMP')
    const { port } = boundAddress(first)
    const failure = await listen(newServer(), { port }, 'HTTP').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ServerError)
    expect(failure).toMatchObject({ code: 'ERR_LISTEN', cause: { code: 'EADDRINUSE' } })
    expect(String(failure)).toContain(`cannot listen on 127.0.0.1:${port} for HTTP: the port is taken`)
    expect(String(failure)).toContain('choose another port')
  })

  it('says that an address is not of this machine', async () => {
    // RFC 5737: documentation only, so no machine has it.
    const failure = listen(newServer(), { host: '192.0.2.1', port: 0 }, 'RTMP')
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_LISTEN',
      message: 'cannot listen on 192.0.2.1:0 for RTMP: this machine has no such address',
    })
  })

  it.each([-1, 65536, 1.5, Number.NaN])('refuses port %d with the same kind of error', async (port) => {
    const server = newServer()
    await expect(listen(server, { port }, 'HTTP')).rejects.toMatchObject({
      code: 'ERR_LISTEN',
      message: expect.stringContaining(`127.0.0.1:${port} for HTTP`),
    })
    expect(server.listenerCount('error')).toBe(0)
  })

  it('outlives a client that could not be accepted', async () => {
    const server = newServer()
    await listen(server, { port: 0 }, 'RTMP')
    // What Node says when the process has no file descriptor left; unheard, it would be thrown.
    expect(() => server.emit('error', new Error('accept EMFILE'))).not.toThrow()
    expect(server.listening).toBe(true)
  })

  it('keeps whom the mode of a Unix socket excludes out of it from the first moment on, whatever the umask', async () => {
    const folder = new TemporaryFolder()
    const before = process.umask(0)
    onTestFinished(() => {
      process.umask(before)
      folder.remove()
    })
    const server = newServer()
    let modeAtFirst = 0
    const begin = server.listen.bind(server)
    vi.spyOn(server, 'listen').mockImplementation((where: ListenOptions, listener?: () => void) => {
      begin(where, listener)
      modeAtFirst = statSync(where.path ?? '').mode & 0o777
      return server
    })
    const { stop } = await listen(server, { path: join(folder.path, 'door'), mode: 0o600 }, 'control')
    expect(modeAtFirst & ~0o600).toBe(0)
    expect(statSync(join(folder.path, 'door')).mode & 0o777).toBe(0o600)
    expect(process.umask()).toBe(0)
    stop()
  })
})
