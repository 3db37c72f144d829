import type { Clock } from '../../../base/index.ts'
import {
  type MeminfosInfo,
  meminfosInfo,
  type RuntimeReadings,
  type RusagesInfo,
  rusagesInfo,
  type SelfProcStatsInfo,
  type SelfSummary,
  type ServerTotals,
  type SummariesInfo,
  type SystemProcStatsInfo,
  type SystemReadings,
  type SystemSummary,
  selfProcStatsInfo,
  summariesInfo,
  systemProcStatsInfo,
} from '../../system/index.ts'
import { data, type Endpoint } from '../endpoint.ts'
import { Float } from '../float.ts'
import {
  booleanSchema,
  floatSchema,
  integerSchema,
  type JsonSchema,
  objectSchema,
  textSchema,
} from '../json-schema.ts'

/** What the endpoints about the system need. */
export type SystemEndpointsSetup = Readonly<{
  /** The machine and the process. */
  system: SystemReadings
  /** The event loop. */
  runtime: RuntimeReadings
  /** What the server counts. */
  totals: () => ServerTotals
  /** The time of answers. */
  clock: Clock
}>

const OK = booleanSchema('Whether the system says it: on Linux.')
const SAMPLED = integerSchema('When it was read, ms since the Unix epoch.')
const SHARE = 'from 0 to 1'

/** `data` of `summaries`. */
export async function readSummaries({
  system,
  runtime,
  totals,
  clock,
}: SystemEndpointsSetup): Promise<object> {
  const sample = await system.sample()
  const summaries = summariesInfo(sample, totals(), runtime.readEventLoop(), clock.wallTime())
  const { self, system: machine } = summaries
  return { ...summaries, self: withFloats(self, SELF), system: withFloats(machine, MACHINE) }
}

/** `summaries`, `rusages`, `self_proc_stats`, `system_proc_stats` and `meminfos` of `/api/v1/`. */
export function systemEndpoints(setup: SystemEndpointsSetup): Endpoint[] {
  const { system, clock } = setup
  const endpoint = (
    name: string,
    operation: string,
    listed: string,
    schema: JsonSchema,
    read: () => Promise<object>,
  ): Endpoint => ({
    method: 'any',
    path: `/api/v1/${name}`,
    operation,
    says: `${listed.charAt(0).toUpperCase()}${listed.slice(1)}.`,
    listed,
    answer: { kind: 'envelope', content: { data: schema } },
    handle: async () => data({ data: await read() }),
  })
  return [
    endpoint('summaries', 'getSummaries', 'the summary(pid, argv, pwd, cpu, mem) of system', SUMMARIES, () =>
      readSummaries(setup),
    ),
    endpoint('rusages', 'getRusages', 'the rusage of system', RUSAGES, async () =>
      rusagesInfo(clock.wallTime()),
    ),
    endpoint('self_proc_stats', 'getSelfProcStats', 'the self process stats', SELF_PROC_STATS, async () =>
      withFloats(selfProcStatsInfo(await system.sample()), SELF_PROC_STATS),
    ),
    endpoint(
      'system_proc_stats',
      'getSystemProcStats',
      'the system process stats',
      SYSTEM_PROC_STATS,
      async () => withFloats(systemProcStatsInfo(await system.sample()), SYSTEM_PROC_STATS),
    ),
    endpoint('meminfos', 'getMeminfos', 'the meminfo of system', MEMINFOS, async () =>
      withFloats(meminfosInfo(await system.sample()), MEMINFOS),
    ),
  ]
}

/** An answer whose numbers that may have a fraction are written with two places, as in SRS. */
function withFloats(answer: object, { properties = {} }: JsonSchema): object {
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [
      name,
      properties[name]?.type === 'number' && typeof value === 'number' ? new Float(value) : value,
    ]),
  )
}

