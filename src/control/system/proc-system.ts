/** Time of all processors since the machine started, in ticks of 1/100 s: the first line of `/proc/stat` (proc(5)). */
export type CpuTimes = Readonly<{
  /** Programs. */
  user: number
  /** Programs with a lowered priority. */
  nice: number
  /** The kernel. */
  sys: number
  /** Nothing. */
  idle: number
  /** Nothing, while somebody waited for a disk. */
  iowait: number
  /** Interrupts. */
  irq: number
  /** Interrupts, second half. */
  softirq: number
  /** Other machines on the same processor. */
  steal: number
  /** Machines in this one. */
  guest: number
}>

/** All 0. */
export const noCpuTimes: CpuTimes = cpuTimes([])

/**
 * Reads the first line of `/proc/stat`.
 * @returns null if there is none
 */
export function parseCpuTimes(text: string): CpuTimes | null {
  const line = /^cpu +(.+)$/m.exec(text)?.[1]
  return line === undefined ? null : cpuTimes(line.split(' ').map(Number))
}

/** Ticks of all kinds together. Those of guests are within `user` already. */
export function totalTicks({ user, nice, sys, idle, iowait, irq, softirq, steal }: CpuTimes): number {
  return user + nice + sys + idle + iowait + irq + softirq + steal
}

function cpuTimes([
  user = 0,
  nice = 0,
  sys = 0,
  idle = 0,
  iowait = 0,
  irq = 0,
  softirq = 0,
  steal = 0,
  guest = 0,
]: readonly number[]): CpuTimes {
  return { user, nice, sys, idle, iowait, irq, softirq, steal, guest }
}

/** How many processors a list such as '0-3,8' names: `/sys/devices/system/cpu/online` and `present`. */
export function countCpus(list: string): number {
  return list
    .trim()
    .split(',')
    .map((part) => /^(\d+)(?:-(\d+))?$/.exec(part))
    .reduce(
      (sum, match) => sum + (match === null ? 0 : Number(match[2] ?? match[1]) - Number(match[1]) + 1),
      0,
    )
}

/** `/proc/meminfo`, KiB: what SRS shows of it. */
export type Memory = Readonly<{
  MemTotal: number
  MemFree: number
  Buffers: number
  Cached: number
  SwapTotal: number
  SwapFree: number
}>

/** All 0. */
export const noMemory: Memory = memory(() => 0)

/**
 * Reads `/proc/meminfo`.
 * @returns null if it does not say how much there is
 */
export function parseMemory(text: string): Memory | null {
  const kibibytes = new Map(
    [...text.matchAll(/^(\w+): +(\d+) kB$/gm)].map(([, name = '', value]) => [name, Number(value)]),
  )
  return kibibytes.has('MemTotal') ? memory((name) => kibibytes.get(name) ?? 0) : null
}

function memory(of: (name: keyof Memory) => number): Memory {
  return {
    MemTotal: of('MemTotal'),
    MemFree: of('MemFree'),
    Buffers: of('Buffers'),
    Cached: of('Cached'),
    SwapTotal: of('SwapTotal'),
    SwapFree: of('SwapFree'),
  }
}

/** Bytes of one network device since it came up. */
export type NetDevice = Readonly<{
  /** e.g. 'eth0'. */
  name: string
  /** Bytes that came in. */
  received: number
  /** Bytes that went out. */
  sent: number
}>

/** Reads `/proc/net/dev`. */
export function parseNetDevices(text: string): NetDevice[] {
  return [...text.matchAll(/^ *([^:\s|]+): *(\d[\d ]*)$/gm)].map(([, name = '', numbers = '']) => {
    const columns = numbers.trim().split(/ +/).map(Number)
    return { name, received: columns[0] ?? 0, sent: columns[8] ?? 0 }
  })
}

/** The time for which each disk was busy since the machine started, ms, by name: field 10 of `/proc/diskstats`. */
export function parseDiskBusyMs(text: string): Map<string, number> {
  const lines = text.split('\n').map((line) => line.trim().split(/ +/))
  return new Map(
    lines.flatMap(([, , name, ...numbers]) => (name === undefined ? [] : [[name, Number(numbers[9] ?? 0)]])),
  )
}

/** KiB that were read from disks and written to them since the machine started. */
export type Paging = Readonly<{
  /** Read. */
  readKib: number
  /** Written. */
  writtenKib: number
}>

/** Reads `/proc/vmstat`; 0 for what it does not have. */
export function parsePaging(text: string): Paging {
  const of = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  return { readKib: of('pgpgin'), writtenKib: of('pgpgout') }
}

/** Sockets of the machine. */
export type Sockets = Readonly<{
  /** TCP sockets of all kinds. */
  tcp: number
  /** TCP connections that stand. */
  established: number
  /** TCP connections in TIME_WAIT. */
  timeWait: number
  /** UDP sockets. */
  udp: number
}>

/**
 * Reads the counts that the kernel keeps (`/proc/net/sockstat`, `sockstat6` and `snmp`), which are there whatever the number of
 * sockets is; a list of them would cost the more, the more there are. What is missing counts 0.
 */
export function parseSockets(sockstat: string, sockstat6: string, snmp: string): Sockets {
  const of = (text: string, line: string, name: string): number =>
    Number(new RegExp(`^${line}:(?: \\w+ \\d+)*? ${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  const timeWait = of(sockstat, 'TCP', 'tw')
  const [names = [], values = []] = [...snmp.matchAll(/^Tcp: (.+)$/gm)].map(([, row = '']) => row.split(' '))
  return {
    tcp: of(sockstat, 'TCP', 'inuse') + of(sockstat6, 'TCP6', 'inuse') + timeWait,
    established: Number(values[names.indexOf('CurrEstab')] ?? 0),
    timeWait,
    udp: of(sockstat, 'UDP', 'inuse') + of(sockstat6, 'UDP6', 'inuse'),
  }
}

/** Reads the numbers at the beginning of a line, e.g. of `/proc/loadavg` and `/proc/uptime`; 0 for what is missing. */
export function parseNumbers(text: string, count: number): number[] {
  const words = text.trim().split(' ')
  return Array.from({ length: count }, (_, index) => {
    const value = Number(words[index] || 0)
    return Number.isFinite(value) ? value : 0
  })
}
