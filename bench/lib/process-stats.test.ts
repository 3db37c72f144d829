import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  parseMachineStat,
  parseProcessStat,
  parseResidentBytes,
  parseThreadTimes,
  parseWrites,
  sampleProcesses,
} from './process-stats.ts'

describe('reading /proc', () => {
  it('finds parent and times behind a command with brackets and spaces', () => {
    const text =
      '42 (a) b (c)) S 7 42 42 0 -1 4194560 100 0 0 0 1234 567 0 0 20 0 1 0 100 1000 200 1844 1 1 0 0 0 0 0'
    expect(parseProcessStat(text)).toEqual({ parent: 7, cpu: { user: 12.34, system: 5.67 } })
  })

  it('reads resident memory, which a zombie does not have', () => {
    expect(parseResidentBytes('Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t1\n')).toBe(2 * 1024 * 1024)
    expect(parseResidentBytes('Name:\tx\nState:\tZ (zombie)\n')).toBe(0)
  })

  it('reads the calls of write', () => {
    expect(parseWrites('rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 45\n')).toBe(45)
    expect(parseWrites('')).toBe(0)
  })

  it('reads how long a thread ran and waited, which not every kernel tells', () => {
    expect(parseThreadTimes('1500000000 20000000 34\n')).toEqual({ ran: 1.5, waited: 0.02 })
    expect(parseThreadTimes('')).toEqual({ ran: 0, waited: 0 })
  })

  it('takes waiting for a disk for idle time', () => {
    const { busy, total } = parseMachineStat('cpu  100 0 50 800 40 0 10 0 0 0\ncpu0 1 2 3\n')
    expect(busy).toBeCloseTo(1.6)
    expect(total).toBeCloseTo(10)
  })

  it('sums a process and its children, and takes one that is gone for nothing', async () => {
    const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = await once(shell.stdout, 'data')
    const child = Number(String(line))
    const pid = shell.pid ?? 0
    const [both, one] = [sampleProcesses([pid]), sampleProcesses([child])]
    process.kill(child, 'SIGKILL')
    await once(shell, 'exit')
    expect(one.rssBytes).toBeGreaterThan(0)
    expect(both.cpuTotal).toBeGreaterThan(one.cpuTotal)
    expect(both.mainThread).toBeGreaterThan(one.mainThread)
    expect(both.rssBytes).toBeGreaterThan(one.rssBytes)
    expect(sampleProcesses([pid])).toEqual({
      cpu: { user: 0, system: 0 },
      cpuTotal: 0,
      mainThread: 0,
      mainThreadWait: 0,
      rssBytes: 0,
      writes: 0,
    })
  })
})
