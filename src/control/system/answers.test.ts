import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { stillClock } from '../../../test/support/live.ts'
import {
  meminfosInfo,
  rusagesInfo,
  selfProcStatsInfo,
  shownCommandLine,
  summariesInfo,
  systemProcStatsInfo,
} from './answers.ts'
import { SystemReadings } from './system-readings.ts'
import { PROC_FILES, readsProcFiles } from './testing/proc-files.ts'

const NOW = 1_700_000_010_500
const EVENT_LOOP = { meanMs: 1, p50Ms: 1, p90Ms: 2, p99Ms: 3.456, maxMs: 4, utilization: 0.5 }
const TOTALS = { startedAt: 1_700_000_000_000, receivedBytes: 480063, sentBytes: 670011, connections: 3 }

/** Names and types of a value, in order. */
function shapeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, each]) => [name, shapeOf(each)])
    : typeof value
}

/** What SRS has, too: what it has not stands behind that. */
function withoutOurs(answer: object): object {
  const { self } = answer as { self?: Record<string, unknown> }
  if (self === undefined) {
    return answer
  }
  expect(Object.keys(self).at(-1)).toBe('event_loop')
  const { event_loop: _ours, ...ofSrs } = self
  return { ...answer, self: ofSrs }
}

/** What SRS answered. */
function answerOfSrs(name: string): unknown {
  const path = new URL(`../../../test/fixtures/api/${name}.json`, import.meta.url)
  return (JSON.parse(readFileSync(path, 'utf8')) as { data: unknown }).data
}

describe('Answers about the system', async () => {
  const sample = await new SystemReadings(
    stillClock,
    { enabled: true, disks: [] },
    readsProcFiles().read,
  ).sample()
  const nothing = await new SystemReadings(
    stillClock,
    { enabled: true, disks: [] },
    readsProcFiles({}).read,
  ).sample()
  const answers = {
    summaries: summariesInfo(sample, TOTALS, EVENT_LOOP, NOW),
    rusages: rusagesInfo(NOW),
    self_proc_stats: selfProcStatsInfo(sample),
    system_proc_stats: systemProcStatsInfo(sample),
    meminfos: meminfosInfo(sample),
  }

  it.each(Object.entries(answers))('have the names, the order and the types of SRS: %s', (name, answer) => {
    expect(shapeOf(withoutOurs(answer))).toEqual(shapeOf(answerOfSrs(name)))
  })

  it('have the same names and types where the system says nothing, and ok is false', () => {
    const empty = {
      summaries: summariesInfo(nothing, TOTALS, EVENT_LOOP, NOW),
      self_proc_stats: selfProcStatsInfo(nothing),
      system_proc_stats: systemProcStatsInfo(nothing),
      meminfos: meminfosInfo(nothing),
    }
    for (const [name, answer] of Object.entries(empty)) {
      expect(answer.ok).toBe(false)
      expect(shapeOf(withoutOurs(answer))).toEqual(shapeOf(answerOfSrs(name)))
    }
  })

  it('reckon memory as SRS does: what is in use is without buffers and caches of files', () => {
    expect(answers.meminfos).toMatchObject({
      MemActive: 1659352,
      RealInUse: 1317404,
      NotInUse: 23366680,
      percent_ram: 0.05,
      percent_swap: 0.75,
    })
  })

  it('show the numbers of the machine and of the server in the summaries', () => {
    expect(answers.summaries).toMatchObject({
      ok: true,
      now_ms: NOW,
      self: {
        event_loop: { delay_p99_ms: 3.46, utilization: 0.5 },
        pid: process.pid,
        ppid: process.ppid,
        cwd: process.cwd(),
        srs_uptime: 10,
      },
      system: {
        cpu_percent: 0.23,
        mem_ram_kbyte: 24684084,
        mem_ram_percent: 0.05,
        mem_swap_kbyte: 1000,
        cpus: 4,
        cpus_online: 2,
        uptime: 3525.77,
        ilde_time: 5382.14,
        load_1m: 0.45,
        load_15m: 0.53,
        net_recvi_bytes: 5743347030,
        srs_recv_bytes: 480063,
        srs_send_bytes: 670011,
        conn_sys: 38,
        conn_sys_et: 8,
        conn_sys_tw: 13,
        conn_sys_udp: 3,
        conn_srs: 3,
      },
    })
  })

  it('show /proc/self/stat as it is', () => {
    expect(answers.self_proc_stats).toMatchObject({ ok: true, pid: 9982, comm: '(a (b) c)', rsslim: -1 })
    expect(PROC_FILES['/proc/self/stat']).toContain(' 18446744073709551615 ')
  })

  it.each([
    ['srs serve --token s3cret -c a.conf', 'srs serve --token *** -c a.conf'],
    ['srs --api-password=s3cret', 'srs --api-password=***'],
    ['srs rtmp://a/live/b?sign=1234', 'srs rtmp://a/live/b?sign=***'],
    ['srs -c srs.conf', 'srs -c srs.conf'],
  ])('show no secrets of the command line: %j', (given, shown) => {
    expect(shownCommandLine(given.split(' '))).toBe(shown)
  })
})
