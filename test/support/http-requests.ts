import type { HttpReply, HttpRequest, HttpRouter } from '../../src/http/index.ts'

/** A request for tests: GET of that path, and what is given instead. */
export function httpRequest(path: string, given: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    path,
    pathParameters: {},
    parameters: new URLSearchParams(),
    url: `/${path}`,
    headers: {},
    body: new Uint8Array(),
    address: '192.0.2.1',
    pageUrl: '',
    authorization: '',
    relayTrail: [],
    bytesReceived: () => 0,
    origin: 'http://localhost',
    ...given,
  }
}

/** Lets a router answer, as the server would; returns false if nothing of it does. */
export async function answerBy(router: HttpRouter, request: HttpRequest, reply: HttpReply): Promise<boolean> {
  const { path, method } = request
  const match = router.match(path, method) ?? router.matchPrefix(path, method)
  if (match === undefined || !('handler' in match)) {
    return false
  }
  await match.handler({ ...request, pathParameters: match.pathParameters }, reply)
  return true
}
