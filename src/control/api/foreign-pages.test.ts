import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { httpRequest } from '../../../test/support/http-requests.ts'
import type { HttpRequest } from '../../http/index.ts'
import { foreignPageOf, isUnknownHost, type OwnPages } from './foreign-pages.ts'

const OWN: OwnPages = {
  trustedOrigins: ['https://console.example.com'],
  ports: new Set([1985, 8080]),
  hosts: ['live.example.com', '__defaultVhost__'],
}
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'

function request(headers: IncomingHttpHeaders, origin = 'http://192.168.1.10:1985'): HttpRequest {
  return httpRequest('api/v1/clients/c1', { headers, origin })
}

describe('A request of a foreign page', () => {
  it.each<[string, IncomingHttpHeaders]>([
    ['a page of another site', { origin: 'http://evil.example' }],
    ['a page whose origin is kept back', { origin: 'null' }],
    ['a page of another host with our port', { origin: 'http://evil.example:1985' }],
    ['a page of our host with a port that is not ours', { origin: 'http://192.168.1.10:3000' }],
    ['a page whose host begins like ours', { origin: 'http://192.168.1.10.evil.example:1985' }],
    ['a page that a trusted name is a part of', { origin: 'https://console.example.com.evil.example' }],
    ['a trusted page without TLS', { origin: 'http://console.example.com' }],
    ['an image of another site', { referer: 'http://evil.example/page' }],
    ['a script of another site of a loopback API', { 'sec-fetch-site': 'cross-site', 'user-agent': BROWSER }],
    ['a page of the same site on another host', { 'sec-fetch-site': 'same-site' }],
    ['a page that keeps back everything, on a LAN without TLS', { 'user-agent': BROWSER }],
  ])('is known: %s', (_what, headers) => {
    expect(foreignPageOf(request(headers), OWN)).not.toBeNull()
  })

  it.each<[string, IncomingHttpHeaders]>([
    ['curl, and clients written for SRS', { 'user-agent': 'curl/8.5.0' }],
    ['a program that says nothing', {}],
    ['the console', { origin: 'http://192.168.1.10:1985', 'user-agent': BROWSER }],
    ['the page of another port of ours', { origin: 'http://192.168.1.10:8080', 'user-agent': BROWSER }],
    ['the page behind a proxy that speaks TLS', { origin: 'https://192.168.1.10:1985' }],
    ['a trusted page', { origin: 'https://console.example.com', 'sec-fetch-site': 'cross-site' }],
    ['a reading request of our own page', { referer: 'http://192.168.1.10:1985/console/' }],
    ['our own page without a referrer', { 'sec-fetch-site': 'same-origin', 'user-agent': BROWSER }],
    ['an address that a person has typed', { 'sec-fetch-site': 'none', 'user-agent': BROWSER }],
  ])('is not taken for one: %s', (_what, headers) => {
    expect(foreignPageOf(request(headers), OWN)).toBeNull()
  })
})

describe('A browser that asks under a name', () => {
  it.each([
    ['http://localhost:1985', false],
    ['http://srs.localhost:1985', false],
    ['http://127.0.0.1:1985', false],
    ['http://[::1]:1985', false],
    ['http://live.example.com:1985', false],
    ['http://console.example.com', false],
    ['http://rebound.evil.example:1985', true],
    ['http://localhost.evil.example:1985', true],
  ])('%s: is that an unknown one? %s', (origin, expected) => {
    expect(isUnknownHost(request({ origin, 'user-agent': BROWSER }, origin), OWN)).toBe(expected)
  })

  it('is told from a program, which may use any', () => {
    expect(isUnknownHost(request({ 'user-agent': 'curl/8.5.0' }, 'http://api.internal:1985'), OWN)).toBe(
      false,
    )
  })
})
