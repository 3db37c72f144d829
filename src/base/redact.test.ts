import { describe, expect, it } from 'vitest'
import { redactSecrets } from './index.ts'

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdHJlYW0iOiJsaXZlL2RlbW8ifQ.c2lnbmF0dXJl'

describe('redactSecrets', () => {
  it.each([
    ['?expires=1&key=k1&sig=abc-_', '?expires=1&key=k1&sig=***'],
    ['rtmp://host/live?token=secret', 'rtmp://host/live?token=***'],
    ['rtmp://host/live#token=secret', 'rtmp://host/live#token=***'],
    ['rtmp://host/live?Token=secret&vhost=a', 'rtmp://host/live?Token=***&vhost=a'],
    ['sig=abc', 'sig=***'],
    ["tcUrl 'x?password=a' is no URL", "tcUrl 'x?password=***' is no URL"],
    ['?a=1&token=x&b=2&token=y', '?a=1&token=***&b=2&token=***'],
    [`?anything=${JWT}&b=2`, '?anything=***&b=2'],
    [`Bearer ${JWT}`, 'Bearer ***'],
    [`x-${JWT}, www.example.com`, 'x-***, www.example.com'],
    ['eyJhbGciOiJFUzI1NiJ9.c2ln', 'eyJhbGciOiJFUzI1NiJ9.c2ln'],
    ['http://user:pass@host/live', 'http://***@host/live'],
    ['rtmp://user:p=a@host:1935/live?a=b@c', 'rtmp://***@host:1935/live?a=b@c'],
    ['rtmp://host/live?streamkey=a&api_key=b', 'rtmp://host/live?streamkey=***&api_key=***'],
    ['?design=1&tokens=2&key=k1', '?design=1&tokens=2&key=k1'],
    ['live/demo', 'live/demo'],
    ['', ''],
  ])('turns %j into %j', (text, expected) => {
    expect(redactSecrets(text)).toBe(expected)
  })

  it.each(['eyJ-', 'eyJ-.', 'eyJa.', 'eyJa.b.', '&sig=', '://', '://a@', 'a@', 'a-'])(
    'looks at %j, fifty thousand times over, once and not for each of them again',
    (piece) => {
      // A look for each would be 10^10 steps: half a minute, and the test's time-out.
      redactSecrets(`=@${piece.repeat(50_000)}`)
    },
  )
})
