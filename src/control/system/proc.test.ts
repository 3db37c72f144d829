import { describe, expect, it } from 'vitest'
import { noProcessStat, parseProcessStat } from './proc-process.ts'
import {
  countCpus,
  parseCpuTimes,
  parseDiskBusyMs,
  parseMemory,
  parseNetDevices,
  parseNumbers,
  parsePaging,
  parseSockets,
  totalTicks,
} from './proc-system.ts'
import { PROC_FILES } from './testing/proc-files.ts'

function file(path: string): string {
  return PROC_FILES[path] ?? ''
}

describe('/proc/self/stat', () => {
  it('gives each field by its name, in the order of the file, also if the name has spaces and parentheses', () => {
    const stat = parseProcessStat(file('/proc/self/stat'))
    expect(stat).toMatchObject({
      pid: 9982,
      comm: '(a (b) c)',
      state: 'S',
      ppid: 9980,
      tpgid: -1,
      minflt: 1959,
      cminflt: 1,
      majflt: 2,
      cmajflt: 3,
      utime: 6,
      stime: 5,
      starttime: 351676,
      rss: 3820,
      sigcatch: 16935,
      exit_signal: 17,
      processor: 1,
      cguest_time: 0,
    })
    expect(Object.keys(stat ?? {})).toEqual(Object.keys(noProcessStat))
  })

  it('shows a limit that there is not as -1', () => {
    expect(parseProcessStat(file('/proc/self/stat'))?.rsslim).toBe(-1)
  })

  it.each(['', '12', '12 name R 1', 'x (name) R 1 2', '12 (name) '])('is null if it reads %j', (text) => {
    expect(parseProcessStat(text)).toBeNull()
  })

  it('gives 0 for what an older system does not have', () => {
    expect(parseProcessStat('1 (a) R 7')).toEqual({
      ...noProcessStat,
      pid: 1,
      comm: '(a)',
      state: 'R',
      ppid: 7,
    })
  })
})

describe('/proc/stat', () => {
  it('gives the times of all processors', () => {
    const times = parseCpuTimes(file('/proc/stat'))
    expect(times).toEqual({
      user: 60311,
      nice: 15761,
      sys: 56969,
      idle: 538407,
      iowait: 3033,
      irq: 0,
      softirq: 14755,
      steal: 13481,
      guest: 7,
    })
    expect(times && totalTicks(times)).toBe(60311 + 15761 + 56969 + 538407 + 3033 + 14755 + 13481)
  })

  it('is null if the line is not there', () => {
    expect(parseCpuTimes('cpu0 1 2 3')).toBeNull()
  })
})

describe('Other files of /proc', () => {
  it('give memory in KiB', () => {
    expect(parseMemory(file('/proc/meminfo'))).toEqual({
      MemTotal: 24684084,
      MemFree: 23024732,
      Buffers: 2064,
      Cached: 339884,
      SwapTotal: 1000,
      SwapFree: 250,
    })
    expect(parseMemory('MemFree: 1 kB')).toBeNull()
  })

  it('give the bytes of network devices, also where no space stands behind the colon', () => {
    expect(parseNetDevices(file('/proc/net/dev'))).toEqual([
      { name: 'lo', received: 342888365081, sent: 342888365081 },
      { name: 'eth9', received: 5743347007, sent: 14450419 },
      { name: 'br-a1', received: 23, sent: 45 },
    ])
  })

  it('give how long each disk was busy', () => {
    const busy = parseDiskBusyMs(file('/proc/diskstats'))
    expect([...busy]).toEqual([
      ['loop0', 0],
      ['vda', 437464],
    ])
  })

  it('give what was read from disks and written to them', () => {
    expect(parsePaging(file('/proc/vmstat'))).toEqual({ readKib: 5000, writtenKib: 7000 })
    expect(parsePaging('')).toEqual({ readKib: 0, writtenKib: 0 })
  })

  it('give the numbers of sockets, IPv4 and IPv6 together', () => {
    const sockets = parseSockets(
      file('/proc/net/sockstat'),
      file('/proc/net/sockstat6'),
      file('/proc/net/snmp'),
    )
    expect(sockets).toEqual({ tcp: 21 + 4 + 13, established: 8, timeWait: 13, udp: 3 })
    expect(parseSockets('', '', '')).toEqual({ tcp: 0, established: 0, timeWait: 0, udp: 0 })
  })

  it.each([
    ['0', 1],
    ['0-3\n', 4],
    ['0,2,4-7', 6],
    ['', 0],
    ['x', 0],
  ])('give the number of processors: %j has %i', (list, count) => {
    expect(countCpus(list)).toBe(count)
  })

  it('give numbers, and 0 for those that are missing or none', () => {
    expect(parseNumbers('0.45 0.56 x', 3)).toEqual([0.45, 0.56, 0])
    expect(parseNumbers('', 2)).toEqual([0, 0])
  })
})
