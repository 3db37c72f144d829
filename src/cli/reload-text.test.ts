import { describe, expect, it } from 'vitest'
import type { ReloadPlan } from '../server/index.ts'
import { formatReloadPlan } from './reload-text.ts'

const EMPTY: ReloadPlan = { steps: [], cut: [], atNextStart: [] }

describe('the text of a plan', () => {
  it('says that nothing changes', () => {
    const steps = [{ component: 'connections', action: 'keep', changes: [] }] as const
    expect(formatReloadPlan({ ...EMPTY, steps })).toBe('Nothing changes.\n')
  })

  it('has a line for each part that changes and for each setting, who is disconnected, and what waits', () => {
    const change = { setting: 'hls.windowMs', before: 6000, after: null, effect: 'at once' }
    const plan: ReloadPlan = {
      steps: [
        { component: 'listener 127.0.0.1:1935 (RTMP)', action: 'keep', changes: [] },
        { component: 'listener *:8443 (HTTPS)', action: 'add', changes: [] },
        { component: 'virtual host a.example', action: 'update', changes: [change] },
      ],
      cut: [
        {
          client: { id: 'c7', protocol: 'rtmp', address: '192.0.2.1' },
          role: 'publisher',
          stream: '//b.example/live/demo',
          reason: 'the virtual host b.example is no more',
        },
      ],
      atNextStart: [
        { setting: 'pid', before: './objs/srs.pid', after: '/run/srs.pid', effect: 'at the next start' },
      ],
    }
    expect(formatReloadPlan(plan)).toBe(`add      listener *:8443 (HTTPS)
update   virtual host a.example
         hls.windowMs: 6000 becomes nothing, at once
keep     1 part
Disconnected: 1
         c7 (rtmp from 192.0.2.1) publishes //b.example/live/demo: the virtual host b.example is no more
At the next start:
         pid: ./objs/srs.pid becomes /run/srs.pid
`)
  })

  it('has no control characters, whatever a stream is called', () => {
    const client = { id: 'c7', protocol: 'rtmp', address: '192.0.2.1' } as const
    const stream = 'live/\x1b[2J\u009b31mdemo\r\n'
    const cut = [{ client, role: 'player', stream, reason: 'it is over' }] as const
    expect(formatReloadPlan({ ...EMPTY, cut })).toContain('plays live/demo: it is over\n')
  })
})
