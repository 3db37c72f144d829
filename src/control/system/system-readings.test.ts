import { describe, expect, it } from 'vitest'
import { type Clock, ms } from '../../base/index.ts'
import { SYSTEM_SAMPLE_MS, SystemReadings } from './system-readings.ts'
import { PROC_FILES, readsProcFiles } from './testing/proc-files.ts'

/** A clock that is moved by hand. */
class HandClock implements Clock {
  ms = 1000

  now = (): ReturnType<Clock['now']> => ms(this.ms)

  wallTime = (): ReturnType<Clock['wallTime']> => ms(1_700_000_000_000 + this.ms)
}

describe('Readings of the system', () => {
  it('are made when somebody asks, once for all who ask at once, and anew only after SYSTEM_SAMPLE_MS', async () => {
    const clock = new HandClock()
    const { read, reads } = readsProcFiles()
    const readings = new SystemReadings(clock, { enabled: true, disks: [] }, read)
    expect(reads()).toBe(0)
    const [first, second] = await Promise.all([readings.sample(), readings.sample()])
    const once = reads()
    expect(second).toBe(first)
    clock.ms += SYSTEM_SAMPLE_MS - 1
    expect(await readings.sample()).toBe(first)
    expect(reads()).toBe(once)
    clock.ms += 1
    expect(await readings.sample()).not.toBe(first)
    expect(reads()).toBe(2 * once)
  })

  it('take shares and rates from the difference to the sample before', async () => {
    const clock = new HandClock()
    const files = { ...PROC_FILES }
    const readings = new SystemReadings(clock, { enabled: true, disks: ['vda'] }, readsProcFiles(files).read)
    const first = await readings.sample()
    expect(first).toMatchObject({ diskReadKibps: 0, diskWrittenKibps: 0, diskBusy: 0 })
    expect(first.cpuBusy).toBeCloseTo(1 - 538407 / 702717, 5)
    clock.ms += 4000
    files['/proc/stat'] = 'cpu  60336 15761 56969 538482 3033 0 14755 13481 7 0\n'
    files['/proc/vmstat'] = 'pgpgin 9000\npgpgout 7002\n'
    files['/proc/diskstats'] = ' 254 0 vda 1 2 3 4 5 6 7 8 9 438464 1 2\n'
    expect(await readings.sample()).toMatchObject({
      cpuBusy: 0.25,
      diskReadKibps: 1000,
      diskWrittenKibps: 1,
      diskBusy: 0.25,
    })
  })

  it('measure other disks once they are told so', async () => {
    const clock = new HandClock()
    const files = { ...PROC_FILES }
    const readings = new SystemReadings(clock, { enabled: true, disks: ['none'] }, readsProcFiles(files).read)
    await readings.sample()
    readings.update({ enabled: true, disks: ['vda'] })
    clock.ms += 4000
    // What it was busy before is no part of the time since the sample before.
    expect((await readings.sample()).diskBusy).toBe(0)
    clock.ms += 4000
    files['/proc/diskstats'] = ' 254 0 vda 1 2 3 4 5 6 7 8 9 439464 1 2\n'
    expect((await readings.sample()).diskBusy).toBe(0.5)
  })

  it('count devices with no address of the Internet as inner ones, and leave the loopback out', async () => {
    const { outerNet, innerNet } = await new SystemReadings(
      new HandClock(),
      { enabled: true, disks: [] },
      readsProcFiles().read,
    ).sample()
    expect(outerNet).toEqual({ received: 0, sent: 0 })
    expect(innerNet).toEqual({ received: 5743347007 + 23, sent: 14450419 + 45 })
  })

  it('have nothing where the system has no /proc, and the process itself all the same', async () => {
    const sample = await new SystemReadings(
      new HandClock(),
      { enabled: true, disks: [] },
      readsProcFiles({}).read,
    ).sample()
    expect(sample).toMatchObject({ process: null, cpu: null, memory: null, cpuBusy: 0, cpus: 0 })
    expect(sample.residentKib).toBeGreaterThan(1000)
  })

  it('have nothing of the machine where that is switched off', async () => {
    const { read, reads } = readsProcFiles()
    const sample = await new SystemReadings(new HandClock(), { enabled: false, disks: [] }, read).sample()
    expect(sample).toMatchObject({ process: null, cpu: null, memory: null })
    expect(reads()).toBe(0)
  })

  it('read this machine', async () => {
    const sample = await new SystemReadings(new HandClock(), { enabled: true, disks: [] }).sample()
    const isLinux = process.platform === 'linux'
    expect(sample.process === null).toBe(!isLinux)
    expect(sample.process?.pid ?? process.pid).toBe(process.pid)
    expect(sample.cpusOnline > 0).toBe(isLinux)
  })
})
