import { describe, expect, it } from 'vitest'
import { defaultProcessSettings, type ProcessSettings } from '../../settings/index.ts'
import { processSettingsOf } from './settings-of.ts'
import { configOf } from './testing/build.ts'

function settingsFor(text: string, inContainer = false): ProcessSettings {
  return processSettingsOf(configOf(`listen 1935; ${text}`), { inContainer })
}

describe('a configuration says of the process', () => {
  it('that it goes to the background, with a pid file and a log file, if it says nothing', () => {
    expect(settingsFor('')).toEqual({
      ...defaultProcessSettings,
      daemon: true,
      pidFile: './objs/srs.pid',
      log: { target: 'file', file: './objs/srs.log', level: 'info', utc: false },
      progress: { publishMs: 10_000, playMs: 10_000 },
    })
  })

  it.each([
    ['daemon off;', false],
    ['', true],
    ['in_docker on;', false],
    ['daemon on;', true],
  ])(
    'that it stays in the foreground and logs to the console with %j (in a container: %s)',
    (text, inContainer) => {
      expect(settingsFor(text, inContainer)).toMatchObject({
        daemon: false,
        pidFile: null,
        log: { target: 'console' },
      })
    },
  )

  it('that it goes to the background in a container, too, if that is asked for', () => {
    expect(settingsFor('disable_daemon_for_docker off;', true).daemon).toBe(true)
  })

  it.each([
    ['', false, false],
    ['inotify_auto_reload on;', false, true],
    ['', true, true],
    ['in_docker on;', false, true],
    ['auto_reload_for_docker off;', true, false],
    ['auto_reload_for_docker off; inotify_auto_reload on;', true, true],
  ])('whether it reloads by itself: with %j (in a container: %s) %s', (text, inContainer, expected) => {
    expect(settingsFor(text, inContainer).autoReload).toBe(expected)
  })

  it('all that can be said', () => {
    const text = `
      daemon off; pid run/srs.pid; work_dir /srv; asprocess on; utc_time on; log_dir logs;
      srs_log_tank file; srs_log_file a.log; srs_log_level warn; pithy_print_ms 5000;
      grace_start_wait 1; grace_final_wait 2; grace_deadline 0; force_grace_quit on;`
    expect(settingsFor(text)).toEqual({
      daemon: false,
      pidFile: 'run/srs.pid',
      workDirectory: '/srv',
      endWithParent: true,
      autoReload: false,
      log: { target: 'file', file: 'a.log', level: 'warn', utc: true },
      progress: { publishMs: 5000, playMs: 5000 },
      quit: { startWaitMs: 1, finalWaitMs: 2, deadlineMs: Number.POSITIVE_INFINITY, always: true },
    })
  })

  it.each([
    ['srs_log_level verbose;', 'debug'],
    ['srs_log_level info;', 'debug'],
    ['srs_log_level trace;', 'info'],
    ['srs_log_level error;', 'error'],
    ['srs_log_level error; srs_log_level_v2 trace;', 'debug'],
    ['srs_log_level error; srs_log_level_v2 info;', 'info'],
  ])('what is logged, in both vocabularies of SRS: %s', (text, level) => {
    expect(settingsFor(text).log.level).toBe(level)
  })

  it('how often progress is logged, in the words of 2014 and of today', () => {
    expect(settingsFor('pithy_print { publish 1100; }').progress).toEqual({ publishMs: 1100, playMs: 10_000 })
  })
})
