import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc/<pid>/stat: USER_HZ, 100 on every Linux that Node runs on (proc(5)). */
const TICKS_PER_SECOND = 100

/** Processor time, seconds. */
export type CpuSeconds = Readonly<{
  /** In the program itself. */
  user: number
  /** In the kernel on its behalf: for a streaming server mostly `write`. */
  system: number
}>

/** How a set of processes is at one moment. */
export type ProcessSample = Readonly<{
  /** Since each process began, summed; to a hundredth of a second. */
  cpu: CpuSeconds
  /** The same, user and system together, to a microsecond, of all threads there are. */
  cpuTotal: number
  /** The part of it that the processes' main threads ran, where Node's event loop is. */
  mainThread: number
  /** How long main threads that had something to do waited for a processor, seconds; 0 where the kernel does not tell. */
  mainThreadWait: number
  /** VmRSS, summed, bytes: pages that processes share count once for each. */
  rssBytes: number
  /** Calls of `write` and its like since each process began, summed; not those of `send`, which nginx and the floor use. */
  writes: number
}>

/** The fields of /proc/<pid>/stat that are read here. */
export type ProcessStat = Readonly<{
  /** The process that started it. */
  parent: number
  /** As `ProcessSample.cpu`, without ended children. */
  cpu: CpuSeconds
}>

/** Reads one line of /proc/<pid>/stat (proc(5)). */
export function parseProcessStat(text: string): ProcessStat {
  // The second field is the command in brackets, and may have spaces and brackets of its own.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [parent, utime, stime] = [fields[1], fields[11], fields[12]].map(Number)
  return {
    parent: parent ?? 0,
    cpu: { user: (utime ?? 0) / TICKS_PER_SECOND, system: (stime ?? 0) / TICKS_PER_SECOND },
  }
}

/** Reads VmRSS from /proc/<pid>/status, bytes; 0 where there is none. */
export function parseResidentBytes(text: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024
}

/** Reads syscw from /proc/<pid>/io; 0 where that may not be read. */
export function parseWrites(text: string): number {
  return Number(/^syscw: (\d+)$/m.exec(text)?.[1] ?? 0)
}

/** How long a thread ran, and how long it could have run and waited for a processor, seconds. */
export type ThreadTimes = Readonly<{ ran: number; waited: number }>

/** Reads /proc/<pid>/task/<tid>/schedstat, which counts nanoseconds where `stat` counts hundredths of a second. */
export function parseThreadTimes(text: string): ThreadTimes {
  const [ran = 0, waited = 0] = text.split(' ').map((field) => Number(field) / 1e9)
  return { ran, waited }
}

/** Samples processes and all that descend from them; one that has ended counts as nothing. */
export function sampleProcesses(roots: readonly number[]): ProcessSample {
  let [user, system, cpuTotal, mainThread, mainThreadWait, rssBytes, writes] = [0, 0, 0, 0, 0, 0, 0]
  for (const pid of withDescendants(roots)) {
    const stat = readOrNull(`/proc/${pid}/stat`)
    if (stat !== null) {
      const { cpu } = parseProcessStat(stat)
      user += cpu.user
      system += cpu.system
      // A kernel without schedstat has the rounded times only.
      cpuTotal += runTimeOf(pid) || cpu.user + cpu.system
      const main = threadTimes(pid, String(pid))
      // The first thread's `stat` has its own times, that of the process those of all.
      mainThread += main.ran || cpuOfThread(pid)
      mainThreadWait += main.waited
      rssBytes += parseResidentBytes(readOrNull(`/proc/${pid}/status`) ?? '')
      writes += parseWrites(readOrNull(`/proc/${pid}/io`) ?? '')
    }
  }
  return { cpu: { user, system }, cpuTotal, mainThread, mainThreadWait, rssBytes, writes }
}

/** The processor time of all processors since the machine started, seconds. */
export type MachineSample = Readonly<{
  /** Doing anything. */
  busy: number
  /** Whether busy or not. */
  total: number
}>

/** Reads the first line of /proc/stat: a bench on a machine that is busy with something else is worth nothing. */
export function parseMachineStat(text: string): MachineSample {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = (
    text.split('\n', 1)[0] ?? ''
  )
    .replace(/^cpu\s+/, '')
    .split(' ')
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND)
  const busy = user + nice + system + irq + softirq + steal
  return { busy, total: busy + idle + iowait }
}

/** As `parseMachineStat`, of now. */
export function sampleMachine(): MachineSample {
  return parseMachineStat(readFileSync('/proc/stat', 'utf8'))
}

function runTimeOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => threadTimes(pid, thread).ran)
      .reduce((sum, seconds) => sum + seconds, 0)
  } catch {
    return 0
  }
}

function threadTimes(pid: number, thread: string): ThreadTimes {
  return parseThreadTimes(readOrNull(`/proc/${pid}/task/${thread}/schedstat`) ?? '')
}

function cpuOfThread(pid: number): number {
  const stat = readOrNull(`/proc/${pid}/task/${pid}/stat`)
  const { user, system } = stat === null ? { user: 0, system: 0 } : parseProcessStat(stat).cpu
  return user + system
}

function withDescendants(roots: readonly number[]): Set<number> {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readOrNull(`/proc/${name}/stat`) : null
    if (stat !== null) {
      const { parent } = parseProcessStat(stat)
      children.set(parent, [...(children.get(parent) ?? []), Number(name)])
    }
  }
  const found = new Set(roots)
  // A Set's iteration reaches what is added meanwhile.
  for (const pid of found) {
    for (const child of children.get(pid) ?? []) {
      found.add(child)
    }
  }
  return found
}

/** A process may end between being listed and being read. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
