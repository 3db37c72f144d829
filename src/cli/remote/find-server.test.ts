import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServerError } from '../../base/index.ts'
import { leaveSocket } from '../service/testing/leave-socket.ts'
import { findServer, type RemoteArguments } from './find-server.ts'

/** Answers like an API that has one stream, and a password for 'secret'. */
function answer({ url = '', headers }: IncomingMessage): { status: number; body: string } {
  const { authorization } = headers
  if (authorization !== undefined && ![BASIC, BEARER].includes(authorization)) {
    return { status: 401, body: 'Unauthorized' }
  }
  if (url === '/api/v1/versions') {
    return { status: 200, body: JSON.stringify({ code: 0, who: authorization ?? 'nobody' }) }
  }
  return url === '/api/v1/fails'
    ? { status: 200, body: '{"code":2049,"message":"there is no such client"}' }
    : { status: 404, body: '<html>\nnothing' }
}

const BASIC = `Basic ${Buffer.from('admin:se:cret').toString('base64')}`
const BEARER = 'Bearer abc'

describe('finding a server', () => {
  let folder: string
  const servers: Server[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'f-'))
    mkdirSync(join(folder, 'srs'), { mode: 0o700 })
    vi.stubEnv('XDG_RUNTIME_DIR', folder)
    vi.stubEnv('SRS_CONFIG_FILE', '')
    writeFileSync(join(folder, 'password'), 'se:cret\nsecond line\n')
    writeFileSync(join(folder, 'token'), 'abc')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
    rmSync(folder, { recursive: true })
  })

  /** Listens at a path, or at a port of 127.0.0.1, which is returned. */
  async function listen(where: string | 0): Promise<number> {
    const server = createServer((request, response) => {
      const { status, body } = answer(request)
      response.writeHead(status).end(body)
    })
    servers.push(server)
    await new Promise<void>((resolve) =>
      where === 0 ? server.listen(0, '127.0.0.1', resolve) : server.listen(where, resolve),
    )
    const address = server.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }

  /** Who the server says that asks, or the error. */
  async function who(given: RemoteArguments, path = '/api/v1/versions'): Promise<unknown> {
    try {
      const client = await findServer(given)
      try {
        return (await client.get(path)).who
      } finally {
        client.close()
      }
    } catch (error) {
      return error instanceof ServerError ? `${error.code} ${error.message}` : error
    }
  }

  const door = (port: number, pid = process.pid): string => join(folder, 'srs', `${port}-${pid}.sock`)

  it('takes the only one that answers, whatever others have left behind', async () => {
    await listen(door(1935))
    writeFileSync(door(9), '')
    expect(await who({})).toBe('nobody')
  })

  it('says how to choose if there are several, and what to do if there is none', async () => {
    expect(await who({})).toMatch(/^ERR_CONNECTION no server of yours runs here/)
    await listen(door(1935))
    await listen(door(1936))
    expect(await who({})).toBe(
      `ERR_CONFIGURATION several servers run here; say which:
  --door ${door(1935)}   process ${process.pid}, port 1935
  --door ${door(1936)}   process ${process.pid}, port 1936`,
    )
    expect(await who({ door: door(1936) })).toBe('nobody')
  })

  it('says of a door that a killed server has left what became of that', async () => {
    leaveSocket(door(1935, 42))
    expect(await who({})).toMatch(
      /^ERR_CONNECTION no server of yours runs here: .*; one with port 1935, process 42, does not answer or was killed$/,
    )
    expect(await who({ door: door(1935, 42) })).toMatch(
      /^ERR_CONNECTION no answer from unix:.*: its server has ended without removing it, .* start it again$/,
    )
  })

  it('looks beside a pid file', async () => {
    const pidFile = join(folder, 'pid')
    expect(await who({ pidFile })).toBe(
      `ERR_CONNECTION no server of the pid file '${pidFile}' answers: there is no such file`,
    )
    expect(await who({ pidFile: join(folder, 'token', 'pid') })).toMatch(/ answers: ENOTDIR: /)
    writeFileSync(pidFile, '42\n')
    expect(await who({ pidFile })).toContain('process 42 has no door')
    await listen(`${pidFile}.sock`)
    expect(await who({ pidFile })).toBe('nobody')
  })

  it('asks an API elsewhere, with a password or token out of a file', async () => {
    const api = `127.0.0.1:${await listen(0)}`
    const [passwordFile, tokenFile] = [join(folder, 'password'), join(folder, 'token')]
    expect(await who({ api })).toBe('nobody')
    expect(await who({ api: `http://${api}/`, user: 'admin', passwordFile })).toBe(BASIC)
    expect(await who({ api, tokenFile })).toBe(BEARER)
    expect(await who({ api, user: 'root', passwordFile })).toMatch(
      /wants another password or token, or any: give --user and --password-file/,
    )
  })

  it.each<[string, RemoteArguments, RegExp]>([
    [
      'a URL with a password',
      { api: 'http://a:b@host' },
      /ERR_CONFIGURATION a password in a URL can be seen/,
    ],
    ['no URL', { api: 'ftp://host' }, /'ftp:\/\/host' is no address of an API/],
    ['a user without a password', { api: 'host', user: 'a' }, /--user and --password-file belong together/],
    ['a password for a door', { user: 'a' }, /is for --api/],
    ['a file that is not there', { api: 'host', tokenFile: '/nowhere' }, /'\/nowhere' can not be read/],
    [
      'a port that nobody listens on',
      { api: '127.0.0.1:1' },
      /ERR_CONNECTION no answer from .*no server listens/,
    ],
    [
      'a door that is not there',
      { door: '/nowhere' },
      /no answer from unix:\/nowhere: no server listens there/,
    ],
  ])('explains what is wrong with %s', async (_name, given, message) => {
    expect(await who(given)).toMatch(message)
  })

  it('says what the server says', async () => {
    const api = `http://127.0.0.1:${await listen(0)}/`
    expect(await who({ api }, '/api/v1/fails')).toBe(`ERR_CONNECTION ${api} says: there is no such client`)
    expect(await who({ api }, '/other')).toBe(`ERR_CONNECTION ${api} has no /other: it answers 404 <html>`)
  })
})
