import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { type HookServer, sayYes, startHookServer } from '../../../test/support/hook-server.ts'
import { FileScope, RecordingLogger } from '../../../test/support/server.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { type Clock, ms, silentLogger, systemClock } from '../../base/index.ts'
import { HookClient } from './hook-client.ts'
import { HookOutbox } from './hook-outbox.ts'
import { noHookSigner } from './hook-signer.ts'
import { decodeJournalRecord, encodeJournalRecord } from './journal-record.ts'
import { type HookNotification, laneOf } from './notification.ts'
import { defaultHookDelivery, type HookDeliveryOptions } from './options.ts'
import { OutboxJournal } from './outbox-journal.ts'
import type { RecoveredNotifications } from './recovered-notifications.ts'

const scope = new FileScope()
let hooks: HookServer
beforeAll(async () => {
  hooks = await startHookServer(scope)
})
beforeEach(() => {
  hooks.respond(sayYes)
  hooks.requests.length = 0
})
afterAll(() => scope.clean())

const QUICK: HookDeliveryOptions = { ...defaultHookDelivery, retryFirstMs: 5, retryMaxMs: 20 }

function createOutbox(
  test: TestContext,
  options: Partial<HookDeliveryOptions> = {},
  clock: Clock = systemClock,
): { outbox: HookOutbox; log: RecordingLogger } {
  const log = new RecordingLogger()
  const client = new HookClient(systemClock)
  const outbox = new HookOutbox({ client, clock, logger: log })
  client.use({ ...QUICK, ...options }, noHookSigner)
  outbox.use({ ...QUICK, ...options })
  test.onTestFinished(async () => {
    await outbox.close(0)
    await client.close()
  })
  return { outbox, log }
}

const NOTHING: RecoveredNotifications = { owed: [], interrupted: [], damaged: 0 }

function createFolder(test: TestContext): string {
  const files = new TemporaryFolder()
  test.onTestFinished(() => files.remove())
  return files.write({})
}

let lastId = 0
function notification(stream: string, path = '/api/v1/streams', url = hooks.url): HookNotification {
  const id = `id-${++lastId}`
  return {
    id,
    event: 'on_unpublish',
    url: `${url}${path}`,
    lane: laneOf(url, stream),
    body: JSON.stringify({ stream, id }),
    at: Date.now(),
  }
}

function arrived(stream?: string): unknown[] {
  return hooks.requests
    .filter(({ body }) => stream === undefined || body.stream === stream)
    .map(({ body }) => body.id)
}

