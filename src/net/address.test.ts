import { describe, expect, it } from 'vitest'
import {
  connectableHost,
  formatHostPort,
  formatListenAddress,
  type ListenOptions,
  listenAddressesOf,
  parseHostPort,
  parseListenAddress,
} from './index.ts'

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

describe('parseListenAddress', () => {
  it('reads what parseHostPort reads, and Unix sockets', () => {
    expect(parseListenAddress('[::1]:8080')).toEqual({ host: '::1', port: 8080 })
    expect(parseListenAddress('unix:/run/srs/rtmp.sock')).toEqual({ path: '/run/srs/rtmp.sock' })
    expect(parseListenAddress('unix:rtmp.sock')).toEqual({ path: 'rtmp.sock' })
  })

  it('refuses a Unix socket without a path', () => {
    expect(() => parseListenAddress('unix:')).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION', message: expect.stringContaining("'unix:'") }),
    )
  })

  it('reads what formatListenAddress writes', () => {
    for (const address of [{ host: '', port: 1935 }, { host: '::', port: 1 }, { path: '/run/a b.sock' }]) {
      const text = formatListenAddress(address).replace('*', '')
      expect(parseListenAddress(text)).toEqual(address)
    }
  })
})

describe('listenAddressesOf', () => {
  it.each<[string, ListenOptions, object[]]>([
    ['one port', { port: 1935 }, [{ host: '127.0.0.1', port: 1935 }]],
    ['one Unix socket', { path: '/a', mode: 0o600, backlog: 5 }, [{ path: '/a', mode: 0o600 }]],
    [
      'several of both kinds, each once',
      { addresses: [{ port: 1935 }, { path: '/a' }, { host: '127.0.0.1', port: 1935 }, { path: '/a' }] },
      [{ host: '127.0.0.1', port: 1935 }, { path: '/a' }],
    ],
    [
      'a port on every interface, which holds those of one family',
      {
        addresses: [
          { host: '', port: 1 },
          { host: '::', port: 1 },
          { host: '0.0.0.0', port: 1 },
          { host: '::', port: 2 },
        ],
      },
      [
        { host: '', port: 1 },
        { host: '::', port: 2 },
      ],
    ],
    [
      'every port 0',
      { addresses: [{ port: 0 }, { port: 0 }] },
      [
        { host: '127.0.0.1', port: 0 },
        { host: '127.0.0.1', port: 0 },
      ],
    ],
  ])('finds %s', (_name, options, addresses) => {
    expect(listenAddressesOf(options, 'RTMP')).toEqual(addresses)
  })

  it.each<[string, object]>([
    ['nothing', {}],
    ['one and several', { port: 1, addresses: [{ port: 2 }] }],
    ['a port and a path', { port: 1, path: '/a' }],
  ])('refuses options that say %s', (_name, options) => {
    expect(() => listenAddressesOf(options as ListenOptions, 'RTMP')).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIGURATION',
        message: 'say where to listen for RTMP by one of `port`, `path` and `addresses`',
      }),
    )
  })

  it('refuses an empty list', () => {
    expect(() => listenAddressesOf({ addresses: [] }, 'RTMP')).toThrow(
      'the `addresses` to listen on for RTMP are none',
    )
  })
})
