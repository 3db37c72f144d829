/** `/proc/self/stat` by its fields' names (proc(5)), from `minflt` on as SRS's API has them. */
export type ProcessStat = Readonly<{
  /** Number of the process. */
  pid: number
  /** Its name, in parentheses. */
  comm: string
  /** What it does, e.g. 'R' for running. */
  state: string
}> &
  Readonly<Record<(typeof NUMBER_FIELDS)[number], number>>

/** The fields behind `state`, in the order of the file. */
const NUMBER_FIELDS = [
  'ppid',
  'pgrp',
  'session',
  'tty_nr',
  'tpgid',
  'flags',
  'minflt',
  'cminflt',
  'majflt',
  'cmajflt',
  'utime',
  'stime',
  'cutime',
  'cstime',
  'priority',
  'nice',
  'num_threads',
  'itrealvalue',
  'starttime',
  'vsize',
  'rss',
  'rsslim',
  'startcode',
  'endcode',
  'startstack',
  'kstkesp',
  'kstkeip',
  'signal',
  'blocked',
  'sigignore',
  'sigcatch',
  'wchan',
  'nswap',
  'cnswap',
  'exit_signal',
  'processor',
  'rt_priority',
  'policy',
  'delayacct_blkio_ticks',
  'guest_time',
  'cguest_time',
] as const

/** What stands where there is no `/proc`. */
export const noProcessStat: ProcessStat = processStat(0, '', '', [])

/**
 * Reads `/proc/PID/stat`. The name may hold spaces and parentheses: its end is the last one.
 * @returns null if it is not in that form
 */
export function parseProcessStat(text: string): ProcessStat | null {
  const match = /^(\d+) (\(.*\)) (\S) (.+)$/s.exec(text.trim())
  if (match === null) {
    return null
  }
  const [, pid = '', comm = '', state = '', rest = ''] = match
  return processStat(Number(pid), comm, state, rest.split(' '))
}

function processStat(
  pid: number,
  comm: string,
  state: string,
  words: readonly (string | undefined)[],
): ProcessStat {
  const numbers = NUMBER_FIELDS.map((name, index) => [name, toSigned(words[index])] as const)
  return {
    pid,
    comm,
    state,
    ...(Object.fromEntries(numbers) as Record<(typeof NUMBER_FIELDS)[number], number>),
  }
}

/** As SRS has it: 64 bits with a sign, so that no limit is -1. 0 for what is not there. */
function toSigned(word: string | undefined): number {
  return word !== undefined && /^-?\d+$/.test(word) ? Number(BigInt.asIntN(64, BigInt(word))) : 0
}
