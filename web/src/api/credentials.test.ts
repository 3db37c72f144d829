import { expect, it } from 'vitest'
import { authorizationOf } from './credentials.ts'

it('a user and a password are sent as Basic, in UTF-8 (RFC 7617, 2.1); a token as Bearer', () => {
  expect(authorizationOf({ kind: 'password', user: 'test', password: '123£' })).toBe('Basic dGVzdDoxMjPCow==')
  expect(authorizationOf({ kind: 'token', token: ' abc.def \n' })).toBe('Bearer abc.def')
})
