import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { silentLogger } from '../../base/index.ts'
import { decodeJournalRecord, encodeJournalRecord, type JournalRecord } from './journal-record.ts'
import type { HookNotification, NotificationEvent } from './notification.ts'
import { MAX_WAITING_JOURNAL_BYTES, OutboxJournal } from './outbox-journal.ts'
import type { RecoveredNotifications } from './recovered-notifications.ts'

const files = new TemporaryFolder()
afterAll(() => files.remove())

function notification(id: string, event: NotificationEvent = 'on_stop'): HookNotification {
  const url = 'http://127.0.0.1:8085/api'
  return {
    id,
    event,
    url,
    lane: 'http://127.0.0.1:8085 live/a',
    body: `{"id":"${id}","é":1}`,
    at: 1_700_000_000_000,
  }
}

function owe(id: string): JournalRecord {
  return { kind: 'owe', notification: notification(id) }
}

function open(id: string, event?: NotificationEvent): JournalRecord {
  return { kind: 'open', notification: notification(id, event) }
}

const done = (id: string): JournalRecord => ({ kind: 'done', id })

/** Opens the journal of a folder, lets it be used, and closes it. */
async function use(folder: string, records: readonly JournalRecord[] = []): Promise<RecoveredNotifications> {
  const { journal, recovered } = await OutboxJournal.open(folder, silentLogger)
  for (const record of records) {
    journal.append(record)
  }
  await journal.close()
  return recovered
}

