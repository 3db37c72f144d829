import { describe, expect, it } from 'vitest'
import { queryOfHttp, takePass } from './client.ts'

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

describe('the pass of a program', () => {
  it.each([
    ['?srs_pass=1', '', '1'],
    ['?srs_pass=1&vhost=__defaultVhost__', '', '1'],
    ['?a=b&srs_pass=1&vhost=c', '?a=b&vhost=c', '1'],
    ['?a=b&pass=1', '?a=b&pass=1', undefined],
    ['', '', undefined],
  ])('is taken out of %s', (param, left, pass) => {
    const taken = takePass({ param, parameters: new URLSearchParams(param) })
    expect([taken.param, taken.pass, taken.parameters.has('srs_pass')]).toEqual([left, pass, false])
    expect(taken.parameters.get('a')).toBe(param.includes('a=b') ? 'b' : null)
  })
})
