import { describe, expect, it } from 'vitest'
import { createServerIdentity, silentLogger, systemClock } from '../../base/index.ts'
import { ClientDirectory, parseStreamName } from '../../live/index.ts'
import { describeClient, MAX_SHOWN_URL_LENGTH } from './client-details.ts'
import { StreamIds } from './stream-ids.ts'

function describePlayer(
  urls: Readonly<{ pageUrl: string; swfUrl?: string; tcUrl: string }>,
): ReturnType<typeof describeClient> {
  const directory = new ClientDirectory(systemClock, silentLogger)
  const request = {
    name: parseStreamName('live/demo'),
    client: { id: 'p1', protocol: 'rtmp', address: '192.0.2.1' },
    vhost: 'localhost',
    parameters: new URLSearchParams(),
    param: '',
    ...urls,
  } as const
  const { client, activity } = directory.enter('player', request, null)
  const details = describeClient(client, new StreamIds(createServerIdentity()))
  client.end(activity)
  return details
}

describe('the details of a client', () => {
  it('have its URLs without passwords and tokens', () => {
    const { pageUrl, swfUrl, tcUrl } = describePlayer({
      pageUrl: 'https://example.com/watch?token=swordfish',
      swfUrl: 'https://example.com/player.swf?token=swordfish',
      tcUrl: 'rtmp://somebody:swordfish@example.com/live?password=swordfish',
    })
    expect(pageUrl).toBe('https://example.com/watch?token=***')
    expect(swfUrl).toBe('https://example.com/player.swf?token=***')
    expect(tcUrl).toBe('rtmp://***@example.com/live?password=***')
  })

  it('have only the beginning of URLs that are longer than MAX_SHOWN_URL_LENGTH', () => {
    const page = 'https://example.com/'.padEnd(60_000, 'a')
    const { pageUrl } = describePlayer({ pageUrl: page, tcUrl: 'rtmp://example.com/live' })
    expect(pageUrl).toBe(`${page.slice(0, MAX_SHOWN_URL_LENGTH - 1)}…`)
  })
})
