import { describe, expect, it } from 'vitest'
import type { StreamInfo } from '../stream-feed.ts'
import { GONE_KEPT_MS, pathsOf, remember } from './wall-memory.ts'

function stream(url: string, active = true, frames = 1): StreamInfo {
  return {
    id: url,
    name: '',
    vhost: '',
    app: '',
    tcUrl: '',
    url,
    live_ms: 0,
    clients: 1,
    frames,
    send_bytes: 0,
    recv_bytes: 0,
    kbps: { recv_30s: 0, send_30s: 0 },
    publish: { active },
    video: null,
    audio: null,
    health: null,
  }
}

describe('the streams of the wall', () => {
  it('are those that are live, and those that were', () => {
    const memory = remember(
      new Map(),
      [stream('/live/now'), stream('/live/before', false), stream('/live/never', false, 0)],
      0,
    )
    expect(pathsOf(memory)).toEqual(['/live/before', '/live/now'])
  })

  it('stay for a while when the server speaks of them no more, and then go', () => {
    const first = remember(new Map(), [stream('/live/a'), stream('/live/b')], 0)
    const second = remember(first, [stream('/live/b')], GONE_KEPT_MS - 1)
    expect(pathsOf(second)).toEqual(['/live/a', '/live/b'])
    expect(pathsOf(remember(second, [stream('/live/b')], GONE_KEPT_MS))).toEqual(['/live/b'])
  })

  it('are in the order of their names, whenever they come', () => {
    const first = remember(new Map(), [stream('/live/cam10'), stream('/live/cam2')], 0)
    expect(pathsOf(remember(first, [stream('a.example/live/x'), stream('/live/cam1')], 1))).toEqual([
      '//a.example/live/x',
      '/live/cam1',
      '/live/cam2',
      '/live/cam10',
    ])
  })
})
