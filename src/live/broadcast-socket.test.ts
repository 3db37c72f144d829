import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { listenTcp, SocketSink } from '../net/index.ts'
import { BroadcastRig } from './testing/broadcast-rig.ts'
import { frame } from './testing/frames.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup()
  }
})

/** Both ends of a connection over the loopback interface; the peer reads nothing until it is told to. */
async function socketPair(): Promise<{ socket: Socket; peer: Socket }> {
  const accepted = Promise.withResolvers<Socket>()
  const listener = await listenTcp({ port: 0 }, 'a test', (socket) => accepted.resolve(socket))
  const peer = connect(listener.address)
  const socket = await accepted.promise
  cleanups.push(
    () => listener.close(),
    () => socket.destroy(),
    () => peer.destroy(),
  )
  return { socket, peer }
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

it('a player that does not read costs little memory, disturbs nobody and goes on at a keyframe', async () => {
  const rig = new BroadcastRig({ minLatency: true, queueLengthMs: 2000, queueMaxBytes: 8 * 1024 * 1024 })
  const { socket, peer } = await socketPair()
  const slow = rig.broadcast.join(new SocketSink(socket), { onEnd: () => {} })
  const fast = rig.join()
  const body = new Uint8Array(50_000)
  let frames = 0

  const push = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      rig.push(frames % 25 === 0 ? frame.key(frames * 40, { body }) : frame.inter(frames * 40, { body }))
      frames++
      // The system takes what it can of it.
      await nextTurn()
      expect(socket.writableLength).toBeLessThanOrEqual(socket.writableHighWaterMark + 2 * body.length)
      expect(rig.broadcast.bytesHeld).toBeLessThanOrEqual(8 * 1024 * 1024)
    }
  }

  // Past what the system's buffers take, and then past queueLengthMs.
  while (slow.lagMs < 1000) {
    await push(1)
    expect(frames).toBeLessThan(5000)
  }
  await push(100)
  expect(slow.skips).toBe(0)

  let received = ''
  peer.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1').replaceAll('.', '')
  })
  const allReceived = async (): Promise<void> => {
    while (!received.endsWith(`${(frames - 1) * 40} `)) {
      await nextTurn()
    }
  }
  const entry = Math.floor((frames - 1) / 25) * 25
  await allReceived()
  await push(30)
  await allReceived()

  expect(slow.skips).toBe(1)
  const [before = '', after = ''] = received.split('[again@')
  expect(before.startsWith('[first@0 VA] K0 v40 v80')).toBe(true)
  const expected = Array.from({ length: frames - entry }, (_, index) => {
    const at = entry + index
    return `${at % 25 === 0 ? 'K' : 'v'}${at * 40}`
  })
  expect(after.trimEnd()).toBe(`${entry * 40} VA] ${expected.join(' ')}`)
  expect(fast.player.skips).toBe(0)
  expect(fast.socket.taken().split(' ')).toHaveLength(2 + frames)
})
