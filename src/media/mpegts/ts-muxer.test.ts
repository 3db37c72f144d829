import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError, type Ticks90k } from '../../base/index.ts'
import { ByteReader, ByteWriter, crc32Mpeg } from '../../bytes/index.ts'
import { AAC_PID, PAT_PID, PMT_PID, TS_PACKET_BYTES, type TsProgram, VIDEO_PID } from './program.ts'
import { encodeProgramMap } from './psi.ts'
import { PCR_LEAD_TICKS, TABLES_BYTES, type TsAccessUnit, TsMuxer } from './ts-muxer.ts'

const LEAD = PCR_LEAD_TICKS
const WRAP = 2 ** 33
const AV: TsProgram = { video: 'avc', audio: 'aac' }

type Packet = {
  pid: number
  start: boolean
  counter: number
  randomAccess: boolean
  pcr: number | null
  payload: Uint8Array | null
}

/** Reads transport packets by the standard's field table; independent of the code under test. */
function readPackets(bytes: Uint8Array): Packet[] {
  expect(bytes.length % TS_PACKET_BYTES).toBe(0)
  const packets: Packet[] = []
  for (let at = 0; at < bytes.length; at += TS_PACKET_BYTES) {
    const reader = new ByteReader(bytes.subarray(at, at + TS_PACKET_BYTES))
    expect(reader.readUint8()).toBe(0x47)
    const flagsAndPid = reader.readUint16()
    const control = reader.readUint8()
    let pcr: number | null = null
    let randomAccess = false
    if (control & 0x20) {
      const field = new ByteReader(reader.readBytes(reader.readUint8()))
      if (field.remaining > 0) {
        const flags = field.readUint8()
        expect(flags & ~0x50).toBe(0)
        randomAccess = (flags & 0x40) !== 0
        if (flags & 0x10) {
          const high = field.readUint32()
          const low = field.readUint16()
          expect(low & 0x7fff).toBe(0x7e00)
          pcr = high * 2 + (low >> 15)
        }
        expect(field.readBytes(field.remaining).every((byte) => byte === 0xff)).toBe(true)
      }
    }
    const payload = control & 0x10 ? reader.readBytes(reader.remaining) : null
    expect(reader.remaining).toBe(0)
    packets.push({
      pid: flagsAndPid & 0x1fff,
      start: (flagsAndPid & 0x4000) !== 0,
      counter: control & 0x0f,
      randomAccess,
      pcr,
      payload,
    })
  }
  return packets
}

type Unit = { pid: number; pts: number; dts: number; randomAccess: boolean; pcr: number | null; data: Buffer }

function readTimestamp(reader: ByteReader): number {
  const high = reader.readUint8()
  const middle = reader.readUint16()
  const low = reader.readUint16()
  expect([high & 1, middle & 1, low & 1]).toEqual([1, 1, 1])
  return ((high >> 1) & 7) * 2 ** 30 + (middle >> 1) * 2 ** 15 + (low >> 1)
}

/** Puts PES packets together again. */
function readUnits(packets: Packet[]): Unit[] {
  const units: Unit[] = []
  const open = new Map<number, { first: Packet; parts: Uint8Array[] }>()
  const finish = (pid: number) => {
    const entry = open.get(pid)
    if (entry === undefined) {
      return
    }
    open.delete(pid)
    const bytes = Buffer.concat(entry.parts)
    const reader = new ByteReader(bytes)
    expect(reader.readUint24()).toBe(1)
    expect(reader.readUint8()).toBe(pid === VIDEO_PID ? 0xe0 : 0xc0)
    const length = reader.readUint16()
    expect(length).toBe(bytes.length - 6 > 0xffff ? 0 : bytes.length - 6)
    expect(reader.readUint8()).toBe(0x80)
    const hasDts = reader.readUint8() === 0xc0
    expect(reader.readUint8()).toBe(hasDts ? 10 : 5)
    const pts = readTimestamp(reader)
    const dts = hasDts ? readTimestamp(reader) : pts
    const { randomAccess, pcr } = entry.first
    units.push({ pid, pts, dts, randomAccess, pcr, data: bytes.subarray(reader.offset) })
  }
  for (const packet of packets) {
    if (packet.pid === PAT_PID || packet.pid === PMT_PID || packet.payload === null) {
      continue
    }
    if (packet.start) {
      finish(packet.pid)
      open.set(packet.pid, { first: packet, parts: [] })
    }
    open.get(packet.pid)?.parts.push(packet.payload)
  }
  for (const pid of [...open.keys()]) {
    finish(pid)
  }
  return units
}

