import process from 'node:process'
import { describe, expect, it, vi } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import { HeldSignals } from './held-signals.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1'] as const

describe('HeldSignals', () => {
  it('keeps what comes until there is somebody to act on it, who is told once', async () => {
    const before = SIGNALS.map((signal) => process.listenerCount(signal))
    const signals = new HeldSignals()
    const told: string[] = []
    for (const signal of [...SIGNALS, 'SIGHUP'] as const) {
      process.kill(process.pid, signal)
    }
    // Signals are told in the order of their numbers by the system, before what is polled for later.
    process.on('SIGUSR2', () => told.push('all have come'))
    process.kill(process.pid, 'SIGUSR2')
    await waitFor('all have come', () => told.length > 0)
    for (const signal of SIGNALS) {
      const listener = (): void => void told.push(signal)
      signals.handTo(signal, listener)
      process.off(signal, listener)
    }
    expect(told).toEqual(['all have come', ...SIGNALS])
    process.removeAllListeners('SIGUSR2')
    expect(SIGNALS.map((signal) => process.listenerCount(signal))).toEqual(before)
  })

  it('has a signal that it abandons do what it does by default, also if it came just before', async () => {
    const signals = new HeldSignals()
    const kill = process.kill.bind(process)
    kill(process.pid, 'SIGHUP')
    const sent = vi.spyOn(process, 'kill').mockReturnValue(true)
    try {
      // It has come, and nobody was told yet.
      signals.abandon('SIGHUP')
      await waitFor('it is sent again', () => sent.mock.calls.length > 0)
      expect(sent).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGHUP')
      expect(process.listenerCount('SIGHUP')).toBe(0)
    } finally {
      sent.mockRestore()
      for (const signal of SIGNALS) {
        process.removeAllListeners(signal)
      }
    }
  })

  it.each([
    ['was told', async () => new Promise((resolve) => process.once('SIGHUP', resolve))],
    // As while modules are loaded.
    ['has come, and nobody was told yet', async () => {}],
  ])('has all that it releases do what they do by default, at once one that %s', async (_what, happens) => {
    const before = SIGNALS.map((signal) => process.listenerCount(signal))
    const signals = new HeldSignals()
    const happened = happens()
    process.kill(process.pid, 'SIGHUP')
    await happened
    const sent = vi.spyOn(process, 'kill').mockReturnValue(true)
    try {
      await signals.release()
      expect(sent).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGHUP')
      expect(SIGNALS.map((signal) => process.listenerCount(signal))).toEqual(before)
    } finally {
      sent.mockRestore()
    }
  })

  it('hands over what comes later at once', async () => {
    const signals = new HeldSignals()
    const told: string[] = []
    for (const signal of SIGNALS) {
      signals.handTo(signal, () => told.push(signal))
    }
    process.kill(process.pid, 'SIGHUP')
    await waitFor('it is told', () => told.length > 0)
    expect(told).toEqual(['SIGHUP'])
    for (const signal of SIGNALS) {
      process.removeAllListeners(signal)
    }
  })
})
