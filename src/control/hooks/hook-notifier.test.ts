import { describe, expect, it } from 'vitest'
import { createServerIdentity, systemClock } from '../../base/index.ts'
import type { StreamRequest } from '../../live/index.ts'
import { HookBodies } from './hook-bodies.ts'
import { HookNotifier } from './hook-notifier.ts'
import type { HookOutbox } from './hook-outbox.ts'
import type { HookNotification } from './notification.ts'
import type { HookOptions } from './options.ts'

const REQUEST: StreamRequest = {
  name: { vhost: 'a.example', app: 'live', stream: 'demo' },
  client: { id: 'c1', protocol: 'rtmp', address: '192.0.2.1' },
  vhost: '',
  parameters: new URLSearchParams(),
  param: '',
  tcUrl: 'rtmp://a.example/live',
  pageUrl: '',
}

/** Keeps what it is given. */
class RecordingOutbox implements Pick<HookOutbox, 'isDurable' | 'open' | 'forget' | 'add'> {
  isDurable = false
  readonly opened: HookNotification[] = []
  readonly forgotten: string[] = []
  readonly added: HookNotification[] = []

  open(notification: HookNotification): void {
    this.opened.push(notification)
  }

  forget(id: string): void {
    this.forgotten.push(id)
  }

  add(notification: HookNotification): void {
    this.added.push(notification)
  }
}

function createNotifier(options: { hooks: HookOptions | undefined; publisher?: StreamRequest | null }): {
  notifier: HookNotifier
  outbox: RecordingOutbox
} {
  const outbox = new RecordingOutbox()
  const bodies = new HookBodies(createServerIdentity())
  const hooksOf = (): HookOptions | undefined => options.hooks
  const publisherOf = (): StreamRequest | null => options.publisher ?? null
  return { notifier: new HookNotifier({ outbox, bodies, hooksOf, publisherOf, clock: systemClock }), outbox }
}

const HOOKS: HookOptions = {
  onUnpublish: ['http://h.example:8085/streams', 'https://other.example/streams'],
  onStop: ['http://h.example:8085/sessions'],
  onClose: ['http://h.example:8085/clients'],
}

