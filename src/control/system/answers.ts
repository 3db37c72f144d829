import process from 'node:process'
import { redactSecrets, VERSION } from '../../base/index.ts'
import type { ProcessStat } from './proc-process.ts'
import { type CpuTimes, type Memory, noCpuTimes } from './proc-system.ts'
import type { EventLoopReading } from './runtime-readings.ts'
import { memoryOf, processOf, type SystemSample } from './system-readings.ts'

/** `data` of `GET /api/v1/rusages`: getrusage(2) with the names of SRS. What Linux does not count is 0. */
export type RusagesInfo = Readonly<{
  /** Whether it could be read. */
  ok: boolean
  /** When, ms since the Unix epoch. */
  sample_time: number
  /** Time in programs, whole s. */
  ru_utime: number
  /** Time in the kernel, whole s. */
  ru_stime: number
  /** The most memory so far, KiB. */
  ru_maxrss: number
  /** Always 0. */
  ru_ixrss: number
  /** Always 0. */
  ru_idrss: number
  /** Always 0. */
  ru_isrss: number
  /** Pages that were in memory. */
  ru_minflt: number
  /** Pages that were read from a disk. */
  ru_majflt: number
  /** Always 0. */
  ru_nswap: number
  /** Reads from disks. */
  ru_inblock: number
  /** Writes to disks. */
  ru_oublock: number
  /** Always 0. */
  ru_msgsnd: number
  /** Always 0. */
  ru_msgrcv: number
  /** Always 0. */
  ru_nsignals: number
  /** Times that it waited. */
  ru_nvcsw: number
  /** Times that another had its turn. */
  ru_nivcsw: number
}>

/** `data` of `GET /api/v1/self_proc_stats`: `/proc/self/stat`. */
export type SelfProcStatsInfo = Readonly<{
  /** Whether it could be read: on Linux. */
  ok: boolean
  /** When, ms since the Unix epoch. */
  sample_time: number
  /** Share of one processor. */
  percent: number
}> &
  ProcessStat

/** `data` of `GET /api/v1/system_proc_stats`: the first line of `/proc/stat`, in ticks of 1/100 s. */
export type SystemProcStatsInfo = Readonly<{
  /** Whether it could be read: on Linux. */
  ok: boolean
  /** When, ms since the Unix epoch. */
  sample_time: number
  /** Share of the time in which the processors were busy. */
  percent: number
}> &
  CpuTimes

/** `data` of `GET /api/v1/meminfos`, KiB. */
export type MeminfosInfo = Readonly<{
  /** Whether it could be read: on Linux. */
  ok: boolean
  /** When, ms since the Unix epoch. */
  sample_time: number
  /** Share of the memory that is in use. */
  percent_ram: number
  /** Share of the swap that is in use. */
  percent_swap: number
  /** Not free. */
  MemActive: number
  /** Not free, without buffers and caches of files. */
  RealInUse: number
  /** The rest. */
  NotInUse: number
}> &
  Memory

/** What a server adds to `SummariesInfo` of its own. */
export type ServerTotals = Readonly<{
  /** When it started, since the Unix epoch, ms. */
  startedAt: number
  /** Bytes taken from clients since the start. */
  receivedBytes: number
  /** Bytes handed to clients since the start. */
  sentBytes: number
  /** Connections at present. */
  connections: number
}>

/** `data.self` of `GET /api/v1/summaries`. */
export type SelfSummary = Readonly<{
  /** Of this server. */
  version: string
  /** Number of this process. */
  pid: number
  /** Number of the process that started it. */
  ppid: number
  /** Its command line, without secrets. */
  argv: string
  /** Its folder. */
  cwd: string
  /** Memory that is not swapped out, KiB. */
  mem_kbyte: number
  /** Share of the machine's memory. */
  mem_percent: number
  /** Share of one processor. */
  cpu_percent: number
  /** Since the server started, s. */
  srs_uptime: number
  /** The event loop since the reading before; not in SRS. */
  event_loop: Readonly<{
    /** 50 of 100 turns were not later, ms. */
    delay_p50_ms: number
    /** 99 of 100. */
    delay_p99_ms: number
    /** The latest. */
    delay_max_ms: number
    /** Share of the time in which it was busy. */
    utilization: number
  }>
}>

