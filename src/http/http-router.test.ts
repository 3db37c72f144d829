import { describe, expect, it } from 'vitest'
import { httpRequest } from '../../test/support/http-requests.ts'
import { type HttpHandler, HttpRouter, matchRoute } from './http-router.ts'

/** A handler that can be told from others. */
function named(): HttpHandler {
  return () => {}
}

const [clients, client, kick, below, everything, media] = Array.from({ length: 6 }, named)

/** Which of the handlers answers, with the parameters; or the methods that would be answered. */
function asked(routers: readonly HttpRouter[], method: string, path: string): unknown {
  const site = { routers, roots: [], crossOrigin: true }
  const match = matchRoute(site, httpRequest(path, { method }))
  return match === undefined
    ? undefined
    : 'allow' in match
      ? match.allow
      : [match.handler, match.pathParameters]
}

describe('A router', () => {
  const api = new HttpRouter()
  api.handle('any', 'api/*', everything ?? named())
  api.handle('any', 'api/v1/*', below ?? named())
  api.route('api/v1/clients/', clients ?? named())
  api.handle(['GET'], 'api/v1/clients/{id}', client ?? named())
  api.handle(['DELETE'], 'api/v1/clients/{id}', kick ?? named())
  const streams = new HttpRouter()
  streams.routeExtension('.flv', media ?? named())
  const site = [api, streams]

  it.each([
    ['GET', 'api/v1/clients/', [clients, {}]],
    ['HEAD', 'api/v1/clients/', [clients, {}]],
    ['GET', 'api/v1/clients/c7', [client, { id: 'c7' }]],
    ['DELETE', 'api/v1/clients/c7', [kick, { id: 'c7' }]],
    ['GET', 'live/demo.flv', [media, {}]],
  ])('answers %s of %s by the path, its pattern or its extension', (method, path, expected) => {
    expect(asked(site, method, path)).toEqual(expected)
  })

  it.each([
    ['POST', 'api/v1/clients/', ['GET', 'HEAD']],
    ['PUT', 'api/v1/clients/c7', ['GET', 'HEAD', 'DELETE']],
    ['POST', 'live/demo.flv', ['GET', 'HEAD']],
  ])('says for %s of %s which methods there are', (method, path, allow) => {
    expect(asked(site, method, path)).toEqual(allow)
  })

  it('gives what nothing else of the site knows to the longest prefix', () => {
    expect(asked(site, 'GET', 'api/v1/clients/c7/more')).toEqual([below, {}])
    expect(asked(site, 'POST', 'api/v2/')).toEqual([everything, {}])
    expect(asked(site, 'GET', 'api/v1/stream.flv')).toEqual([media, {}])
    expect(asked(site, 'GET', 'elsewhere')).toBeUndefined()
  })
})
