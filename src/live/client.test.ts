import { describe, expect, it } from 'vitest'
import { queryOfHttp } from './client.ts'

describe('queryOfHttp', () => {
  it.each([
    ['http://localhost:8080', '', 'localhost', ''],
    ['https://host.example', 'token=1', 'host.example', '?token=1'],
    ['http://192.0.2.1:80', 'vhost=demo&token=a/b', 'demo', '?vhost=demo&token=a%2Fb'],
    ['http://localhost', 'vhost=', 'localhost', '?vhost='],
    ['http://[::1]:8080', '', '[::1]', ''],
  ])('reads %s?%s', (origin, query, vhost, param) => {
    const parameters = new URLSearchParams(query)
    expect(queryOfHttp(origin, parameters)).toEqual({ vhost, parameters, param })
  })
})