/** `data.system` of `GET /api/v1/summaries`. */
export type SystemSummary = Readonly<{
  /** Share of the time in which the processors were busy. */
  cpu_percent: number
  /** Read from disks. */
  disk_read_KBps: number
  /** Written to disks. */
  disk_write_KBps: number
  /** Share of the time in which the disks of `stats` were busy. */
  disk_busy_percent: number
  /** Memory, KiB. */
  mem_ram_kbyte: number
  /** Share of it that is in use. */
  mem_ram_percent: number
  /** Swap, KiB. */
  mem_swap_kbyte: number
  /** Share of it that is in use. */
  mem_swap_percent: number
  /** Processors there are. */
  cpus: number
  /** Processors in use. */
  cpus_online: number
  /** Since the machine started, s. */
  uptime: number
  /** Time in which processors had nothing to do, all together, s. SRS writes it so. */
  ilde_time: number
  /** Processes that could run, average of a minute. */
  load_1m: number
  /** The same of 5 minutes. */
  load_5m: number
  /** The same of 15 minutes. */
  load_15m: number
  /** When, ms since the Unix epoch. */
  net_sample_time: number
  /** Bytes in by devices with an address of the Internet. */
  net_recv_bytes: number
  /** Bytes out by them. */
  net_send_bytes: number
  /** Bytes in by other devices, the loopback excepted. */
  net_recvi_bytes: number
  /** Bytes out by them. */
  net_sendi_bytes: number
  /** When, ms since the Unix epoch. */
  srs_sample_time: number
  /** Bytes taken from clients of this server. */
  srs_recv_bytes: number
  /** Bytes handed to them. */
  srs_send_bytes: number
  /** TCP sockets of the machine. */
  conn_sys: number
  /** Of these, connections that stand. */
  conn_sys_et: number
  /** Of these, in TIME_WAIT. */
  conn_sys_tw: number
  /** UDP sockets of the machine. */
  conn_sys_udp: number
  /** Connections of this server. */
  conn_srs: number
}>

/** `data` of `GET /api/v1/summaries`. */
export type SummariesInfo = Readonly<{
  /** Whether the system says all of it: on Linux. */
  ok: boolean
  /** The server's clock, ms since the Unix epoch. */
  now_ms: number
  /** This process. */
  self: SelfSummary
  /** The machine. */
  system: SystemSummary
}>

/** @param now since the Unix epoch, ms */
export function rusagesInfo(now: number): RusagesInfo {
  const usage = process.resourceUsage()
  return {
    ok: true,
    sample_time: now,
    ru_utime: Math.floor(usage.userCPUTime / 1e6),
    ru_stime: Math.floor(usage.systemCPUTime / 1e6),
    ru_maxrss: usage.maxRSS,
    ru_ixrss: usage.sharedMemorySize,
    ru_idrss: usage.unsharedDataSize,
    ru_isrss: usage.unsharedStackSize,
    ru_minflt: usage.minorPageFault,
    ru_majflt: usage.majorPageFault,
    ru_nswap: usage.swappedOut,
    ru_inblock: usage.fsRead,
    ru_oublock: usage.fsWrite,
    ru_msgsnd: usage.ipcSent,
    ru_msgrcv: usage.ipcReceived,
    ru_nsignals: usage.signalsCount,
    ru_nvcsw: usage.voluntaryContextSwitches,
    ru_nivcsw: usage.involuntaryContextSwitches,
  }
}

/** This process, as of the sample. */
export function selfProcStatsInfo(sample: SystemSample): SelfProcStatsInfo {
  return {
    ok: sample.process !== null,
    sample_time: sample.at,
    percent: round(sample.processCpu),
    ...processOf(sample),
  }
}

