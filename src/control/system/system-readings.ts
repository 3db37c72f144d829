import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import process from 'node:process'
import type { Clock, Ms } from '../../base/index.ts'
import { AddressList } from '../../net/index.ts'
import { noProcessStat, type ProcessStat, parseProcessStat } from './proc-process.ts'
import {
  type CpuTimes,
  countCpus,
  type Memory,
  noCpuTimes,
  noMemory,
  parseCpuTimes,
  parseDiskBusyMs,
  parseMemory,
  parseNetDevices,
  parseNumbers,
  parsePaging,
  parseSockets,
  type Sockets,
  totalTicks,
} from './proc-system.ts'

/** So old may a sample be when it is asked for again, ms: who asks more often gets the same one. */
export const SYSTEM_SAMPLE_MS = 3_000

/** Addresses that are not of the Internet: private, shared, link-local and loopback ones (RFC 6890, 2.2.2 and 2.2.3). */
const INNER_ADDRESSES = new AddressList(
  [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '::1',
    'fc00::/7',
    'fe80::/10',
  ],
  'INNER_ADDRESSES',
)

/** What of the machine is measured. A change counts at once, for the next sample. */
export type SystemOptions = Readonly<{
  /** Whether anything is. Default true. SRS: stats.enabled. */
  enabled: boolean
  /** Names of the disks whose business is measured, e.g. 'sda'. Default: none. SRS: stats.disk. */
  disks: readonly string[]
}>

/** The defaults of `SystemOptions`. */
export const defaultSystemOptions: SystemOptions = { enabled: true, disks: [] }

/** The machine and this process at one time. Shares of time and of memory are 0 to 1. */
export type SystemSample = Readonly<{
  /** When, since the Unix epoch. */
  at: Ms
  /** This process; null where the system does not say. */
  process: ProcessStat | null
  /** Share of one processor that this process took since the sample before, or since it began. May pass 1. */
  processCpu: number
  /** Memory of this process that is not swapped out, KiB. */
  residentKib: number
  /** What the processors did; null where the system does not say. */
  cpu: CpuTimes | null
  /** Share of the time in which the processors were busy since the sample before, or since the machine started. */
  cpuBusy: number
  /** Memory; null where the system does not say. */
  memory: Memory | null
  /** Read from disks, KiB a second. */
  diskReadKibps: number
  /** Written to disks, KiB a second. */
  diskWrittenKibps: number
  /** Share of the time in which the disks of `disks` were busy, on average. */
  diskBusy: number
  /** Processors there are. */
  cpus: number
  /** Processors in use. */
  cpusOnline: number
  /** Since the machine started, s. */
  uptimeSeconds: number
  /** What all processors together had nothing to do, s. */
  idleSeconds: number
  /** Average number of processes that could run, in 1, 5 and 15 minutes. */
  load: readonly [number, number, number]
  /** Bytes of network devices with an address of the Internet. */
  outerNet: Readonly<{ received: number; sent: number }>
  /** Bytes of the other network devices, the loopback excepted. */
  innerNet: Readonly<{ received: number; sent: number }>
  /** The machine's sockets. */
  sockets: Sockets
}>

/** What only means something beside its value at another time. */
type Totals = Readonly<{
  at: Ms
  processMs: number
  cpu: CpuTimes
  readKib: number
  writtenKib: number
  diskBusyMs: number
}>

/** Reads a file of the system; '' if there is none. */
export type ReadSystemFile = (path: string) => Promise<string>

/**
 * Reads the machine and this process when somebody asks: never on its own, and at most once in `SYSTEM_SAMPLE_MS`. The files are
 * read off the event loop. Systems other than Linux have no `/proc`: what is from there is null or 0.
 */
export class SystemReadings {
  readonly #clock: Clock
  readonly #readFile: ReadSystemFile
  #options: SystemOptions
  #newest: { at: Ms; sample: Promise<SystemSample> } | null = null
  #totals: Totals

  /** @param read default: from the file system */
  constructor(clock: Clock, options: SystemOptions, read: ReadSystemFile = readSystemFile) {
    this.#clock = clock
    this.#options = options
    this.#readFile = read
    const processMs = processCpuMs()
    this.#totals = { at: clock.now(), processMs, cpu: noCpuTimes, readKib: 0, writtenKib: 0, diskBusyMs: 0 }
  }

  /** Goes on with other options, from the next sample on. */
  update(options: SystemOptions): void {
    this.#options = options
    this.#totals = { ...this.#totals, diskBusyMs: 0 }
  }

  /** The machine as of now, or at most `SYSTEM_SAMPLE_MS` ago. */
  sample(): Promise<SystemSample> {
    const now = this.#clock.now()
    if (this.#newest === null || now - this.#newest.at >= SYSTEM_SAMPLE_MS) {
      this.#newest = { at: now, sample: this.#read() }
    }
    return this.#newest.sample
  }

