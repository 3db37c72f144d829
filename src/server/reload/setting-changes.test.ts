import { describe, expect, it } from 'vitest'
import { HIDDEN, sameValue, settingChanges } from './setting-changes.ts'

function changes(before: unknown, after: unknown): string[] {
  return settingChanges(before, after, () => 'at once').map(
    (change) => `${change.setting}: ${JSON.stringify(change.before)} to ${JSON.stringify(change.after)}`,
  )
}

describe('the changes between settings', () => {
  it('are those that differ, by their paths', () => {
    const before = { a: 1, b: { c: [1, 2], d: 'x', e: null }, f: true }
    expect(changes(before, { a: 1, b: { c: [1, 3], d: 'x' }, g: 2 })).toEqual([
      'b.c: [1,2] to [1,3]',
      'f: true to null',
      'g: null to 2',
    ])
    expect(changes(before, structuredClone(before))).toEqual([])
  })

  it('tell a block that comes or goes as a whole', () => {
    expect(changes({ hls: { windowMs: 1 } }, { hls: null })).toEqual(['hls: {"windowMs":1} to null'])
  })

  it('never show secrets, wherever they are', () => {
    const access = { token: { keys: [{ id: 'a', secret: 'swordfish' }] }, refer: { all: ['a'] } }
    const rotated = { token: { keys: [{ id: 'b', secret: 'tuna' }] }, refer: { all: ['a'] } }
    expect(changes({ access }, { access: rotated })).toEqual([
      `access.token.keys: "${HIDDEN}" to "${HIDDEN}"`,
    ])
    expect(JSON.stringify(settingChanges({}, { access }, () => ''))).not.toContain('swordfish')
    expect(changes({ key: 'PEM' }, {})).toEqual([`key: "${HIDDEN}" to null`])
  })

  it('show no stream key in the output of an engine, and nothing that programs are started with', () => {
    const before = {
      transcode: { live: { engines: { ld: { output: 'rtmp://a.example/live/key', width: 1 } } } },
    }
    const after = {
      transcode: { live: { engines: { ld: { output: 'rtmp://b.example/live/key', width: 2 } } } },
    }
    expect(changes(before, after)).toEqual([
      'transcode.live.engines.ld.output: "rtmp://a.example/live/***" to "rtmp://b.example/live/***"',
      'transcode.live.engines.ld.width: 1 to 2',
    ])
    expect(changes({ exec: { publish: [['curl', 'swordfish']] } }, { exec: { publish: [] } })).toEqual([
      `exec.publish: "${HIDDEN}" to "${HIDDEN}"`,
    ])
    expect(changes({}, { engines: [{ inputOptions: [['headers', 'swordfish']] }] })).toEqual([
      `engines: null to [{"inputOptions":"${HIDDEN}"}]`,
    ])
  })

  it('show no password and no token in the URL of a hook', () => {
    const hooks = { onPublish: ['http://hook:swordfish@example.com/publish?token=tuna&app=live'] }
    expect(changes({ hooks }, { hooks: { onPublish: [] } })).toEqual([
      'hooks.onPublish: ["http://***@example.com/publish?token=***&app=live"] to []',
    ])
    const forward = { backend: 'http://hook:swordfish@example.com/forward' }
    expect(changes({}, { forward })).toEqual([
      'forward: null to {"backend":"http://***@example.com/forward"}',
    ])
  })
})

describe('sameValue', () => {
  it.each([
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true],
    [Number.NaN, Number.NaN, true],
    [undefined, null, true],
    [0, null, false],
    [[1], [1, 2], false],
    [{ a: undefined }, {}, true],
    [{ a: { b: 1 } }, { a: { b: 2 } }, false],
    ['1', 1, false],
  ])('of %j and %j is %j', (a, b, same) => {
    expect(sameValue(a, b)).toBe(same)
  })
})