/** The processors, as of the sample. */
export function systemProcStatsInfo({ at, cpu, cpuBusy }: SystemSample): SystemProcStatsInfo {
  return { ok: cpu !== null, sample_time: at, percent: round(cpuBusy), ...(cpu ?? noCpuTimes) }
}

/** The memory, as of the sample. */
export function meminfosInfo(sample: SystemSample): MeminfosInfo {
  const memory = memoryOf(sample)
  const { MemTotal, MemFree, Buffers, Cached, SwapTotal, SwapFree } = memory
  const MemActive = MemTotal - MemFree
  const RealInUse = MemActive - Buffers - Cached
  return {
    ok: sample.memory !== null,
    sample_time: sample.at,
    percent_ram: share(RealInUse, MemTotal),
    percent_swap: share(SwapTotal - SwapFree, SwapTotal),
    MemActive,
    RealInUse,
    NotInUse: MemTotal - RealInUse,
    ...memory,
  }
}

/**
 * Process, machine and server on one page.
 * @param now since the Unix epoch, ms
 */
export function summariesInfo(
  sample: SystemSample,
  totals: ServerTotals,
  eventLoop: EventLoopReading,
  now: number,
): SummariesInfo {
  const memory = meminfosInfo(sample)
  const { sockets, outerNet, innerNet } = sample
  return {
    ok: sample.process !== null && sample.cpu !== null && sample.memory !== null,
    now_ms: now,
    self: {
      version: VERSION,
      pid: process.pid,
      ppid: process.ppid,
      argv: shownCommandLine(process.argv),
      cwd: process.cwd(),
      mem_kbyte: sample.residentKib,
      mem_percent: share(sample.residentKib, memory.MemTotal),
      cpu_percent: round(sample.processCpu),
      srs_uptime: Math.floor((now - totals.startedAt) / 1000),
      event_loop: {
        delay_p50_ms: round(eventLoop.p50Ms),
        delay_p99_ms: round(eventLoop.p99Ms),
        delay_max_ms: round(eventLoop.maxMs),
        utilization: round(eventLoop.utilization),
      },
    },
    system: {
      cpu_percent: round(sample.cpuBusy),
      disk_read_KBps: sample.diskReadKibps,
      disk_write_KBps: sample.diskWrittenKibps,
      disk_busy_percent: round(sample.diskBusy),
      mem_ram_kbyte: memory.MemTotal,
      mem_ram_percent: memory.percent_ram,
      mem_swap_kbyte: memory.SwapTotal,
      mem_swap_percent: memory.percent_swap,
      cpus: sample.cpus,
      cpus_online: sample.cpusOnline,
      uptime: sample.uptimeSeconds,
      ilde_time: sample.idleSeconds,
      load_1m: sample.load[0],
      load_5m: sample.load[1],
      load_15m: sample.load[2],
      net_sample_time: sample.at,
      net_recv_bytes: outerNet.received,
      net_send_bytes: outerNet.sent,
      net_recvi_bytes: innerNet.received,
      net_sendi_bytes: innerNet.sent,
      srs_sample_time: now,
      srs_recv_bytes: totals.receivedBytes,
      srs_send_bytes: totals.sentBytes,
      conn_sys: sockets.tcp,
      conn_sys_et: sockets.established,
      conn_sys_tw: sockets.timeWait,
      conn_sys_udp: sockets.udp,
      conn_srs: totals.connections,
    },
  }
}

/** A command line without the values of options such as `--token`. */
export function shownCommandLine(words: readonly string[]): string {
  return redactSecrets(
    words.join(' ').replace(/(\s--?[\w-]*(?:pass|pwd|secret|token|key|auth)\w*[=\s])\S+/gi, '$1***'),
  )
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : round(part / whole)
}

/** To two places, as SRS writes what has a fraction. */
function round(value: number): number {
  return Math.round(value * 100) / 100
}
