import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccessAction, ReferOptions } from './options.ts'
import { compileRefer } from './refer.ts'
import { requestOf } from './testing/access-rig.ts'

async function codeOf(options: ReferOptions, action: AccessAction, pageUrl: string): Promise<string> {
  const decision = await compileRefer(options, 'access')(action, requestOf({ pageUrl }))
  return decision.allowed ? 'allowed' : `${decision.link}: ${decision.code}`
}

describe('refer', () => {
  it.each<[ReferOptions, AccessAction, string, string]>([
    [{}, 'play', '', 'allowed'],
    [{ all: [] }, 'play', 'http://evil.example/', 'allowed'],
    [{ all: ['example.com'] }, 'play', 'http://example.com/page', 'allowed'],
    [{ all: ['example.com'] }, 'play', 'https://www.example.com:8443/page?a=1#b', 'allowed'],
    [{ all: ['example.com'] }, 'play', 'HTTP://WWW.EXAMPLE.COM', 'allowed'],
    [{ all: ['example.com'] }, 'play', 'http://example.com./', 'allowed'],
    [{ all: ['EXAMPLE.com'] }, 'play', 'www.example.com', 'allowed'],
    [{ all: ['.example.com', '*.example.net'] }, 'play', 'http://a.example.net/', 'allowed'],
    [{ all: ['bücher.example'] }, 'play', 'http://www.xn--bcher-kva.example/', 'allowed'],
    [{ all: ['127.0.0.1'] }, 'play', 'http://127.0.0.1:8080/', 'allowed'],
    [{ all: ['::1'] }, 'play', 'http://[::1]:8080/', 'allowed'],
    [{ all: ['example.com'] }, 'play', 'http://evilexample.com/', 'refer: refer_not_listed'],
    [{ all: ['example.com'] }, 'play', 'http://example.com.evil.example/', 'refer: refer_not_listed'],
    [{ all: ['example.com'] }, 'play', 'http://evil.example/?example.com', 'refer: refer_not_listed'],
    [{ all: ['example.com'] }, 'play', 'http://example.com@evil.example/', 'refer: refer_not_listed'],
    [{ all: ['example.com'] }, 'play', 'not a url', 'refer: refer_not_listed'],
    [{ all: ['example.com'] }, 'play', '', 'refer: refer_no_page'],
    [{ play: ['example.com'] }, 'play', '', 'refer: refer_no_page'],
    [{ play: ['example.com'] }, 'publish', '', 'allowed'],
    [{ publish: ['example.com'] }, 'publish', 'http://evil.example/', 'refer: refer_not_listed'],
    [{ publish: ['example.com'] }, 'play', 'http://evil.example/', 'allowed'],
    [{ all: ['example.com'], play: ['tv.example.com'] }, 'play', 'http://tv.example.com/', 'allowed'],
    [
      { all: ['example.com'], play: ['tv.example.com'] },
      'play',
      'http://www.example.com/',
      'refer: refer_not_listed',
    ],
    [{ all: ['example.com'], play: ['b.example'] }, 'play', 'http://b.example/', 'refer: refer_not_listed'],
  ])('%j answers %s of %j with %s', async (options, action, pageUrl, expected) => {
    expect(await codeOf(options, action, pageUrl)).toBe(expected)
  })

  it.each(['', 'http://example.com', 'example.com/page', 'example.com:80', 'a b', '*'])(
    'does not take %j for a host',
    (host) => {
      expect(() => compileRefer({ play: [host] }, 'access')).toThrow(
        `access.refer.play: '${host}' is no host name such as example.com`,
      )
    },
  )

  it('whatever page is said: answers, and lets in only who is within', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.webUrl()), async (pageUrl) => {
        const code = await codeOf({ all: ['listed.example'] }, 'play', pageUrl)
        expect(code === 'allowed').toBe(
          /^(.*\.)?listed\.example$/.test(URL.parse(pageUrl)?.hostname ?? pageUrl),
        )
      }),
    )
  })
})
