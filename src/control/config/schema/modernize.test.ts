import { describe, expect, it } from 'vitest'
import { build, configOf, inVhost } from './testing/build.ts'
import { writeConfig } from './write-config.ts'

/** What a text means, whatever its form: without the places, which tell the forms apart. */
function meaning(text: string): string {
  return writeConfig(configOf(text)).replace(/ {2}# srs\.conf\S*/g, '')
}

describe('an old form', () => {
  it.each([
    ['gop_cache off; queue_length 5;', 'play { gop_cache off; queue_length 5; }'],
    [
      'time_jitter zero; mix_correct on; atc on; atc_auto on;',
      'play { time_jitter zero; mix_correct on; atc on; atc_auto on; }',
    ],
    ['mw_latency 100; play { gop_cache off; }', 'play { gop_cache off; mw_latency 100; }'],
    [
      'gop_cache_max_frames 9; send_min_interval 10; reduce_sequence_header on;',
      'play { gop_cache_max_frames 9; send_min_interval 10; reduce_sequence_header on; }',
    ],
    [
      'publish_1stpkt_timeout 9; publish_normal_timeout 8;',
      'publish { firstpkt_timeout 9; normal_timeout 8; }',
    ],
    ['mr { enabled on; latency 9; }', 'publish { mr on; mr_latency 9; }'],
    ['refer a b;', 'refer { enabled on; all a b; }'],
    ['refer a; refer_play b; refer_publish c;', 'refer { enabled on; all a; play b; publish c; }'],
    [
      'forward 127.0.0.1:19350 10.0.0.1?vhost=x;',
      'forward { enabled on; destination 127.0.0.1:19350 10.0.0.1?vhost=x; }',
    ],
    [
      'mode remote; origin 10.0.0.1; token_traverse on; vhost x; debug_srs_upnode off;',
      'cluster { mode remote; origin 10.0.0.1; token_traverse on; vhost x; debug_srs_upnode off; }',
    ],
    ['http { enabled on; mount /x; dir ./y; }', 'http_static { enabled on; mount /x; dir ./y; }'],
    [
      'nack { enabled off; no_copy off; } twcc { enabled off; }',
      'rtc { nack off; nack_no_copy off; twcc off; }',
    ],
    ['rtc { aac transcode; bframe keep; }', 'rtc { rtmp_to_rtc on; keep_bframe on; }'],
  ])('means what its new form means: %s', (old, today) => {
    expect(meaning(inVhost(old))).toBe(meaning(inVhost(today)))
  })

  it.each([
    ['log_dir ./logs;', 'ff_log_dir ./logs;'],
    ['http_stream { enabled on; }', 'http_server { enabled on; }'],
    ['srt_server { tlpkdrop off; }', 'srt_server { tlpktdrop off; }'],
  ])('means so outside of vhosts, too: %s', (old, today) => {
    expect(meaning(`listen 1935; ${old}`)).toBe(meaning(`listen 1935; ${today}`))
  })

  it('keeps its place, for what is wrong with it', () => {
    expect(build(inVhost('  gop_cache maybe;')).faults).toEqual([
      "srs.conf:3:13: gop_cache: expected on or off; not 'maybe'",
    ])
  })

  it('beside its new form does not count, and that is told', () => {
    const { config, notices } = build(inVhost('gop_cache off;\nplay { gop_cache on; }'))
    expect(config.values.vhost[0]?.values.play.values.gop_cache.value).toBe(true)
    expect(notices).toEqual(["srs.conf:3:1: 'gop_cache' is given again: the one at srs.conf:4:8 counts"])
  })

  it('does not switch on what is switched off by its new form', () => {
    const { config } = build(inVhost('refer a; refer { enabled off; }'))
    expect(config.values.vhost[0]?.values.refer.values.enabled.value).toBe(false)
  })
})