/** Every packet with a payload counts one on from the one before on its PID; one without repeats it. */
function expectCountersWithoutGap(packets: Packet[]): void {
  const last = new Map<number, number>()
  for (const { pid, counter, payload } of packets) {
    const before = last.get(pid)
    if (before !== undefined) {
      expect(counter).toBe(payload === null ? before : (before + 1) % 16)
    }
    last.set(pid, counter)
  }
}

function unit(dts: number, size: number, extra: Partial<TsAccessUnit> = {}): TsAccessUnit {
  const pieces = [new Uint8Array(size).map((_, index) => index * 7)]
  return { dts: dts as Ticks90k, pts: dts as Ticks90k, randomAccess: false, pieces, ...extra }
}

function mux(program: TsProgram, write: (muxer: TsMuxer, target: ByteWriter) => void): Packet[] {
  const muxer = new TsMuxer(program)
  const target = new ByteWriter()
  muxer.writeTables(target)
  write(muxer, target)
  return readPackets(target.bytes())
}

describe('TsMuxer tables', () => {
  it('fills one packet each with PAT and PMT, counters from 0', () => {
    const target = new ByteWriter()
    new TsMuxer(AV).writeTables(target)
    const bytes = Buffer.from(target.bytes())
    expect(bytes.length).toBe(TABLES_BYTES)
    const pat = `47400010${'00'}00b00d0001c100000001f0012e701905`
    const pmt = `47500110${'00'}02b0170001c10000e100f0001be100f0000fe101f0002f44b99b`
    expect(bytes.toString('hex')).toBe(pat.padEnd(376, 'f') + pmt.padEnd(376, 'f'))
  })

  it('counts a new version only when the program is another', () => {
    const versions: number[] = []
    const muxer = new TsMuxer(AV)
    for (const program of [AV, { ...AV }, { video: 'avc', audio: null } as const, AV, AV]) {
      const target = new ByteWriter()
      muxer.changeProgram(program)
      muxer.writeTables(target)
      const packet = target.bytes().subarray(TS_PACKET_BYTES)
      versions.push((packet[10]! >> 1) & 0x1f)
      expect(crc32Mpeg(packet.subarray(5, 8 + packet[7]!))).toBe(0)
    }
    expect(versions).toEqual([0, 0, 1, 2, 2])
  })

  it('amends the tables of a segment without a new version', () => {
    const muxer = new TsMuxer({ video: 'avc', audio: null })
    const target = new ByteWriter()
    muxer.writeTables(target)
    muxer.changeProgram(AV)
    const segment = target.bytes()
    muxer.amendTables(segment)
    const section = encodeProgramMap(AV, 0)
    expect(segment.subarray(TS_PACKET_BYTES + 5, TS_PACKET_BYTES + 5 + section.length)).toEqual(section)
    const next = new ByteWriter()
    muxer.writeTables(next)
    const packets = readPackets(Buffer.concat([segment, next.bytes()]))
    expect(packets[3]?.payload).toEqual(packets[1]?.payload)
    expectCountersWithoutGap(packets)
  })
})