describe('a hook notifier', () => {
  it('tells each URL what has ended, in the lane of the stream at that server', async () => {
    const { notifier, outbox } = createNotifier({ hooks: HOOKS })
    notifier.connected(REQUEST)
    await notifier.onPublish(REQUEST)
    await notifier.onPlay(REQUEST)
    expect(outbox.opened).toEqual([])
    await notifier.onUnpublish(REQUEST)
    await notifier.onStop(REQUEST)
    await notifier.onClose(REQUEST, { bytesSent: 1, bytesReceived: 2 })
    const lanes = [
      'http://h.example:8085 //a.example/live/demo',
      'https://other.example //a.example/live/demo',
    ]
    expect(outbox.added.map(({ event, url, lane }) => [event, url, lane])).toEqual([
      ['on_unpublish', 'http://h.example:8085/streams', lanes[0]],
      ['on_unpublish', 'https://other.example/streams', lanes[1]],
      ['on_stop', 'http://h.example:8085/sessions', lanes[0]],
      ['on_close', 'http://h.example:8085/clients', lanes[0]],
    ])
    expect(outbox.added.map(({ body }) => JSON.parse(body).action)).toEqual(
      outbox.added.map(({ event }) => event),
    )
    expect(new Set(outbox.added.map(({ id }) => id)).size).toBe(4)
    expect(JSON.parse(outbox.added[3]?.body ?? '')).toMatchObject({ send_bytes: 1, recv_bytes: 2 })
  })

  it('says to an outbox on disk what has begun, and tells the end under the same ids', async () => {
    const options: { hooks: HookOptions | undefined } = { hooks: HOOKS }
    const { notifier, outbox } = createNotifier(options)
    outbox.isDurable = true
    notifier.connected(REQUEST)
    await notifier.onPublish(REQUEST)
    expect(outbox.opened.map(({ event }) => event)).toEqual(['on_close', 'on_unpublish', 'on_unpublish'])
    options.hooks = { ...HOOKS, onUnpublish: ['http://new.example/', HOOKS.onUnpublish?.[1] ?? ''] }
    await notifier.onUnpublish(REQUEST)
    await notifier.onClose(REQUEST, { bytesSent: 1, bytesReceived: 2 })
    const [close, first, second] = outbox.opened.map(({ id }) => id)
    expect(outbox.forgotten).toEqual([first])
    expect(outbox.added.map(({ event, id }) => [event, [first, second, close].includes(id)])).toEqual([
      ['on_unpublish', false],
      ['on_unpublish', true],
      ['on_close', true],
    ])
  })

  it('tells each time that the same begins and ends under another id', async () => {
    const { notifier, outbox } = createNotifier({ hooks: HOOKS })
    outbox.isDurable = true
    for (let time = 0; time < 2; time++) {
      await notifier.onPlay(REQUEST)
      await notifier.onStop(REQUEST)
    }
    expect(outbox.added.map(({ id }) => id)).toEqual(outbox.opened.map(({ id }) => id))
    expect(new Set(outbox.added.map(({ id }) => id)).size).toBe(2)
  })

  it('tells who was asked and said yes that what was to begin has not, and nobody else', async () => {
    const options: { hooks: HookOptions | undefined } = { hooks: HOOKS }
    const { notifier, outbox } = createNotifier(options)
    await notifier.onAbandoned('publish', REQUEST)
    await notifier.onAbandoned('play', REQUEST)
    expect(outbox.added).toEqual([])
    options.hooks = { ...HOOKS, onPublish: ['http://h.example:8085/'], onPlay: ['http://h.example:8085/'] }
    await notifier.onAbandoned('publish', REQUEST)
    await notifier.onAbandoned('play', REQUEST)
    expect(outbox.added.map(({ event }) => event)).toEqual(['on_unpublish', 'on_unpublish', 'on_stop'])
  })

  it('tells who said yes to a publisher that a backend of forwarding refuses then', async () => {
    const { notifier, outbox } = createNotifier({
      hooks: { ...HOOKS, onPublish: ['http://h.example:8085/'] },
    })
    const refusal = { action: 'publish', request: REQUEST, reason: 'no', code: 'x' } as const
    await notifier.onRefused({ ...refusal, link: 'hook' })
    expect(outbox.added).toEqual([])
    await notifier.onRefused({ ...refusal, link: 'forward' })
    expect(outbox.added.map(({ event }) => event)).toEqual(['on_unpublish', 'on_unpublish'])
  })

  it.each([
    ['rtmp', 0],
    ['edge', 2],
    ['file', 2],
  ] as const)(
    'tells nothing of who does not begin while another one that hooks know publishes the stream: %s',
    async (protocol, told) => {
      const { notifier, outbox } = createNotifier({
        hooks: { ...HOOKS, onPublish: ['http://h.example:8085/'], onPlay: ['http://h.example:8085/'] },
        publisher: { ...REQUEST, client: { id: 'other', protocol, address: '192.0.2.2' } },
      })
      await notifier.onAbandoned('publish', REQUEST)
      expect(outbox.added).toHaveLength(told)
      const refusal = {
        action: 'publish',
        request: REQUEST,
        reason: 'no',
        code: 'x',
        link: 'forward',
      } as const
      await notifier.onRefused(refusal)
      expect(outbox.added).toHaveLength(2 * told)
      await notifier.onAbandoned('play', REQUEST)
      expect(outbox.added.at(-1)?.event).toBe('on_stop')
    },
  )

  it('tells the end also if the virtual host is gone by then', async () => {
    const options: { hooks: HookOptions | undefined } = { hooks: HOOKS }
    const { notifier, outbox } = createNotifier(options)
    await notifier.onPlay(REQUEST)
    options.hooks = undefined
    await notifier.onStop(REQUEST)
    expect(outbox.added.map(({ event }) => event)).toEqual(['on_stop'])
  })

  it('tells nothing of what this server does itself', async () => {
    const { notifier, outbox } = createNotifier({ hooks: HOOKS })
    for (const protocol of ['file', 'library', 'edge', 'forward'] as const) {
      const request = { ...REQUEST, client: { ...REQUEST.client, protocol } }
      await notifier.onUnpublish(request)
      await notifier.onClose(request, { bytesSent: 0, bytesReceived: 0 })
    }
    expect(outbox.added).toEqual([])
  })
})
