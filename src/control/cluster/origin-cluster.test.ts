import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { describe, expect, it, type TestContext } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { parseStreamName, type StreamRequest } from '../../live/index.ts'
import { MAX_COWORKER_ANSWER_BYTES, OriginClusterAdmission } from './origin-cluster.ts'

type Rig = Readonly<{ admission: OriginClusterAdmission; log: RecordingLogger; asked: string[] }>

/** A cluster with one other origin, which answers as it is told. */
async function start(scope: TestContext, answer: RequestListener): Promise<Rig> {
  const asked: string[] = []
  const origin = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://origin').searchParams.get('stream') ?? '')
    answer(request, response)
  })
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  const address = origin.address()
  const coworker = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const log = new RecordingLogger()
  const optionsOf = () => ({ enabled: true, coworkers: [coworker] })
  const admission = new OriginClusterAdmission({ registry: { get: () => undefined }, optionsOf, logger: log })
  scope.onTestFinished(() => {
    admission.close()
    origin.closeAllConnections()
    origin.close()
  })
  return { admission, log, asked }
}

function playerOf(stream: string): StreamRequest {
  return {
    name: parseStreamName(`live/${stream}`),
    client: { id: 'p1', protocol: 'rtmp', address: '192.0.2.1' },
    vhost: 'localhost',
    parameters: new URLSearchParams(),
    param: '',
    tcUrl: 'rtmp://localhost/live',
    pageUrl: '',
  }
}

const IT_IS_THERE = JSON.stringify({ code: 0, data: { origin: { ip: '192.0.2.7', port: 1935 } } })

describe('A player of a stream that another origin of the cluster may have', () => {
  it('shares the answer with all who want that stream: the API of an origin takes so many calls a second only', async (scope) => {
    const { admission, asked } = await start(scope, (_request, response) => response.end(IT_IS_THERE))
    const players = Array.from({ length: 200 }, () => playerOf('demo'))
    const decisions = await Promise.all(
      [...players, playerOf('other')].map((each) => admission.mayPlay(each)),
    )
    expect(asked.toSorted()).toEqual(['demo', 'other'])
    const redirects = decisions.map((decision) => !decision.allowed && decision.redirect)
    expect(new Set(redirects)).toEqual(
      new Set(['rtmp://192.0.2.7:1935/live/demo', 'rtmp://192.0.2.7:1935/live/other']),
    )
  })

  it.for<[what: string, answer: RequestListener, reason: RegExp]>([
    ['429', (_request, response) => response.writeHead(429).end('{"code":429}'), /^it answers HTTP 429$/],
    ['401', (_request, response) => response.writeHead(401).end('Unauthorized'), /^it answers HTTP 401$/],
    ['a redirect', (_request, response) => response.writeHead(302, { location: '/' }).end(), /fetch failed/],
    ['no JSON', (_request, response) => response.end('<html>'), /JSON/],
    [
      'an answer without end',
      (_request, response) => {
        const piece = ' '.repeat(MAX_COWORKER_ANSWER_BYTES)
        const go = (): boolean => response.write(piece)
        response.on('drain', go)
        go()
      },
      /MAX_COWORKER_ANSWER_BYTES/,
    ],
  ])('is refused, and the log says why, if the origin answers %s', async ([_what, answer, reason], scope) => {
    const { admission, log } = await start(scope, answer)
    const decision = await admission.mayPlay(playerOf('demo'))
    expect(decision).toMatchObject({ allowed: false, code: 'origin_not_found' })
    const [line] = log.withMessage('an origin of the cluster does not say what it has')
    expect(line?.fields.reason).toMatch(reason)
  })
})