describe('TsMuxer units', () => {
  it.each([1, 150, 156, 157, 158, 159, 165, 166, 167, 168, 169, 170, 171, 350, 351, 352, 353, 354, 70_000])(
    'carries a picture of %i bytes',
    (size) => {
      const packets = mux(AV, (muxer, target) => {
        muxer.writeVideo(target, unit(900, size, { randomAccess: true }))
        muxer.writeVideo(target, unit(900, size))
      })
      expectCountersWithoutGap(packets)
      const expected = Buffer.from(unit(0, size).pieces[0]!)
      expect(readUnits(packets)).toEqual([
        { pid: VIDEO_PID, pts: 900 + LEAD, dts: 900 + LEAD, randomAccess: true, pcr: 900, data: expected },
        { pid: VIDEO_PID, pts: 900 + LEAD, dts: 900 + LEAD, randomAccess: false, pcr: null, data: expected },
      ])
    },
  )

  it('gives back any sequence of units in any pieces over any number of segments', () => {
    const pieces = fc
      .array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 6 })
      .filter((list) => {
        return list.some((piece) => piece.length > 0)
      })
    const step = fc.record({
      kind: fc.constantFrom('video', 'audio', 'segment'),
      advance: fc.integer({ min: 1, max: 20_000 }),
      offset: fc.integer({ min: 0, max: 9_000 }),
      randomAccess: fc.boolean(),
      pieces,
    })
    const start = fc.constantFrom(0, 2 ** 31 - 30_000, 2 ** 32 - 30_000, 2 ** 33 - 30_000, 5 * 2 ** 33)
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 30 }), (from, steps) => {
        const muxer = new TsMuxer(AV)
        const target = new ByteWriter()
        muxer.writeTables(target)
        const expected: Record<number, object[]> = { [VIDEO_PID]: [], [AAC_PID]: [] }
        let now = from
        for (const { kind, advance, offset, ...rest } of steps) {
          now += advance
          if (kind === 'segment') {
            muxer.writeTables(target)
            continue
          }
          const pts = kind === 'video' ? now + offset : now
          const next: TsAccessUnit = { ...rest, dts: now as Ticks90k, pts: pts as Ticks90k }
          if (kind === 'video') {
            muxer.writeVideo(target, next)
          } else {
            muxer.writeAudio(target, 'aac', next)
          }
          expected[kind === 'video' ? VIDEO_PID : AAC_PID]?.push({
            pts: (pts + LEAD) % WRAP,
            dts: (now + LEAD) % WRAP,
            randomAccess: rest.randomAccess,
            data: Buffer.concat(rest.pieces),
          })
        }
        const packets = readPackets(target.bytes())
        expectCountersWithoutGap(packets)
        for (const pid of [VIDEO_PID, AAC_PID]) {
          const units = readUnits(packets.filter((packet) => packet.pid === pid))
          expect(units.map(({ pid: _pid, pcr: _pcr, ...found }) => found)).toEqual(expected[pid])
        }
      }),
      { numRuns: 60 },
    )
  })

  it('refuses audio that no PES packet can hold, and writes nothing of it', () => {
    const muxer = new TsMuxer({ video: null, audio: 'mp3' })
    const target = new ByteWriter()
    expect(() => muxer.writeAudio(target, 'mp3', unit(0, 0xffff - 7))).toThrow(LimitError)
    expect(() => muxer.writeAudio(target, 'mp3', unit(0, 0xffff - 7))).toThrow(ProtocolError)
    expect(target.length).toBe(0)
    muxer.writeAudio(target, 'mp3', unit(0, 0xffff - 8))
    expect(readPackets(target.bytes())[0]?.counter).toBe(0)
  })
})

