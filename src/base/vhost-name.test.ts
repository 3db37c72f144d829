import { describe, expect, it } from 'vitest'
import { DEFAULT_VHOST, normalizeVhost, vhostOfQuery } from './vhost-name.ts'

describe('a virtual host by name', () => {
  it.each([
    ['example.com', 'example.com'],
    ['Example.COM:8080', 'example.com'],
    ['example.com.', 'example.com'],
    ['example.com:', 'example.com'],
    [' example.com ', 'example.com'],
    ['192.0.2.1:1935', '192.0.2.1'],
    ['[2001:DB8::1]:8080', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::1', '::1'],
    ['.', '.'],
    ['__DEFAULTVHOST__', DEFAULT_VHOST],
    ['', DEFAULT_VHOST],
  ])('%j is compared as %j', (host, name) => {
    expect(normalizeVhost(host)).toBe(name)
    expect(normalizeVhost(name)).toBe(name)
  })
})

describe('a query', () => {
  it.each([
    ['vhost=a.example', 'a.example'],
    ['domain=b.example', 'b.example'],
    ['domain=b.example&vhost=A.example', 'A.example'],
    ['vhost=__defaultVhost__&domain=b.example', 'b.example'],
    ['vhost=&domain=b.example', 'b.example'],
    ['vhost=__defaultVhost__', null],
    ['token=1', null],
    ['', null],
  ])('%j names the virtual host %j', (query, vhost) => {
    expect(vhostOfQuery(new URLSearchParams(query))).toBe(vhost)
  })
})
