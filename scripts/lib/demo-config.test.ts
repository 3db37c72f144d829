import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { forwardElsewhere, listenElsewhere, portsOf } from './demo-config.ts'

const FIRST = readFileSync('conf/demo.conf', 'utf8')
const SECOND = readFileSync('conf/demo-forward.conf', 'utf8')

describe('the configurations of the demo', () => {
  it('listen where those of SRS do, each on ports of its own', () => {
    expect(portsOf(FIRST)).toEqual([1935, 8080, 1985])
    expect(portsOf(SECOND)).toEqual([19350, 8081, 1986])
  })

  it('leave ports that are taken, and no others', () => {
    const changed = listenElsewhere(FIRST, { ports: new Map([[8080, 0]]) })
    expect(portsOf(changed)).toEqual([1935, 0, 1985])
    expect(changed).toContain('listen 127.0.0.1:1985;')
    expect(changed).toContain('asprocess on;')
  })

  it('listen on one address, if that is asked for', () => {
    const changed = listenElsewhere(SECOND, { host: '127.0.0.1', ports: new Map() })
    expect(changed.match(/listen .*;/g)).toEqual([
      'listen 127.0.0.1:19350;',
      'listen 127.0.0.1:8081;',
      'listen 127.0.0.1:1986;',
    ])
  })

  it('forward to where the second server is', () => {
    const changed = forwardElsewhere(FIRST, '127.0.0.1:4711')
    expect(changed.match(/destination .*;/g)).toEqual(['destination 127.0.0.1:4711;'])
  })
})