const RUSAGES = objectSchema<RusagesInfo>(
  {
    ok: OK,
    sample_time: SAMPLED,
    ru_utime: integerSchema('Time in programs, s.'),
    ru_stime: integerSchema('Time in the kernel, s.'),
    ru_maxrss: integerSchema('The most memory so far, KiB.'),
    ru_ixrss: integerSchema('Always 0.'),
    ru_idrss: integerSchema('Always 0.'),
    ru_isrss: integerSchema('Always 0.'),
    ru_minflt: integerSchema('Pages that were in memory.'),
    ru_majflt: integerSchema('Pages that were read from a disk.'),
    ru_nswap: integerSchema('Always 0.'),
    ru_inblock: integerSchema('Reads from disks.'),
    ru_oublock: integerSchema('Writes to disks.'),
    ru_msgsnd: integerSchema('Always 0.'),
    ru_msgrcv: integerSchema('Always 0.'),
    ru_nsignals: integerSchema('Always 0.'),
    ru_nvcsw: integerSchema('Times that it waited.'),
    ru_nivcsw: integerSchema('Times that another had its turn.'),
  },
  { title: 'Rusages' },
)

/** A field of `/proc/self/stat`; see proc(5). */
const STAT = integerSchema('See proc(5).')

const SELF_PROC_STATS = objectSchema<SelfProcStatsInfo>(
  {
    ok: OK,
    sample_time: SAMPLED,
    percent: floatSchema('Share of one processor, 1 for all of it.'),
    pid: integerSchema('Number of the process.'),
    comm: textSchema('Its name, in parentheses.'),
    state: textSchema("What it does, e.g. 'R' for running."),
    ppid: STAT,
    pgrp: STAT,
    session: STAT,
    tty_nr: STAT,
    tpgid: STAT,
    flags: STAT,
    minflt: STAT,
    cminflt: STAT,
    majflt: STAT,
    cmajflt: STAT,
    utime: STAT,
    stime: STAT,
    cutime: STAT,
    cstime: STAT,
    priority: STAT,
    nice: STAT,
    num_threads: STAT,
    itrealvalue: STAT,
    starttime: STAT,
    vsize: STAT,
    rss: STAT,
    rsslim: STAT,
    startcode: STAT,
    endcode: STAT,
    startstack: STAT,
    kstkesp: STAT,
    kstkeip: STAT,
    signal: STAT,
    blocked: STAT,
    sigignore: STAT,
    sigcatch: STAT,
    wchan: STAT,
    nswap: STAT,
    cnswap: STAT,
    exit_signal: STAT,
    processor: STAT,
    rt_priority: STAT,
    policy: STAT,
    delayacct_blkio_ticks: STAT,
    guest_time: STAT,
    cguest_time: STAT,
  },
  { title: 'SelfProcStats' },
)

/** Time of all processors. */
const TICKS = integerSchema('Ticks of 1/100 s since the machine started, of all processors.')

const SYSTEM_PROC_STATS = objectSchema<SystemProcStatsInfo>(
  {
    ok: OK,
    sample_time: SAMPLED,
    percent: floatSchema(`Share of the time in which the processors were busy, ${SHARE}.`),
    user: TICKS,
    nice: TICKS,
    sys: TICKS,
    idle: TICKS,
    iowait: TICKS,
    irq: TICKS,
    softirq: TICKS,
    steal: TICKS,
    guest: TICKS,
  },
  { title: 'SystemProcStats' },
)

const MEMINFOS = objectSchema<MeminfosInfo>(
  {
    ok: OK,
    sample_time: SAMPLED,
    percent_ram: floatSchema(`Share of the memory that is in use, ${SHARE}.`),
    percent_swap: floatSchema(`Share of the swap that is in use, ${SHARE}.`),
    MemActive: integerSchema('Not free, KiB.'),
    RealInUse: integerSchema('Not free, without buffers and caches of files, KiB.'),
    NotInUse: integerSchema('The rest, KiB.'),
    MemTotal: integerSchema('KiB.'),
    MemFree: integerSchema('KiB.'),
    Buffers: integerSchema('KiB.'),
    Cached: integerSchema('KiB.'),
    SwapTotal: integerSchema('KiB.'),
    SwapFree: integerSchema('KiB.'),
  },
  { title: 'Meminfos' },
)

