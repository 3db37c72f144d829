import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ServerError } from '../base/index.ts'
import { boundAddress, connectableHost, formatHostPort, listen, parseHostPort } from './index.ts'

describe('parseHostPort', () => {
  it.each([
    ['127.0.0.1:1935', '127.0.0.1', 1935],
    ['localhost:8080', 'localhost', 8080],
    ['[::1]:8080', '::1', 8080],
    ['[::ffff:127.0.0.1]:1', '::ffff:127.0.0.1', 1],
    ['[::]:0', '::', 0],
    [':1935', '', 1935],
    ['1935', '', 1935],
    ['0.0.0.0:65535', '0.0.0.0', 65535],
    ['host:00080', 'host', 80],
  ])('reads %s', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port })
  })

  it.each([
    [''],
    [':'],
    ['localhost'],
    ['localhost:'],
    ['localhost:rtmp'],
    ['localhost:-1'],
    ['localhost:1.5'],
    ['localhost:65536'],
    ['localhost:100000'],
    ['localhost:1935 '],
    ['localhost:1935\n'],
    ['::1:8080'],
    ['[::1]8080'],
    ['[]:8080'],
    ['[localhost]:8080'],
    ['rtmp://localhost:1935'],
    ['a:b:1'],
  ])('refuses %j and says how it is written', (text) => {
    expect(() => parseHostPort(text)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION', message: expect.stringContaining(`'${text}'`) }),
    )
  })
})

describe('addresses', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:80', '127.0.0.1'],
    ['::1', '[::1]:80', '[::1]'],
    ['', '*:80', 'localhost'],
    ['::', '[::]:80', 'localhost'],
    ['0.0.0.0', '0.0.0.0:80', 'localhost'],
    ['example', 'example:80', 'example'],
  ])('of host %j are shown as %s and connected to as %s', (host, shown, connectable) => {
    expect(formatHostPort(host, 80)).toBe(shown)
    expect(connectableHost(host)).toBe(connectable)
  })

  it('are read as they are written', () => {
    for (const host of ['127.0.0.1', '::1', 'example']) {
      expect(parseHostPort(formatHostPort(host, 1935))).toEqual({ host, port: 1935 })
    }
  })
})

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
    const address = await listen(server, { port: 0 }, 'RTMP')
    expect(address.host).toBe('127.0.0.1')
    expect(address.port).toBeGreaterThan(0)
    expect(boundAddress(server)).toEqual(address)
  })

  it('listens on every interface if the host is empty', async () => {
    const { host } = await listen(newServer(), { host: '', port: 0 }, 'RTMP')
    expect(['::', '0.0.0.0']).toContain(host)
  })

  it('says of a taken port which it is, what it was for and what to do', async () => {
    const { port } = await listen(newServer(), { port: 0 }, 'RTMP')
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
})
