import { afterAll, describe, expect, it } from 'vitest'
import { listDirectives, ROOT_ROWS } from '../../src/control/index.ts'
import { ConfigurationError, createServer, readSettings, type Server } from '../../src/index.ts'
import { DEFAULT_MAX_RTMP_CONNECTIONS } from '../../src/server/index.ts'
import type { Scope } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { ask, publishClip } from '../support/web.ts'

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

function write(text: string): string {
  return `${folder.write({ 'srs.conf': text })}/srs.conf`
}

async function serve(scope: Scope, text: string): Promise<Server> {
  const server = await createServer(await readSettings(write(text)))
  scope.onTestFinished(() => server.close())
  return server
}

describe('a server by a configuration file', () => {
  it('has vhosts that serve what each says', async (scope) => {
    const server = await serve(
      scope,
      `listen 127.0.0.1:0;
      http_server { enabled on; listen 127.0.0.1:0; }
      vhost flv.example { http_remux { enabled on; } }
      vhost hls.example { hls { enabled on; } }
      vhost off.example { enabled off; http_remux { enabled on; } hls { enabled on; } }`,
    )
    await publishClip(server, '//hls.example/live/demo')
    const statusOf = async (ending: string, vhost: string) =>
      (await ask(`${server.httpUrl}/live/demo.${ending}?vhost=${vhost}`)).status
    expect({
      m3u8OfFlv: await statusOf('m3u8', 'flv.example'),
      flvOfHls: await statusOf('flv', 'hls.example'),
      m3u8OfHls: await statusOf('m3u8', 'hls.example'),
      flvOfOff: await statusOf('flv', 'off.example'),
      flvOfUnknown: await statusOf('flv', 'unknown.example'),
    }).toEqual({ m3u8OfFlv: 404, flvOfHls: 404, m3u8OfHls: 200, flvOfOff: 403, flvOfUnknown: 403 })
  })

  it('has an API only if the file says so, on its own port', async (scope) => {
    const without = await serve(scope, 'http_server { enabled on; listen 127.0.0.1:0; dir /; }')
    expect((await ask(`${without.httpUrl}/api/v1/streams/`)).status).toBe(404)
    const withApi = await serve(scope, 'http_api { enabled on; listen 127.0.0.1:0; }')
    const [address] = withApi.addresses
    const port = address !== undefined && 'port' in address ? address.port : 0
    expect((await ask(`http://127.0.0.1:${port}/api/v1/streams/`)).status).toBe(200)
  })

  it('does not come to be by a file with faults: all are told', async () => {
    const path = write('lisen 1935;\ndaemon maybe;\n')
    const error = await readSettings(path).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error instanceof ConfigurationError && error.faults.map(({ place }) => place?.line)).toEqual([
      1,
      2,
      undefined,
    ])
    expect(error instanceof ConfigurationError && error.code).toBe('ERR_CONFIGURATION')
  })

  it('has the limit of connections that the reference names, if the file names none', () => {
    const { row } = listDirectives(ROOT_ROWS).find(({ name }) => name === 'max_connections') ?? {}
    expect(row).toMatchObject({ default: String(DEFAULT_MAX_RTMP_CONNECTIONS) })
  })

  it('is told variables only if the program gives them', async () => {
    const path = write('listen 1935;')
    expect((await readSettings(path, { SRS_CHUNK_SIZE: '4096' })).rtmp).toMatchObject({ chunkSize: 4096 })
    expect((await readSettings(path)).rtmp).not.toHaveProperty('chunkSize')
  })
})
