import type { ReadMessage } from './chunks.ts'

/** Bytes of a chunk stream and the messages they are. */
export type ChunkCase = Readonly<{
  name: string
  /** Hexadecimal. */
  wire: string
  messages: readonly ReadMessage[]
  /** `compact`: a ChunkWriter writes these bytes; `shared`: writeChunkedMessage does; `read`: only others do. */
  written: readonly ('compact' | 'shared')[]
}>

const READ_ONLY = [] as const
const COMPACT = ['compact'] as const
const BOTH = ['compact', 'shared'] as const

/** A message; `payload` is hexadecimal. */
function m(
  chunkStreamId: number,
  type: number,
  streamId: number,
  timestamp: number,
  payload: string,
): ReadMessage {
  return { chunkStreamId, type, streamId, timestamp, payload }
}

/** `length` times the byte. */
function fill(length: number, byte: string): string {
  return byte.repeat(length)
}

const A100 = fill(100, 'aa')
const A128 = fill(128, 'aa')

/** One table for reading, writing, cutting and fuzzing. */
export const chunkCases: readonly ChunkCase[] = [
  {
    name: 'a type 0 chunk',
    wire: '03 000000 000002 14 00000000 aabb',
    messages: [m(3, 20, 0, 0, 'aabb')],
    written: BOTH,
  },
  {
    name: 'the message stream id with its least significant byte first',
    wire: '08 0003e8 000001 09 01020304 aa',
    messages: [m(8, 9, 0x04030201, 1000, 'aa')],
    written: BOTH,
  },
  {
    name: 'the largest message stream id',
    wire: '08 0003e8 000001 09 ffffffff aa',
    messages: [m(8, 9, 0xffffffff, 1000, 'aa')],
    written: BOTH,
  },
  {
    name: 'chunks of type 1, 2 and 3 that begin messages',
    wire: '06 0003e8 000001 09 01000000 aa  46 000028 000002 08 bbcc  86 000014 ddee  c6 ff00  86 000000 1122',
    messages: [
      m(6, 9, 1, 1000, 'aa'),
      m(6, 8, 1, 1040, 'bbcc'),
      m(6, 8, 1, 1060, 'ddee'),
      m(6, 8, 1, 1080, 'ff00'),
      m(6, 8, 1, 1080, '1122'),
    ],
    written: COMPACT,
  },
  {
    name: 'another message stream, and a timestamp that goes back, with type 0 chunks',
    wire: '06 0003e8 000001 09 01000000 aa  06 0003e8 000001 09 02000000 bb  06 0003e7 000001 09 02000000 cc',
    messages: [m(6, 9, 1, 1000, 'aa'), m(6, 9, 2, 1000, 'bb'), m(6, 9, 2, 999, 'cc')],
    written: BOTH,
  },
  {
    name: 'a type 3 chunk after type 0, whose timestamp is then the delta',
    wire: '06 0003e8 000001 09 01000000 aa  c6 bb  c6 cc',
    messages: [m(6, 9, 1, 1000, 'aa'), m(6, 9, 1, 2000, 'bb'), m(6, 9, 1, 3000, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'a type 2 chunk after type 0, because a repeated delta would be ambiguous',
    wire: '06 0003e8 000001 09 01000000 aa  86 0003e8 bb',
    messages: [m(6, 9, 1, 1000, 'aa'), m(6, 9, 1, 2000, 'bb')],
    written: COMPACT,
  },
  {
    name: 'a first chunk of type 1, as librtmp sends its ping',
    wire: '42 000000 000006 04 0007 00000001',
    messages: [m(2, 4, 0, 0, '000700000001')],
    written: READ_ONLY,
  },
  {
    name: 'chunk stream ids of one, two and three bytes',
    wire: `02 000000 000001 09 00000000 a0  3f 000000 000001 09 00000000 a1
      00 00 000000 000001 09 00000000 a2  00 ff 000000 000001 09 00000000 a3
      01 0001 000000 000001 09 00000000 a4  01 ffff 000000 000001 09 00000000 a5`,
    messages: [
      m(2, 9, 0, 0, 'a0'),
      m(63, 9, 0, 0, 'a1'),
      m(64, 9, 0, 0, 'a2'),
      m(319, 9, 0, 0, 'a3'),
      m(320, 9, 0, 0, 'a4'),
      m(65599, 9, 0, 0, 'a5'),
    ],
    written: BOTH,
  },
  {
    name: 'chunk streams of two and three bytes that continue and repeat',
    wire: `01 0001 000000 000081 09 00000000 ${A128} c1 0001 bb  00 ff 000001 000001 09 00000000 a3
      80 ff 000001 a4  c0 ff a5`,
    messages: [
      m(320, 9, 0, 0, `${A128}bb`),
      m(319, 9, 0, 1, 'a3'),
      m(319, 9, 0, 2, 'a4'),
      m(319, 9, 0, 3, 'a5'),
    ],
    written: COMPACT,
  },
  {
    name: 'a chunk stream id of three bytes that would fit into two, as the same stream',
    wire: '00 00 0003e8 000001 09 00000000 a0  81 0000 000001 a1',
    messages: [m(64, 9, 0, 1000, 'a0'), m(64, 9, 0, 1001, 'a1')],
    written: READ_ONLY,
  },
  {
    name: 'the last timestamp without and the first with the extended field',
    wire: '06 fffffe 000001 09 01000000 aa  07 ffffff 000001 09 01000000 00ffffff bb',
    messages: [m(6, 9, 1, 0xfffffe, 'aa'), m(7, 9, 1, 0xffffff, 'bb')],
    written: BOTH,
  },
  {
    name: 'the largest timestamp',
    wire: '07 ffffff 000001 09 01000000 ffffffff bb',
    messages: [m(7, 9, 1, 0xffffffff, 'bb')],
    written: BOTH,
  },
  {
    name: 'the extended timestamp repeated in every type 3 chunk',
    wire: `07 ffffff 000101 09 01000000 01020304 ${A128} c7 01020304 ${fill(128, 'bb')} c7 01020304 cc`,
    messages: [m(7, 9, 1, 0x01020304, `${A128}${fill(128, 'bb')}cc`)],
    written: BOTH,
  },
  {
    name: 'the extended timestamp left out of type 3 chunks',
    wire: `07 ffffff 000104 09 01000000 01020304 ${A128} c7 ${fill(128, 'bb')} c7 01020305`,
    messages: [m(7, 9, 1, 0x01020304, `${A128}${fill(128, 'bb')}01020305`)],
    written: READ_ONLY,
  },
  {
    name: 'the extended timestamp left out where less than four payload bytes remain',
    wire: `07 ffffff 000082 09 01000000 01020304 ${A128} c7 0102 06 000000 000001 08 01000000 dd`,
    messages: [m(7, 9, 1, 0x01020304, `${A128}0102`), m(6, 8, 1, 0, 'dd')],
    written: READ_ONLY,
  },
  {
    name: 'the extended timestamp left out where one payload byte remains, and left out again behind it',
    wire: `07 ffffff 000081 09 01000000 c7020304 ${A128} c7 c7
      07 ffffff 000082 09 01000000 07020304 ${A128} c7 0702  03 000000 000001 08 01000000 dd`,
    messages: [
      m(7, 9, 1, 0xc7020304, `${A128}c7`),
      m(7, 9, 1, 0x07020304, `${A128}0702`),
      m(3, 8, 1, 0, 'dd'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'an absolute time in the extended timestamp of types 1 and 2',
    wire: `07 ffffff 000001 09 01000000 01000000 aa  47 ffffff 000002 09 01000028 bbbb
      87 ffffff 01000050 cccc  87 000001 dddd`,
    messages: [
      m(7, 9, 1, 0x01000000, 'aa'),
      m(7, 9, 1, 0x01000028, 'bbbb'),
      m(7, 9, 1, 0x01000050, 'cccc'),
      m(7, 9, 1, 0x01000051, 'dddd'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a type 3 chunk that begins a message after an extended timestamp, and has one itself',
    wire: '07 ffffff 000001 09 01000000 01000000 aa  c7 01000028 bb',
    messages: [m(7, 9, 1, 0x01000000, 'aa'), m(7, 9, 1, 0x01000028, 'bb')],
    written: READ_ONLY,
  },
  {
    name: 'a type 3 chunk that begins a long message, whose own extended timestamp is then repeated or left out',
    wire: `07 ffffff 000081 09 01000000 01000000 ${A128} c7 01000000 bb
      c7 01000028 ${A128} c7 01000028 cc  c7 01000050 ${A128} c7 dd`,
    messages: [
      m(7, 9, 1, 0x01000000, `${A128}bb`),
      m(7, 9, 1, 0x01000028, `${A128}cc`),
      m(7, 9, 1, 0x01000050, `${A128}dd`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a long message whose type 3 chunks have the extended timestamp here and leave it out there',
    wire: `07 ffffff 000184 09 01000000 01020304 ${A128} c7 01020304 ${fill(128, 'bb')} c7 ${fill(128, 'cc')} c7 01020304 dddddddd
      07 ffffff 000082 09 01000000 01020305 ${A128} c7 eeee`,
    messages: [
      m(7, 9, 1, 0x01020304, `${A128}${fill(128, 'bb')}${fill(128, 'cc')}dddddddd`),
      m(7, 9, 1, 0x01020305, `${A128}eeee`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a type 3 chunk that begins a message of the same time after an extended timestamp, and has none, as from librtmp',
    wire: `04 ffffff 000003 08 01000000 01020304 af0111  c4 af0122
      04 ffffff 000081 08 01000000 01020304 ${A128} c4 01020304 bb  c4 af${fill(127, 'cc')} c4 01`,
    messages: [
      m(4, 8, 1, 0x01020304, 'af0111'),
      m(4, 8, 1, 0x01020304, 'af0122'),
      m(4, 8, 1, 0x01020304, `${A128}bb`),
      m(4, 8, 1, 0x01020304, `af${fill(127, 'cc')}01`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a negative delta in the extended timestamp, as librtmp goes back, of types 1 and 2',
    wire: `04 0003e8 000001 09 01000000 aa  44 ffffff 000002 08 fffffff0 bbbb  84 ffffff fffffff8 cccc  84 000010 dddd
      04 ffffff 000001 09 01000000 80000008 aa  44 ffffff 000002 08 fffffff0 bbbb`,
    messages: [
      m(4, 9, 1, 1000, 'aa'),
      m(4, 8, 1, 984, 'bbbb'),
      m(4, 8, 1, 976, 'cccc'),
      m(4, 8, 1, 992, 'dddd'),
      m(4, 9, 1, 0x80000008, 'aa'),
      m(4, 8, 1, 0x7ffffff8, 'bbbb'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a negative delta that goes back over 2^24 and 2^32, repeated in type 3 chunks and left out',
    wire: `04 ffffff 000001 09 01000000 01000008 aa  44 ffffff 000081 09 fffffff0 ${A128} c4 fffffff0 bb
      04 000008 000001 09 01000000 aa  44 ffffff 000081 09 fffffff0 ${A128} c4 bb`,
    messages: [
      m(4, 9, 1, 0x1000008, 'aa'),
      m(4, 9, 1, 0xfffff8, `${A128}bb`),
      m(4, 9, 1, 8, 'aa'),
      m(4, 9, 1, 0xfffffff8, `${A128}bb`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a small delta in the extended timestamp past 2^24, again in type 3 chunks that begin and continue messages',
    wire: `07 ffffff 000001 09 01000000 01000000 aa  47 ffffff 000081 09 00000028 ${A128} c7 00000028 bb
      c7 00000028 ${A128} c7 00000028 cc`,
    messages: [
      m(7, 9, 1, 0x1000000, 'aa'),
      m(7, 9, 1, 0x1000028, `${A128}bb`),
      m(7, 9, 1, 0x1000050, `${A128}cc`),
    ],
    written: READ_ONLY,
  },
  {
    name: 'a delta too large for 24 bits, as by the standard',
    wire: '07 002710 000001 09 01000000 aa  47 ffffff 000001 09 01312d00 bb  87 ffffff fe000000 cc',
    messages: [m(7, 9, 1, 10_000, 'aa'), m(7, 9, 1, 20_010_000, 'bb'), m(7, 9, 1, 4_281_422_864, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'an absolute time in the extended timestamp of types 1 and 2 that is far off, from who is known to write it so',
    wire: `07 ffffff 000001 09 01000000 01000000 aa  47 ffffff 000001 08 01000028 bb  87 ffffff 02000000 cc
      87 ffffff 01000050 dd`,
    messages: [
      m(7, 9, 1, 0x1000000, 'aa'),
      m(7, 8, 1, 0x1000028, 'bb'),
      m(7, 8, 1, 0x2000000, 'cc'),
      m(7, 8, 1, 0x1000050, 'dd'),
    ],
    written: READ_ONLY,
  },
  {
    name: 'an absolute time in the extended timestamp of type 3 that passes 2^32, and comes back',
    wire: '07 ffffff 000001 09 01000000 fffffff0 aa  c7 00000018 bb  c7 fffffff8 cc',
    messages: [m(7, 9, 1, 0xfffffff0, 'aa'), m(7, 9, 1, 0x18, 'bb'), m(7, 9, 1, 0xfffffff8, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'times that pass 2^31, and go back over it',
    wire: '07 ffffff 000001 09 01000000 7ffffff0 aa  87 000028 bb  c7 cc  07 ffffff 000001 09 01000000 7ffffff0 dd',
    messages: [
      m(7, 9, 1, 0x7ffffff0, 'aa'),
      m(7, 9, 1, 0x80000018, 'bb'),
      m(7, 9, 1, 0x80000040, 'cc'),
      m(7, 9, 1, 0x7ffffff0, 'dd'),
    ],
    written: COMPACT,
  },
  {
    name: 'times that go back over 2^24 and 2^32 with type 0 chunks',
    wire: `07 ffffff 000001 09 01000000 01000010 aa  07 fffff0 000001 09 01000000 bb
      07 000010 000001 09 01000000 cc  07 ffffff 000001 09 01000000 fffffff0 dd`,
    messages: [
      m(7, 9, 1, 0x1000010, 'aa'),
      m(7, 9, 1, 0xfffff0, 'bb'),
      m(7, 9, 1, 0x10, 'cc'),
      m(7, 9, 1, 0xfffffff0, 'dd'),
    ],
    written: BOTH,
  },
  {
    name: 'the largest delta, and with type 0 a time past it',
    wire: '07 000000 000001 09 01000000 aa  87 fffffe bb  06 000000 000001 09 01000000 cc  06 ffffff 000001 09 01000000 00ffffff dd',
    messages: [
      m(7, 9, 1, 0, 'aa'),
      m(7, 9, 1, 0xfffffe, 'bb'),
      m(6, 9, 1, 0, 'cc'),
      m(6, 9, 1, 0xffffff, 'dd'),
    ],
    written: COMPACT,
  },
  {
    name: 'small deltas after an extended timestamp',
    wire: '07 ffffff 000001 09 01000000 01000000 aa  87 000028 bb  c7 cc',
    messages: [m(7, 9, 1, 0x01000000, 'aa'), m(7, 9, 1, 0x01000028, 'bb'), m(7, 9, 1, 0x01000050, 'cc')],
    written: COMPACT,
  },
  {
    name: 'deltas that pass 2^24 without an extended timestamp',
    wire: '07 ffffe0 000001 09 01000000 aa  87 000028 bb  c7 cc',
    messages: [m(7, 9, 1, 0xffffe0, 'aa'), m(7, 9, 1, 0x1000008, 'bb'), m(7, 9, 1, 0x1000030, 'cc')],
    written: COMPACT,
  },
  {
    name: 'deltas that pass 2^32 and wrap',
    wire: '07 ffffff 000001 09 01000000 fffffff0 aa  87 000028 bb  c7 cc',
    messages: [m(7, 9, 1, 0xfffffff0, 'aa'), m(7, 9, 1, 0x18, 'bb'), m(7, 9, 1, 0x40, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'a payload of exactly one chunk, and of one byte more',
    wire: `07 000000 000080 09 01000000 ${A128}  47 000000 000081 09 ${A128} c7 bb`,
    messages: [m(7, 9, 1, 0, A128), m(7, 9, 1, 0, `${A128}bb`)],
    written: COMPACT,
  },
  {
    name: 'a larger chunk size',
    wire: `02 000000 000004 01 00000000 000000c8  07 000000 0000c9 09 01000000 ${fill(200, 'aa')} c7 bb`,
    messages: [m(2, 1, 0, 0, '000000c8'), m(7, 9, 1, 0, `${fill(200, 'aa')}bb`)],
    written: BOTH,
  },
  {
    name: 'the smallest chunk size, and back to a larger one',
    wire: `02 000000 000004 01 00000000 00000001  07 000000 000003 09 01000000 aa c7 bb c7 cc
      82 000000 00 c2 00 c2 00 c2 80`,
    messages: [m(2, 1, 0, 0, '00000001'), m(7, 9, 1, 0, 'aabbcc'), m(2, 1, 0, 0, '00000080')],
    written: COMPACT,
  },
  {
    name: 'a chunk size that changes while a message is under way',
    wire: `07 000000 0000c8 09 01000000 ${A128}  02 000000 000004 01 00000000 00000030
      c7 ${fill(48, 'bb')} c7 ${fill(24, 'cc')}`,
    messages: [m(2, 1, 0, 0, '00000030'), m(7, 9, 1, 0, `${A128}${fill(48, 'bb')}${fill(24, 'cc')}`)],
    written: READ_ONLY,
  },
  {
    name: 'messages on two chunk streams with their chunks interleaved',
    wire: `07 000000 000102 09 01000000 ${A128}  06 000005 000082 08 01000000 ${fill(128, 'bb')}
      c7 ${fill(128, 'cc')}  c6 dddd  c7 eeee`,
    messages: [m(6, 8, 1, 5, `${fill(128, 'bb')}dddd`), m(7, 9, 1, 0, `${A128}${fill(128, 'cc')}eeee`)],
    written: READ_ONLY,
  },
  {
    name: 'an abort of a message under way, after which its chunk stream goes on',
    wire: `07 000064 000102 09 01000000 ${A128}  02 000000 000004 02 00000000 00000007
      47 000028 000001 08 bb  c7 cc`,
    messages: [m(2, 2, 0, 0, '00000007'), m(7, 8, 1, 140, 'bb'), m(7, 8, 1, 180, 'cc')],
    written: READ_ONLY,
  },
  {
    name: 'aborts of an idle chunk stream and of one that never was',
    wire: `07 000064 000001 09 01000000 aa  02 000000 000004 02 00000000 00000007  82 000000 0000ffff
      87 000001 bb`,
    messages: [
      m(7, 9, 1, 100, 'aa'),
      m(2, 2, 0, 0, '00000007'),
      m(2, 2, 0, 0, '0000ffff'),
      m(7, 9, 1, 101, 'bb'),
    ],
    written: COMPACT,
  },
  {
    name: 'message types that nobody knows',
    wire: '07 000000 000001 ff 01000000 aa  47 000000 000001 00 bb',
    messages: [m(7, 255, 1, 0, 'aa'), m(7, 0, 1, 0, 'bb')],
    written: COMPACT,
  },
  {
    name: 'empty messages, which are dropped but count for the time',
    wire: `07 000064 000000 09 01000000  87 000001  c7  47 000001 000001 09 aa
      06 ffffff 000000 09 01000000 01000000  c6 01000028  46 000001 000001 09 bb`,
    messages: [m(7, 9, 1, 103, 'aa'), m(6, 9, 1, 0x01000029, 'bb')],
    written: READ_ONLY,
  },
  {
    name: 'a hundred bytes on each of three chunk streams',
    wire: `04 000000 000064 08 01000000 ${A100} 05 000000 000064 08 01000000 ${A100}
      84 000001 ${A100} c4 ${A100}`,
    messages: [m(4, 8, 1, 0, A100), m(5, 8, 1, 0, A100), m(4, 8, 1, 1, A100), m(4, 8, 1, 2, A100)],
    written: COMPACT,
  },
]