describe('a journal', () => {
  it('has at the next start what was owed and is not done, in order', async () => {
    const folder = join(files.write({}), 'made', 'here')
    expect(await use(folder, [owe('1'), owe('2'), done('1'), owe('3')])).toEqual({
      owed: [],
      interrupted: [],
      damaged: 0,
    })
    expect(await use(folder, [done('2')])).toMatchObject({ owed: [notification('2'), notification('3')] })
    expect(await use(folder)).toMatchObject({ owed: [notification('3')] })
    expect(statSync(join(folder, 'notifications.log')).mode & 0o777).toBe(0o600)
  })

  it('has then, too, what had begun and never ended: connections last', async () => {
    const folder = files.write({})
    const records = [
      open('c', 'on_close'),
      open('u', 'on_unpublish'),
      open('s'),
      owe('1'),
      owe('s'),
      open('x'),
      done('x'),
    ]
    await use(folder, records)
    const { owed, interrupted } = await use(folder)
    expect(owed.map(({ id }) => id)).toEqual(['1', 's'])
    expect(interrupted.map(({ id }) => id)).toEqual(['u', 'c'])
  })

  it('leaves out lines that are damaged, and goes on behind one that was cut off', async () => {
    const folder = files.write({})
    await use(folder, [owe('1'), owe('2'), owe('3')])
    const path = join(folder, 'notifications.log')
    const lines = readFileSync(path, 'utf8').split('\n')
    const changed = lines[1]?.replace('"2', '"9') ?? ''
    writeFileSync(path, `${lines[0]}\n${changed}\n\u0000\u0000\n${lines[2]?.slice(0, 40)}`)
    expect(await use(folder, [owe('4')])).toEqual({ owed: [notification('1')], interrupted: [], damaged: 3 })
    expect((await use(folder)).owed.map(({ id }) => id)).toEqual(['1', '4'])
  })

  it('has of a file that ends anywhere what stands before', async () => {
    const folder = files.write({})
    const records = [owe('1'), open('2'), done('1'), owe('2'), open('3', 'on_close')]
    await use(folder, records)
    const path = join(folder, 'notifications.log')
    const whole = readFileSync(path)
    const states = [[], ['1'], ['1', '2'], ['2'], ['2'], ['2', '3']]
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        writeFileSync(path, whole.subarray(0, length))
        const text = whole.subarray(0, length).toString('utf8')
        const complete = text.split('\n').filter((line) => decodeJournalRecord(line) !== null).length
        const { owed, interrupted } = await use(folder)
        expect([...owed, ...interrupted].map(({ id }) => id)).toEqual(states[complete])
      }),
      { numRuns: 60 },
    )
  })

  it('is written anew when most of it is of no use any more', async () => {
    const folder = files.write({})
    const { journal } = await OutboxJournal.open(folder, silentLogger)
    const kept = owe('kept')
    journal.describe(
      () => [kept],
      () => 100,
    )
    journal.append(kept)
    for (let index = 0; index < 20_000; index++) {
      journal.append(owe(`${index}`))
      journal.append(done(`${index}`))
      if (index % 1000 === 0) {
        await journal.flush()
      }
    }
    await journal.close()
    expect(statSync(join(folder, 'notifications.log')).size).toBeLessThan(2_000_000)
    expect((await use(folder)).owed).toEqual([notification('kept')])
  })

  it('goes on being written while it is written anew, which leaves turns to others', async () => {
    const folder = files.write({})
    let made = 0
    const counted = (record: JournalRecord): JournalRecord => {
      const toJSON = (): JournalRecord => {
        made++
        return record
      }
      return Object.assign({ toJSON }, record)
    }
    const inForce = new Map(
      Array.from({ length: 8000 }, (_, index) => [`${index}`, counted(owe(`${index}`))]),
    )
    const { journal } = await OutboxJournal.open(folder, silentLogger)
    let usefulBytes = 1_000_000_000
    journal.describe(
      () => inForce.values(),
      () => usefulBytes,
    )
    for (const record of inForce.values()) {
      journal.append(record)
    }
    await journal.flush()
    const path = join(folder, 'notifications.log')
    const file = statSync(path).ino
    const change = (id: string, record: JournalRecord): void => {
      if (record.kind === 'done') {
        inForce.delete(id)
      } else {
        inForce.set(id, record)
      }
      journal.append(record)
    }
    usefulBytes = 0
    change('0', done('0'))
    let mostInOneTurn = 0
    let wasInOldFile = false
    while (statSync(path).ino === file) {
      const before = made
      await new Promise((resolve) => setImmediate(resolve))
      mostInOneTurn = Math.max(mostInOneTurn, made - before)
      if (inForce.has('7999')) {
        usefulBytes = 1_000_000_000
        change('7999', done('7999'))
        change('late', owe('late'))
      }
      wasInOldFile ||= statSync(path).ino === file && readFileSync(path, 'utf8').includes('"late"')
    }
    expect(mostInOneTurn).toBeLessThan(inForce.size / 4)
    expect(wasInOldFile).toBe(true)
    await journal.close()
    expect((await use(folder)).owed.map(({ id }) => id)).toEqual([...inForce.keys()])
  })

  it('has in the old file what came before it is written anew, as long as there is no new one', async () => {
    const folder = files.write({})
    const { journal } = await OutboxJournal.open(folder, silentLogger, 10)
    journal.describe(
      () => [owe('1')],
      () => 0,
    )
    journal.append({ kind: 'owe', notification: { ...notification('0'), body: 'x'.repeat(2_000_000) } })
    await journal.flush()
    const path = join(folder, 'notifications.log')
    mkdirSync(`${path}.new`)
    journal.append(owe('1'))
    await journal.flush()
    expect([journal.failing, readFileSync(path, 'utf8').includes('"id":"1"')]).toEqual([true, true])
    rmSync(`${path}.new`, { recursive: true })
    await waitFor('it is written anew', () => !journal.failing)
    expect(await journal.close()).toBe(true)
    expect((await use(folder)).owed.map(({ id }) => id)).toEqual(['1'])
  })

  it('says that the disk fails, goes on, and is whole again, by itself, when the disk works', async () => {
    const folder = files.write({})
    const log = new RecordingLogger()
    const { journal } = await OutboxJournal.open(folder, log, 10)
    journal.describe(
      () => [owe('1'), owe('2')],
      () => 0,
    )
    const large = { ...notification('0'), body: 'x'.repeat(2_000_000) }
    journal.append({ kind: 'owe', notification: large })
    await journal.flush()
    expect(journal.failing).toBe(false)
    rmSync(folder, { recursive: true })
    journal.append(owe('1'))
    await journal.flush()
    journal.append(owe('2'))
    expect(journal.failing).toBe(true)
    mkdirSync(folder)
    await waitFor('the disk works', () => !journal.failing)
    const path = join(folder, 'notifications.log')
    expect(readFileSync(path, 'utf8').match(/"id":"\d"/g)).toEqual(['"id":"1"', '"id":"2"'])
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'notifications of hooks are not kept on disk: they are in memory only until it works again'],
      ['info', 'notifications of hooks are kept on disk again'],
    ])
    expect(await journal.close()).toBe(true)
    expect((await use(folder)).owed.map(({ id }) => id)).toEqual(['1', '2'])
  })

  it('keeps no more in memory than MAX_WAITING_JOURNAL_BYTES for a disk that takes nothing', async () => {
    const folder = files.write({})
    const log = new RecordingLogger()
    const { journal } = await OutboxJournal.open(folder, log, 1)
    journal.describe(
      () => [owe('all')],
      () => 1_000_000_000,
    )
    const body = 'x'.repeat(MAX_WAITING_JOURNAL_BYTES / 16)
    // Within one turn the disk takes only the first.
    for (let index = 0; index < 20; index++) {
      journal.append({ kind: 'owe', notification: { ...notification(`${index}`), body } })
    }
    expect(log.errors.map(({ fields }) => String(fields.error))).toEqual([
      'Error: the disk takes nothing, and more than MAX_WAITING_JOURNAL_BYTES (16777216) wait',
    ])
    await waitFor('it is written anew', () => !journal.failing)
    await journal.close()
    expect((await use(folder)).owed.map(({ id }) => id)).toEqual(['all'])
  })

  it('is the one of a single server, until that has closed it or has died', async () => {
    const folder = files.write({})
    const { journal } = await OutboxJournal.open(folder, silentLogger)
    await expect(use(folder)).rejects.toThrow(
      `hookDelivery.folder: '${folder}' can't be used for notifications: another server in this process uses it`,
    )
    await expect(use(relative(process.cwd(), folder))).rejects.toThrow(
      'another server in this process uses it',
    )
    await journal.close()
    await use(folder)
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(other, 'spawn')
    const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8')
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    writeFileSync(join(folder, 'lock'), `${other.pid} ${start}`)
    await expect(use(folder)).rejects.toThrow(`process ${other.pid} uses it`)
    writeFileSync(join(folder, 'lock'), `${other.pid} 1`)
    await use(folder)
    writeFileSync(join(folder, 'lock'), `${other.pid} ${start}`)
    other.kill('SIGKILL')
    await once(other, 'exit')
    await use(folder)
  })

  it('cannot be where there is no folder', async () => {
    const folder = files.write({ file: 'text' })
    await expect(use(join(folder, 'file'))).rejects.toThrow("can't be used for notifications: EEXIST")
  })
})

describe('a line of a journal', () => {
  it('says what was written, whatever that is', () => {
    // Fast-check's own unit `binary` takes seconds to be made.
    const character = fc.nat(0x10_ff_ff).map((code) => String.fromCodePoint(code))
    const texts = { id: fc.string(), lane: fc.string(), body: fc.string({ unit: character }) }
    const written = fc.record({
      ...texts,
      url: fc.webUrl(),
      event: fc.constantFrom<NotificationEvent>('on_close', 'on_stop'),
      at: fc.nat(),
    })
    fc.assert(
      fc.property(written, fc.constantFrom('open' as const, 'owe' as const), (each, kind) => {
        const line = encodeJournalRecord({ kind, notification: each })
        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect(decodeJournalRecord(line.slice(0, -1))).toEqual({ kind, notification: each })
      }),
    )
  })

  it('is none if anything in it is changed, nor if it says what is not understood', () => {
    const line = encodeJournalRecord(owe('1')).trimEnd()
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const character = String.fromCharCode(code)
        fc.pre(line[at] !== character)
        expect(decodeJournalRecord(line.slice(0, at) + character + line.slice(at + 1))).toBeNull()
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(decodeJournalRecord(text)).toBeNull()
      }),
    )
  })
})
