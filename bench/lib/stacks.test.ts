import { describe, expect, it } from 'vitest'
import { flameGraph } from './flame-graph.ts'
import {
  addStack,
  createStackTree,
  heaviest,
  readCpuProfile,
  readPerfScript,
  type StackNode,
} from './stacks.ts'

function callFrame(functionName: string, url = '', lineNumber = -1): object {
  return { functionName, url, lineNumber, scriptId: '0', columnNumber: 0 }
}

const profile = JSON.stringify({
  nodes: [
    { id: 1, callFrame: callFrame('(root)'), children: [2, 3, 5] },
    { id: 2, callFrame: callFrame('(idle)') },
    { id: 3, callFrame: callFrame('flush', 'file:///a/src/live/broadcast.ts', 99), children: [4] },
    { id: 4, callFrame: callFrame('writeGeneric', 'node:internal/stream_base_commons', 10) },
    { id: 5, callFrame: callFrame('(garbage collector)') },
  ],
  samples: [2, 3, 4, 4, 5],
  timeDeltas: [1000, 10, 20, 30, 5],
})

const perf = `node 123 1000.1:   10101 cpu-clock:
\tffffffff81234567 tcp_sendmsg+0x17 ([kernel.kallsyms])
\t    7f0012345678 uv__try_write+0x5 (/usr/bin/node)
\t    7f0000000020 JS:*'_write node:internal/streams/writable:452:16 (/tmp/perf-123.map)
\t    7f0000000010 JS:^#flush file:///a/src/live/broadcast.js:100:3+0x9 (/tmp/perf-123.map)
\t    7f0000000030 JS:+ file:///a/src/rtmp/transport.js:40:27+0x9 (/tmp/perf-123.map)

node 123 1000.2:   10101 cpu-clock:
\t    7f0000000010 JS:*'get blocked file:///a/src/live/broadcast.js:100:3 (/tmp/perf-123.map)
`

describe('stacks', () => {
  it('of a V8 profile are weighed by time, without the idle time', () => {
    const root = readCpuProfile(profile)
    expect(root.total).toBe(65)
    expect(heaviest(root)).toEqual([
      { name: 'writeGeneric node:internal/stream_base_commons', owner: 'runtime', self: 50 },
      { name: 'flush broadcast.ts:100', owner: 'script', self: 10 },
      { name: '(garbage collector)', owner: 'runtime', self: 5 },
    ])
  })

  it('of a V8 profile may begin later than the program', () => {
    expect(readCpuProfile(profile, 0.001_05).total).toBe(35)
  })

  it('of perf are counted, and know the kernel from the program and from scripts', () => {
    const root = readPerfScript(perf)
    expect(root.total).toBe(2)
    const paths: string[] = []
    function visit({ children, self, ...node }: StackNode, path: string): void {
      const here = `${path} > ${node.owner} ${node.name}`
      paths.push(...(self > 0 ? [here.replace(' > runtime all > ', '')] : []))
      for (const child of children.values()) {
        visit(child, here)
      }
    }
    visit(root, '')
    expect(paths).toEqual([
      'script (anonymous) transport.js:40 > script #flush broadcast.js:100 > runtime _write node:internal/streams/writable > runtime uv__try_write > kernel tcp_sendmsg',
      'script get blocked broadcast.js:100',
    ])
  })

  it('are drawn as wide as they are heavy, and not at all if they are too thin', () => {
    const root = createStackTree()
    addStack(root, [{ name: 'half', owner: 'kernel' }], 5000)
    addStack(root, [{ name: 'other <half>', owner: 'script' }], 4999)
    addStack(root, [{ name: 'thin', owner: 'script' }], 1)
    const picture = flameGraph('t', root)
    expect(picture).toContain('half: 50.0 %')
    expect(picture).toContain('other &#60;half&#62;')
    expect(picture).not.toContain('thin')
  })
})