describe('TsMuxer clock', () => {
  const clocks = (packets: Packet[]) =>
    packets.flatMap(({ pid, pcr }) => (pcr === null ? [] : [{ pid, pcr }]))

  it('stands on every picture, ahead of the decode time by a constant', () => {
    const packets = mux(AV, (muxer, target) => {
      muxer.writeVideo(target, unit(0, 500, { pts: 3600 as Ticks90k }))
      muxer.writeVideo(target, unit(3600, 10))
    })
    expect(clocks(packets)).toEqual([
      { pid: VIDEO_PID, pcr: 0 },
      { pid: VIDEO_PID, pcr: 3600 },
    ])
    expect(readUnits(packets).map(({ dts, pcr }) => dts - (pcr ?? 0))).toEqual([LEAD, LEAD])
  })

  it('stands on every audio frame when there is no picture', () => {
    const packets = mux({ video: null, audio: 'aac' }, (muxer, target) => {
      muxer.writeAudio(target, 'aac', unit(0, 500))
      muxer.writeAudio(target, 'aac', unit(2089, 10))
    })
    expect(clocks(packets)).toEqual([
      { pid: AAC_PID, pcr: 0 },
      { pid: AAC_PID, pcr: 2089 },
    ])
  })

  it('comes by itself where pictures are rarer than 100 ms, and never goes back', () => {
    const packets = mux(AV, (muxer, target) => {
      muxer.writeAudio(target, 'aac', unit(0, 10)) // first in the segment
      muxer.writeVideo(target, unit(100, 10))
      muxer.writeAudio(target, 'aac', unit(9_099, 10)) // not 100 ms yet
      muxer.writeAudio(target, 'aac', unit(9_100, 10))
      muxer.writeVideo(target, unit(9_050, 10)) // sent late: its time is past
      muxer.writeVideo(target, unit(12_000, 10))
    })
    expect(clocks(packets).map(({ pcr }) => pcr)).toEqual([0, 100, 9_100, 12_000])
    expect(clocks(packets).every(({ pid }) => pid === VIDEO_PID)).toBe(true)
    expect(packets.filter(({ payload }) => payload === null)).toHaveLength(2)
    expectCountersWithoutGap(packets)
  })

  it('is told again by the first unit of each segment', () => {
    const packets = mux(AV, (muxer, target) => {
      muxer.writeVideo(target, unit(9000, 10))
      muxer.writeTables(target)
      muxer.writeAudio(target, 'aac', unit(9001, 10))
    })
    expect(clocks(packets).map(({ pcr }) => pcr)).toEqual([9000, 9001])
  })

  it('wraps after 33 bits, as the time stamps do', () => {
    const packets = mux(AV, (muxer, target) => {
      muxer.writeVideo(target, unit(WRAP - LEAD - 1, 10))
      muxer.writeVideo(target, unit(WRAP - 1, 10))
      muxer.writeVideo(target, unit(WRAP, 10))
    })
    expect(readUnits(packets).map(({ pcr, dts }) => [pcr, dts])).toEqual([
      [WRAP - LEAD - 1, WRAP - 1],
      [WRAP - 1, LEAD - 1],
      [0, LEAD],
    ])
  })
})

describe('TsMuxer decode times', () => {
  const decodeTimes = (units: [dts: number, pts: number][]) =>
    readUnits(
      mux(AV, (muxer, target) => {
        for (const [dts, pts] of units) {
          muxer.writeVideo(target, unit(dts, 10, { pts: pts as Ticks90k }))
        }
      }),
    ).map(({ dts, pts }) => [dts - LEAD, pts - LEAD])

  it('are moved before a presentation time that a negative composition offset puts ahead of them', () => {
    expect(
      decodeTimes([
        [0, 0],
        [3600, 10_800],
        [7200, 3600],
        [10_800, 7200],
        [14_400, 14_400],
      ]),
    ).toEqual([
      [0, 0],
      [3600, 10_800],
      [3600, 3600],
      [7200, 7200],
      [10_800, 14_400],
    ])
  })

  it('differ even where two pictures claim the same one', () => {
    expect(
      decodeTimes([
        [3600, 9000],
        [3600, 9090],
      ]),
    ).toEqual([
      [3600, 9000],
      [3601, 9090],
    ])
  })
})
