import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultOfNode, OLDEST_NODE } from './node-version.ts'

describe('The version of Node', () => {
  it.each(['22.19.0', '22.20.1', '24.0.0', '100.1.0'])('%s will do', (version) => {
    expect(faultOfNode(version)).toBeNull()
  })

  it.each(['20.19.2', '22.18.9', '9.99.0'])('%s is too old, which is told with what to do', (version) => {
    expect(faultOfNode(version)).toBe(
      `srs needs Node ${OLDEST_NODE} or newer; this is Node ${version}. Install Node 24 from https://nodejs.org and try again.`,
    )
  })

  it('is the one that package.json demands', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(engines.node).toBe(`>=${OLDEST_NODE}`)
  })
})
