import type { ReadSystemFile } from '../system-readings.ts'

/** Files of `/proc` as a machine with two processors had them, shortened. */
export const PROC_FILES: Readonly<Record<string, string>> = {
  '/proc/self/stat':
    '9982 (a (b) c) S 9980 9970 1300 0 -1 4194304 1959 1 2 3 6 5 0 0 20 0 1 0 351676 28495872 3820 ' +
    '18446744073709551615 94723858063360 94723861664313 140726237957824 0 0 0 0 4096 16935 0 0 0 17 1 0 0 0 0 0 ' +
    '93840193281072 93840193282688 93840617488384 140722072615523 140722072615668 140722072615668 140722072616939 0\n',
  '/proc/stat':
    'cpu  60311 15761 56969 538407 3033 0 14755 13481 7 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 29150642 0 0\n',
  '/proc/meminfo':
    'MemTotal:       24684084 kB\nMemFree:        23024732 kB\nMemAvailable:   23617784 kB\nBuffers:            2064 kB\n' +
    'Cached:           339884 kB\nSwapCached:            0 kB\nActive(anon):       1596 kB\nSwapTotal:          1000 kB\n' +
    'SwapFree:            250 kB\nHugePages_Total:       0\n',
  '/proc/vmstat': 'nr_free_pages 1\npgpgin 5000\npgpgout 7000\npgpgoutdirty 3\n',
  '/proc/diskstats':
    '   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n 254       0 vda 1427759 62535 29080562 12484142 228679 853285 ' +
    '44136872 465629 0 437464 13071326 570255 319 33072560 113371 17014 8182\n',
  '/proc/uptime': '3525.77 5382.14\n',
  '/proc/loadavg': '0.45 0.56 0.53 7/155 4698\n',
  '/proc/net/dev':
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
    '    lo: 342888365081 143808093    0 14272    0     0          0         0 342888365081 143808093    0    0    0     0       0          0\n' +
    '  eth9: 5743347007  146743    0    0    0     0          0         0 14450419  106998    0    0    0     0       0          0\n' +
    'br-a1:23 1 0 0 0 0 0 0 45 1 0 0 0 0 0 0\n',
  '/proc/net/sockstat':
    'sockets: used 35\nTCP: inuse 21 orphan 0 tw 13 alloc 1 mem 0\nUDP: inuse 2 mem 0\nUDPLITE: inuse 0\n',
  '/proc/net/sockstat6': 'TCP6: inuse 4\nUDP6: inuse 1\nRAW6: inuse 0\n',
  '/proc/net/snmp':
    'Ip: Forwarding DefaultTTL\nIp: 2 64\n' +
    'Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs\n' +
    'Tcp: 1 200 120000 -1 986925 959151 3141 223275 8 143951693\n',
  '/sys/devices/system/cpu/present': '0-3\n',
  '/sys/devices/system/cpu/online': '0,2\n',
}

/** Reads them, with others in their place; counts what is read. */
export function readsProcFiles(files: Readonly<Record<string, string>> = PROC_FILES): {
  read: ReadSystemFile
  reads: () => number
} {
  let reads = 0
  return {
    read: async (path) => {
      reads++
      return files[path] ?? ''
    },
    reads: () => reads,
  }
}