const SELF = objectSchema<SelfSummary>(
  {
    version: textSchema('Of this server.'),
    pid: integerSchema('Number of this process.'),
    ppid: integerSchema('Number of the process that started it.'),
    argv: textSchema('Its command line, without secrets.'),
    cwd: textSchema('Its folder.'),
    mem_kbyte: integerSchema('Memory that is not swapped out, KiB.'),
    mem_percent: floatSchema(`Share of the machine's memory, ${SHARE}.`),
    cpu_percent: floatSchema('Share of one processor, 1 for all of it.'),
    srs_uptime: integerSchema('Since the server started, s.'),
    event_loop: objectSchema<SelfSummary['event_loop']>({
      delay_p50_ms: floatSchema('50 of 100 turns were not later, ms.'),
      delay_p99_ms: floatSchema('99 of 100 turns were not later, ms.'),
      delay_max_ms: floatSchema('No turn was later, ms.'),
      utilization: floatSchema(`Share of the time in which it was busy, ${SHARE}.`),
    }),
  },
  { title: 'SelfSummary' },
)

const MACHINE = objectSchema<SystemSummary>(
  {
    cpu_percent: floatSchema(`Share of the time in which the processors were busy, ${SHARE}.`),
    disk_read_KBps: integerSchema('Read from disks, KiB/s.'),
    disk_write_KBps: integerSchema('Written to disks, KiB/s.'),
    disk_busy_percent: floatSchema(`Share of the time in which the disks of stats.disk were busy, ${SHARE}.`),
    mem_ram_kbyte: integerSchema('Memory, KiB.'),
    mem_ram_percent: floatSchema(`Share of it that is in use, ${SHARE}.`),
    mem_swap_kbyte: integerSchema('Swap, KiB.'),
    mem_swap_percent: floatSchema(`Share of it that is in use, ${SHARE}.`),
    cpus: integerSchema('Processors there are.'),
    cpus_online: integerSchema('Processors in use.'),
    uptime: floatSchema('Since the machine started, s.'),
    ilde_time: floatSchema('Time in which processors had nothing to do, all together, s.'),
    load_1m: floatSchema('Processes that could run, average of a minute.'),
    load_5m: floatSchema('The same of 5 minutes.'),
    load_15m: floatSchema('The same of 15 minutes.'),
    net_sample_time: SAMPLED,
    net_recv_bytes: integerSchema('Bytes in by devices with an address of the Internet.'),
    net_send_bytes: integerSchema('Bytes out by them.'),
    net_recvi_bytes: integerSchema('Bytes in by other devices, the loopback excepted.'),
    net_sendi_bytes: integerSchema('Bytes out by them.'),
    srs_sample_time: SAMPLED,
    srs_recv_bytes: integerSchema('Bytes of media taken from publishers and from origins.'),
    srs_send_bytes: integerSchema(
      'Bytes of media handed to players, and to servers that streams are forwarded to.',
    ),
    conn_sys: integerSchema('TCP sockets of the machine.'),
    conn_sys_et: integerSchema('Of these, connections that stand.'),
    conn_sys_tw: integerSchema('Of these, in TIME_WAIT.'),
    conn_sys_udp: integerSchema('UDP sockets of the machine.'),
    conn_srs: integerSchema('Connections of this server.'),
  },
  { title: 'SystemSummary' },
)

const SUMMARIES = objectSchema<SummariesInfo>(
  {
    ok: OK,
    now_ms: integerSchema("The server's clock, ms since the Unix epoch."),
    self: SELF,
    system: MACHINE,
  },
  { title: 'Summaries' },
)