  async #read(): Promise<SystemSample> {
    const files = [
      '/proc/self/stat',
      '/proc/stat',
      '/proc/meminfo',
      '/proc/vmstat',
      '/proc/diskstats',
      '/proc/uptime',
      '/proc/loadavg',
      '/proc/net/dev',
      '/proc/net/sockstat',
      '/proc/net/sockstat6',
      '/proc/net/snmp',
      '/sys/devices/system/cpu/present',
      '/sys/devices/system/cpu/online',
    ] as const
    const { enabled } = this.#options
    const texts = enabled ? await Promise.all(files.map(this.#readFile)) : []
    const text = (file: (typeof files)[number]): string => texts[files.indexOf(file)] ?? ''
    const cpu = parseCpuTimes(text('/proc/stat'))
    const before = this.#totals
    const totals: Totals = {
      at: this.#clock.now(),
      processMs: processCpuMs(),
      cpu: cpu ?? noCpuTimes,
      ...parsePaging(text('/proc/vmstat')),
      diskBusyMs: this.#diskBusyMs(text('/proc/diskstats')),
    }
    this.#totals = totals
    const [uptimeSeconds = 0, idleSeconds = 0] = parseNumbers(text('/proc/uptime'), 2)
    const [load1 = 0, load5 = 0, load15 = 0] = parseNumbers(text('/proc/loadavg'), 3)
    return {
      at: this.#clock.wallTime(),
      process: parseProcessStat(text('/proc/self/stat')),
      residentKib: Math.round(process.memoryUsage.rss() / 1024),
      cpu,
      memory: parseMemory(text('/proc/meminfo')),
      ...ratesBetween(before, totals, this.#options.disks.length),
      cpus: countCpus(text('/sys/devices/system/cpu/present')),
      cpusOnline: countCpus(text('/sys/devices/system/cpu/online')),
      uptimeSeconds,
      idleSeconds,
      load: [load1, load5, load15],
      ...netOf(text('/proc/net/dev')),
      sockets: parseSockets(text('/proc/net/sockstat'), text('/proc/net/sockstat6'), text('/proc/net/snmp')),
    }
  }

  #diskBusyMs(diskstats: string): number {
    const busy = parseDiskBusyMs(diskstats)
    return this.#options.disks.reduce((sum, disk) => sum + (busy.get(disk) ?? 0), 0)
  }
}

/** What stands for the process where the system does not say. */
export function processOf({ process: stat }: SystemSample): ProcessStat {
  return stat ?? { ...noProcessStat, pid: process.pid, ppid: process.ppid }
}

/** What stands for memory where the system does not say. */
export function memoryOf({ memory }: SystemSample): Memory {
  return memory ?? noMemory
}

function ratesBetween(
  before: Totals,
  after: Totals,
  disks: number,
): Pick<SystemSample, 'processCpu' | 'cpuBusy' | 'diskReadKibps' | 'diskWrittenKibps' | 'diskBusy'> {
  const spanMs = Math.max(after.at - before.at, 1)
  const ticks = totalTicks(after.cpu) - totalTicks(before.cpu)
  const idleTicks = after.cpu.idle - before.cpu.idle
  // Before the first sample nothing is known of the disks, and all since the start would be no rate.
  const perSecond = (of: (totals: Totals) => number): number =>
    of(before) === 0 ? 0 : Math.max(0, Math.round(((of(after) - of(before)) * 1000) / spanMs))
  const busyMs = before.diskBusyMs === 0 ? 0 : after.diskBusyMs - before.diskBusyMs
  return {
    processCpu: share(after.processMs - before.processMs, spanMs, Number.POSITIVE_INFINITY),
    cpuBusy: share(ticks - idleTicks, ticks),
    diskReadKibps: perSecond(({ readKib }) => readKib),
    diskWrittenKibps: perSecond(({ writtenKib }) => writtenKib),
    diskBusy: share(busyMs, spanMs * disks),
  }
}

function share(part: number, whole: number, most = 1): number {
  return whole <= 0 ? 0 : Math.min(Math.max(part / whole, 0), most)
}

function netOf(text: string): Pick<SystemSample, 'outerNet' | 'innerNet'> {
  const addresses = networkInterfaces()
  const outerNet = { received: 0, sent: 0 }
  const innerNet = { received: 0, sent: 0 }
  for (const { name, received, sent } of parseNetDevices(text)) {
    if (name !== 'lo') {
      const isOuter = addresses[name]?.some(({ address }) => !INNER_ADDRESSES.has(address)) ?? false
      const net = isOuter ? outerNet : innerNet
      net.received += received
      net.sent += sent
    }
  }
  return { outerNet, innerNet }
}

/** Processor time of this process so far, ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** What another system or a sandbox does not have reads as nothing. */
async function readSystemFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch {
    return ''
  }
}