describe('an outbox', () => {
  it('delivers what is about one stream in order, each until it is taken, and what is about others meanwhile', async (test) => {
    const { outbox, log } = createOutbox(test)
    let failures = 0
    hooks.respond((request, response) => {
      if (request.body.stream !== 'a' || ++failures > 3) {
        sayYes(request, response)
      } else if (failures === 1) {
        response.socket?.destroy()
      } else {
        response.writeHead(failures === 2 ? 503 : 500).end('not now')
      }
    })
    const [a1, a2, a3] = [notification('a'), notification('a', '/other'), notification('a')]
    const b = notification('b')
    for (const each of [a1, a2, a3, b]) {
      outbox.add(each)
    }
    expect(outbox.depth).toBe(4)
    await waitFor('all are delivered', () => outbox.depth === 0)
    expect(arrived('a')).toEqual([a1.id, a1.id, a1.id, a1.id, a2.id, a3.id])
    expect(arrived('b')).toEqual([b.id])
    expect(hooks.requests.map(({ headers }) => headers['webhook-id'])).toEqual(arrived())
    expect(hooks.requests[0]?.headers['x-event-time']).toBe(new Date(a1.at).toISOString())
    expect(outbox).toMatchObject({ bytes: 0, delivered: 4, refused: 0 })
    expect(log.withMessage('a notification was not delivered: it will be tried again')).toHaveLength(3)
  })

  it('takes an answer that is no yes for heard, and tells the log', async (test) => {
    const { outbox, log } = createOutbox(test)
    hooks.respond((_request, response) => {
      const isFirst = hooks.requests.length === 1
      response.writeHead(isFirst ? 404 : 200).end(isFirst ? 'no such page' : '{"code":7}')
    })
    const [first, second] = [notification('a'), notification('a')]
    outbox.add(first)
    outbox.add(second)
    await waitFor('both are delivered', () => outbox.depth === 0)
    expect(arrived()).toEqual([first.id, second.id])
    expect(outbox).toMatchObject({ delivered: 2, refused: 2 })
    const lines = log.withMessage('a notification was delivered, and the answer was no yes')
    expect(lines.map(({ fields }) => fields.reason)).toEqual([
      'it answered HTTP 404: no such page',
      'it answered code 7: {"code":7}',
    ])
  })

  it('takes half of the connections to a server at most', async (test) => {
    const server = await startHookServer(test, () => {})
    const { outbox } = createOutbox(test, { connections: 6 })
    for (let stream = 0; stream < 20; stream++) {
      outbox.add(notification(`${stream}`, '/', server.url))
    }
    await waitFor('some are there', () => server.requests.length === 3)
    expect(server.connections.made).toBe(3)
    server.respond(sayYes)
    expect(outbox.depth).toBe(20)
  })

  it('drops what comes when it is full, by count or by bytes, and says so', async (test) => {
    hooks.respond(() => {})
    const counted = createOutbox(test, { maxNotifications: 2 })
    const measured = createOutbox(test, { maxNotificationBytes: 400 })
    for (const { outbox } of [counted, measured]) {
      for (let index = 0; index < 6; index++) {
        outbox.add({ ...notification('a'), body: JSON.stringify('x'.repeat(100)) })
      }
    }
    expect(counted.outbox).toMatchObject({ depth: 2, dropped: { full: 4, expired: 0 } })
    expect(counted.log.withMessage('a notification is dropped').at(-1)?.fields).toMatchObject({
      event: 'on_unpublish',
      dropped: 4,
      reason: 'more wait than hookDelivery.maxNotifications (2) allows',
    })
    const { depth, bytes, dropped } = measured.outbox
    expect([depth + dropped.full, bytes <= 400, dropped.full > 0]).toEqual([6, true, true])
  })

  it('gives up what is too old', async (test) => {
    let now = Date.now()
    const clock: Clock = { now: systemClock.now, wallTime: () => ms(now) }
    const { outbox } = createOutbox(test, { maxAgeMs: 60_000 }, clock)
    hooks.respond((_request, response) => response.writeHead(503).end())
    outbox.add(notification('a'))
    await waitFor('it was tried', () => hooks.requests.length > 1)
    now += 61_000
    await waitFor('it is given up', () => outbox.depth === 0)
    expect(outbox).toMatchObject({ delivered: 0, dropped: { full: 0, expired: 1 } })
  })

  it('lets others wait until what is about a stream is delivered, or fails, or for a while', async (test) => {
    const { outbox } = createOutbox(test, { retryFirstMs: 3_600_000, retryMaxMs: 3_600_000 })
    const lane = laneOf(hooks.url, 'a')
    await outbox.settle(lane, 60_000)
    hooks.respond((_request, response) => response.writeHead(503).end())
    outbox.add(notification('a'))
    outbox.add(notification('a'))
    await outbox.settle(lane, 60_000)
    await waitFor('it was tried', () => hooks.requests.length === 1)
    // It would be tried again in an hour; who waits has it tried now.
    await outbox.settle(lane, 60_000)
    expect(hooks.requests).toHaveLength(2)
    hooks.respond(sayYes)
    await outbox.settle(lane, 60_000)
    expect(outbox).toMatchObject({ depth: 0, delivered: 2 })
    hooks.respond(() => {})
    outbox.add(notification('a'))
    await outbox.settle(lane, 1)
    expect(outbox.depth).toBe(1)
  })

  it('tries once more what waits when it is closed, and says what is lost', async (test) => {
    const { outbox, log } = createOutbox(test, { retryFirstMs: 3_600_000, retryMaxMs: 3_600_000 })
    hooks.respond((_request, response) => response.writeHead(503).end())
    outbox.add(notification('a'))
    outbox.add(notification('b'))
    await waitFor('both were tried', () => log.lines.length === 2)
    hooks.respond((request, response) =>
      request.body.stream === 'a' ? sayYes(request, response) : response.writeHead(503).end(),
    )
    await outbox.close(60_000)
    expect(outbox).toMatchObject({ depth: 1, delivered: 1, dropped: { closed: 1 } })
    expect(log.withMessage('notifications of hooks were not delivered before the end')).toHaveLength(1)
  })

  it('has on disk what is owed, also when the file was written anew meanwhile', async (test) => {
    const folder = createFolder(test)
    const { outbox } = createOutbox(test, { retryFirstMs: 3_600_000, retryMaxMs: 3_600_000 })
    const { journal } = await OutboxJournal.open(folder, silentLogger)
    outbox.keepIn(journal, NOTHING)
    hooks.respond((request, response) =>
      String(request.body.stream).startsWith('bad')
        ? response.writeHead(503).end()
        : sayYes(request, response),
    )
    const owed: string[] = []
    for (let index = 0; index < 120; index++) {
      const isBad = index % 20 === 0
      const made = notification(isBad ? `bad-${index % 40}` : `good-${index % 3}`)
      outbox.add({ ...made, body: JSON.stringify({ ...JSON.parse(made.body), padding: 'x'.repeat(60_000) }) })
      if (isBad) {
        owed.push(made.id)
      }
      if (index % 7 === 0) {
        await journal.flush()
      }
    }
    const begun = { ...notification('open'), event: 'on_stop' } as const
    outbox.open(begun)
    await waitFor('the others are delivered', () => outbox.depth === owed.length)
    await outbox.close(60_000)
    expect(statSync(join(folder, 'notifications.log')).size).toBeLessThan(4_000_000)
    const again = await OutboxJournal.open(folder, silentLogger)
    await again.journal.close()
    expect(again.recovered.owed.map(({ id }) => id).sort()).toEqual(owed.sort())
    expect(again.recovered.interrupted.map(({ id }) => id)).toEqual([begun.id])
  })

  it('owes what a crash has interrupted from then on, before what comes later, over another crash', async (test) => {
    const folder = createFolder(test)
    const { outbox, log } = createOutbox(test, { maxAgeMs: 3_600_000 })
    hooks.respond((_request, response) => response.writeHead(503).end())
    const aDayAgo = Date.now() - 86_400_000
    const first = { ...notification('a'), at: aDayAgo }
    const before = await OutboxJournal.open(folder, silentLogger)
    before.journal.append({ kind: 'open', notification: first })
    await before.journal.close()
    const { journal, recovered } = await OutboxJournal.open(folder, silentLogger)
    outbox.keepIn(journal, recovered)
    const second = notification('a')
    outbox.add(second)
    await waitFor('it was tried', () => log.lines.length > 0)
    await journal.close()
    const again = await OutboxJournal.open(folder, silentLogger)
    await again.journal.close()
    const { owed, interrupted } = again.recovered
    expect([owed.map(({ id }) => id), interrupted]).toEqual([[first.id, second.id], []])
    expect(owed[0]?.at).toBeGreaterThan(aDayAgo + 3_600_000)
    expect(outbox.dropped.expired).toBe(0)
  })

  it('writes a damaged file anew, so that its damage is found once', async (test) => {
    const folder = createFolder(test)
    const { outbox } = createOutbox(test)
    const path = join(folder, 'notifications.log')
    hooks.respond((_request, response) => response.writeHead(503).end())
    const kept = notification('a')
    writeFileSync(
      path,
      `what is no line\n${encodeJournalRecord({ kind: 'owe', notification: kept })}half a li`,
    )
    const { journal, recovered } = await OutboxJournal.open(folder, silentLogger)
    expect(recovered.damaged).toBe(2)
    outbox.keepIn(journal, recovered)
    await journal.close()
    const again = await OutboxJournal.open(folder, silentLogger)
    await again.journal.close()
    expect(again.recovered).toEqual({ owed: [kept], interrupted: [], damaged: 0 })
  })

  it('keeps at once what comes while a damaged file with what a crash has interrupted is written anew', async (test) => {
    const folder = createFolder(test)
    const { outbox } = createOutbox(test)
    const path = join(folder, 'notifications.log')
    hooks.respond((_request, response) => response.writeHead(503).end())
    const [interrupted, late] = [notification('a'), notification('a')]
    writeFileSync(path, `${encodeJournalRecord({ kind: 'open', notification: interrupted })}half a li`)
    const { journal, recovered } = await OutboxJournal.open(folder, silentLogger)
    outbox.keepIn(journal, recovered)
    outbox.add(late)
    await journal.flush()
    const ids = readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const record = line === '' ? null : decodeJournalRecord(line)
        return record?.kind === 'owe' ? [record.notification.id] : []
      })
    expect([...new Set(ids)]).toEqual([interrupted.id, late.id])
    expect(readFileSync(path, 'utf8')).not.toContain('half a li')
  })

  it('says at its end that what is not delivered is lost if the disk fails', async (test) => {
    const folder = createFolder(test)
    const { outbox, log } = createOutbox(test)
    const { journal } = await OutboxJournal.open(folder, silentLogger)
    outbox.keepIn(journal, NOTHING)
    hooks.respond((_request, response) => response.writeHead(503).end())
    outbox.add(notification('a'))
    await journal.flush()
    expect(outbox.diskFailing).toBe(false)
    rmSync(folder, { recursive: true })
    journal.renew()
    await journal.flush()
    expect(outbox.diskFailing).toBe(true)
    await outbox.close(1000)
    const [line] = log.withMessage('notifications of hooks were not delivered before the end')
    expect(line?.fields).toEqual({ notifications: 1, fate: 'lost: the disk fails (hookDelivery.folder)' })
    expect(outbox.dropped.closed).toBe(1)
  })

  it('keeps of what has begun no more than may wait, and says so', async (test) => {
    const folder = createFolder(test)
    const { outbox, log } = createOutbox(test, { maxNotificationBytes: 400 })
    const { journal } = await OutboxJournal.open(folder, silentLogger)
    outbox.keepIn(journal, NOTHING)
    const large = (): HookNotification => ({ ...notification('a'), body: JSON.stringify('x'.repeat(200)) })
    outbox.open(large())
    outbox.open(large())
    await outbox.close(0)
    const message = 'a notification would be lost with a crash: that it will be owed is not kept'
    expect(log.withMessage(message).map(({ fields }) => fields.reason)).toEqual([
      'more has begun than hookDelivery.maxNotificationBytes (400) allows',
    ])
  })

  it('has what ends after its end at the next start, or else says that it is lost', async (test) => {
    const folder = createFolder(test)
    const { outbox, log } = createOutbox(test)
    const { journal } = await OutboxJournal.open(folder, silentLogger)
    outbox.keepIn(journal, NOTHING)
    const [kept, lost] = [notification('a'), notification('a')]
    outbox.open(kept)
    await outbox.close(0)
    outbox.add(kept)
    outbox.add(lost)
    expect(outbox).toMatchObject({ depth: 0, dropped: { closed: 1 } })
    expect(log.withMessage('a notification is dropped').map(({ fields }) => fields.id)).toEqual([lost.id])
    const again = await OutboxJournal.open(folder, silentLogger)
    await again.journal.close()
    expect(again.recovered.interrupted).toEqual([kept])
  })

  it('does not wait at its end for a server that does not answer', async (test) => {
    const { outbox } = createOutbox(test)
    hooks.respond(() => {})
    outbox.add(notification('a'))
    await outbox.close(50)
    expect(outbox.dropped.closed).toBe(1)
  })
})
